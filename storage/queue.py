"""The one row that says when the next POST may start, and whether the queue is halted.

In the file, so that the pace and a halt hold over restarts.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from storage.database import Database, Touched, from_ms, from_ms_or_none, to_ms

#: The cause of a halt that a person made.
PAUSED: Final = "paused"

_GET: Final = "SELECT * FROM queue WHERE id = 1"
_SET_NEXT_START: Final = "UPDATE queue SET next_start_at = :at WHERE id = 1"
_THROTTLE: Final = "UPDATE queue SET throttled_until = max(throttled_until, :until) WHERE id = 1"
_RESTART_PACE: Final = "UPDATE queue SET next_start_at = :at, throttled_until = 0 WHERE id = 1"
# Only the first of several orders that meet the same wall halts the queue, so admins are told once.
# A pause stands above every halt: it ends by a person alone, and so has no probe.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueState:
    """Whether and when the next POST may start.

    Attributes:
        next_start_at: not before this, UTC: the pace, and what Tango asked for by 429.
        halted_at: since when nothing is sent, UTC; None while the queue runs.
        halt_cause: why.
        halted_attempt: the newest attempt when Tango halted it; None where there was none, or it was not Tango.
        probes: how often one order was tried since.
        probe_at: when one order is tried next, UTC; None where a person must say so first: a pause.
    """

    next_start_at: datetime
    halted_at: datetime | None
    halt_cause: str | None
    probes: int
    probe_at: datetime | None
    halted_attempt: int | None = None

    @property
    def is_paused(self) -> bool:
        """Whether a person has stopped it, and a person must let it go on."""
        return self.halted_at is not None and self.probe_at is None

    def takes_orders(self, now: datetime) -> bool:
        """Whether an order may be sent now: the queue runs, or a probe is due."""
        return self.halted_at is None or (self.probe_at is not None and self.probe_at <= now)


class QueueStore:
    """The row of the queue."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def state(self) -> QueueState:
        """How it stands."""
        row = self._db.query(_GET)[0]
        return QueueState(
            next_start_at=from_ms(max(row["next_start_at"], row["throttled_until"])),
            halted_at=from_ms_or_none(row["halted_at"]),
            halt_cause=row["halt_cause"],
            probes=row["probes"],
            probe_at=from_ms_or_none(row["probe_at"]),
            halted_attempt=row["halted_attempt"],
        )

    def set_next_start(self, at: datetime) -> None:
        """No POST starts before `at`. For who has begun one: nobody else sets it until that one is written."""
        self._db.execute(_SET_NEXT_START, {"at": to_ms(at)})

    def throttle(self, until: datetime) -> None:
        """No POST starts before `until`, whatever the pace allows: Tango asked for it."""
        self._db.execute(_THROTTLE, {"until": to_ms(until)})

    def restart_pace(self, at: datetime) -> None:
        """Forget the times that are kept: they were written by a clock that went wrong. No POST starts before `at`."""
        self._db.execute(_RESTART_PACE, {"at": to_ms(at)})

    def halt(self, cause: str, *, now: datetime, probe_at: datetime) -> bool:
        """Stop for `cause`; whether this is news (it was running, or halted for another cause)."""
        return self._db.execute(_HALT, {"now": to_ms(now), "cause": cause, "probe_at": to_ms(probe_at)}) == 1

    def pause(self, now: datetime) -> bool:
        """Stop until a person says otherwise, whatever else stops it; whether it was not paused before."""
        return self._db.execute(_PAUSE, {"now": to_ms(now), "cause": PAUSED}) == 1

    def unpause(self) -> bool:
        """End a pause; whether there was one."""
        return self._goes_on(self._db.execute(_UNPAUSE))

    def postpone_probe(self, probe_at: datetime) -> None:
        """Count a probe that is about to be made, and set the next."""
        self._db.execute(_POSTPONE_PROBE, {"probe_at": to_ms(probe_at)})

    def bring_probe_forward(self, *, latest: datetime, now: datetime) -> None:
        """Make a probe due that was put further ahead than `latest`: the clock was put back since."""
        self._db.execute(_BRING_PROBE_FORWARD, {"latest": to_ms(latest), "now": to_ms(now)})

    def probe_now(self, now: datetime) -> bool:
        """Let the next probe be made at once; whether the queue was halted, other than by a pause."""
        return self._goes_on(self._db.execute(_PROBE_NOW, {"now": to_ms(now)}))

    def resume(self) -> bool:
        """The cause is gone: go on; whether the queue was halted, other than by a pause."""
        return self._goes_on(self._db.execute(_RESUME))

    def _goes_on(self, changed: int) -> bool:
        if changed:
            self._db.touch(Touched.QUEUE)
        return changed == 1
