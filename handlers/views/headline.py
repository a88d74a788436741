"""The headline of a request: an icon and a word that come first, then a few more, alike on card and receipt."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.domain.order import FINAL, OrderStatus
from bot.domain.progress import Progress
from bot.domain.request import Request, RequestStatus
from handlers.views.approval import approved_clause, approved_text
from handlers.views.blocks import mention
from handlers.views.people import few_names
from handlers.views.queue import Hold, cause_text
from handlers.views.states import ON_HOLD, ORDER_STATES, REQUEST_STATES, UNDELIVERED, State, goes_out_text
from handlers.views.undo import undone_by_text

#: Who decided otherwise than to approve, at the beginning of a line.
_DECIDED_BY: Final[Mapping[RequestStatus, str]] = {
    RequestStatus.DECLINED: "Declined by {by}",
    RequestStatus.WITHDRAWN: "Withdrawn by {by}",
}

#: The states of an only order that are the first words.
_FIRST: Final = (OrderStatus.NEEDS_ATTENTION, OrderStatus.FAILED, OrderStatus.CANCELED)


@dataclass(frozen=True, slots=True)
class Headline:
    """A state on the screen.

    Attributes:
        first: the icon and the word, which are bold.
        more: what follows; may be empty.
    """

    first: str
    more: str = ""

    @property
    def marked(self) -> str:
        """Return it as Slack formats it."""
        return f"*{self.first}* · {self.more}" if self.more else f"*{self.first}*"

    @property
    def text(self) -> str:
        """Return it for a notification, which shows no formatting."""
        return f"{self.first} · {self.more}" if self.more else self.first


def headline_of(request: Request, progress: Progress, hold: Hold | None = None) -> Headline:
    """Return the headline of a request.

    Args:
        request: as it is now.
        progress: of its orders.
        hold: why nothing is sent at present; None while orders are sent.
    """
    state = REQUEST_STATES[request.status]
    match request.status:
        case RequestStatus.PENDING_APPROVAL:
            return Headline(str(state))
        case RequestStatus.EXPIRED:
            return Headline(str(state), "nobody decided in time")
        case RequestStatus.APPROVED:
            return _of_orders(request, progress, hold)
        case _:
            return Headline(f"{state.icon} {decided_by_text(request)}")


def decided_by_text(request: Request) -> str:
    """Say what was decided, and by whom, as a line begins."""
    if request.status is RequestStatus.APPROVED:
        return approved_text(request)
    return _DECIDED_BY[request.status].format(by=mention(request.decided_by or ""))


def _of_orders(request: Request, progress: Progress, hold: Hold | None) -> Headline:
    approved = Headline(f"{REQUEST_STATES[RequestStatus.APPROVED].icon} {decided_by_text(request)}")
    by = approved_clause(request)
    counts = progress.counts
    if request.undone_by is not None:
        icon = REQUEST_STATES[RequestStatus.WITHDRAWN].icon
        return Headline(f"{icon} {undone_by_text(request)}", f"{by} · nothing was sent")  # it cancels all, or nothing
    if progress.undo_until is not None:
        is_scheduled = progress.goes_out_at is not None
        return Headline(approved.first, goes_out_text(progress.undo_until, is_scheduled=is_scheduled))
    if hold is not None and counts.get(OrderStatus.QUEUED):
        return Headline(str(ON_HOLD), " · ".join([cause_text(hold.cause), by, *counts_of(progress)]))
    if not counts:
        return approved
    if sum(counts.values()) == 1:
        (status,) = counts
        if status in _FIRST:
            return Headline(str(ORDER_STATES[status]), by)
        if progress.undelivered:
            return Headline(str(UNDELIVERED), by)
        return Headline(approved.first, _of_one(status, progress, few_names(request.recipients)))
    trouble = _of_trouble(progress)
    if trouble is not None:
        first, said = trouble
        return Headline(first, " · ".join([by, *counts_of(progress, said)]))
    return Headline(approved.first, _of_all(progress) or ", ".join(counts_of(progress)))


def _of_trouble(progress: Progress) -> tuple[str, State | None] | None:
    """Say what of several orders comes first because it needs somebody, or because not all were sent.

    Returns:
        The first words, and the state that they count; None where all goes well.
    """
    counts, total = progress.counts, sum(progress.counts.values())
    failed, needy = counts.get(OrderStatus.FAILED, 0), counts.get(OrderStatus.NEEDS_ATTENTION, 0)
    if set(counts) == {OrderStatus.CANCELED}:
        return str(ORDER_STATES[OrderStatus.CANCELED]), None
    if needy:
        return _some(needy, total, ORDER_STATES[OrderStatus.NEEDS_ATTENTION])
    if progress.undelivered:
        return _some(len(progress.undelivered), total, UNDELIVERED)
    if failed and not set(counts) <= FINAL:
        return _some(failed, total, ORDER_STATES[OrderStatus.FAILED])
    if failed and progress.accepted:
        return _some(progress.accepted, total, ORDER_STATES[OrderStatus.ACCEPTED])
    if failed:
        return str(ORDER_STATES[OrderStatus.FAILED]), None
    if counts.get(OrderStatus.CANCELED) and set(counts) <= FINAL:
        sent = ORDER_STATES[OrderStatus.ACCEPTED]
        return _some(progress.accepted, total, sent, under=sent.icon)
    return None


def _some(
    count: int, total: int, state: State, *, under: str = ORDER_STATES[OrderStatus.NEEDS_ATTENTION].icon
) -> tuple[str, State]:
    """Say how many of all are in a state, under an icon: of what isn't as it should be, where none is given."""
    return f"{under} {state.counted(count, of=total)}", state


def _of_one(status: OrderStatus, progress: Progress, name: str) -> str:
    """Say how far the only order is."""
    if status is not OrderStatus.ACCEPTED:
        return ORDER_STATES[status].word.lower()
    if progress.unfinished:
        return "Tango is preparing it"
    return f"delivered to {name}" if progress.delivered else f"sent to {name}"


def _of_all(progress: Progress) -> str:
    """Say that all orders are sent or delivered; empty where they are not."""
    total = sum(progress.counts.values())
    if progress.accepted < total or progress.unfinished:
        return ""
    return f"delivered to all {total}" if progress.delivered == total else f"sent to all {total}"


def counts_of(progress: Progress, said: State | None = None) -> list[str]:
    """Count several orders by their states; nothing of a single one, and not again what was `said`."""
    if sum(progress.counts.values()) == 1:
        return []
    left = len(progress.undelivered)
    counts = {ORDER_STATES[status]: count for status, count in progress.counts.items()}
    counts |= {ORDER_STATES[OrderStatus.ACCEPTED]: progress.accepted - left, UNDELIVERED: left}
    counted = [state.counted(count) for state, count in counts.items() if count and state != said]
    counted += [f"{progress.unfinished:,} being prepared by Tango"] if progress.unfinished else []
    return counted + ([f"{progress.delivered:,} delivered"] if progress.delivered else [])
