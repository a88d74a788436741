"""The rescue: what was under way and is not awaited any more goes back into the queue."""

import logging
from collections.abc import Iterable
from datetime import datetime

from bot.domain.audit import AuditEvent
from bot.domain.inquiry import ABSENCE_COUNTS_AFTER
from bot.domain.order import LONGEST_WAIT
from bot.domain.queue import LONGEST_PROBE_WAIT
from bot.domain.tango_status import LONGEST_WATCH_WAIT
from bot.usecases.resend_outcomes import record_interrupted_resend
from bot.worker.log_lines import ids_of
from storage import Storage

logger = logging.getLogger(__name__)


def rescue(
    storage: Storage,
    *,
    begun_before: datetime | None,
    sent: Iterable[int],
    resent: Iterable[int],
    now: datetime,
) -> bool:
    """Put back what was begun, and bring forward what a wrong clock put off, in the caller's transaction.

    Args:
        storage: of the queue.
        begun_before: only what began before this, UTC; None for all.
        sent: ids of orders whose answer this process still awaits: they stay.
        resent: ids of resends whose answer this process still awaits: they stay.
        now: UTC.

    Returns:
        whether something was put back.
    """
    rescued = storage.orders.rescue(claimed_before=begun_before, under_way=sent, now=now)
    for order in rescued:
        storage.audit.add(AuditEvent.ORDER_RESCUED, now=now, request_id=order.request_id, order_id=order.id)
        storage.outbox.refresh_of(order, now)  # it can't be canceled any more
        logger.warning(
            "Order %s: the outcome of its attempt is not known; the same reference is sent again",
            order.number,
            extra=ids_of(order),
        )
    interrupted = storage.resends.rescue(requested_before=begun_before, under_way=resent, now=now)
    for resend in interrupted:
        record_interrupted_resend(storage, resend, now)
    storage.orders.bring_forward(latest=now + LONGEST_WAIT, now=now)
    storage.inquiries.bring_forward(latest=now + ABSENCE_COUNTS_AFTER, now=now)
    storage.tango_status.bring_forward(latest=now + LONGEST_WATCH_WAIT, now=now)
    storage.orders.give_places()
    storage.queue.bring_probe_forward(latest=now + LONGEST_PROBE_WAIT, now=now)
    return bool(rescued or interrupted)
