"""Orders: what became of them, and where they stand."""

from collections.abc import Sequence
from typing import Final

from bot.domain.order import Attempt, AttemptOutcome, Order
from bot.domain.queue import PAUSED, QueueState
from bot.usecases.orders import OrderStory
from handlers.views import cancel, charges, orders
from handlers.views.blocks import Message
from tests.kit.factories import NOON, a_request, an_order
from tests.kit.wording.common import told, told_first, words_in

NEEDS_A_PERSON: Final = told(lambda order: orders.build_needs_attention(order, None))
STILL_UNKNOWN: Final = told(orders.build_still_unknown)
NOTHING_PAID: Final = words_in(
    [one for one in orders.build_failed(an_order(), None).blocks if one["type"] == "context"]
)


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
    """Return how a line of the timeline begins: what an attempt came to, and Tango's HTTP status."""
    tried = Attempt(
        started_at=NOON,
        finished_at=NOON,
        outcome=outcome,
        http_status=status,
        i18n_key=None,
        tango_request_id=None,
        detail=None,
    )
    lines = words_in(_detail(an_order(), [tried]).blocks).splitlines()
    line = next(line for line in lines if f"({status}" in line)
    return line[: line.index(f"({status}") + len(f"({status}")]


def order_title(order_id: int) -> str:
    """Return the title over an order's detail."""
    title: str = _detail(an_order(id=order_id)).blocks[0]["text"]["text"]
    return title


def order_detail(order_id: int) -> str:
    """Return how the text of an order's detail begins."""
    return told_first(_detail, order_id)


def public_order(order_id: int) -> str:
    """Return how the text begins that shows an order to everyone."""
    return told_first(orders.build_public_order, order_id)


def needs_a_person(order_id: int) -> str:
    """Return how the message begins that says that an order needs a person."""
    return told_first(lambda order: orders.build_needs_attention(order, None), order_id)


def canceled(order_id: int, by: str) -> str:
    """Return how the message ends that tells the requester that somebody has canceled their order."""
    return told(lambda order: cancel.build_canceled(order, by), order_id)


#: How the message begins that tells the requester of an order that has failed.
FAILED: Final = told_first(lambda order: orders.build_failed(order, None))

#: Where an order stands while Tango takes none, or somebody has paused the queue.
WAITS_FOR_TANGO: Final = told(lambda order: _detail(order, cause="insufficient_funds"))
WAITS_PAUSED: Final = told(lambda order: _detail(order, cause=PAUSED))

#: Admins hear of a charge that nothing explains.
OVERCHARGED: Final = told(charges.build_overcharged)


def order_failed(order_id: int) -> str:
    """Tell the requester which order has failed."""
    return told(lambda order: orders.build_failed(order, None), order_id)
