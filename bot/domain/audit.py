"""The events of the audit log: what happened, in the past tense. The stored words are these values."""

from enum import StrEnum


class AuditEvent(StrEnum):
    """Something that happened to a request, an order or the queue."""

    REQUEST_FILED = "request.filed"
    REQUEST_APPROVED = "request.approved"
    REQUEST_DECLINED = "request.declined"
    REQUEST_ADDRESS_SHOWN = "request.address_shown"
    """An approver looked at the postal address."""
    REQUEST_WITHDRAWN = "request.withdrawn"
    REQUEST_EXPIRED = "request.expired"
    """Nobody decided in time."""
    REQUEST_CLEARED = "request.cleared"
    """Names, addresses and texts were removed, because the request was old."""

    ORDER_QUEUED = "order.queued"
    ORDER_ACCEPTED = "order.accepted"
    ORDER_OVERCHARGED = "order.overcharged"
    """Tango charged far more than face value, fee and rate explain."""
    ORDER_FAILED = "order.failed"
    ORDER_NEEDS_ATTENTION = "order.needs_attention"
    ORDER_RESCUED = "order.rescued"
    ORDER_RETRIED = "order.retried"
    ORDER_CLOSED = "order.closed"
    """An admin ended an order that needed a person, and that Tango does not have."""
    ORDER_CANCELED = "order.canceled"

    ORDER_INQUIRY_REQUESTED = "order.inquiry_requested"
    """Somebody had Tango asked about the order; `sent_as`: the number under which it was sent, says an admin."""
    ORDER_INQUIRY_FINISHED = "order.inquiry_finished"
    """Tango was asked what became of the order; `finding` is among the facts (bot/domain/inquiry.py)."""

    ORDER_COMPLETED = "order.completed"
    """Tango finished an accepted order, later than it accepted it."""
    ORDER_ENDED_AT_TANGO = "order.ended_at_tango"
    """Tango ended an accepted order without a reward."""
    ORDER_WATCH_ENDED = "order.watch_ended"
    """Tango has not finished an accepted order, and is not asked about it any more."""
    ORDER_WATCH_REQUESTED = "order.watch_requested"
    """An admin had Tango asked again."""

    ORDER_DELIVERED = "order.delivered"
    """The recipient was given the reward by direct message."""
    ORDER_NOT_DELIVERED = "order.not_delivered"
    """The recipient can't be reached by direct message."""
    ORDER_DELIVERY_REQUESTED = "order.delivery_requested"
    """Somebody had the reward given once more."""
    ORDER_REWARD_SHOWN = "order.reward_shown"
    """The recipient looked at the reward again."""

    ORDER_ADDRESS_DISPUTED = "order.address_disputed"
    """The recipient of a posted reward said that the address is not theirs."""

    ORDER_RESEND_REQUESTED = "order.resend_requested"
    ORDER_RESEND_SENT = "order.resend_sent"
    ORDER_RESEND_REFUSED = "order.resend_refused"
    ORDER_RESEND_AMBIGUOUS = "order.resend_unclear"
    """Nobody knows whether Tango sent the email again."""

    ATTEMPT_REFUSED = "attempt.refused"
    """Somebody tried what they have no right to, or what is nobody's to do; `what` and `why` are among the facts."""

    QUEUE_HALTED = "queue.halted"
    QUEUE_RESUMED = "queue.resumed"
    QUEUE_PROBE_REQUESTED = "queue.probe_requested"
    QUEUE_PAUSED = "queue.paused"
    QUEUE_UNPAUSED = "queue.unpaused"

    TANGO_ACCOUNT_ADOPTED = "tango_account.adopted"
    """The operator bound the database to another account at Tango."""
