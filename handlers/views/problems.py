"""The reason why an order failed, needs a person or still waits, in words, and what to do about it."""

from collections.abc import Mapping
from typing import Final

from bot.domain.attempt import Attempt
from bot.domain.order import Order, OrderStatus
from bot.domain.problem import HttpStatus, Problem, TangoKey
from bot.domain.review import ObstacleCode
from handlers.views.blocks import escape
from handlers.views.review import obstacles_text
from handlers.views.tango import reference_text, tango_text

#: The problems that Kudos itself found.
_FOUND: Final[Mapping[Problem, str]] = {
    Problem.DIFFERS: "Tango has a different order with this reference.",
    Problem.UNCONFIRMED: "Tango accepted it, but doesn't confirm that it's the order that was approved.",
    Problem.PAST_IDEMPOTENCY: "It was first sent 90 days ago or more, so sending it again could make a second order.",
    Problem.REFUSED_AFTER_AMBIGUOUS: "Tango refuses it now, but an earlier attempt got no answer and may have worked.",
    Problem.REFUSED_ALONE: "Tango refused it several times while other orders went through. Nothing was paid for it.",
    Problem.UNCLEAR_ALONE: (
        "It got no clear answer several times while other orders went through, so it may have gone through too."
    ),
    Problem.UNRECORDED: "I couldn't save Tango's answer, so the order may have gone through.",
    Problem.CHANGED: "Something has changed since it was approved, so it wasn't sent and nothing was paid.",
    Problem.CLOSED: (
        "An admin closed it without sending it. Tango doesn't have it, so nothing was paid. You can ask for it again."
    ),
    Problem.ENDED_AT_TANGO: "Tango accepted it, then ended it without a reward. You can ask for it again.",
    Problem.UNDELIVERED: (
        "I can't send the recipient a direct message. The reward is paid for. Once I can reach them, deliver it again."
    ),
}

#: What an admin can look at, who alone can open it.
_FOR_ADMINS: Final[Mapping[Problem, str]] = {
    Problem.DIFFERS: "Please compare the two in the Tango portal.",
    Problem.UNCONFIRMED: "Please compare the two in the Tango portal.",
    Problem.UNRECORDED: "The log says why.",
}


def problem_text(order: Order, last: Attempt | None, *, to_admin: bool = True, in_full: bool = True) -> str:
    """Say why an order failed, needs a person or still waits, and what to do; empty where there is nothing to say.

    Args:
        order: the order as it is now.
        last: its last attempt, which has what Tango's support asks for.
        to_admin: whether the reader may be an admin; others aren't sent to what they can't open.
        in_full: whether the facts for machines follow.
    """
    key, status = (last.i18n_key, last.http_status) if last else (None, None)
    facts = problem_facts(order, last) if in_full else ""
    after = f" ({facts})" if facts else ""

    def refusal(key: str | None, status: int | None, *, quote: bool = True) -> str:
        said = order.problem_detail if quote else None
        return tango_text(key, status, said=said, to_admin=to_admin, in_full=False)

    match order.problem:
        case Problem.REFUSED_AFTER_AMBIGUOUS | Problem.REFUSED_ALONE as refused_by:
            return f"{_FOUND[refused_by]} {refusal(key, status)}{after}"
        case Problem.CHANGED:
            return _changed_text(order)
        case Problem() as problem:
            found = " ".join(
                [_FOUND[problem], *([_FOR_ADMINS[problem]] if to_admin and problem in _FOR_ADMINS else [])]
            )
            return f"{found}{after}"
        case TangoKey(key=refused):
            return f"{refusal(refused, status)}{after}"
        case HttpStatus(status=refused_with):
            return f"{refusal(None, refused_with)}{after}"
        case None if order.status is OrderStatus.QUEUED and (key or status):
            return f"The last attempt: {refusal(key, status, quote=False)}{after}"
        case None:
            return ""


def problem_facts(order: Order, last: Attempt | None) -> str:
    """Give what Tango's support knows the problem by: what differs, Tango's key, the request id; or nothing."""
    key, status, request_id = (last.i18n_key, last.http_status, last.tango_request_id) if last else (None, None, None)
    match order.problem:
        case Problem.CHANGED:
            return ""
        case Problem.REFUSED_AFTER_AMBIGUOUS | Problem.REFUSED_ALONE:
            return reference_text(key or status, request_id)
        case Problem():
            return " · ".join(filter(None, [escape(order.problem_detail or ""), reference_text(None, request_id)]))
        case TangoKey(key=refused):
            return reference_text(refused, request_id)
        case HttpStatus(status=refused_with):
            return reference_text(refused_with, request_id)
        case None if order.status is OrderStatus.QUEUED and (key or status):
            return reference_text(key or status, request_id)
        case None:
            return ""


def _changed_text(order: Order) -> str:
    """Say what a review found, and what an admin can do about it."""
    of_reward = {ObstacleCode.REWARD_GONE, ObstacleCode.REWARD_AMOUNT, ObstacleCode.DATE}
    codes = [ObstacleCode(code) for code in (order.problem_detail or "").split(", ") if code in set(ObstacleCode)]
    named = [(code, order.reward_name if code in of_reward else order.recipient.name) for code in codes]
    found = f"{_FOUND[Problem.CHANGED]} {obstacles_text(named)}".strip()
    return f"{found} Once that's fixed, an admin can send it again. If it can't be fixed, an admin can close it."
