"""Why an order failed or needs a person: what Kudos found, Tango's key for the reason, or the HTTP status alone."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Problem(StrEnum):
    """A problem that Kudos found, where Tango gave no reason."""

    DIFFERS = "differs"
    """Tango has an order under this reference that is not the approved one."""
    UNCONFIRMED = "unconfirmed"
    """Tango has an order under this reference and does not say, also when asked for it, that it is the approved one."""
    PAST_IDEMPOTENCY = "past_idempotency"
    """First attempted 90 days ago or more: the same reference might make a second order."""
    REFUSED_AFTER_AMBIGUOUS = "refused_after_unknown"
    """Tango refuses the order now, but an earlier attempt went unanswered and may have made it."""
    REFUSED_ALONE = "refused_alone"
    """Tango refuses the order again and again, as if no order could be sent, and takes others meanwhile."""
    UNCLEAR_ALONE = "unclear_alone"
    """No answer about the order is clear, however often it is sent, and Tango takes others meanwhile."""
    UNRECORDED = "unrecorded"
    """Tango's answer could not be recorded, for a reason that will not pass."""
    CHANGED = "changed"
    """Something stands against the order that did not when it was approved; it was not sent."""
    CLOSED = "closed"
    """An admin closed an order that needed a person without sending it again; Tango has no such order."""
    ENDED_AT_TANGO = "ended_at_tango"
    """Tango had accepted the order, and ended it without a reward."""
    UNDELIVERED = "undelivered"
    """Tango has made the reward, and Slack doesn't take the message with it. The order is accepted, and paid."""


@dataclass(frozen=True, slots=True)
class TangoKey:
    """Tango's `i18nKey` for a refusal, such as `422.025` (Tango docs, i18nkey codes)."""

    key: str

    def __str__(self) -> str:
        """Return the problem as it is stored."""
        return self.key


@dataclass(frozen=True, slots=True)
class HttpStatus:
    """The HTTP status of a refusal that came without a key."""

    status: int

    def __str__(self) -> str:
        """Return the problem as it is stored."""
        return f"http_{self.status}"


#: Each is stored as its `str`.
OrderProblem = Problem | TangoKey | HttpStatus

_HTTP: Final = re.compile(r"http_([0-9]{3})")


def problem_from(stored: str) -> OrderProblem:
    """Return the problem that is stored as `stored`: what is neither ours nor a status is Tango's key."""
    if stored in set(Problem):
        return Problem(stored)
    if status := _HTTP.fullmatch(stored):
        return HttpStatus(int(status[1]))
    return TangoKey(stored)
