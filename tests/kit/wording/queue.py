"""The queue: on hold, resumed, paused, and what Tango or Kudos found."""

from dataclasses import replace
from typing import Final

from bot.domain.order import Attempt
from bot.domain.problem import Problem
from bot.domain.queue import HaltCause
from bot.domain.request import Request, RequestStatus
from handlers.views import queue, requests
from handlers.views.blocks import Message
from handlers.views.problems import problem_text
from handlers.views.tango import words_of
from tests.kit.factories import NOON, an_order
from tests.kit.wording.common import common, of_requests


def _on_hold(request: Request) -> Message:
    wait = requests.Wait(ahead=0, seconds=0, halted=True)
    return requests.build_decision(replace(request, status=RequestStatus.APPROVED), wait)


def on_hold(key: str) -> str:
    """Say why orders are on hold, by Tango's key."""
    return common(*(queue.build_halted("", key, request_id).text for request_id in ("req-1", None)))


#: Admins hear that no orders are sent.
ON_HOLD: Final = common(
    queue.build_halted(HaltCause.FORBIDDEN, None, None).text,
    queue.build_halted(HaltCause.INSUFFICIENT_FUNDS, "402.001", "req-1").text,
)

#: Admins hear that they are sent again.
RESUMED: Final = common(
    queue.build_resumed(HaltCause.FORBIDDEN).text, queue.build_resumed(HaltCause.INSUFFICIENT_FUNDS).text
)

#: A requester hears that an approved request waits, because no orders are sent.
WAITS_ON_HOLD: Final = of_requests(_on_hold)

PROBING: Final = queue.build_probing(halted=True).text
NOT_ON_HOLD: Final = queue.build_probing(halted=False).text


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
            problem_text(an_order(problem=problem, problem_detail=detail), last)
            for detail, last in zip(details, lasts, strict=True)
        )
    )
