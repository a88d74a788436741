"""The messages to those who look after the installation, about the whole and no request of it."""

from bot.domain.alerts import Alert
from handlers.views.blocks import Message, context, escape, section


def build_alert(alert: Alert) -> Message:
    """Build the message of an alert."""
    return build_audit_head(alert.head)


def build_audit_head(head: str) -> Message:
    """Tell how the audit log ends now, so that a copy of that is kept elsewhere."""
    text = "🔏 *The audit log ends with this head now.* Please keep this message."
    how = "`kudos audit verify --head` tells with it whether anyone has changed or cut the log since."
    return Message(f"{text} {escape(head)}", [section(f"{text}\n`{escape(head)}`"), context(how)])
