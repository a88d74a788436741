"""Reminders: when one is due, who gets it, and who could stand in. Nobody gains a right by another's absence."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.domain.days import zone_of
from bot.domain.policy import Roles, approvers_left, check_may_approve
from bot.domain.request import Request
from bot.errors import NotAllowed

#: The hours of a reader's day in which a reminder may push to the phone: a working day.
_DAY_BEGINS: Final = 9
_DAY_ENDS: Final = 17


def is_daytime(now: datetime, zone: str) -> bool:
    """Return whether it is day in a zone, by its IANA name."""
    return _DAY_BEGINS <= now.astimezone(zone_of(zone)).hour < _DAY_ENDS


def reminders_due(request: Request, now: datetime, after: Sequence[timedelta]) -> int:
    """Return how many reminders of a request are due by now.

    Args:
        request: waits for a decision.
        now: UTC.
        after: how long it has waited at each reminder.
    """
    waited = now - (request.waits_since or request.created_at)
    return sum(waited >= one for one in after)


def who_can_act(request: Request, roles: Roles, away: Collection[str] = ()) -> Sequence[str]:
    """Return who may approve a request now and is not away, by Slack id."""
    return [one for one in approvers_left(request, roles) if one not in away and _may_approve(request, one, roles)]


def _may_approve(request: Request, actor_id: str, roles: Roles) -> bool:
    try:
        check_may_approve(request, actor_id, roles)
    except NotAllowed:
        return False
    return True
