"""The periods that were held against Tango's list, and our orders in a period."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from bot.domain.order import Order
from storage.database import Database, from_ms, to_ms
from storage.order_rows import order_of

_ADD: Final = "INSERT INTO reconciliations (since, until, differences) VALUES (:since, :until, :differences)"
_LAST: Final = "SELECT since, until FROM reconciliations WHERE id = (SELECT max(id) FROM reconciliations)"
_ALL: Final = "SELECT * FROM orders WHERE id > :id ORDER BY id LIMIT :most"


class ReconciliationStore:
    """The table of reconciliations."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def accepted_between(self, since: datetime, until: datetime) -> Iterator[Order]:
        """Yield the orders that Tango accepted in a period; of UTC, both ends included. All orders are read for it."""
        for row in self._db.each(_ALL):
            if row["status"] == "accepted" and to_ms(since) <= row["finalized_at"] <= to_ms(until):
                yield order_of(row)

    def add(self, since: datetime, until: datetime, differences: int) -> None:
        """Keep that a period was compared, and how many differences there were."""
        self._db.execute(_ADD, {"since": to_ms(since), "until": to_ms(until), "differences": differences})

    def compared_until(self, now: datetime) -> datetime | None:
        """Return up to when the lists were compared; None before the first time.

        A period that ends in the future is of a clock that was wrong: it is compared again from its beginning.
        """
        row = self._db.one(_LAST)
        ends = () if row is None else (from_ms(row["until"]), from_ms(row["since"]))
        return next((at for at in ends if at <= now), None)
