"""Recipients who are in the channel of the card of their own reward, so that they can read it."""

from collections.abc import Mapping, Sequence
from typing import Final

from storage.database import Database

_UNLOOKED: Final = """
SELECT recipients.request_id, recipients.user_id
FROM requests INDEXED BY requests_pending JOIN recipients ON recipients.request_id = requests.id
WHERE requests.status = 'pending_approval' AND requests.batch = 0 AND requests.id >= :since
AND recipients.in_channel IS NULL
ORDER BY requests.id LIMIT :most
"""
_SET: Final = """
UPDATE recipients SET in_channel = :in_channel WHERE request_id = :request_id AND user_id = :user_id
"""


class OnlookerStore:
    """Keeps whether recipients are in the channel of their card."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def unlooked(self, since: int, most: int) -> Sequence[tuple[int, str]]:
        """Return recipients of pending requests of whom it is not known yet: request id and Slack id, oldest first.

        Args:
            since: of this request and those made after it.
            most: how many are read.
        """
        rows = self._db.query(_UNLOOKED, {"since": since, "most": most})
        return [(row["request_id"], row["user_id"]) for row in rows]

    def set(self, found: Mapping[tuple[int, str], bool]) -> None:
        """Keep whether each recipient is in the channel, by request id and Slack id."""
        for (request_id, user_id), in_channel in found.items():
            params = {"request_id": request_id, "user_id": user_id, "in_channel": int(in_channel)}
            self._db.execute(_SET, params)
