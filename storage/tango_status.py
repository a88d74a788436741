"""An order after Tango has accepted it: watched until Tango has finished it, and disputed by its recipient."""

from datetime import datetime
from typing import Final

from bot.domain.order import Order
from storage.database import Database, Touched, from_ms, to_ms
from storage.order_rows import order_of

# INDEXED BY: see storage/migrations.py.
_DUE: Final = """
SELECT * FROM orders INDEXED BY orders_watched WHERE watch_at <= :now ORDER BY watch_at, id LIMIT 1
"""
_NEXT: Final = """
SELECT watch_at FROM orders INDEXED BY orders_watched WHERE watch_at IS NOT NULL ORDER BY watch_at, id LIMIT 1
"""
_WATCH: Final = "UPDATE orders SET watches = 0, watch_at = :at WHERE id = :id AND status = 'accepted'"
# The time of the next question is set before this one is asked: whatever becomes of it, the order stays watched.
_ASK: Final = """
UPDATE orders SET watches = watches + 1, watch_at = :next WHERE id = :id AND watch_at IS NOT NULL
"""
_LEARN: Final = """
UPDATE orders SET tango_status = :status, tango_status_at = :now WHERE id = :id AND status = 'accepted'
"""
# Guarded by the watch, so that what follows from its end follows once.
_FINISH: Final = """
UPDATE orders SET
    tango_status = :status,
    tango_status_at = :now,
    watch_at = NULL,
    last_sent_at = coalesce(last_sent_at, :mailed_at)
WHERE id = :id AND status = 'accepted' AND watch_at IS NOT NULL
"""
# A clock that was put back since may have put questions off for longer than any wait.
_BRING_FORWARD: Final = "UPDATE orders SET watch_at = :now WHERE watch_at IS NOT NULL AND watch_at > :latest"
_GIVE_UP: Final = "UPDATE orders SET watch_at = NULL WHERE id = :id AND watch_at IS NOT NULL"
_DISPUTE: Final = """
UPDATE orders SET address_disputed_at = :now
WHERE id = :id AND status = 'accepted' AND delivery = 'post' AND address_disputed_at IS NULL
"""


class TangoStatusStore:
    """The columns of an order that matter once it is accepted. Each write returns whether this call made it."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def watch(self, order_id: int, at: datetime) -> bool:
        """Have Tango asked for the status at `at` (UTC), and from there on with waits that grow again."""
        watched = self._db.execute(_WATCH, {"id": order_id, "at": to_ms(at)}) == 1
        if watched:
            self._db.touch(Touched.ORDERS)
        return watched

    def due(self, now: datetime) -> Order | None:
        """Return the watched order that has been due longest, or None."""
        row = self._db.one(_DUE, {"now": to_ms(now)})
        return order_of(row) if row else None

    def next_watch_at(self) -> datetime | None:
        """Return when the next watched order is due, UTC; None if none is watched."""
        row = self._db.one(_NEXT)
        return from_ms(row["watch_at"]) if row else None

    def ask(self, order_id: int, next_at: datetime) -> bool:
        """Count the question that is about to be asked, and set the time of the next."""
        return self._db.execute(_ASK, {"id": order_id, "next": to_ms(next_at)}) == 1

    def bring_forward(self, *, latest: datetime, now: datetime) -> None:
        """Make questions due that are further ahead than `latest`, because the clock was put back since."""
        self._db.execute(_BRING_FORWARD, {"latest": to_ms(latest), "now": to_ms(now)})

    def learn(self, order_id: int, status: str | None, now: datetime) -> bool:
        """Keep Tango's status, verbatim, of an order that Tango has not finished."""
        return self._db.execute(_LEARN, {"id": order_id, "status": status, "now": to_ms(now)}) == 1

    def finish(self, order_id: int, status: str | None, now: datetime, *, mailed_at: datetime | None) -> bool:
        """Keep Tango's status, verbatim, and end the watch: Tango has finished, and sent the email at `mailed_at`."""
        params = {
            "id": order_id,
            "status": status,
            "now": to_ms(now),
            "mailed_at": to_ms(mailed_at) if mailed_at else None,
        }
        return self._db.execute(_FINISH, params) == 1

    def give_up(self, order_id: int) -> bool:
        """End the watch of an order that Tango does not finish."""
        return self._db.execute(_GIVE_UP, {"id": order_id}) == 1

    def dispute_address(self, order_id: int, now: datetime) -> bool:
        """Record that the recipient of a posted reward says that its address is not theirs; the first time counts."""
        return self._db.execute(_DISPUTE, {"id": order_id, "now": to_ms(now)}) == 1
