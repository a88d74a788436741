"""The message to the admin who refreshes the catalog."""

from handlers.views.blocks import Message


def build_refreshed(offered: int) -> Message:
    """Say how many rewards are on offer, once Tango has answered."""
    if not offered:
        return Message("Tango offers no rewards right now, so the form has none to choose from.")
    if offered == 1:
        return Message("The catalog is up to date: the form offers 1 reward.")
    return Message(f"The catalog is up to date: the form offers {offered:,} rewards.")
