"""The queue's worker: claim a due order → Tango → record → next.

No network call inside a transaction: claim, commit, call, record, commit. Starts are spaced by the pace;
answers are awaited side by side, so that a slow one holds up nobody. Whatever happens in between, the order
is `submitting` in the file under the reference it was approved with, and the rescue sends those same bytes.
"""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final, assert_never

from bot.clock import Clock
from bot.domain.order import (
    ATTEMPTS_BEFORE_ALARM,
    FINAL,
    Order,
    OrderMove,
    OrderStatus,
    Problem,
    Resend,
    ResendStatus,
    wait_before_probe,
    wait_before_retry,
)
from bot.errors import StorageError
from bot.notifications import (
    ApprovalCard,
    Notice,
    OrderFailed,
    OrderNeedsAttention,
    OrdersSettled,
    OutcomeStillUnknown,
    QueueHalted,
    QueueResumed,
    Receipt,
    ResendFinished,
    RewardOnItsWay,
)
from bot.tango.client import TangoClient
from bot.tango.models import NewOrder
from bot.tango.outcomes import (
    Accepted,
    Ambiguous,
    Halted,
    Outcome,
    Reason,
    Rejected,
    ResendOutcome,
    ResendRefused,
    ResendTooSoon,
    ResendUnclear,
    Resent,
    Throttled,
)
from bot.tango.pace import Pace
from bot.tango.rules import differences
from storage import Storage

logger = logging.getLogger(__name__)

#: One start a second, each answer awaited for up to 60 s: sixty are under way at the most.
_MOST_IN_FLIGHT: Final = 60

#: How long an idle queue sleeps when nobody wakes it. Approvals wake it at once; this is for orders that
#: another process put there, and for a wake-up that was lost to a mistake.
_IDLE: Final = timedelta(seconds=1)

#: How long after a failure of the file before it is tried again: long enough not to fill the log.
_STORAGE_WAIT: Final = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class _Attempt:
    """An order that was claimed, and the row in which its attempt is recorded."""

    order: Order
    attempt_id: int


class Dispatcher:
    """Sends what is due, one thing at a time, and records what came of it.

    Args:
        storage: where the queue is.
        tango: where it goes.
        pace: how fast.
        clock: what time it is.
        admins: who is told when a person is needed (Slack ids), asked anew each time.
        approvals_channel: where the request's card is.
        on_notice: called when the outbox has something new.
    """

    def __init__(
        self,
        *,
        storage: Storage,
        tango: TangoClient,
        pace: Pace,
        clock: Clock,
        admins: Callable[[], frozenset[str]],
        approvals_channel: str,
        on_notice: Callable[[], None],
    ) -> None:
        self._storage = storage
        self._tango = tango
        self._pace = pace
        self._clock = clock
        self._admins = admins
        self._channel = approvals_channel
        self._on_notice = on_notice
        self._slots = threading.BoundedSemaphore(_MOST_IN_FLIGHT)
        self._pool = ThreadPoolExecutor(_MOST_IN_FLIGHT, thread_name_prefix="tango")
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    # ------------------------------------------------------------------------------------ the loop

    def start(self) -> None:
        """Rescue what a dead process left, then work in a thread until `stop`."""
        self.rescue_all()
        self._thread = threading.Thread(target=self._run, name="dispatcher", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Something may be due: look now."""
        self._wake.set()

    def stop(self, grace: timedelta) -> None:
        """Claim no more, and give what is under way up to `grace` to be answered and recorded."""
        self._stopping.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
        until = time.monotonic() + grace.total_seconds()
        for _ in range(_MOST_IN_FLIGHT):
            if not self._slots.acquire(timeout=max(until - time.monotonic(), 0)):
                logger.warning("Tango has not answered everything; the next start sends the same references again")
                break
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                wait = self.run_once()
            except StorageError:
                logger.exception("The queue cannot be read; trying again")
                wait = _STORAGE_WAIT
            self._wake.wait(max(wait.total_seconds(), 0))

    def run_once(self) -> timedelta:
        """Start the next thing that is due, if the pace allows; how long until there may be another."""
        if not self._slots.acquire(blocking=False):
            return _IDLE  # an answer that frees a slot wakes the loop
        try:
            job = self._claim()
        except BaseException:
            self._slots.release()
            raise
        match job:
            case _Attempt():
                self._pool.submit(self._in_slot, partial(self._submit, job))
            case Resend():
                self._pool.submit(self._in_slot, partial(self._send_again, job))
            case timedelta():
                self._slots.release()
                return min(job, _IDLE)
        return timedelta(0)

    def _in_slot(self, work: Callable[[], None]) -> None:
        try:
            work()
        except StorageError:
            logger.exception("An outcome could not be recorded; the rescue will send the same reference again")
        except Exception:
            logger.exception("An attempt broke off; the rescue will send the same reference again")
        finally:
            self._slots.release()
            self._wake.set()

    # --------------------------------------------------------------------------------------- claim

    def _claim(self) -> _Attempt | Resend | timedelta:
        """Take what is due, in one transaction with the pace; or how long to wait."""
        with self._storage.transaction():
            now = self._clock.now()
            state = self._storage.queue.state()
            if (wait := self._pace.wait(state.next_start_at, now)) > timedelta(0):
                return wait
            if resend := self._storage.orders.take_resend():
                self._storage.queue.set_next_start(self._pace.hold(now))
                return resend
            if state.probe_at is not None and state.probe_at > now:
                return state.probe_at - now
            order = self._storage.orders.claim(now)
            if order is None:
                due = self._storage.orders.next_available_at()
                return due - now if due else _IDLE
            if order.is_past_idempotency(now):
                self._set_aside(order, Problem.PAST_IDEMPOTENCY, None, now)
                return timedelta(0)
            if state.halted_at is not None:
                self._storage.queue.postpone_probe(now + wait_before_probe(state.probes + 1))
            attempt_id = self._storage.orders.start_attempt(order.id, now)
            self._storage.queue.set_next_start(self._pace.hold(now))
            return _Attempt(order, attempt_id)

    def _written(self) -> None:
        """A request has left: the next may start one interval from now."""
        try:
            with self._storage.transaction():
                self._storage.queue.set_next_start(self._pace.next_start(self._clock.now()))
        except StorageError:
            logger.exception("The pace could not be kept in the file; the next start waits longer")
        self._wake.set()

    # --------------------------------------------------------------------------------------- orders

    def _submit(self, attempt: _Attempt) -> None:
        order = attempt.order
        outcome = self._tango.create_order(order.body, on_written=self._written)
        self._record(attempt, outcome)
        logger.info("Order %d: %s", order.id, type(outcome).__name__.lower())
        self._on_notice()

    def _record(self, attempt: _Attempt, outcome: Outcome) -> None:
        order, orders = attempt.order, self._storage.orders
        with self._storage.transaction():
            now = self._clock.now()
            orders.finish_attempt(
                attempt.attempt_id,
                now=now,
                outcome=type(outcome).__name__.lower(),
                http_status=outcome.status,
                i18n_key=None if isinstance(outcome, Accepted) else outcome.i18n_key,
                tango_request_id=outcome.request_id,
                detail=outcome.reason if isinstance(outcome, Ambiguous) else None,
            )
            match outcome:
                case Accepted():
                    self._accept(order, outcome, now)
                case Rejected():
                    self._reject(order, outcome, now)
                case Throttled(wait=wait):
                    # It keeps its place; the whole queue waits, because the limit is the platform's.
                    orders.move(order, OrderMove.RESCHEDULE, now=now)
                    self._storage.queue.set_next_start(now + max(timedelta(seconds=wait), self._pace.interval))
                case Ambiguous():
                    self._try_later(order, outcome, now)
                case Halted(cause=cause):
                    orders.move(order, OrderMove.RESCHEDULE, now=now)
                    if self._storage.queue.halt(cause, now=now, probe_at=now + wait_before_probe(0)):
                        self._storage.audit.add("queue.halted", now=now, cause=cause, order_id=order.id)
                        self._tell_admins(QueueHalted(cause), now)
                case _:
                    assert_never(outcome)

    def _accept(self, order: Order, outcome: Accepted, now: datetime) -> None:
        placed = outcome.order
        self._resume_after(order, now)
        differing = differences(NewOrder.from_bytes(order.body), placed)
        if differing:
            logger.error("Order %d: Tango has another order under this reference: %s", order.id, ", ".join(differing))
            self._set_aside(order, Problem.DIFFERS, ", ".join(differing), now, placed.reference_order_id)
            return
        self._storage.orders.move(
            order,
            OrderMove.ACCEPT,
            now=now,
            outcome_unknown=False,
            reference_order_id=placed.reference_order_id,
            tango_status=placed.status,
            last_sent_at=now if order.is_mailed else None,
        )
        self._storage.audit.add(
            "order.accepted",
            now=now,
            request_id=order.request_id,
            order_id=order.id,
            status=outcome.status,
            reference_order_id=placed.reference_order_id,
            tango_request_id=outcome.request_id,
        )
        if order.is_mailed:
            self._storage.outbox.add(RewardOnItsWay(order.id), order.recipient.user_id, now)
        self._tell_progress(order, now)

    def _reject(self, order: Order, outcome: Rejected, now: datetime) -> None:
        self._resume_after(order, now)
        if order.outcome_unknown:
            self._set_aside(order, Problem.REFUSED_AFTER_UNKNOWN, outcome.message, now)
            return
        problem = outcome.i18n_key or f"http_{outcome.status}"
        self._storage.orders.move(
            order, OrderMove.FAIL, now=now, problem=problem, problem_detail=outcome.message or None
        )
        self._storage.audit.add(
            "order.failed",
            now=now,
            request_id=order.request_id,
            order_id=order.id,
            status=outcome.status,
            i18n_key=outcome.i18n_key,
            tango_request_id=outcome.request_id,
        )
        self._storage.outbox.add(OrderFailed(order.id), order.requester_id, now)
        self._tell_progress(order, now)

    def _try_later(self, order: Order, outcome: Ambiguous, now: datetime) -> None:
        attempts = order.attempts + 1
        wait = wait_before_retry(attempts, timedelta(seconds=outcome.minimum_wait))
        self._storage.orders.move(
            order,
            OrderMove.RESCHEDULE,
            now=now,
            available_at=now + wait,
            counted=True,
            outcome_unknown=None if outcome.reason is Reason.NOT_CONNECTED else True,
        )
        if attempts == ATTEMPTS_BEFORE_ALARM:
            self._tell_admins(OutcomeStillUnknown(order.id), now)

    def _set_aside(
        self, order: Order, problem: Problem, detail: str | None, now: datetime, reference: str | None = None
    ) -> None:
        self._storage.orders.move(order, OrderMove.SET_ASIDE, now=now, problem=problem, problem_detail=detail)
        self._storage.audit.add(
            "order.needs_attention",
            now=now,
            request_id=order.request_id,
            order_id=order.id,
            problem=problem,
            reference_order_id=reference,
        )
        self._tell_admins(OrderNeedsAttention(order.id), now)
        self._storage.outbox.add(OrderNeedsAttention(order.id), order.requester_id, now)
        self._tell_progress(order, now)

    def _resume_after(self, order: Order, now: datetime) -> None:
        """Tango takes orders again, if this one was sent after the halt: then the cause is gone."""
        state = self._storage.queue.state()
        if state.halted_at is None or order.claimed_at is None or order.claimed_at < state.halted_at:
            return
        if self._storage.queue.resume():
            self._storage.audit.add("queue.resumed", now=now, cause=state.halt_cause)
            self._tell_admins(QueueResumed(state.halt_cause or ""), now)

    def _tell_progress(self, order: Order, now: datetime) -> None:
        """The request's card and receipt show it; the last of its orders is told by message."""
        outbox = self._storage.outbox
        outbox.add(ApprovalCard(order.request_id), self._channel, now)
        outbox.add(Receipt(order.request_id), order.requester_id, now)
        counts = self._storage.orders.counts(order.request_id)
        if set(counts) <= FINAL and OrderStatus.ACCEPTED in counts:
            outbox.add(OrdersSettled(order.request_id), order.requester_id, now)

    def _tell_admins(self, notice: Notice, now: datetime) -> None:
        for admin in sorted(self._admins()):
            self._storage.outbox.add(notice, admin, now)

    # -------------------------------------------------------------------------------------- resends

    def _send_again(self, resend: Resend) -> None:
        order = self._storage.orders.get(resend.order_id)
        if order is None or order.reference_order_id is None:  # claimed only for accepted orders
            raise LookupError(f"resend {resend.id} has no placed order")
        outcome = self._tango.resend_order(order.reference_order_id, on_written=self._written)
        self._record_resend(order, resend, outcome)
        self._on_notice()

    def _record_resend(self, order: Order, resend: Resend, outcome: ResendOutcome) -> None:
        orders = self._storage.orders
        with self._storage.transaction():
            now = self._clock.now()
            status, clock, i18n_key, detail = _resend_record(resend, outcome)
            if clock is not None:
                orders.set_last_sent(order.id, clock, expected=resend.requested_at)
            orders.finish_resend(
                resend.id,
                status,
                now=now,
                http_status=getattr(outcome, "status", None),
                i18n_key=i18n_key,
                tango_request_id=outcome.request_id,
                detail=detail,
            )
            self._tell_resend(order, resend, status, now)

    def _tell_resend(self, order: Order, resend: Resend, status: ResendStatus, now: datetime) -> None:
        self._storage.audit.add(
            f"order.resend_{status}",
            now=now,
            actor=resend.requested_by,
            request_id=order.request_id,
            order_id=order.id,
        )
        self._storage.outbox.add(ResendFinished(resend.id), resend.requested_by, now)

    # --------------------------------------------------------------------------------------- rescue

    def rescue_all(self) -> None:
        """At start, when this process holds the file: whatever was under way was left by one that is gone."""
        with self._storage.transaction():
            now = self._clock.now()
            rescued = self._rescue(now + timedelta(days=1), now)
            unclear = self._storage.orders.rescue_resends(now)
            for resend in unclear:
                order = self._storage.orders.get(resend.order_id)
                if order is not None:
                    self._tell_resend(order, resend, ResendStatus.UNCLEAR, now)
            if rescued or unclear:
                # What the dead process wrote, it wrote before now: one interval from now is far enough.
                self._storage.queue.set_next_start(self._pace.next_start(now))

    def rescue_stale(self, older_than: timedelta) -> None:
        """Put back orders whose attempt was never recorded, because the file could not be written then."""
        with self._storage.transaction():
            now = self._clock.now()
            self._rescue(now - older_than, now)
        self._wake.set()

    def _rescue(self, claimed_before: datetime, now: datetime) -> bool:
        rescued = self._storage.orders.rescue(claimed_before=claimed_before, now=now)
        for order in rescued:
            self._storage.audit.add("order.rescued", now=now, request_id=order.request_id, order_id=order.id)
            logger.warning("Order %d was under way when the bot stopped; its reference is sent again", order.id)
        return bool(rescued)


def _resend_record(
    resend: Resend, outcome: ResendOutcome
) -> tuple[ResendStatus, datetime | None, str | None, str | None]:
    """What is kept of a resend: its status, where the cooldown's clock goes (None: it stands), key, detail."""
    match outcome:
        case Resent():
            return ResendStatus.SENT, None, None, None
        case ResendTooSoon(last_sent_at=last_sent_at):
            # Tango knows of a later send than we do, such as one from its portal: its clock is the right one.
            return ResendStatus.REFUSED, last_sent_at, "403.005", None
        case ResendRefused(i18n_key=key, message=message):
            return ResendStatus.REFUSED, resend.previous_sent_at, key, message or None
        case ResendUnclear(reason=Reason.NOT_CONNECTED | Reason.TOO_MANY as reason):
            return ResendStatus.REFUSED, resend.previous_sent_at, None, reason
        case ResendUnclear(reason=reason):
            return ResendStatus.UNCLEAR, None, None, reason
        case _:
            assert_never(outcome)
