"""The queue: on hold, resumed, paused, and what Tango or Kudos found."""

from typing import Final

from bot.domain.attempt import Attempt
from bot.domain.problem import Problem
from bot.domain.queue import PAUSED, HaltCause, ProbeAnswer, QueueState
from handlers.views import queue
from handlers.views.blocks import Message
from handlers.views.problems import problem_text
from handlers.views.tango import words_of
from tests.kit.factories import NOON, an_order
from tests.kit.wording.common import begins, common


def _halted(cause: str | None) -> QueueState:
    halted_at = NOON if cause else None
    return QueueState(next_start_at=NOON, halted_at=halted_at, halt_cause=cause, probes=0, probe_at=halted_at)


def hold(
    cause: str | None,
    key: str | None = None,
    request_id: str | None = None,
    waiting: int = 1,
    last: str | None = HaltCause.FORBIDDEN,
) -> Message:
    """Return the message to admins about a hold for this cause; without one, about the end of a hold for `last`."""
    state = QueueState(
        next_start_at=NOON,
        halted_at=NOON if cause else None,
        halt_cause=cause,
        probes=0,
        probe_at=NOON if cause != PAUSED else None,
        i18n_key=key,
        tango_request_id=request_id,
        last_cause=last,
    )
    return queue.build_hold(state, waiting)


#: Admins hear that no orders are sent.
ON_HOLD: Final = begins(
    hold(HaltCause.FORBIDDEN).text, hold(HaltCause.INSUFFICIENT_FUNDS, "402.001", "req-1", waiting=7).text
)

#: Admins hear that they are sent again.
RESUMED: Final = begins(hold(None).text, hold(None, last=PAUSED).text)

#: What admins read in the place of an earlier message about a hold.
PAST_HOLD: Final = queue.build_past_hold().text

#: A requester hears that an approved request waits, because no orders are sent.
WAITS_ON_HOLD: Final = common(*(queue.wait_on_hold_text(queue.Hold(cause)) for cause in (HaltCause.FORBIDDEN, PAUSED)))

PROBING: Final = queue.build_probing(ProbeAnswer.TRYING).text
NOT_ON_HOLD: Final = queue.build_probing(ProbeAnswer.NOT_HALTED).text
NOTHING_WAITS: Final = queue.build_probing(ProbeAnswer.NOTHING_WAITS).text

#: An admin hears what their probe came to.
STILL_ON_HOLD: Final = begins(
    *(queue.build_probed(_halted(cause)).text for cause in ("insufficient_funds", "forbidden"))
)
WORKED: Final = queue.build_probed(_halted(None)).text


def still_on_hold(cause: str) -> str:
    """Tell an admin that their probe did not end the hold, or that a person has paused the queue."""
    return queue.build_probed(_halted(cause)).text


def on_hold_because(cause: str) -> str:
    """Say on a card or receipt that orders wait, and why."""
    return f"· {queue.cause_text(cause)}"


def waits_because(cause: str, *, admins_know: bool) -> str:
    """Tell a requester that their reward waits, and why."""
    return queue.wait_on_hold_text(queue.Hold(cause, admins_know=admins_know))


def cause(key: str) -> str:
    """Return what happened, by Tango's key, as a clause."""
    return words_of(key, None).what


def found(problem: Problem, key: str = "") -> str:
    """Say what Kudos itself found to be wrong with an order, and with what key Tango refuses it now."""
    lasts = [
        Attempt(
            started_at=NOON,
            finished_at=NOON,
            outcome=None,
            http_status=None,
            i18n_key=key or None,
            tango_request_id=request_id,
            detail=None,
        )
        for request_id in ("req-1", "an-2")
    ]
    details = ("x", None)
    return common(
        *(
            problem_text(an_order(problem=problem, problem_detail=detail), last, in_full=False)
            for detail, last in zip(details, lasts, strict=True)
        )
    )
