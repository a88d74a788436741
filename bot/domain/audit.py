"""The audit log: its events, in the past tense, and the head of its chain. The stored words are these values."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

#: A head as people copy it: the number of a row, and its hash.
_HEAD: Final = re.compile(r"([0-9]{1,18}):([0-9a-f]{64})")


class AuditEvent(StrEnum):
    """Something that happened to a request, an order or the queue."""

    REQUEST_FILED = "request.filed"
    REQUEST_FIRST_APPROVED = "request.first_approved"
    """The first of two approvers approved it."""
    REQUEST_APPROVED = "request.approved"
    """By an approver, or by the `rule` that is among the facts."""
    REQUEST_DECLINED = "request.declined"
    REQUEST_ADDRESS_SHOWN = "request.address_shown"
    """An approver looked at the postal address."""
    REQUEST_CARD_POSTED_AGAIN = "request.card_posted_again"
    """Somebody had the approval card posted once more."""
    REQUEST_APPROVER_ASKED = "request.approver_asked"
    """The requester asked an approver to look at it; `approver` is among the facts."""
    REQUEST_CARD_REFUSED = "request.card_refused"
    """Slack did not take a pending request's approval card; `why` is among the facts."""
    REQUEST_REQUESTER_UNTOLD = "request.requester_untold"
    REQUEST_THANKS_REFUSED = "request.thanks_refused"
    """Slack does not take the messages that tell the requester of it."""
    REQUEST_WITHDRAWN = "request.withdrawn"
    REQUEST_EXPIRED = "request.expired"
    """Nobody decided in time."""
    REQUEST_UNDONE = "request.undone"
    """Somebody undid the approval while its orders were held; these are canceled."""
    REQUEST_DATE_CHANGED = "request.date_changed"
    """The requester chose another date; `send_at` is among the facts."""
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
    ORDER_RECIPIENT_UNTOLD = "order.recipient_untold"
    """Slack does not take the message that tells the recipient of it."""
    ORDER_REWARD_SHOWN = "order.reward_shown"
    """The recipient looked at the reward again."""

    ORDER_ADDRESS_DISPUTED = "order.address_disputed"
    """The recipient of a posted reward said that the address is not theirs."""

    ORDER_EMAIL_FAILED = "order.email_failed"
    """Tango's mail system says that the email did not arrive; its `status` is among the facts."""

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

    PERSON_EXPORTED = "person.exported"
    """Somebody wrote out all that names a person; `person` is among the facts."""
    PERSON_ERASED = "person.erased"
    """Names, addresses and texts of a person were removed; `person` is among the facts."""

    ACCESS_REVIEWED = "access.reviewed"
    """Somebody had listed who has which role."""

    AUDIT_CHAINED = "audit.chained"
    """The rows before, which an earlier version wrote, are chained by the hash of this one."""
    AUDIT_HEAD_TOLD = "audit.head_told"
    """The `head` among the facts left the file: the row before this one, and its hash."""


@dataclass(frozen=True, slots=True)
class AuditHead:
    """The end of the audit log at one moment.

    Attributes:
        entry_id: the number of the newest row.
        hash: of this row, in hexadecimal. It follows from every row up to it.
    """

    entry_id: int
    hash: str

    @classmethod
    def read(cls, text: str) -> "AuditHead":
        """Return the head that a text is, as `str` writes it.

        Raises:
            ValueError: the text is none.
        """
        found = _HEAD.fullmatch(text.strip())
        if found is None:
            raise ValueError(f"{text!r} is no head of an audit log")
        return cls(int(found[1]), found[2])

    def __str__(self) -> str:
        return f"{self.entry_id}:{self.hash}"
