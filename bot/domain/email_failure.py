"""Emails of rewards that did not arrive, as Tango's mail system says."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar


class EmailFailure(StrEnum):
    """Tango's words for an email that did not arrive, and will not (Tango docs, Manage line items, emailStatus).

    DEFERRED and PENDING are not among them: the mail system still tries.
    """

    BOUNCE = "BOUNCE"
    """The recipient's mail server sent it back."""
    DROPPED = "DROPPED"
    """Tango's mail system did not send it: emails to this address have failed before, or were called spam."""
    BLOCKED = "BLOCKED"
    """The recipient's mail server refuses emails from Tango."""


@dataclass(frozen=True, slots=True)
class EmailFailed:
    """To the requester and to admins: a reward's email did not arrive. A notice (bot/domain/notices.py), once a status.

    Attributes:
        order_id: the order.
        status: a word of EmailFailure.
    """

    kind: ClassVar[str] = "email_failed"
    order_id: int
    status: str
