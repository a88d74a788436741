"""The metrics for Prometheus. The one place that knows prometheus_client.

Figures that the database holds are read when Prometheus asks; events are counted as they happen. No label has an id, a
person's name or an address: whoever reads the metrics learns how much is sent, and nothing about people.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from importlib.metadata import version
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from bot.clock import Clock
from bot.domain.attempt import AttemptOutcome
from bot.domain.budget import Room
from bot.domain.queue import PAUSED, HaltCause
from bot.errors import StorageError
from storage import Storage

logger = logging.getLogger(__name__)

#: The content type of what `render` returns (Prometheus docs, Exposition formats).
CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

#: Slack waits three seconds for an ack. Most take a few milliseconds; the others wait for Slack's own answers.
_ACK_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0)

#: Around the one second that Tango asks for: a gap below 1.0 was too short, and one far above waited for work or for
#: Tango.
_GAP_BUCKETS: Final = (0.5, 0.9, 1.0, 1.01, 1.02, 1.05, 1.1, 1.5, 2.0, 5.0, 15.0, 60.0)

#: Requests that have waited for so many days, or longer, are counted together: approvers were reminded twice by then,
#: where the settings say nothing of it.
_MOST_DAYS: Final = 3


class Metrics:
    """Counts events, and reads the other figures when they are asked for.

    Args:
        storage: of the queue and the outbox.
        clock: tells the time.
        is_on_duty: tell whether this bot is on duty.
    """

    def __init__(self, storage: Storage, clock: Clock, is_on_duty: Callable[[], bool]) -> None:
        self._storage = storage
        self._clock = clock
        self._is_on_duty = is_on_duty
        self._balance: tuple[Decimal, str, datetime] | None = None
        self._budgets: Sequence[Room] = ()
        self._written_at: float | None = None  # on the monotonic clock
        self._registry = registry = CollectorRegistry()
        self._outcomes = Counter(
            "kudos_order_attempts", "Attempts to place an order, by what Tango answered", ["outcome"], registry=registry
        )
        self._gaps = Histogram(
            "kudos_pace_gap_seconds",
            "From one request of the queue to Tango to the next, as written to the socket",
            buckets=_GAP_BUCKETS,
            registry=registry,
        )
        self._acks = Histogram(
            "kudos_ack_seconds",
            "From the arrival of what a person did on Slack to our answer",
            ["listener"],
            buckets=_ACK_BUCKETS,
            registry=registry,
        )
        self._duties = Counter("kudos_duty_changes", "Times that this bot went on or off duty", registry=registry)
        self._troubles = Counter(
            "kudos_database_errors", "Times that the database could not be reached", registry=registry
        )
        ProcessCollector(registry=registry)
        registry.register(_Observed(self._observe))

    # --------------------------------------------------------------------------------- what happens

    def count_attempt(self, outcome: AttemptOutcome) -> None:
        """Count an attempt to place an order."""
        self._outcomes.labels(outcome).inc()

    def observe_write(self) -> None:
        """Measure the gap before a request that was written to Tango's socket just now."""
        at = self._clock.monotonic()
        if self._written_at is not None:
            self._gaps.observe(at - self._written_at)
        self._written_at = at

    def change_duty(self) -> None:
        """Count that this bot went on or off duty; forget what only the bot on duty keeps up to date."""
        self._duties.inc()
        self._balance = self._written_at = None
        self._budgets = ()

    def count_database_error(self) -> None:
        """Count that the database could not be reached."""
        self._troubles.inc()

    def ack(self, listener: str) -> Callable[[float], None]:
        """Return what is to be called with the seconds that each answer of a listener of this kind took."""
        return self._acks.labels(listener).observe

    def set_balance(self, amount: Decimal | None, currency: str | None = None) -> None:
        """Keep the account's balance, in major units, as Tango has just given it; None where it did not."""
        self._balance = None if amount is None else (amount, currency or "", self._clock.now())

    def set_budgets(self, rooms: Sequence[Room]) -> None:
        """Keep what is left in each budget; where each has it for themselves, of the one who used most."""
        self._budgets = rooms

    # --------------------------------------------------------------------------------- what is read

    @property
    def balance(self) -> tuple[Decimal, str] | None:
        """The account's balance in major units with its currency; None where this bot is not told of it."""
        return self._balance[:2] if self._balance is not None else None

    @property
    def balance_as_of(self) -> tuple[Decimal, str, datetime] | None:
        """The same, with when Tango told it, UTC."""
        return self._balance

    def render(self) -> bytes:
        """Return all figures in Prometheus' text format."""
        return generate_latest(self._registry)

    def _observe(self) -> Iterator[GaugeMetricFamily]:
        build = GaugeMetricFamily("kudos_build_info", "Which version runs", labels=["version"])
        build.add_metric([version("kudos")], 1)
        yield build
        yield GaugeMetricFamily("kudos_on_duty", "1 while this bot sends orders and notices", self._is_on_duty())
        if self._balance is not None:
            amount, currency, _ = self._balance
            balance = GaugeMetricFamily(
                "kudos_account_balance", "What is left at Tango, in major units", labels=["currency"]
            )
            balance.add_metric([currency], float(amount))
            yield balance
        if self._budgets:
            used = GaugeMetricFamily(
                "kudos_budget_used_ratio",
                "Part of a budget that is reserved or spent in its period; of the one who used most, where each has it",
                labels=["budget"],
            )
            for room in self._budgets:
                used.add_metric([room.budget.name], room.used.minor / room.budget.amount.minor)
            yield used
        try:
            yield from self._waiting()
        except StorageError:
            # The other figures matter all the more; /readyz says what is wrong.
            logger.exception("The database cannot be measured")

    def _waiting(self) -> Iterator[GaugeMetricFamily]:
        size = self._storage.backlog.size()
        state = self._storage.queue.state()
        orders = GaugeMetricFamily("kudos_queue_orders", "Orders that are not finished", labels=["status"])
        for status, count in size.orders.items():
            orders.add_metric([status], count)
        orders.add_metric(["held"], size.held)
        yield orders
        yield GaugeMetricFamily(
            "kudos_queue_oldest_seconds",
            "Age of the oldest order that is queued or being sent; 0 where none is",
            self._age(size.oldest_order_at),
        )
        yield self._requests()
        yield GaugeMetricFamily("kudos_outbox_notices", "Notices that Slack has not taken yet", size.notices)
        yield GaugeMetricFamily(
            "kudos_outbox_oldest_seconds",
            "Age of the oldest of them; 0 where none is",
            self._age(size.oldest_notice_at),
        )
        yield GaugeMetricFamily(
            "kudos_pace_margin_seconds",
            "What the pace adds to its interval, as Tango's 429s have taught it",
            state.margin.total_seconds(),
        )
        halted = GaugeMetricFamily("kudos_queue_halted", "1 while nothing is sent for this cause", labels=["cause"])
        for cause in (*HaltCause, PAUSED):
            halted.add_metric([cause], state.halt_cause == cause)
        yield halted

    def _requests(self) -> GaugeMetricFamily:
        waiting = self._storage.backlog.requests(self._clock.now(), _MOST_DAYS)
        requests = GaugeMetricFamily(
            "kudos_requests_pending",
            "Requests that wait for a decision, by the whole days that they have waited",
            labels=["days"],
        )
        for days in range(_MOST_DAYS + 1):
            requests.add_metric([f"{days}+" if days == _MOST_DAYS else f"{days}"], waiting.get(days, 0))
        return requests

    def _age(self, since: datetime | None) -> float:
        # Never below zero: the machine's clock may have been put back since.
        return 0.0 if since is None else max((self._clock.now() - since).total_seconds(), 0.0)


class _Observed(Collector):
    """Figures that are read when they are asked for."""

    def __init__(self, observe: Callable[[], Iterator[GaugeMetricFamily]]) -> None:
        self._observe = observe

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Read them."""
        return self._observe()
