"""Alerts: notices to those who look after the installation, about the whole and no request of it.

They hold what they tell, because it is how things were when that was noticed. The outbox takes them like the notices of
bot/domain/notices.py.
"""

from dataclasses import dataclass
from typing import ClassVar, Final

#: The audience of alerts where the settings name a channel for them. Resolved when the message is sent. No Slack id
#: looks like it.
ALERTS: Final = "alerts"


@dataclass(frozen=True, slots=True)
class AuditHeadTold:
    """To admins, or to the channel for alerts: the head of the audit log, which leaves the file by this."""

    kind: ClassVar[str] = "audit_head"
    head: str


Alert = AuditHeadTold
