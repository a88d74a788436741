"""Reconciliation: reads Tango's list of a period, holds it against ours, and tells what differs."""

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.clock import Clock
from bot.domain.alerts import ListsDiffer
from bot.domain.days import zone_of
from bot.domain.order import Order
from bot.domain.reconciliation import Difference, DifferenceKind, ListedOrder, Reconciled, differences_of
from bot.errors import TangoError
from bot.tango.client import TangoClient
from bot.tango.inquiry import AtTango
from bot.tango.limits import BLOCK_LIMIT, RESULT_WINDOW
from bot.tango.models import TangoAmount, TangoOrder
from bot.tango.queries import OrderPage, OrderQuery, OrderSummary
from bot.usecases.form import Payer
from storage import Storage

logger = logging.getLogger(__name__)

#: Tango's clock and ours differ by seconds, and an order's time there is that of its first attempt: an order at the
#: edge of a period is in Tango's list of a period that is so much longer on both sides.
_EDGE: Final = timedelta(minutes=10)

#: An order that was sent just now may not be in Tango's list yet.
_SETTLED: Final = timedelta(hours=1)

#: The hour of the night in which lists are compared, in the zone of the installation; few orders are sent then.
_AT_NIGHT: Final = 3

#: A bot that is stopped every night compares by day.
_AT_THE_LATEST: Final = timedelta(hours=36)

#: Less than from one night to the next, and more than an hour: once a night.
_NOT_AGAIN_FOR: Final = timedelta(hours=12)


class Reconciliation:
    """Compares the two lists.

    Args:
        storage: has ours.
        tango: has Tango's.
        payer: whose orders are compared.
        rest: called before each call: waits as long as Tango wants between two.
    """

    def __init__(self, *, storage: Storage, tango: TangoClient, payer: Payer, rest: Callable[[], None]) -> None:
        self._storage = storage
        self._tango = tango
        self._payer = payer
        self._rest = rest

    def compare(self, since: datetime, until: datetime) -> Reconciled:
        """Return how Tango's list of a period differs from ours. Nothing is changed.

        Raises:
            TangoRefused: Tango answered 4xx.
            TangoUnavailable: Tango did not answer.
        """
        seen: set[str] = set()
        references: set[str] = set()
        differences: list[Difference] = []
        listed = 0
        for page in self._pages(since - _EDGE, until + _EDGE):
            ours = self._storage.search.of_references([row.external_ref_id for row in page if row.external_ref_id])
            for row in page:
                if row.reference_order_id in seen:
                    continue  # a page moves on when an order is added before it
                seen.add(row.reference_order_id)
                one = _listed(row)
                if row.created_at is None or since <= row.created_at <= until:
                    listed += 1
                    order = ours.get(one.reference or "")
                    differences += differences_of(one, order, is_again=one.reference in references)
                if one.reference is not None:
                    references.add(one.reference)
        missing, ours_count, unanswered = self._missing(since, until, references)
        return Reconciled(
            since=since,
            until=until,
            ours=ours_count,
            listed=listed,
            differences=[*differences, *missing],
            unanswered=unanswered,
        )

    def _missing(self, since: datetime, until: datetime, listed: set[str]) -> tuple[list[Difference], int, int]:
        """Return our orders that Tango lacks, how many we have, and about how many Tango gave no clear answer.

        Tango is asked about each by its reference: its time there may be in another period.
        """
        missing: list[Difference] = []
        count = unanswered = 0
        for order in self._storage.reconciliations.accepted_between(since, until):
            count += 1
            if order.external_ref_id in listed:
                continue
            self._rest()
            answer = self._tango.find_order(order.external_ref_id)
            if not isinstance(answer, AtTango):
                unanswered += 1
            elif not answer.orders:
                missing.append(Difference(kind=DifferenceKind.MISSING, ours=order))
            else:
                missing += self._found_elsewhere(order, answer)
        return missing, count, unanswered

    def _found_elsewhere(self, order: Order, answer: AtTango) -> Iterator[Difference]:
        for place, found in enumerate(answer.orders):
            yield from differences_of(_listed(found), order, is_again=place > 0)

    def _pages(self, since: datetime, until: datetime) -> Iterator[tuple[OrderSummary, ...]]:
        """Yield Tango's list of a period, page by page. A period with more than Tango gives is halved."""
        first = self._page(since, until, 0)
        if first.total > RESULT_WINDOW and until - since > timedelta(seconds=1):
            middle = since + (until - since) / 2
            yield from self._pages(since, middle)
            yield from self._pages(middle, until)
            return
        yield first.orders
        pages = -(-min(first.total, RESULT_WINDOW) // BLOCK_LIMIT)
        for number in range(1, pages):
            yield self._page(since, until, number).orders

    def _page(self, since: datetime, until: datetime, number: int) -> OrderPage:
        self._rest()
        return self._tango.list_orders(
            OrderQuery(
                customer_identifier=self._payer.customer,
                account_identifier=self._payer.account,
                start_date=since,
                end_date=until,
                page=number,
                elements_per_block=BLOCK_LIMIT,
            )
        )


class NightlyReconciliation:
    """Compares the lists every night, from where the last comparison ended, and tells of differences.

    Args:
        reconciliation: compares.
        storage: keeps how far it came.
        clock: tells the time.
        time_at_tango: tells Tango's time, UTC; None while nobody knows it.
        zone: of the installation, as an IANA name.
        audiences: who is told.
    """

    def __init__(
        self,
        *,
        reconciliation: Reconciliation,
        storage: Storage,
        clock: Clock,
        time_at_tango: Callable[[], datetime | None],
        zone: str,
        audiences: Sequence[str],
    ) -> None:
        self._reconciliation = reconciliation
        self._storage = storage
        self._clock = clock
        self._time_at_tango = time_at_tango
        self._zone = zone
        self._audiences = audiences

    def look(self) -> None:
        """Compare the lists if it is time; Tango's silence puts it off. The first look only notes where to begin.

        It is night by Tango's clock: by a clock that is ahead a period would end where nothing was compared.
        """
        now = self._time_at_tango()
        if now is None:
            return
        since = self._storage.reconciliations.compared_until(now)
        if since is None:  # years would take hours: what was sent before is for `kudos reconcile`
            with self._storage.transaction():
                self._storage.reconciliations.add(now - _SETTLED, now - _SETTLED, 0)
            return
        if not self._is_due(since, now):
            return
        try:
            found = self._reconciliation.compare(since, now - _SETTLED)
        except TangoError as error:
            logger.warning("Tango's list could not be compared with ours, and is later: %s", error)
            return
        with self._storage.transaction():
            self._storage.reconciliations.add(since, found.until, len(found.differences))
            for audience in self._audiences if found.differences else ():
                self._storage.outbox.add(_alert(found, self._zone), audience, self._clock.now())
        logger.info("Tango's list was compared with ours: %d differences", len(found.differences))

    def _is_due(self, since: datetime, now: datetime) -> bool:
        """Tell whether it is night and the last comparison is not of this night, or whether that is long ago."""
        age = now - _SETTLED - since
        is_night = now.astimezone(zone_of(self._zone)).hour == _AT_NIGHT
        return age >= _AT_THE_LATEST or (is_night and age >= _NOT_AGAIN_FOR)


def _alert(found: Reconciled, zone: str) -> ListsDiffer:
    """Return the alert, with times of the zone: `kudos reconcile --since` takes a day of it."""
    there = zone_of(zone)
    counts = {kind: sum(one.kind is kind for one in found.differences) for kind in DifferenceKind}
    return ListsDiffer(
        since=found.since.astimezone(there).isoformat(timespec="seconds"),
        until=found.until.astimezone(there).isoformat(timespec="seconds"),
        missing=counts[DifferenceKind.MISSING],
        unknown=counts[DifferenceKind.UNKNOWN],
        twice=counts[DifferenceKind.TWICE],
        amount=counts[DifferenceKind.AMOUNT],
        unpaid=counts[DifferenceKind.UNPAID],
    )


def _listed(order: TangoOrder) -> ListedOrder:
    value = order.denomination or TangoAmount()
    return ListedOrder(
        number=order.reference_order_id,
        reference=order.external_ref_id,
        amount=value.value,
        currency=value.currency_code,
        status=order.current_status,
    )
