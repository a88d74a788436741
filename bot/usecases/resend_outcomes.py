"""Recording what a resend came to: its move, the cooldown, the history, and a notice to whoever asked for it.

Every function runs in its caller's transaction.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, assert_never

from bot.domain.audit import AuditEvent
from bot.domain.notices import ResendFinished
from bot.domain.order import Order
from bot.domain.resend import RESEND_COOLDOWN, RESEND_MOVES, Resend, ResendMove, ResendStatus
from bot.tango.outcomes import (
    Reason,
    ResendAmbiguous,
    ResendOutcome,
    ResendRefused,
    ResendThrottled,
    Resent,
)
from storage import Storage

_RESEND_EVENTS: Final[Mapping[ResendStatus, AuditEvent]] = {
    ResendStatus.SENT: AuditEvent.ORDER_RESEND_SENT,
    ResendStatus.REFUSED: AuditEvent.ORDER_RESEND_REFUSED,
    ResendStatus.AMBIGUOUS: AuditEvent.ORDER_RESEND_AMBIGUOUS,
}


def record_resend(storage: Storage, order: Order, resend: Resend, outcome: ResendOutcome, now: datetime) -> None:
    """Record what a resend came to, and tell whoever asked for it."""
    move, clock, i18n_key, detail = _resend_record(resend, outcome, now)
    recorded = storage.resends.finish(
        resend.id,
        move,
        now=now,
        http_status=getattr(outcome, "status", None),
        i18n_key=i18n_key,
        tango_request_id=outcome.request_id,
        detail=detail,
    )
    if not recorded:
        return  # the rescue closed it as ambiguous, and told so
    if clock is not None:
        storage.resends.set_last_sent(order.id, clock, expected=resend.requested_at)
    _tell_resend(storage, order, resend, RESEND_MOVES[ResendStatus.SENDING, move], now)


def record_interrupted_resend(storage: Storage, resend: Resend, now: datetime) -> None:
    """Tell whoever asked for a resend that nobody knows whether it was sent, because its process is gone."""
    order = storage.orders.get(resend.order_id)
    if order is not None:
        _tell_resend(storage, order, resend, ResendStatus.AMBIGUOUS, now)


def _tell_resend(storage: Storage, order: Order, resend: Resend, status: ResendStatus, now: datetime) -> None:
    storage.audit.add(
        _RESEND_EVENTS[status],
        now=now,
        actor=resend.requested_by,
        request_id=order.request_id,
        order_id=order.id,
    )
    storage.outbox.add(ResendFinished(resend.id), resend.requested_by, now)


def _resend_record(
    resend: Resend, outcome: ResendOutcome, now: datetime
) -> tuple[ResendMove, datetime | None, str | None, str | None]:
    """Return what is kept of a resend: its move, the new start of the cooldown (None: as it is), key and detail."""
    match outcome:
        case Resent():
            return ResendMove.CONFIRM, None, None, None
        case ResendThrottled(seconds_left=left, last_sent_at=last_sent_at):
            # Tango knows of a later send than Kudos, such as one from Tango's portal, and so its cooldown counts. The
            # rest is taken over and not the time of the send, because the two clocks may differ.
            clock = last_sent_at if left is None else now + timedelta(seconds=left) - RESEND_COOLDOWN
            return ResendMove.REFUSE, clock, "403.005", None
        case ResendRefused(i18n_key=key, message=message):
            return ResendMove.REFUSE, resend.previous_sent_at, key, message or None
        case ResendAmbiguous(reason=Reason.NOT_CONNECTED | Reason.TOO_MANY as reason):
            return ResendMove.REFUSE, resend.previous_sent_at, None, reason
        case ResendAmbiguous(reason=reason):
            return ResendMove.LOSE, None, None, reason
        case _:
            assert_never(outcome)
