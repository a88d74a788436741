"""The reason why an order failed, needs a person or still waits, in words, and what to do about it."""

from collections.abc import Mapping
from typing import Final

from bot.domain.order import Attempt, Order, OrderStatus
from bot.domain.problem import HttpStatus, Problem, TangoKey
from bot.domain.review import ObstacleCode
from handlers.views.blocks import escape
from handlers.views.review import obstacles_text
from handlers.views.tango import tango_text

#: The problems that Kudos itself found. An admin solves them in the Tango portal, which shows both sides.
_FOUND: Final[Mapping[Problem, str]] = {
    Problem.DIFFERS: "Tango has another order under this reference. Compare the two in the Tango portal",
    Problem.UNCONFIRMED: (
        "Tango took it, but doesn't say that it is the order that was approved. Compare the two in the Tango portal"
    ),
    Problem.PAST_IDEMPOTENCY: ("It was first sent 90 days ago or more, so sending it again could make a second order"),
    Problem.REFUSED_AFTER_AMBIGUOUS: (
        "Tango refuses it now, but an earlier attempt went unanswered and may have placed it"
    ),
    Problem.REFUSED_ALONE: (
        "Tango refused it several times, and takes other orders meanwhile. Nothing was paid for it"
    ),
    Problem.UNCLEAR_ALONE: (
        "It was sent again and again without a clear answer, so it may be placed. Tango takes other orders meanwhile"
    ),
    Problem.UNRECORDED: ("Tango's answer could not be written down, so the order may be placed. The log says why"),
    Problem.CHANGED: "Something has changed since it was approved, so it wasn't sent, and nothing was paid",
    Problem.CLOSED: (
        "An admin closed it without sending it. Tango doesn't have it, so nothing was paid. A new request makes a new "
        "order"
    ),
    Problem.ENDED_AT_TANGO: "Tango had taken it, and ended it without a reward. A new request makes a new order",
}


def problem_text(order: Order, last: Attempt | None) -> str:
    """Say why an order failed, needs a person or still waits, and what to do; empty where there is nothing to say.

    Args:
        order: the order as it is now.
        last: its last attempt, which has what Tango's support asks for.
    """
    key, status, request_id = (last.i18n_key, last.http_status, last.tango_request_id) if last else (None, None, None)
    said = order.problem_detail
    match order.problem:
        case Problem.REFUSED_AFTER_AMBIGUOUS | Problem.REFUSED_ALONE as refused_by:
            refused_now = tango_text(key, status, said=said, request_id=request_id)
            return f"{_FOUND[refused_by]}. {refused_now}"
        case Problem.CHANGED:
            return _changed_text(order)
        case Problem() as problem:
            found = "; ".join(part for part in (said, f"request {request_id}" if request_id else None) if part)
            return f"{_FOUND[problem]}{f' ({escape(found)})' if found else ''}."
        case TangoKey(key=refused):
            return tango_text(refused, status, said=said, request_id=request_id)
        case HttpStatus(status=refused_with):
            return tango_text(None, refused_with, said=said, request_id=request_id)
        case None if order.status is OrderStatus.QUEUED and (key or status):
            return f"The last attempt: {tango_text(key, status, request_id=request_id)}"
        case None:
            return ""


def _changed_text(order: Order) -> str:
    """Say what a review found, and what an admin can do about it."""
    of_reward = {ObstacleCode.REWARD_GONE, ObstacleCode.REWARD_AMOUNT, ObstacleCode.DATE}
    codes = [ObstacleCode(code) for code in (order.problem_detail or "").split(", ") if code in set(ObstacleCode)]
    named = [(code, order.reward_name if code in of_reward else order.recipient.name) for code in codes]
    found = f"{_FOUND[Problem.CHANGED]}. {obstacles_text(named)}".strip()
    return (
        f"{found} An admin can send it again, once that is put right, or close it, so that it can be asked for again."
    )
