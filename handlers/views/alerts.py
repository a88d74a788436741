"""The messages to those who look after the installation, about the whole and no request of it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, assert_never

from bot.domain.alerts import Alert, AuditHeadTold, BalanceLow, EmailsUnseen, ListsDiffer
from bot.domain.money import Money
from bot.domain.reconciliation import DifferenceKind
from handlers.views.blocks import Message, context, escape, section, time_of

#: What differs between Tango's list and ours: of one order, and of several.
DIFFERENCES: Final[Mapping[DifferenceKind, tuple[str, str]]] = {
    DifferenceKind.MISSING: (
        "1 order is sent here, and Tango doesn't have it",
        "{count} orders are sent here, and Tango doesn't have them",
    ),
    DifferenceKind.UNKNOWN: ("Tango has 1 order that I don't know", "Tango has {count} orders that I don't know"),
    DifferenceKind.TWICE: ("Tango has 1 order twice", "Tango has {count} orders twice"),
    DifferenceKind.AMOUNT: ("1 order has another amount at Tango", "{count} orders have other amounts at Tango"),
    DifferenceKind.UNPAID: (
        "Tango has 1 order that failed here, was canceled or needs attention",
        "Tango has {count} orders that failed here, were canceled or need attention",
    ),
}


def build_alert(alert: Alert) -> Message:
    """Build the message of an alert."""
    match alert:
        case AuditHeadTold():
            return build_audit_head(alert)
        case ListsDiffer():
            return build_lists_differ(alert)
        case BalanceLow():
            return build_balance_low(alert)
        case EmailsUnseen():
            return build_emails_unseen()
        case _:
            assert_never(alert)


def build_audit_head(alert: AuditHeadTold) -> Message:
    """Tell how the audit log ends now, so that a copy of that is kept elsewhere."""
    text = "🔏 *The audit log ends with this head now.* Please keep this message."
    how = "`kudos audit verify --head` tells with it whether anyone has changed or cut the log since."
    return Message(f"{text} {escape(alert.head)}", [section(f"{text}\n`{escape(alert.head)}`"), context(how)])


def build_lists_differ(alert: ListsDiffer) -> Message:
    """Tell that Tango's list of orders differs from ours, and how to see each difference."""
    counts = {kind: int(getattr(alert, kind.value)) for kind in DifferenceKind}
    said = [difference_text(kind, count) for kind, count in counts.items() if count]
    since, until = datetime.fromisoformat(alert.since), datetime.fromisoformat(alert.until)
    text = f"⚠️ *Tango's list of orders differs from mine.* {'. '.join(said)}. I changed nothing."
    begin, end = time_of(since.astimezone(UTC)), time_of(until.astimezone(UTC))
    how = f"`kudos reconcile --since {since:%Y-%m-%d}` shows each. Compared: {begin} to {end}."
    return Message(text, [section(text), context(how)])


def difference_text(kind: DifferenceKind, count: int) -> str:
    """Say how many orders differ in a way."""
    one, several = DIFFERENCES[kind]
    return one if count == 1 else several.format(count=f"{count:,}")


def build_balance_low(alert: BalanceLow) -> Message:
    """Tell that the balance has come below the amount of the settings, and how long it lasts."""
    balance, below = Money(alert.minor, alert.currency), Money(alert.below_minor, alert.currency)
    text = f"⚠️ *The Tango account has {balance} left,* less than {below}. {lasts_text(alert.days)}".strip()
    return Message(text, [section(text), context("Add funds in the Tango portal.")])


def build_emails_unseen() -> Message:
    """Tell that nobody will hear of an email that doesn't arrive, and how to change that."""
    text = "⚠️ *I can't see whether reward emails arrive.* Tango doesn't let this platform look."
    how = "Ask your Tango contact to allow `GET /lineItems` for the platform. I'll try again every day."
    return Message(text, [section(text), context(how)])


def lasts_text(days: int | None, what: str = "It") -> str:
    """Say how long the balance lasts, a sentence; nothing where nothing was spent in the last thirty days."""
    if days is None:
        return ""
    how_long = "less than a day" if days == 0 else "about 1 day" if days == 1 else f"about {days:,} days"
    return f"{what} lasts {how_long} at the pace of the last 30 days."
