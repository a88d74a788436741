"""The state machine of a notice in the outbox.

::

                 ┌─── put_back ───┐
                 ▼                │
    written ─▶ pending ─ claim ─▶ sending ── send ────▶ sent
                 │                  ├─── give_up ────▶ undeliverable
                 └── supersede ─────┴── supersede ───▶ superseded
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class NoticeStatus(StrEnum):
    """The state of a notice in the outbox."""

    PENDING = "pending"
    """Waits until its audience may be written to."""
    SENDING = "sending"
    """Is being sent; after a death of the process, it may or may not have been."""
    SENT = "sent"
    """Slack has taken the notice."""
    SUPERSEDED = "superseded"
    """The same notice was written again meanwhile, and stands for both."""
    UNDELIVERABLE = "undeliverable"
    """Slack can never take the notice."""


class NoticeMove(StrEnum):
    """A move of a notice."""

    CLAIM = "claim"
    """A worker begins to send the notice."""
    PUT_BACK = "put_back"
    """The notice could not be sent now, or the process died."""
    SEND = "send"
    """Slack took the notice."""
    SUPERSEDE = "supersede"
    """The same notice stands for this one: it waits already when this one would be put back, or was asked for anew."""
    GIVE_UP = "give_up"
    """Slack answered that it can never take the notice."""


#: The whole machine: what is not in the table does not happen.
NOTICE_MOVES: Final[Mapping[tuple[NoticeStatus, NoticeMove], NoticeStatus]] = {
    (NoticeStatus.PENDING, NoticeMove.CLAIM): NoticeStatus.SENDING,
    (NoticeStatus.PENDING, NoticeMove.SUPERSEDE): NoticeStatus.SUPERSEDED,
    (NoticeStatus.SENDING, NoticeMove.PUT_BACK): NoticeStatus.PENDING,
    (NoticeStatus.SENDING, NoticeMove.SEND): NoticeStatus.SENT,
    (NoticeStatus.SENDING, NoticeMove.SUPERSEDE): NoticeStatus.SUPERSEDED,
    (NoticeStatus.SENDING, NoticeMove.GIVE_UP): NoticeStatus.UNDELIVERABLE,
}
