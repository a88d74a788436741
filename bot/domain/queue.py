"""The queue as a circuit breaker: it stops while no order can be sent, and tries one order now and then.

::

                                    ┌─────── postpone ───────┐
                                    ▼                        │
    running ──────── halt ──────▶ halted ──── probe ────▶ probing
     │    ▲ ▲                      ▲  │                      │
     │    │ └─────── resume ───────│──┴──────────────────────┘
     │    │                        │
     │  resume                    halt
     │    │                        │
     └─ suspect ───▶ suspected ────┘

    running, suspected, halted, probing ── pause ──▶ paused ── unpause ──▶ running

What Tango says of the payer or the platform, and not of one order, halts the queue: the circuit is open. A probe lets
one order through: half-open. An answer that Tango could not have given while the cause held closes the circuit.

One order can't halt the queue while others wait, because what it met may be about that order alone. So the queue is
suspected first, and the next order, of another request, is sent at once: if it is accepted, the queue runs on. If it
meets the same, the queue halts. Each probe takes the next order.

A lack of funds is about larger orders than the account covers. Orders that it covers are sent all the same.

A pause is a person's. It stands above every halt: while the queue is paused, nothing halts it or probes it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.domain.money import Money


class QueueStatus(StrEnum):
    """The state of the queue."""

    RUNNING = "running"
    """Orders are sent, one after another."""
    SUSPECTED = "suspected"
    """One order met what may stop every order: others are sent before it is sent again."""
    HALTED = "halted"
    """No order is sent until the next probe is due."""
    PROBING = "probing"
    """A probe is due: one order is sent, to see whether the cause is gone."""
    PAUSED = "paused"
    """No order is sent until a person says so."""


class QueueMove(StrEnum):
    """A move of the queue."""

    HALT = "halt"
    """Every order that was tried met a cause; while the queue is halted, another cause than before."""
    SUSPECT = "suspect"
    """One order met a cause, and others wait that may not."""
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
    (QueueStatus.RUNNING, QueueMove.SUSPECT): QueueStatus.SUSPECTED,
    (QueueStatus.RUNNING, QueueMove.PAUSE): QueueStatus.PAUSED,
    (QueueStatus.SUSPECTED, QueueMove.HALT): QueueStatus.HALTED,
    (QueueStatus.SUSPECTED, QueueMove.RESUME): QueueStatus.RUNNING,
    (QueueStatus.SUSPECTED, QueueMove.PAUSE): QueueStatus.PAUSED,
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
    """The account doesn't cover the order; a smaller one it may."""
    UNAUTHORIZED = "unauthorized"
    """Tango doesn't take the platform's key."""
    FORBIDDEN = "forbidden"
    """Tango doesn't permit the platform to order."""
    ACCOUNT_FROZEN = "account_frozen"
    """Tango has frozen the account."""
    ACCOUNT_UNUSABLE = "account_unusable"
    """The account is not active, or not there, or not the customer's."""
    THROTTLED = "throttled"
    """Tango finds every order too early, again and again."""
    OUTAGE = "outage"
    """Tango, or the way to it, gives no clear answer to any order."""


#: The stored cause of a pause.
PAUSED: Final = "paused"

#: Tango checks the account and its balance after everything else (observed; not documented). An order that Tango
#: refuses, or has made before, so tells nothing about these causes: only an order that Tango makes now does.
_CHECKED_LAST: Final = frozenset({HaltCause.INSUFFICIENT_FUNDS, HaltCause.ACCOUNT_FROZEN, HaltCause.ACCOUNT_UNUSABLE})

#: Unclear answers in a row, of all orders, that make an outage. As many as Tango advises to try one order (Tango docs,
#: Response classes): from then on, only probes are sent.
UNCLEAR_BEFORE_OUTAGE: Final = 5

#: An order that comes too early so often, one time after another, meets more than the pace. A second user of the
#: platform's pace makes every other order early at the most: ten in a row are then one order in a thousand.
EARLY_BEFORE_HALT: Final = 10

#: An order that has had so many unclear answers, one after another, while another order was made, is left to a person.
#: They take 17 minutes. In an outage that takes every other order it is one order in a thousand.
UNCLEAR_BEFORE_SET_ASIDE: Final = 10

#: The first wait of a halted queue. People remove the cause, which takes minutes: sooner would only fill the log.
_FIRST_PROBE_WAIT: Final = timedelta(seconds=30)

#: Waits double up to this: orders go on at most five minutes after people have removed the cause.
LONGEST_PROBE_WAIT: Final = timedelta(minutes=5)

#: A halt so soon after the last one is the same trouble, which comes and goes: its probes go on waiting for longer, and
#: admins see the message rewritten that they have.
CALM_AFTER: Final = timedelta(hours=1)

#: Admins are reminded of a hold as often.
REMIND_AFTER: Final = timedelta(days=1)


class ProbeAnswer(StrEnum):
    """The answer to a person who asks for a probe."""

    NOT_HALTED = "not_halted"
    """Orders are being sent."""
    NOTHING_WAITS = "nothing_waits"
    """No order is due, so the next one that is will be tried at once."""
    TRYING = "trying"
    """An order is tried now."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the queue: that of an order, or of the last order that was tried."""

    available_at: datetime
    order_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueState:
    """The queue as it is stored.

    Attributes:
        next_start_at: the earliest start of the next POST, UTC: by the pace, and by what Tango asked for with a 429.
        halted_at: since when no order is sent, UTC; None while orders are sent.
        halt_cause: a word of HaltCause, or PAUSED; None while orders are sent.
        probes: how many probes were made since the halt; of a halt soon after another, since the first.
        probe_at: when the next probe is due, UTC; None while orders are sent or the queue is paused.
        halted_attempt: the newest attempt at the time of the last halt or suspicion; None where there was none.
        margin: what the pace adds to its interval, as Tango's 429s have taught it (bot/worker/pace.py).
        suspect: the order that met the cause first.
        tried: the place of the order that was tried last; the next one is tried next.
        lack: an amount that the account doesn't cover; None where funds are not short.
        unclear: how many answers in a row were unclear.
        resumed_at: when the last halt ended, UTC; None where there was none.
        last_cause: the cause that ended last.
        i18n_key: Tango's key for the cause, where it gave one.
        tango_request_id: Tango's `X-REQUEST-ID` of the answer that halted the queue.
        asked_by: who asked for the probe and waits for its result (Slack ids).
    """

    next_start_at: datetime
    halted_at: datetime | None
    halt_cause: str | None
    probes: int
    probe_at: datetime | None
    halted_attempt: int | None = None
    margin: timedelta = timedelta(milliseconds=5)
    suspect: int | None = None
    tried: Place | None = None
    lack: Money | None = None
    unclear: int = 0
    resumed_at: datetime | None = None
    last_cause: str | None = None
    i18n_key: str | None = None
    tango_request_id: str | None = None
    asked_by: tuple[str, ...] = ()

    def status(self, now: datetime) -> QueueStatus:
        """Return where the queue stands at `now`."""
        if self.halted_at is None:
            return QueueStatus.RUNNING if self.suspect is None else QueueStatus.SUSPECTED
        if self.probe_at is None:
            return QueueStatus.PAUSED
        return QueueStatus.PROBING if self.probe_at <= now else QueueStatus.HALTED

    @property
    def is_on_hold(self) -> bool:
        """Return whether orders wait for a cause to go or for a person: halted or paused."""
        return self.halted_at is not None

    @property
    def is_paused(self) -> bool:
        """Return whether a person has stopped the queue, and a person must let it go on."""
        return self.halted_at is not None and self.probe_at is None

    @property
    def is_outage(self) -> bool:
        """Return whether the queue is halted because nothing clear is heard of Tango."""
        return self.halt_cause == HaltCause.OUTAGE

    def takes_orders(self, now: datetime) -> bool:
        """Return whether an order may be sent now: none is held up, or a probe is due."""
        return self.status(now) in (QueueStatus.RUNNING, QueueStatus.SUSPECTED, QueueStatus.PROBING)

    def covers(self, amount: Money) -> bool:
        """Return whether the account may cover the amount: it is less than what it is known not to cover.

        Of another currency nothing is known.
        """
        return self.lack is None or amount.currency != self.lack.currency or amount.minor < self.lack.minor

    def is_flapping(self, now: datetime) -> bool:
        """Return whether a halt that begins now goes on where the last one ended.

        One that ended in the future was noted by a clock that was put back since, and tells nothing.
        """
        return self.resumed_at is not None and timedelta(0) <= now - self.resumed_at < CALM_AFTER

    def is_cured_by(self, attempt_id: int, *, made: bool, amount: Money) -> bool:
        """Return whether an answer of Tango's shows that the cause is gone.

        Args:
            attempt_id: of the attempt that Tango answered with an accepted or a rejected order. One that began before
                the halt tells nothing.
            made: whether Tango made the order at this attempt (201).
            amount: the order's. One that the account may cover anyway tells nothing of a larger one.
        """
        if not self.is_later(attempt_id):
            return False
        if self.lack is not None and self.covers(amount):
            return False
        return made or (self.halt_cause is not None and self.halt_cause not in _CHECKED_LAST)

    def is_later(self, attempt_id: int) -> bool:
        """Return whether the queue is halted or suspected, and the attempt began after that."""
        stands = self.halted_at is not None or self.suspect is not None
        return stands and self.halted_attempt is not None and attempt_id > self.halted_attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What admins were told of holds, and how far cards and receipts are.

    Attributes:
        number: of the message that they have; 0 where they were told nothing yet.
        told_at: when it was posted, UTC.
        rewritten_to: the last order whose card and receipt were rewritten; None where all are right.
    """

    number: int
    told_at: datetime | None
    rewritten_to: int | None

    def is_due(self, state: QueueState, now: datetime) -> bool:
        """Return whether a new message is due, which pushes to the phone; else the one that they have is rewritten.

        One of the future was written by a clock that was put back since: nobody waits until then.
        """
        if not state.is_on_hold:
            return False
        if self.told_at is None or not timedelta(0) <= now - self.told_at < REMIND_AFTER:
            return True
        return state.halted_at is not None and self.told_at < state.halted_at and not state.is_flapping(now)


def wait_before_probe(probes: int) -> timedelta:
    """Return how long a halted queue waits after `probes` probes: 30 s, 1 min, 2 min, 4 min, then 5 min."""
    doublings: int = min(probes, 4)  # 30 s · 2⁴ is past the longest wait; keeps the number small
    return min(_FIRST_PROBE_WAIT * (1 << doublings), LONGEST_PROBE_WAIT)
