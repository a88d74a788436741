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


@dataclass(frozen=True, slots=True)
class ListsDiffer:
    """To admins, and to the channel for alerts: Tango's list differs from ours (bot/domain/reconciliation.py).

    Attributes:
        since: the begin of the period, ISO 8601, in the zone of the installation.
        until: its end, the same.
        missing, unknown, twice, amount, unpaid: how many differences of each kind there are.
    """

    kind: ClassVar[str] = "lists_differ"
    since: str
    until: str
    missing: int
    unknown: int
    twice: int
    amount: int
    unpaid: int


@dataclass(frozen=True, slots=True)
class EmailsUnseen:
    """To admins, and to the channel for alerts: Tango doesn't let the platform see which emails failed."""

    kind: ClassVar[str] = "emails_unseen"


@dataclass(frozen=True, slots=True)
class BalanceLow:
    """To admins, and to the channel for alerts: the balance at Tango has come below the amount of the settings.

    Attributes:
        minor: the balance, in minor units.
        below_minor: the amount of the settings, in minor units.
        currency: of both.
        days: how long the balance lasts at the pace of the last thirty days; None where nothing was spent then.
    """

    kind: ClassVar[str] = "balance_low"
    minor: int
    below_minor: int
    currency: str
    days: int | None


Alert = AuditHeadTold | ListsDiffer | BalanceLow | EmailsUnseen
