"""The message to the admin who refreshes the catalog."""

from handlers.views.blocks import Message


def build_refreshing() -> Message:
    """Say that Tango is asked for the catalog."""
    return Message("Asking Tango for the catalog. The form offers what it answers in a moment.")
