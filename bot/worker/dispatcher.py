"""The queue's worker: claim an order that is due, send it to Tango, record the outcome, take the next.

No network call is made inside a transaction: claim, commit, call, record, commit. The pace spaces the starts. Answers
are awaited side by side, so that a slow answer delays no other order. If the process dies in between, the order is
`submitting` in the file, and the rescue sends the same bytes under the same reference.
"""

import logging
from datetime import datetime, timedelta
from functools import partial
from typing import Final, assert_never

from bot.clock import Clock
from bot.domain.order import LOOK_AGAIN, Order, OrderMove
from bot.domain.problem import Problem
from bot.domain.queue import HaltCause, QueueState
from bot.domain.resend import Resend
from bot.errors import SlackUnavailable, StorageError
from bot.loop import Worker
from bot.metrics import Metrics
from bot.tango.client import TangoClient
from bot.tango.outcomes import Accepted, Halted, Outcome, Reason, ResendAmbiguous, Throttled, unanswered
from bot.usecases.inquiry_answers import Question
from bot.usecases.outcomes import Outcomes
from bot.usecases.resend_outcomes import record_resend
from bot.usecases.review import Review
from bot.usecases.timekeeper import Timekeeper
from bot.worker.choice import Choice
from bot.worker.funds import Funds
from bot.worker.inquirer import Inquirer
from bot.worker.jobs import Claimed, Job, Look, Watch
from bot.worker.log_lines import ids_of, why
from bot.worker.pace import Pace, next_margin
from bot.worker.release import Release
from bot.worker.rescue import rescue
from bot.worker.slots import NotBegun, Slots
from bot.worker.watches import Watches
from storage import Storage

logger = logging.getLogger(__name__)

#: With one start a second, and each answer awaited for up to 60 s, sixty are under way at the most.
_MOST_IN_FLIGHT: Final = 60

#: How long an idle dispatcher sleeps if nobody wakes it. Commits of this process wake it at once; this is for those of
#: another process, such as `kudos queue resume`.
_IDLE: Final = timedelta(seconds=1)

#: The time that the loop has to end: a round takes milliseconds. One that hangs is left behind.
_GRACE_OF_LOOP: Final = timedelta(seconds=1)


class Dispatcher:
    """Starts what is due, one thing at a time, and has the outcomes recorded.

    Args:
        storage: of the queue.
        tango: takes orders, resends and questions.
        pace: spaces the starts.
        clock: tells the time.
        outcomes: records what Tango answered.
        funds: asks what the account holds.
        review: looks at an order that has waited for long.
        inquirer: asks what became of an order whose outcome nobody knows.
        metrics: counts attempts, and measures the pace.
        timekeeper: tells whether the clock is believed.
    """

    def __init__(
        self,
        *,
        storage: Storage,
        tango: TangoClient,
        pace: Pace,
        clock: Clock,
        outcomes: Outcomes,
        funds: Funds,
        review: Review,
        inquirer: Inquirer,
        metrics: Metrics,
        timekeeper: Timekeeper,
    ) -> None:
        self._storage = storage
        self._tango = tango
        self._pace = pace
        self._clock = clock
        self._outcomes = outcomes
        self._funds = funds
        self._choice = Choice(storage)
        self._release = Release(storage=storage, clock=clock, timekeeper=timekeeper)
        self._review = review
        self._inquirer = inquirer
        self._watches = Watches(storage=storage, tango=tango, clock=clock, outcomes=outcomes)
        self._metrics = metrics
        self._timekeeper = timekeeper
        self._unwritten: Job | None = None  # has begun and is not on its socket yet: until then nothing else begins
        self._unstored: datetime | None = None  # the next start, as long as the hold of a job is stored in its place
        self._is_orders_turn = True
        self._earliest = 0.0  # time of the next start, on the monotonic clock
        self._margin = storage.queue.state().margin
        self._worker = Worker("dispatcher", self.run_once, monotonic=clock.monotonic)
        self._slots: Slots[Job] = Slots(_MOST_IN_FLIGHT, name="tango", when_free=self._worker.wake)

    # ------------------------------------------------------------------------------------ the loop

    def start(self, *, overlap: timedelta | None = None) -> None:
        """Rescue what a dead process left (see `rescue_all`), then work in a thread until `stop`."""
        self.rescue_all(overlap=overlap)
        self._worker.start()

    def wake(self) -> None:
        """Look soon, because something may be due."""
        self._worker.wake()

    def stop(self, grace: timedelta) -> None:
        """Claim no more, and wait up to `grace` until what is under way is answered and recorded."""
        self._worker.stop(min(grace, _GRACE_OF_LOOP))
        if not self._slots.stop(grace):
            logger.warning("Tango has not answered everything; the next start sends the same references again")

    def idle_for(self) -> timedelta:
        """Return how long ago the loop last came round; it does so every second."""
        return self._worker.idle_for()

    @property
    def rounds(self) -> int:
        """How often the loop has come round."""
        return self._worker.rounds

    def run_once(self) -> timedelta:
        """Start the next thing that is due, if the pace allows; return how long until there may be another."""
        self._release.look()
        if self._unwritten is not None:
            return _IDLE  # _mark_written wakes the loop
        left = timedelta(seconds=self._earliest - self._clock.monotonic())
        if left > timedelta(0):
            return min(left, _IDLE)
        if not self._slots.take():
            return _IDLE  # whoever frees a slot wakes the loop
        try:
            job = self._claim()
        except BaseException:
            self._slots.give_back()
            raise
        self._unstored = None  # the claim has stored it: once more would undo what followed, as after a clock put back
        if isinstance(job, timedelta):
            self._slots.give_back()
            return min(job, _IDLE)
        self._begin(job)
        return timedelta(0)

    def _begin(self, job: Job) -> None:
        if not isinstance(job, Look):  # a look sends nothing to Tango, takes none of the pace, and holds up nothing
            self._unwritten = job
        try:
            self._slots.begin(job, self._in_slot)
        except NotBegun:
            self._take_back(job)
            raise

    def _take_back(self, job: Job) -> None:
        """Record of what was claimed that Tango was not asked, because no thread could be started."""
        self._mark_written(job)
        with self._storage.transaction():
            now = self._clock.now()
            match job:  # a watch and a look are due again by themselves
                case Claimed(order=order, attempt_id=attempt_id):
                    self._outcomes.record_attempt(order, attempt_id, unanswered(Reason.NOT_CONNECTED), now)
                case Resend():
                    not_sent = ResendAmbiguous(status=None, reason=Reason.NOT_CONNECTED, request_id=None)
                    record_resend(self._storage, self._order_of(job)[0], job, not_sent, now)
                case Question():
                    self._inquirer.record_unasked(job, now)

    def _in_slot(self, job: Job) -> None:
        try:
            match job:
                case Claimed():
                    self._submit(job)
                case Resend():
                    self._send_again(job)
                case Watch():
                    self._watches.ask(job.order, partial(self._mark_written, job))
                case Look():
                    self._look_at(job)
                case Question():
                    self._inquirer.ask(job, partial(self._mark_written, job))
                case _:
                    assert_never(job)
        except StorageError:
            logger.exception("What Tango answered could not be recorded; the rescue will find it open")
        except Exception:
            logger.exception("A call to Tango broke off; the rescue will find it open")
        finally:
            self._mark_written(job)  # also where the call never came to that

    # --------------------------------------------------------------------------------------- claim

    def _claim(self) -> Job | timedelta:
        """Take what is due, in one transaction with the pace; else return how long to wait."""
        with self._storage.transaction():
            now = self._clock.now()
            if self._unstored is not None:
                self._storage.queue.set_next_start(self._unstored)
            state = self._storage.queue.state()
            if not self._pace.believes(state.next_start_at, now):
                interval = self._pace.interval(self._margin)
                self._storage.queue.restart_pace(now + interval)
                return interval
            if state.next_start_at > now:
                return state.next_start_at - now
            takes_orders = state.takes_orders(now)
            if not (takes_orders and self._is_orders_turn) and (other := self._take_other(now)):
                return other
            turn = self._choice.next(state, now)
            if turn is not None and turn.id == state.suspect and not state.is_on_hold and self._is_looking():
                # The order that is looked at may be the other one that shows whether this one is refused alone.
                return self._take_other(now) or _IDLE
            if turn is not None and turn.needs_review(now):
                if not self._is_looking():
                    return self._take_look(turn, now)
                # One look at a time: while Slack is slow, the others to be reviewed wait, and all that are not pass.
                order = self._choice.claim_reviewed(state, now)
                if order is None:
                    return self._take_other(now) or _IDLE  # the end of the look wakes the loop
            else:
                order = self._choice.claim(turn, state, now) if turn is not None else None
            if order is None:
                return self._take_other(now) or self._until_next(state, now)
            self._is_orders_turn = False
            if order.reference_order_id is None and order.is_past_idempotency(now):
                self._set_aside_as_too_old(order, now)
                return timedelta(0)
            attempt_id = self._storage.attempts.start(order.id, now)
            self._storage.queue.set_next_start(self._pace.hold(now))
            return Claimed(order, attempt_id)

    def _take_other(self, now: datetime) -> Resend | Question | Watch | None:
        """Take a resend, an inquiry or a watch that is due. The next turn is an order's: none may starve the others."""
        other: Resend | Question | Watch | None = self._storage.resends.take() or self._inquirer.take(now)
        if other is None and (watched := self._watches.take(now)):
            other = Watch(watched)
        if other is not None:
            self._is_orders_turn = True
            self._storage.queue.set_next_start(self._pace.hold(now))
        return other

    def _set_aside_as_too_old(self, order: Order, now: datetime) -> None:
        """Set aside a claimed order that is past the 90 days; put it off while the clock that says so is in doubt."""
        if self._timekeeper.believes():
            self._outcomes.set_aside(order, Problem.PAST_IDEMPOTENCY, None, now)
        else:
            self._storage.orders.move(order, OrderMove.RESCHEDULE, now=now, available_at=now + LOOK_AGAIN)

    def _until_next(self, state: QueueState, now: datetime) -> timedelta:
        """Return how long until something is due, as far as is known."""
        queued = self._storage.orders.next_available_at() if state.takes_orders(now) else state.probe_at
        others = (self._storage.tango_status.next_watch_at(), self._storage.inquiries.next_due_at())
        due = [at for at in (queued, *others) if at is not None]
        return max(min(due) - now, timedelta(0)) if due else _IDLE

    def _mark_written(self, job: Job) -> None:
        """Let the next thing start one interval after the request of `job` was written. Counts once for each job."""
        if self._unwritten is not job:
            return
        now = self._clock.now()
        self._earliest = self._clock.monotonic() + self._pace.interval(self._margin).total_seconds()
        self._unstored = next_start = self._pace.next_start(now, self._margin)
        self._unwritten = None
        self._metrics.observe_write()
        try:
            with self._storage.transaction():
                if self._unwritten is None:  # else the next one has begun, and holds
                    self._storage.queue.set_next_start(next_start)
            self._unstored = None
        except StorageError:
            logger.exception("The pace could not be stored; the next start stores it first")
        self._worker.wake()

    # --------------------------------------------------------------------------------------- orders

    def _submit(self, attempt: Claimed) -> None:
        order = attempt.order
        outcome = self._ask_or_send(attempt)
        try:
            with self._storage.transaction():
                self._outcomes.record_attempt(order, attempt.attempt_id, outcome, self._clock.now())
                self._learn_margin(outcome)
        except StorageError:
            raise
        except Exception:
            # To send the order again would end the same way: the file refuses something in the answer.
            logger.exception("Order %s: Tango's answer could not be recorded", order.number, extra=ids_of(order))
            with self._storage.transaction():
                self._outcomes.give_up_recording(order, attempt.attempt_id, outcome, self._clock.now())
        self._metrics.count_attempt(outcome.kind)
        logger.info(
            "Order %s: %s%s",
            order.number,
            outcome.kind,
            why(outcome),
            extra={**ids_of(order), "tango_request_id": outcome.request_id, "outcome": outcome.kind},
        )
        if isinstance(outcome, Halted) and outcome.cause is HaltCause.INSUFFICIENT_FUNDS:
            self._funds.learn_lack(order.amount)

    def _learn_margin(self, outcome: Outcome) -> None:
        """Adapt the margin to whether the order came early, in the transaction that records its outcome."""
        if not isinstance(outcome, Accepted | Throttled):
            return
        stored = self._storage.queue.state().margin
        margin = next_margin(stored, throttled=isinstance(outcome, Throttled))
        if margin != stored:
            self._storage.queue.set_margin(margin)
        self._margin = margin

    def _ask_or_send(self, attempt: Claimed) -> Outcome:
        """Send the order; ask for it instead where Tango has made it and its answer left something out."""
        order, on_written = attempt.order, partial(self._mark_written, attempt)
        if order.reference_order_id is not None:
            return self._tango.look_at_order(order.reference_order_id, on_written=on_written)
        return self._tango.create_order(order.body, on_written=on_written)

    # --------------------------------------------------------------------------------------- review

    def _is_looking(self) -> bool:
        return any(isinstance(job, Look) for job in self._slots.under_way())

    def _take_look(self, turn: Order, now: datetime) -> Look:
        """Return the order whose turn it is, which is to be reviewed first; it is put off until it was."""
        self._storage.orders.put_off(turn, now + LOOK_AGAIN)
        return Look(turn)

    def _look_at(self, look: Look) -> None:
        try:
            self._review.look_at_order(look.order)
        except SlackUnavailable:
            logger.warning(
                "Order %s waits: Slack did not say who it is for", look.order.number, extra=ids_of(look.order)
            )

    # -------------------------------------------------------------------------------------- resends

    def _send_again(self, resend: Resend) -> None:
        order, reference = self._order_of(resend)
        outcome = self._tango.resend_order(
            reference,
            new_email=resend.changes.email,
            new_etid=resend.changes.template,
            on_written=partial(self._mark_written, resend),
        )
        with self._storage.transaction():
            record_resend(self._storage, order, resend, outcome, self._clock.now())

    def _order_of(self, resend: Resend) -> tuple[Order, str]:
        order = self._storage.orders.get(resend.order_id)
        if order is None or order.reference_order_id is None:  # only for accepted orders are resends claimed
            raise LookupError(f"resend {resend.id} has no accepted order")
        return order, order.reference_order_id

    # --------------------------------------------------------------------------------------- rescue

    def rescue_all(self, *, overlap: timedelta | None = None) -> None:
        """Put back, at the start, whatever was under way: this process has the duty.

        Args:
            overlap: for how long another bot may yet write, 0 if it gave the duty back; None if there is no other bot.
        """
        with self._storage.transaction():
            now = self._clock.now()
            if (is_behind := self._rescue(None, now) or bool(overlap)) or overlap is not None:
                stored = None if is_behind else self._storage.queue.state().next_start_at
                start = self._pace.taken_over(now + (overlap or timedelta(0)), self._margin, stored)
                self._earliest = self._clock.monotonic() + (start - now).total_seconds()
                self._storage.queue.set_next_start(start)

    def rescue_stale(self, older_than: timedelta) -> None:
        """Put back what could not be recorded, and bring forward what a wrong clock put off.

        Args:
            older_than: only attempts and resends that began longer ago. What this process still awaits stays.
        """
        with self._storage.transaction():
            now = self._clock.now()
            self._rescue(now - older_than, now)
        self._worker.wake()

    def _rescue(self, begun_before: datetime | None, now: datetime) -> bool:
        """Put back what began before `begun_before` (UTC; None: all); return whether there was something."""
        under_way = self._slots.under_way()
        return rescue(
            self._storage,
            begun_before=begun_before,
            sent=[job.order.id for job in under_way if isinstance(job, Claimed | Question)],
            resent=[job.id for job in under_way if isinstance(job, Resend)],
            now=now,
        )
