"""Orders: what became of them, and where they stand."""

from collections.abc import Sequence
from typing import Final

from bot.domain.attempt import Attempt, AttemptOutcome
from bot.domain.audit import AuditEvent
from bot.domain.order import Order
from bot.domain.queue import PAUSED, QueueState
from bot.domain.resend import Resend, ResendChanges, ResendStatus
from bot.usecases.orders import OrderStory
from handlers.views import cancel, charges, orders, timeline
from handlers.views.blocks import Message
from handlers.views.names import number_text
from handlers.views.people import name_of
from storage import AuditEntry
from tests.kit.factories import NOON, a_request, an_order
from tests.kit.wording.common import told

NEEDS_A_PERSON: Final = told(lambda order: orders.build_needs_attention(order, None))
HELD_UP: Final = told(lambda order: orders.build_needs_attention(order, None, to_admin=False))
STILL_UNKNOWN: Final = told(orders.build_still_unknown)
NOTHING_PAID: Final[str] = orders.build_failed(an_order(), None).blocks[1]["text"]["text"]


def _detail(order: Order, attempts: Sequence[Attempt] = (), cause: str | None = None) -> Message:
    halted_at = NOON if cause else None
    probe_at = None if cause == PAUSED else halted_at
    story = OrderStory(
        order=order,
        request=a_request(),
        story=[],
        attempts=attempts,
        resends=[],
        ahead=0,
        queue=QueueState(next_start_at=NOON, halted_at=halted_at, halt_cause=cause, probes=0, probe_at=probe_at),
        by_admin=False,
        seconds_to_resend=0,
    )
    return orders.build_order_detail(story)


def attempt(outcome: AttemptOutcome, status: int) -> str:
    """Return how a line of the timeline ends, without its time: what an attempt came to, and Tango's HTTP status."""
    tried = Attempt(
        started_at=NOON,
        finished_at=NOON,
        outcome=outcome,
        http_status=status,
        i18n_key=None,
        tango_request_id=None,
        detail=None,
    )
    return f"{timeline.attempt_text(tried)} ({status}"


def event(happened: AuditEvent, by: str | None = None, **facts: str) -> str:
    """Return the sentence of the timeline about an event, with who did it (a Slack id, or the console) or without."""
    entry = AuditEntry(at=NOON, event=happened, facts=facts)
    return timeline.event_text(entry, by and name_of(by))


def resent(status: ResendStatus, by: str | None = None, *, elsewhere: bool = False, template: str | None = None) -> str:
    """Return the sentences of the timeline about a resend, with who asked for it (a Slack id) or without."""
    asked = Resend(
        id=1,
        order_id=1,
        requested_by="",
        requested_at=NOON,
        previous_sent_at=NOON,
        status=status,
        changes=ResendChanges(template=template),
        readdressed=elsewhere,
    )
    return timeline.resend_text(asked, by and name_of(by))


def order_detail(number: int | str) -> str:
    """Return how the small line of an order's detail begins: with its number, such as 8 or 8.2."""
    request_id, _, place = str(number).partition(".")
    order = an_order(request_id=int(request_id), place=int(place or 0), external_ref_id="")
    small: str = _detail(order).blocks[-1]["elements"][0]["text"]
    return small.rstrip()


def public_order(order_id: int) -> str:
    """Return what the text has in it that shows an order to everyone: its number."""
    return f"({number_text(an_order(request_id=order_id))})"


def needs_a_person(order_id: int) -> str:
    """Return what the message to admins ends with that says that an order needs a person."""
    return told(lambda order: orders.build_needs_attention(order, None), order_id)


def held_up(order_id: int) -> str:
    """Tell the requester which order is held up."""
    return told(lambda order: orders.build_needs_attention(order, None, to_admin=False), order_id)


def canceled(order_id: int, by: str) -> str:
    """Return how the message ends that tells the requester that somebody has canceled their order."""
    return told(lambda order: cancel.build_canceled(order, by), order_id)


#: The requester hears of an order that has failed.
FAILED: Final = told(lambda order: orders.build_failed(order, None))

#: Where an order stands while Tango takes none, or somebody has paused the queue.
WAITS_FOR_TANGO: Final[str] = _detail(an_order(), cause="insufficient_funds").blocks[1]["text"]["text"]
WAITS_PAUSED: Final[str] = _detail(an_order(), cause=PAUSED).blocks[1]["text"]["text"]

#: Admins hear of a charge that nothing explains.
OVERCHARGED: Final = told(charges.build_overcharged)


def order_failed(order_id: int) -> str:
    """Tell the requester which order has failed."""
    return told(lambda order: orders.build_failed(order, None), order_id)
