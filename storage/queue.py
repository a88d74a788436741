"""The one row of the queue: the earliest start of the next POST, and the state of the circuit breaker.

In the file, so that the pace, a halt and a pause hold over restarts. The moves are those of bot/domain/queue.py; each
statement changes the row only where the row's state allows the move.
"""

from datetime import datetime, timedelta
from typing import Final

from bot.domain.money import Money
from bot.domain.order import Order
from bot.domain.queue import PAUSED, HaltCause, Place, QueueState
from storage.database import Database, Touched, from_ms, from_ms_or_none, to_ms

_GET: Final = "SELECT * FROM queue WHERE id = 1"
_END_TERM: Final = "UPDATE queue SET term = term + 1 WHERE id = 1"
_SET_NEXT_START: Final = "UPDATE queue SET next_start_at = :at WHERE id = 1"
_SET_MARGIN: Final = "UPDATE queue SET margin_us = :margin WHERE id = 1"
_THROTTLE: Final = "UPDATE queue SET throttled_until = max(throttled_until, :until) WHERE id = 1"
_RESTART_PACE: Final = "UPDATE queue SET next_start_at = :at, throttled_until = 0 WHERE id = 1"
# probe_at tells a halt from a pause: only a halted queue has a next probe. A suspected queue has a suspect alone.
# Of several orders that meet the same cause the first halts the queue, so that admins are told once. Another cause than
# before leaves since when the queue is halted, and how long its probes wait.
_HALT: Final = """
UPDATE queue SET halted_at = coalesce(halted_at, :now), halt_cause = :cause,
    i18n_key = :i18n_key, tango_request_id = :tango_request_id,
    probes = CASE WHEN halted_at IS NULL THEN :probes ELSE probes END,
    probe_at = CASE WHEN probe_at > :now THEN probe_at ELSE :probe_at END,
    halted_attempt = (SELECT max(id) FROM attempts), unclear = 0
WHERE id = 1 AND halt_cause IS DISTINCT FROM :cause AND (halted_at IS NULL OR probe_at IS NOT NULL)
"""
_SUSPECT: Final = """
UPDATE queue SET suspect = :order_id, tried_at = :available_at, tried_id = :order_id,
    halted_attempt = (SELECT max(id) FROM attempts), unclear = 0
WHERE id = 1 AND halted_at IS NULL AND suspect IS NULL
"""
_BLAME: Final = """
UPDATE queue SET suspect = :order_id, tried_at = :available_at, tried_id = :order_id WHERE id = 1
"""
_SET_TRIED: Final = "UPDATE queue SET tried_at = :available_at, tried_id = :order_id WHERE id = 1"
_SET_LACK: Final = "UPDATE queue SET lack_minor = :minor, lack_currency = :currency WHERE id = 1"
_COUNT_UNCLEAR: Final = "UPDATE queue SET unclear = unclear + 1 WHERE id = 1 RETURNING unclear"
_FORGET_UNCLEAR: Final = "UPDATE queue SET unclear = 0 WHERE id = 1"
_PAUSE: Final = """
UPDATE queue SET halted_at = :now, halt_cause = :cause, probes = 0, probe_at = NULL, suspect = NULL,
    tried_at = NULL, tried_id = NULL, lack_minor = NULL, lack_currency = NULL, unclear = 0,
    i18n_key = NULL, tango_request_id = NULL
WHERE id = 1 AND (halted_at IS NULL OR probe_at IS NOT NULL)
"""
_UNPAUSE: Final = """
UPDATE queue SET halted_at = NULL, halt_cause = NULL, last_cause = halt_cause
WHERE id = 1 AND halted_at IS NOT NULL AND probe_at IS NULL
"""
_POSTPONE_PROBE: Final = (
    "UPDATE queue SET probes = probes + 1, probe_at = :probe_at WHERE id = 1 AND probe_at IS NOT NULL"
)
# Whoever asked before still waits for the result. Slack ids have no space.
_PROBE_NOW: Final = """
UPDATE queue SET probes = 0, probe_at = :now, asked_by =
    nullif(trim(coalesce(asked_by, '') || ' ' || coalesce(:asked_by, '')), '')
WHERE id = 1 AND probe_at IS NOT NULL
"""
_GO_ON: Final = "UPDATE queue SET probe_at = :now WHERE id = 1 AND probe_at IS NOT NULL"
_FORGET_ASKERS: Final = "UPDATE queue SET asked_by = NULL WHERE id = 1"
_BRING_PROBE_FORWARD: Final = "UPDATE queue SET probe_at = :now WHERE id = 1 AND probe_at > :latest"
# How many probes there were stays, for a halt that comes and goes.
_RESUME: Final = """
UPDATE queue SET halted_at = NULL, halt_cause = NULL, probe_at = NULL, suspect = NULL,
    tried_at = NULL, tried_id = NULL, lack_minor = NULL, lack_currency = NULL, unclear = 0,
    i18n_key = NULL, tango_request_id = NULL,
    resumed_at = CASE WHEN halted_at IS NULL THEN resumed_at ELSE :now END,
    last_cause = coalesce(halt_cause, last_cause)
WHERE id = 1 AND (probe_at IS NOT NULL OR suspect IS NOT NULL)
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
            suspect=row["suspect"],
            tried=None if row["tried_at"] is None else Place(from_ms(row["tried_at"]), row["tried_id"]),
            lack=None if row["lack_minor"] is None else Money(row["lack_minor"], row["lack_currency"]),
            unclear=row["unclear"],
            resumed_at=from_ms_or_none(row["resumed_at"]),
            last_cause=row["last_cause"],
            i18n_key=row["i18n_key"],
            tango_request_id=row["tango_request_id"],
            asked_by=tuple(dict.fromkeys((row["asked_by"] or "").split())),
        )

    def end_term(self) -> None:
        """Refuse what the bot on duty writes from now on, if there is one."""
        self._db.execute(_END_TERM)

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

    def halt(
        self,
        cause: HaltCause,
        *,
        now: datetime,
        probe_at: datetime,
        probes: int = 0,
        i18n_key: str | None = None,
        tango_request_id: str | None = None,
    ) -> bool:
        """Halt for `cause`; return whether this is news: the queue was not halted, or for another cause.

        Args:
            cause: why no order can be sent.
            now: UTC.
            probe_at: when the first probe is due, UTC.
            probes: how many there were already, where this halt goes on with the last one.
            i18n_key: Tango's key for the cause, where it gave one.
            tango_request_id: Tango's `X-REQUEST-ID`.
        """
        params = {"now": to_ms(now), "cause": cause, "probe_at": to_ms(probe_at), "probes": probes}
        return self._db.execute(_HALT, params | {"i18n_key": i18n_key, "tango_request_id": tango_request_id}) == 1

    def suspect(self, order: Order) -> bool:
        """Have other orders tried before `order`, which met a cause; return whether the queue ran."""
        return self._goes_on(self._db.execute(_SUSPECT, _place_of(order)))

    def blame(self, order: Order) -> None:
        """Keep which order met the cause, and try others before it."""
        self._db.execute(_BLAME, _place_of(order))

    def set_tried(self, available_at: datetime, order_id: int) -> None:
        """Keep the place of the order that is tried now: the next probe takes the next one."""
        self._db.execute(_SET_TRIED, {"available_at": to_ms(available_at), "order_id": order_id})

    def set_lack(self, amount: Money | None) -> None:
        """Keep an amount that the account doesn't cover; None forgets it."""
        params = {"minor": amount and amount.minor, "currency": amount and amount.currency}
        self._db.execute(_SET_LACK, params)

    def count_unclear(self) -> int:
        """Count an unclear answer; return how many there were in a row."""
        row = self._db.one(_COUNT_UNCLEAR)
        return int(row["unclear"])  # type: ignore[index]  # RETURNING answers the one row

    def forget_unclear(self) -> None:
        """Begin to count unclear answers anew, because Tango has answered."""
        self._db.execute(_FORGET_UNCLEAR)

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

    def probe_now(self, now: datetime, asked_by: str | None = None) -> bool:
        """Make the next probe due at once, also for `asked_by` (Slack id); return whether the queue is halted."""
        return self._goes_on(self._db.execute(_PROBE_NOW, {"now": to_ms(now), "asked_by": asked_by}))

    def go_on(self, now: datetime) -> None:
        """Make the next probe due at once, because an order passed and the next may."""
        self._goes_on(self._db.execute(_GO_ON, {"now": to_ms(now)}))

    def forget_askers(self) -> None:
        """Forget who asked for a probe, because they have its result."""
        self._db.execute(_FORGET_ASKERS)

    def resume(self, now: datetime) -> bool:
        """End a halt or a suspicion; return whether there was one."""
        return self._goes_on(self._db.execute(_RESUME, {"now": to_ms(now)}))

    def _goes_on(self, changed: int) -> bool:
        if changed:
            self._db.touch(Touched.QUEUE)
        return changed == 1


def _place_of(order: Order) -> dict[str, int]:
    return {"order_id": order.id, "available_at": to_ms(order.available_at)}
