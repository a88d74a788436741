"""Watches: Tango is asked for the status of accepted orders that it has not finished, less and less often."""

import logging
from collections.abc import Callable
from datetime import datetime

from bot.clock import Clock
from bot.domain.order import Order
from bot.domain.tango_status import wait_before_watch
from bot.errors import TangoError
from bot.tango.client import TangoClient
from bot.usecases.outcomes import Outcomes
from bot.worker.log_lines import ids_of
from storage import Storage

logger = logging.getLogger(__name__)


class Watches:
    """Takes the order whose turn it is, and asks for it.

    Args:
        storage: of the orders.
        tango: is asked.
        clock: tells the time.
        outcomes: records what Tango answered.
    """

    def __init__(self, *, storage: Storage, tango: TangoClient, clock: Clock, outcomes: Outcomes) -> None:
        self._storage = storage
        self._tango = tango
        self._clock = clock
        self._outcomes = outcomes

    def take(self, now: datetime) -> Order | None:
        """Take the order whose status is due to be asked for, if any is, in the caller's transaction."""
        order = self._storage.tango_status.due(now)
        if order is None:
            return None
        wait = wait_before_watch(order.watches + 1)
        if wait is None:
            self._outcomes.give_up_watch(order, now)
            return None
        self._storage.tango_status.ask(order.id, now + wait)
        return order

    def ask(self, order: Order, on_written: Callable[[], None]) -> None:
        """Ask for the status of an order, and record it; `on_written` as in `TangoClient`."""
        if order.reference_order_id is None:  # only accepted orders are watched
            raise LookupError(f"order {order.id} is not accepted")
        try:
            answer = self._tango.get_order(order.reference_order_id, on_written=on_written)
        except TangoError as error:
            logger.warning(
                "Order %s: Tango did not give its status, and is asked again: %s",
                order.number,
                error,
                extra=ids_of(order),
            )
            return
        with self._storage.transaction():
            self._outcomes.record_answer(order, answer, self._clock.now())
        logger.info("Order %s: %s at Tango", order.number, answer.current_status, extra=ids_of(order))
