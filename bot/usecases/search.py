"""Looking for orders: a sender's own and everyone's in the file, and all that Tango knows by GET /orders.

The viewer's rights decide what is seen, whatever a search asks for. Tango is asked outside of any transaction, and
never while Slack waits for a listener.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from typing import Any, Final

from bot.clock import Clock
from bot.domain.catalog import Catalog
from bot.domain.order import Order
from bot.domain.policy import Roles, check_is_admin
from bot.domain.request import Request
from bot.domain.search import OrderSearch, SearchStatus
from bot.domain.search_parser import parse_search
from bot.domain.search_requests import is_wanted
from bot.errors import InvalidForm, NotFound, TangoRefused
from bot.faults import Fault
from bot.tango.client import TangoClient
from bot.tango.limits import BLOCK_LIMIT, RESULT_WINDOW
from bot.tango.models import OrderDetail
from bot.tango.queries import OrderPage, OrderQuery, query_breaches
from bot.usecases.form import Payer
from bot.usecases.received import newest_told
from bot.usecases.search_pages import MOST_COUNTED, PAGE, Found, OwnPage, TangoPage
from storage import Storage

#: The rewards that somebody received, over the list of what they sent: the newest; `received` finds all.
MOST_RECEIVED: Final = 3

#: The orders that need a person, over the others: as many as a person looks at in one go.
MOST_ATTENTION: Final = 5

#: The orders that are looked at for one page, where no index finds those that are wanted: on a file of a million
#: orders, this many take a few hundredths of a second. The next page goes on from there.
MOST_LOOKED_AT: Final = 20_000

#: The criteria by which an index finds the orders.
_INDEXED: Final = frozenset({"requester_id", "recipient_id"})

#: Requests are read in batches, because their recipients are compared as they are read; and so many of them for one
#: page. The next page goes on from there.
_BATCH: Final = 50
_MOST_BATCHES: Final = 10

#: The blocks of Tango's list that are read for one page of the orders that the viewer may see: 500 orders, and five
#: answers to wait for. The next page goes on from there.
_MOST_BLOCKS: Final = 5

#: The criteria that have the same name in the query.
_SAME: Final = tuple(
    name for name in OrderSearch.__dataclass_fields__ if name in OrderQuery.model_fields.keys() - {"status"}
)

#: The criterion that a field of the query comes from.
_CRITERIA: Final[Mapping[str, str]] = {
    **{OrderQuery.model_fields[name].alias or name: name for name in _SAME},
    "startDate": "since",
    "endDate": "until",
    "status": "tango_status",
}


class Searches:
    """Searches for orders.

    Args:
        storage: has our orders.
        tango: has all orders of the payer.
        clock: tells the time.
        roles: tells who may see what, asked each time.
        payer: whose orders Tango lists.
        catalog: the rewards on offer, with their whole names, which alone Tango finds.
    """

    def __init__(
        self,
        *,
        storage: Storage,
        tango: TangoClient,
        clock: Clock,
        roles: Callable[[], Roles],
        payer: Payer,
        catalog: Callable[[], Catalog],
    ) -> None:
        self._storage = storage
        self._tango = tango
        self._clock = clock
        self._roles = roles
        self._payer = payer
        self._catalog = catalog

    def sees_everything(self, actor_id: str) -> bool:
        """Tell whether this person may see everyone's orders."""
        return actor_id in self._roles().admins

    def goes_to_tango(self, actor_id: str, wanted: OrderSearch) -> bool:
        """Tell whether Tango has to be asked: for what it alone knows, and where an admin wants to look there."""
        return wanted.finds_orders and (wanted.needs_tango or (wanted.at_tango and self.sees_everything(actor_id)))

    def read(self, actor_id: str, text: str, people: Sequence[str], *, zone: str) -> OrderSearch:
        """Read a typed search, and check it.

        Args:
            actor_id: who looks.
            text: the words after the command, without mentions.
            people: the Slack ids of the people mentioned.
            zone: where the person is.

        Raises:
            SearchNotUnderstood: a word that has no meaning here.
            InvalidForm: Tango would refuse it; the faults by the names of the criteria.
        """
        wanted = parse_search(
            text,
            people,
            actor_id=actor_id,
            now=self._clock.now(),
            zone=zone,
            currencies=self._catalog().currencies,
            is_name=lambda name: self._knows(actor_id, name),
        )
        self.check(wanted)
        return wanted

    def _knows(self, actor_id: str, name: str) -> bool:
        """Tell whether somebody of that name is among the recipients of what this person may see."""
        named = OrderSearch(recipient_name=name)
        if not self.sees_everything(actor_id):
            named = named.of_requester(actor_id)
        if self._storage.search.page(named, before=None, after=self._after(named, None), most=1):
            return True
        return any(is_wanted(request, named) for request in islice(self._requests(named, None), _BATCH))

    def check(self, wanted: OrderSearch) -> None:
        """Refuse a search that Tango would refuse, before Tango is asked.

        Raises:
            InvalidForm: the faults, by the names of the criteria.
        """
        found = query_breaches(self._query(wanted, skip=0, block=PAGE))
        if found:
            # Of each field the first breach is said.
            raise InvalidForm({_CRITERIA[one.field]: Fault(one.code, one.facts) for one in reversed(found)})

    def page(self, actor_id: str, wanted: OrderSearch, *, before: int | None = None) -> OwnPage:
        """Return a page of the orders that Kudos made, newest first: the viewer's own, for admins everyone's.

        Whoever looks for rewards to themselves sees what they received.
        """
        received = wanted.of_recipient(actor_id)
        everyone = self.sees_everything(actor_id)
        if not everyone:
            if wanted.recipient_id == actor_id:
                return self._page_received(received, before)
            wanted = wanted.of_requester(actor_id)
        if not wanted.finds_orders:
            return self._page_of_requests(wanted, before, everyone=everyone)
        is_first = before is None
        after = self._after(wanted, before)
        attention = self._attention(wanted, after) if is_first else []
        found = self._storage.search.page(wanted, before=before, after=after, most=PAGE + 1)
        older = found[PAGE - 1].id if len(found) > PAGE else after + 1 if after else None
        beside = self._page_of_requests(wanted, None, everyone=everyone) if is_first else OwnPage(everyone=everyone)
        return OwnPage(
            orders=[order for order in found[:PAGE] if order not in attention],
            attention=attention,
            requests=beside.requests,
            more_requests=beside.next_before is not None,
            received=self._received(received, None, MOST_RECEIVED) if is_first and not everyone else (),
            counts=self._storage.search.counts(wanted, after=after, most=MOST_COUNTED + 1) if is_first else {},
            undelivered=self._storage.search.undelivered(wanted, after=after) if is_first else 0,
            on_hold=self._storage.queue.state().is_on_hold,
            is_partial=after > 0,
            next_before=older,
            everyone=everyone,
        )

    def _after(self, wanted: OrderSearch, before: int | None) -> int:
        """Return the id above which a page looks for orders: 0 where an index finds them, or none is left out."""
        if wanted.criteria <= {"status"} or not wanted.criteria.isdisjoint(_INDEXED):
            return 0
        newest = self._storage.search.newest_id() if before is None else before - 1
        return max(0, newest - MOST_LOOKED_AT)

    def _attention(self, wanted: OrderSearch, after: int) -> Sequence[Order]:
        """Return the newest orders of a search that need a person, where it is for any state."""
        if wanted.status is not None:
            return []
        needy = replace(wanted, status=SearchStatus.NEEDS_ATTENTION)
        return self._storage.search.page(needy, before=None, after=after, most=MOST_ATTENTION)

    def has_nothing(self, actor_id: str, wanted: OrderSearch) -> bool:
        """Tell whether the viewer looks at everything, and there is nothing to see."""
        if not wanted.is_everything:
            return False
        page = self.page(actor_id, wanted)
        return not (page.orders or page.attention or page.requests or page.received)

    def _page_of_requests(self, wanted: OrderSearch, before: int | None, *, everyone: bool) -> OwnPage:
        found: list[Request] = []
        for looked_at, request in enumerate(self._requests(wanted, before)):
            if len(found) == PAGE:
                return OwnPage(requests=found, next_before=found[-1].id, everyone=everyone)
            if looked_at == _BATCH * _MOST_BATCHES:
                return OwnPage(requests=found, next_before=request.id + 1, is_partial=True, everyone=everyone)
            if is_wanted(request, wanted):
                found.append(request)
        return OwnPage(requests=found, everyone=everyone)

    def _requests(self, wanted: OrderSearch, before: int | None) -> Iterator[Request]:
        """Yield the requests of the wanted status, the newest first, with ids below `before`."""
        status = wanted.request_status
        while status is not None:
            ids = self._storage.search.request_ids(status, requester_id=wanted.requester_id, before=before, most=_BATCH)
            for request_id in ids:
                request = self._storage.requests.get(request_id)
                if request is not None:
                    yield request
            if len(ids) < _BATCH:
                return
            before = ids[-1]

    def _page_received(self, wanted: OrderSearch | None, before: int | None) -> OwnPage:
        found = self._received(wanted, before, PAGE + 1)
        return OwnPage(
            received=found[:PAGE],
            next_before=found[PAGE - 1].id if len(found) > PAGE else None,
            everyone=False,
            of_recipient=True,
        )

    def _received(self, wanted: OrderSearch | None, before: int | None, most: int) -> Sequence[Order]:
        """Return the newest rewards that somebody was told of: a list must not spoil the surprise."""
        if wanted is None:
            return []
        return newest_told(self._storage, wanted, before=before, most=most)

    def request(self, actor_id: str, reference: str) -> tuple[Request, Sequence[Order]]:
        """Return the request of a button and its orders, to who asked for it and to admins.

        Raises:
            NotFound: no request has this reference, or this person may not see it.
        """
        request = self._storage.requests.by_reference(reference)
        if request is None or (request.requester_id != actor_id and not self.sees_everything(actor_id)):
            raise NotFound(reference)
        return request, self._storage.orders.of_request(request.id)

    def page_at_tango(self, actor_id: str, wanted: OrderSearch, *, skip: int = 0) -> TangoPage:
        """Return a page of Tango's list: for admins all orders, for senders their own.

        Args:
            actor_id: the viewer.
            wanted: the search.
            skip: how many orders of Tango's list the pages before have read.

        Raises:
            InvalidForm: Tango would refuse it.
            TangoRefused: Tango refused it all the same.
            TangoUnavailable: Tango did not answer.
        """
        everyone = self.sees_everything(actor_id)
        if not everyone:
            wanted = wanted.of_requester(actor_id)
        self.check(wanted)
        ours_alone = not wanted.criteria.isdisjoint({"requester_id", "recipient_id", "status"})
        block = BLOCK_LIMIT if ours_alone else PAGE
        found: list[Found] = []
        total = 0
        at: int | None = skip if skip < RESULT_WINDOW else 0
        for _ in range(_MOST_BLOCKS):
            if at is None or len(found) == PAGE:
                break
            first = at - at % block
            listed = self._tango.list_orders(self._query(wanted, skip=first, block=block))
            total = listed.total
            for row in self._matched(listed)[at - first :]:
                if len(found) == PAGE:
                    break
                at += 1
                if not ours_alone or _is_met(row.order, wanted):
                    found.append(row)
            else:
                at = first + block
            if at >= min(total, RESULT_WINDOW):
                at = None
        return TangoPage(found=found, count=None if ours_alone else total, next_skip=at, everyone=everyone)

    def check_may_see_elsewhere(self, actor_id: str) -> None:
        """Refuse who may not see orders that were placed elsewhere.

        Raises:
            NotAllowed: not an admin.
        """
        check_is_admin(actor_id, self._roles())

    def order_at_tango(self, actor_id: str, reference: str) -> OrderDetail:
        """Return an order that was placed elsewhere, without its reward. Admins only.

        Args:
            actor_id: the viewer.
            reference: Tango's number.

        Raises:
            NotAllowed: not an admin.
            NotFound: Tango knows no such order.
            TangoRefused: Tango refused to tell.
            TangoUnavailable: Tango did not answer.
        """
        self.check_may_see_elsewhere(actor_id)
        try:
            order = self._tango.get_order(reference)
        except TangoRefused as error:
            if error.status == 404:
                raise NotFound(reference) from error
            raise
        return order.model_copy(update={"reward": None})

    def _matched(self, listed: OrderPage) -> Sequence[Found]:
        references = [row.external_ref_id for row in listed.orders if row.external_ref_id]
        ours = self._storage.search.of_references(references)
        return [Found(row, ours.get(row.external_ref_id or "")) for row in listed.orders]

    def _query(self, wanted: OrderSearch, *, skip: int, block: int) -> OrderQuery:
        same: dict[str, Any] = {name: getattr(wanted, name) for name in _SAME} | self._named(wanted)
        if wanted.reward_name is not None:
            named = self._catalog().search(wanted.reward_name, 2)
            if len(named) == 1:
                same["reward_name"] = named[0].name  # Tango may look for whole names alone
        return OrderQuery(
            customer_identifier=self._payer.customer,
            account_identifier=self._payer.account,
            start_date=wanted.begins_at,
            end_date=wanted.ends_at - timedelta(seconds=1) if wanted.ends_at else None,  # Tango's end is within
            status=wanted.tango_status,
            page=skip // block,
            elements_per_block=block,
            **same,
        )

    def _named(self, wanted: OrderSearch) -> dict[str, str]:
        """Return the first and the last name for Tango, which looks for each by itself."""
        first, _, last = (wanted.recipient_name or "").partition(" ")
        said = {"recipient_first_name": first, "recipient_last_name": last}
        return {name: text for name, text in said.items() if text and getattr(wanted, name) is None}


def _is_met(order: Order | None, wanted: OrderSearch) -> bool:
    return order is not None and wanted.is_met_by(order.requester_id, order.recipient.user_id, order.status)
