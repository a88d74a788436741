"""The one row of the queue: the earliest start of the next POST, and the state of the circuit breaker.

In the file, so that the pace, a halt and a pause hold over restarts. The moves are those of bot/domain/queue.py; each
statement changes the row only where the row's state allows the move.
"""

from datetime import datetime, timedelta
from typing import Final

from bot.domain.queue import PAUSED, HaltCause, QueueState
from storage.database import Database, Touched, from_ms, from_ms_or_none, to_ms

_GET: Final = "SELECT * FROM queue WHERE id = 1"
_SET_NEXT_START: Final = "UPDATE queue SET next_start_at = :at WHERE id = 1"
_SET_MARGIN: Final = "UPDATE queue SET margin_us = :margin WHERE id = 1"
_THROTTLE: Final = "UPDATE queue SET throttled_until = max(throttled_until, :until) WHERE id = 1"
_RESTART_PACE: Final = "UPDATE queue SET next_start_at = :at, throttled_until = 0 WHERE id = 1"
# probe_at tells a halt from a pause: only a halted queue has a next probe.
# Of several orders that meet the same cause the first halts the queue, so that admins are told once.
_HALT: Final = """
UPDATE queue SET halted_at = :now, halt_cause = :cause, probes = 0, probe_at = :probe_at,
    halted_attempt = (SELECT max(id) FROM attempts)
WHERE id = 1 AND halt_cause IS NOT :cause AND (halted_at IS NULL OR probe_at IS NOT NULL)
"""
_PAUSE: Final = """
UPDATE queue SET halted_at = :now, halt_cause = :cause, probes = 0, probe_at = NULL
WHERE id = 1 AND (halted_at IS NULL OR probe_at IS NOT NULL)
"""
_UNPAUSE: Final = """
UPDATE queue SET halted_at = NULL, halt_cause = NULL WHERE id = 1 AND halted_at IS NOT NULL AND probe_at IS NULL
"""
_POSTPONE_PROBE: Final = (
    "UPDATE queue SET probes = probes + 1, probe_at = :probe_at WHERE id = 1 AND probe_at IS NOT NULL"
)
_PROBE_NOW: Final = "UPDATE queue SET probes = 0, probe_at = :now WHERE id = 1 AND probe_at IS NOT NULL"
_BRING_PROBE_FORWARD: Final = "UPDATE queue SET probe_at = :now WHERE id = 1 AND probe_at > :latest"
_RESUME: Final = """
UPDATE queue SET halted_at = NULL, halt_cause = NULL, probes = 0, probe_at = NULL
WHERE id = 1 AND probe_at IS NOT NULL
"""


class QueueStore:
    """The one row of the queue."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def state(self) -> QueueState:
        """Return the queue as it stands."""
        row = self._db.query(_GET)[0]
        return QueueState(
            next_start_at=from_ms(max(row["next_start_at"], row["throttled_until"])),
            halted_at=from_ms_or_none(row["halted_at"]),
            halt_cause=row["halt_cause"],
            probes=row["probes"],
            probe_at=from_ms_or_none(row["probe_at"]),
            halted_attempt=row["halted_attempt"],
            margin=timedelta(microseconds=row["margin_us"]),
        )

    def set_next_start(self, at: datetime) -> None:
        """Start no POST before `at`. For whoever has begun one: nobody else sets this until that one is written."""
        self._db.execute(_SET_NEXT_START, {"at": to_ms(at)})

    def set_margin(self, margin: timedelta) -> None:
        """Keep what the pace has learnt, in microseconds, for the next start of the bot."""
        self._db.execute(_SET_MARGIN, {"margin": margin // timedelta(microseconds=1)})

    def throttle(self, until: datetime) -> None:
        """Start no POST before `until`, whatever the pace allows, because Tango asked for it."""
        self._db.execute(_THROTTLE, {"until": to_ms(until)})

    def restart_pace(self, at: datetime) -> None:
        """Forget the stored times, because a wrong clock wrote them, and start no POST before `at`."""
        self._db.execute(_RESTART_PACE, {"at": to_ms(at)})

    def halt(self, cause: HaltCause, *, now: datetime, probe_at: datetime) -> bool:
        """Halt for `cause`; return whether this is news: the queue ran, or was halted for another cause."""
        return self._db.execute(_HALT, {"now": to_ms(now), "cause": cause, "probe_at": to_ms(probe_at)}) == 1

    def pause(self, now: datetime) -> bool:
        """Pause, also a halted queue; return whether it was not paused before."""
        return self._db.execute(_PAUSE, {"now": to_ms(now), "cause": PAUSED}) == 1

    def unpause(self) -> bool:
        """End a pause; return whether there was one."""
        return self._goes_on(self._db.execute(_UNPAUSE))

    def postpone_probe(self, probe_at: datetime) -> None:
        """Count the probe that is about to be made, and set the time of the next."""
        self._db.execute(_POSTPONE_PROBE, {"probe_at": to_ms(probe_at)})

    def bring_probe_forward(self, *, latest: datetime, now: datetime) -> None:
        """Make a probe due that is further ahead than `latest`, because the clock was put back since."""
        self._db.execute(_BRING_PROBE_FORWARD, {"latest": to_ms(latest), "now": to_ms(now)})

    def probe_now(self, now: datetime) -> bool:
        """Make the next probe due at once; return whether the queue is halted."""
        return self._goes_on(self._db.execute(_PROBE_NOW, {"now": to_ms(now)}))

    def resume(self) -> bool:
        """End a halt; return whether there was one."""
        return self._goes_on(self._db.execute(_RESUME))

    def _goes_on(self, changed: int) -> bool:
        if changed:
            self._db.touch(Touched.QUEUE)
        return changed == 1
