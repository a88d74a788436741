"""The criteria of a search for orders: all those of GET /orders, and those that Kudos alone knows.

Source: Tango docs, Manage orders, "Get a list of orders placed under this platform". Customer and account come from
the settings, page and block from the buttons; everything else is here, under the names that the query has.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from bot.domain.days import start_of
from bot.domain.order import OrderStatus
from bot.domain.request import RequestStatus


class SearchStatus(StrEnum):
    """The states that can be looked for: a request's until it is approved, then its orders'."""

    WAITING = "waiting"
    """For an approver, or in the queue."""
    PENDING_APPROVAL = "pending_approval"
    APPROVED = "approved"
    """Whatever became of the orders."""
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    QUEUED = "queued"
    SUBMITTING = "submitting"
    ACCEPTED = "accepted"
    FAILED = "failed"
    NEEDS_ATTENTION = "needs_attention"
    CANCELED = "canceled"
    SCHEDULED = "scheduled"
    """Waits for approval with a date, or in the queue until it."""


#: The state of the requests that each finds; what is not here finds none. Without a state, what waits is found.
_OF_REQUESTS: Final[Mapping[SearchStatus | None, RequestStatus]] = {
    None: RequestStatus.PENDING_APPROVAL,
    SearchStatus.WAITING: RequestStatus.PENDING_APPROVAL,
    SearchStatus.PENDING_APPROVAL: RequestStatus.PENDING_APPROVAL,
    SearchStatus.SCHEDULED: RequestStatus.PENDING_APPROVAL,
    SearchStatus.DECLINED: RequestStatus.DECLINED,
    SearchStatus.WITHDRAWN: RequestStatus.WITHDRAWN,
    SearchStatus.EXPIRED: RequestStatus.EXPIRED,
}

#: The state of the orders that each finds. Without a state, and where approved ones are wanted, it is any.
_OF_ORDERS: Final[Mapping[SearchStatus, OrderStatus]] = {
    SearchStatus.WAITING: OrderStatus.QUEUED,
    SearchStatus.SCHEDULED: OrderStatus.QUEUED,
    **{SearchStatus(status): status for status in OrderStatus},
}

#: The criteria that a recipient may use: the others are known to the sender alone.
_OF_RECIPIENTS: Final = frozenset(
    {"recipient_id", "reward_name", "min_amount", "max_amount", "currency_code", "since", "until"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSearch:
    """The orders that are wanted; None is any.

    Attributes:
        requester_id: the Slack id of who asked for it.
        recipient_id: the Slack id of who gets it.
        status: our status of the order, or of the request.
        recipient_email: the address it was ordered for.
        recipient_name: the recipient's first name, last name, or both.
        recipient_first_name: the name that Tango was given.
        recipient_last_name: the same.
        sender_first_name: the same.
        sender_last_name: the same.
        sender_email: the same.
        reward_name: of the reward.
        utid: of the reward.
        ptid: of the template of a printed one.
        min_amount: face value, in major units of its currency.
        max_amount: the same.
        currency_code: of the face value.
        since: the first day.
        until: the last day.
        zone: where these days are, as an IANA name.
        tango_status: Tango's status of the order.
        line_item_status: the same, of its line item; only Tango knows it.
        campaign: the text that Tango was given.
        purchase_order_number: the same.
        notes: the same.
        line_item_notes: of its line item; only Tango knows them.
        send_email: whether Tango mailed it.
        external_ref_id: our reference.
        at_tango: look among all that Tango knows, not only among what Kudos ordered.
    """

    requester_id: str | None = None
    recipient_id: str | None = None
    status: SearchStatus | None = None
    recipient_email: str | None = None
    recipient_name: str | None = None
    recipient_first_name: str | None = None
    recipient_last_name: str | None = None
    sender_first_name: str | None = None
    sender_last_name: str | None = None
    sender_email: str | None = None
    reward_name: str | None = None
    utid: str | None = None
    ptid: str | None = None
    min_amount: Decimal | None = None
    max_amount: Decimal | None = None
    currency_code: str | None = None
    since: date | None = None
    until: date | None = None
    zone: str = "UTC"
    tango_status: str | None = None
    line_item_status: str | None = None
    campaign: str | None = None
    purchase_order_number: str | None = None
    notes: str | None = None
    line_item_notes: str | None = None
    send_email: bool | None = None
    external_ref_id: str | None = None
    at_tango: bool = False

    @property
    def is_everything(self) -> bool:
        """Tell whether nothing is left out."""
        return not self.criteria

    @property
    def criteria(self) -> frozenset[str]:
        """Return the names of the criteria that are set."""
        names = (field.name for field in fields(self) if field.name not in ("zone", "at_tango"))
        return frozenset(name for name in names if getattr(self, name) is not None)

    @property
    def needs_tango(self) -> bool:
        """Tell whether only Tango knows which orders are meant."""
        return self.line_item_status is not None or self.line_item_notes is not None

    @property
    def begins_at(self) -> datetime | None:
        """Return the first moment that is wanted, in UTC."""
        return None if self.since is None else start_of(self.since, self.zone)

    @property
    def ends_at(self) -> datetime | None:
        """Return the first moment that is no longer wanted, in UTC."""
        return None if self.until is None else start_of(self.until + timedelta(days=1), self.zone)

    @property
    def order_status(self) -> OrderStatus | None:
        """Return the status of the orders that are wanted; None is any."""
        return None if self.status is None else _OF_ORDERS.get(self.status)

    @property
    def is_scheduled(self) -> bool | None:
        """Return whether the orders that are wanted are held until a date; None where that does not matter."""
        return True if self.status is SearchStatus.SCHEDULED else None

    @property
    def request_status(self) -> RequestStatus | None:
        """Return the status of the requests that are wanted; None where none are."""
        return _OF_REQUESTS.get(self.status)

    @property
    def finds_orders(self) -> bool:
        """Tell whether orders are wanted, and not requests alone."""
        return self.status in (None, SearchStatus.APPROVED) or self.order_status is not None

    @property
    def names_days(self) -> bool:
        """Tell whether it matters where the person is."""
        return self.since is not None or self.until is not None

    def of_requester(self, user_id: str) -> "OrderSearch":
        """Return the same search, among the orders that this person asked for."""
        return replace(self, requester_id=user_id)

    def of_recipient(self, user_id: str) -> "OrderSearch | None":
        """Return the same search among the rewards that Tango made for this person.

        None where it looks for more than a recipient knows of a reward.
        """
        is_made = self.status in (None, SearchStatus.APPROVED, SearchStatus.ACCEPTED)
        if not is_made or not self.criteria - {"status"} <= _OF_RECIPIENTS:
            return None
        if self.recipient_id not in (None, user_id):
            return None
        return replace(self, recipient_id=user_id, status=SearchStatus.ACCEPTED, at_tango=False)

    def is_met_by(self, requester_id: str, recipient_id: str, status: OrderStatus) -> bool:
        """Tell whether an order of ours meets the criteria that Tango cannot know."""
        held = ((self.requester_id, requester_id), (self.recipient_id, recipient_id), (self.order_status, status))
        return all(wanted in (None, is_so) for wanted, is_so in held)


#: Nothing is left out.
EVERYTHING: Final = OrderSearch()
