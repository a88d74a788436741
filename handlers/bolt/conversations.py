"""The app's own conversations: only one person and the app are there, so that an answer can be an ordinary message.

A direct message between two people has an id of the same form, and there an answer is for who acted alone. So a
conversation counts as the app's own once Slack has shown that it is: a person opened it, or pressed a button in a
message there that others could see. What was learnt is forgotten with the process, and learnt again.
"""

from typing import Final

#: The first letter of the ids of direct messages (Slack docs, Conversations).
_DIRECT: Final = "D"


class Conversations:
    """Remembers the app's own conversations."""

    def __init__(self) -> None:
        self._own: set[str] = set()

    def learn(self, channel_id: str) -> None:
        """Remember that the app is alone with somebody there, if it is a direct message at all."""
        if channel_id.startswith(_DIRECT):
            self._own.add(channel_id)

    def is_own(self, channel_id: str) -> bool:
        """Tell whether the app is known to be alone with somebody there."""
        return channel_id in self._own
