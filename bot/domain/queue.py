"""The queue as a circuit breaker: it stops while no order can be sent, and tries one order now and then.

::

                              ┌─────── postpone ───────┐
                              ▼                        │
    running ──── halt ────▶ halted ──── probe ────▶ probing
       ▲                      │                        │
       └─────── resume ───────┴────────────────────────┘

    running, halted, probing ── pause ──▶ paused ── unpause ──▶ running

What Tango says of the payer or the platform, and not of one order, halts the queue: the circuit is open. A probe
lets one order through: half-open. An answer that Tango could not have given while the cause held closes the circuit.
A pause is a person's. It stands above every halt: while the queue is paused, nothing halts it or probes it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class QueueStatus(StrEnum):
    """The state of the queue."""

    RUNNING = "running"
    """Orders are sent, one after another."""
    HALTED = "halted"
    """No order is sent until the next probe is due."""
    PROBING = "probing"
    """A probe is due: one order is sent, to see whether the cause is gone."""
    PAUSED = "paused"
    """No order is sent until a person says so."""


class QueueMove(StrEnum):
    """A move of the queue."""

    HALT = "halt"
    """Tango named a cause; while the queue is halted, another cause than before."""
    PROBE = "probe"
    """The next probe is due: its time has come, or a person asked for it."""
    POSTPONE = "postpone"
    """An order was taken for the probe: the next probe is due later."""
    RESUME = "resume"
    """The cause is gone."""
    PAUSE = "pause"
    """A person stops the queue."""
    UNPAUSE = "unpause"
    """A person ends the pause."""


#: The whole machine: what is not in the table does not happen. The guards in storage/queue.py carry it out.
QUEUE_MOVES: Final[Mapping[tuple[QueueStatus, QueueMove], QueueStatus]] = {
    (QueueStatus.RUNNING, QueueMove.HALT): QueueStatus.HALTED,
    (QueueStatus.RUNNING, QueueMove.PAUSE): QueueStatus.PAUSED,
    (QueueStatus.HALTED, QueueMove.HALT): QueueStatus.HALTED,
    (QueueStatus.HALTED, QueueMove.PROBE): QueueStatus.PROBING,
    (QueueStatus.HALTED, QueueMove.POSTPONE): QueueStatus.HALTED,
    (QueueStatus.HALTED, QueueMove.RESUME): QueueStatus.RUNNING,
    (QueueStatus.HALTED, QueueMove.PAUSE): QueueStatus.PAUSED,
    (QueueStatus.PROBING, QueueMove.HALT): QueueStatus.HALTED,
    (QueueStatus.PROBING, QueueMove.PROBE): QueueStatus.PROBING,
    (QueueStatus.PROBING, QueueMove.POSTPONE): QueueStatus.HALTED,
    (QueueStatus.PROBING, QueueMove.RESUME): QueueStatus.RUNNING,
    (QueueStatus.PROBING, QueueMove.PAUSE): QueueStatus.PAUSED,
    (QueueStatus.PAUSED, QueueMove.UNPAUSE): QueueStatus.RUNNING,
}


class HaltCause(StrEnum):
    """Why no order can be sent at present, whoever it is for."""

    INSUFFICIENT_FUNDS = "insufficient_funds"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    ACCOUNT_FROZEN = "account_frozen"


#: The stored cause of a pause.
PAUSED: Final = "paused"

#: Tango checks the account and its balance after everything else (observed; not documented). An order that Tango
#: refuses, or has made before, so tells nothing about these causes: only an order that Tango makes now does.
_CHECKED_LAST: Final = frozenset({HaltCause.INSUFFICIENT_FUNDS, HaltCause.ACCOUNT_FROZEN})

#: The first wait of a halted queue. People remove the cause, which takes minutes: sooner would only fill the log.
_FIRST_PROBE_WAIT: Final = timedelta(seconds=30)

#: Waits double up to this: orders go on at most five minutes after people have removed the cause.
LONGEST_PROBE_WAIT: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueState:
    """The queue as it is stored.

    Attributes:
        next_start_at: the earliest start of the next POST, UTC: by the pace, and by what Tango asked for with a 429.
        halted_at: since when no order is sent, UTC; None while the queue runs.
        halt_cause: a word of HaltCause, or PAUSED; None while the queue runs.
        probes: how many probes were made since the halt.
        probe_at: when the next probe is due, UTC; None while the queue runs or is paused.
        halted_attempt: the newest attempt at the time of the last halt; None where there was none.
        margin: what the pace adds to its interval, as Tango's 429s have taught it (bot/worker/pace.py).
    """

    next_start_at: datetime
    halted_at: datetime | None
    halt_cause: str | None
    probes: int
    probe_at: datetime | None
    halted_attempt: int | None = None
    margin: timedelta = timedelta(milliseconds=5)

    def status(self, now: datetime) -> QueueStatus:
        """Return where the queue stands at `now`."""
        if self.halted_at is None:
            return QueueStatus.RUNNING
        if self.probe_at is None:
            return QueueStatus.PAUSED
        return QueueStatus.PROBING if self.probe_at <= now else QueueStatus.HALTED

    @property
    def is_paused(self) -> bool:
        """Return whether a person has stopped the queue, and a person must let it go on."""
        return self.halted_at is not None and self.probe_at is None

    def takes_orders(self, now: datetime) -> bool:
        """Return whether an order may be sent now: the queue runs, or a probe is due."""
        return self.status(now) in (QueueStatus.RUNNING, QueueStatus.PROBING)

    def is_cured_by(self, attempt_id: int, *, made: bool) -> bool:
        """Return whether an answer of Tango's shows that the cause of the halt is gone.

        Args:
            attempt_id: of the attempt that Tango answered with an accepted or a rejected order. One that began before
                the halt tells nothing.
            made: whether Tango made the order at this attempt (201).
        """
        if self.halted_at is None or self.halted_attempt is None or attempt_id <= self.halted_attempt:
            return False
        return made or self.halt_cause not in _CHECKED_LAST


def wait_before_probe(probes: int) -> timedelta:
    """Return how long a halted queue waits after `probes` probes: 30 s, 1 min, 2 min, 4 min, then 5 min."""
    doublings: int = min(probes, 4)  # 30 s · 2⁴ is past the longest wait; keeps the number small
    return min(_FIRST_PROBE_WAIT * (1 << doublings), LONGEST_PROBE_WAIT)
