"""The notices that the outbox holds: what happened, without words.

A notice holds ids only. Its words are made from the stored state when it is sent (handlers/outbox/notifier.py). So a
late notice says how things are by then, and the outbox holds nothing private.
"""

from dataclasses import dataclass
from typing import ClassVar, Final

from bot.domain.alerts import Alert
from bot.domain.budget import BudgetUsed
from bot.domain.email_failure import EmailFailed

#: The audience of a notice to the admins. Resolved when the notice is sent. No Slack id looks like it.
ADMINS: Final = "admins"

#: The audience of approval cards: the channel where requests are decided, or each approver. Resolved when the card is
#: sent, so that only the notifier must know the channel. No Slack id looks like it.
APPROVALS: Final = "approvals"

#: The audience of thanks in public: the channel of the setting. Resolved when the message is sent. No Slack id looks
#: like it.
THANKS: Final = "thanks"

#: The audience of answers to workflows, which are no messages. No Slack id looks like it.
WORKFLOWS: Final = "workflows"


def home_of(user_id: str) -> str:
    """Return the audience of a person's Home tab: apart from their messages, so that neither waits for the other."""
    return f"home:{user_id}"


@dataclass(frozen=True, slots=True)
class ApprovalCard:
    """To the approvers: the request as it now is, with Approve and Decline. One message, rewritten."""

    kind: ClassVar[str] = "approval_card"
    request_id: int


@dataclass(frozen=True, slots=True)
class CardAgain:
    """To the approvers: a pending request's card once more, at the end of the channel. The old one gives way."""

    kind: ClassVar[str] = "card_again"
    request_id: int


@dataclass(frozen=True, slots=True)
class CardMoved:
    """In the place of an old card: where the new one is. It has no buttons."""

    kind: ClassVar[str] = "card_moved"
    request_id: int
    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class ReceiptMoved:
    """In the place of an old receipt: where the one is that is rewritten. It has no buttons."""

    kind: ClassVar[str] = "receipt_moved"
    request_id: int
    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class CardRefused:
    """To the requester and to admins: Slack doesn't take a request's card, so the approvers can't see it."""

    kind: ClassVar[str] = "card_refused"
    request_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class ApproverUntold:
    """To admins: Slack doesn't take the cards for one of the approvers; the others have them."""

    kind: ClassVar[str] = "approver_untold"
    request_id: int
    approver_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class RequesterUntold:
    """To admins: Slack doesn't take the messages that tell the requester of their request."""

    kind: ClassVar[str] = "requester_untold"
    request_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class RecipientUntold:
    """To the requester and to admins: Slack doesn't take the message that tells the recipient of the reward."""

    kind: ClassVar[str] = "recipient_untold"
    order_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """To the requester: their own copy of the request as it now is. One message, rewritten until all is sent."""

    kind: ClassVar[str] = "receipt"
    request_id: int


@dataclass(frozen=True, slots=True)
class BatchReady:
    """To the requester: a list was checked on the terminal and is right. One press asks for it."""

    kind: ClassVar[str] = "batch_ready"
    reference: str


@dataclass(frozen=True, slots=True)
class Decided:
    """To the requester: the request was declined, by whom and why; or it has expired. The receipt says all else."""

    kind: ClassVar[str] = "decided"
    request_id: int


@dataclass(frozen=True, slots=True)
class Reminder:
    """To an approver: some of what waits for them has waited for long. It names all that waits when it is sent."""

    kind: ClassVar[str] = "reminder"


@dataclass(frozen=True, slots=True)
class ApproverAsked:
    """To an approver: the requester asks them to look at a request."""

    kind: ClassVar[str] = "approver_asked"
    request_id: int


@dataclass(frozen=True, slots=True)
class ApproversAway:
    """To the requester, at the submit: of those who could approve the request, too few are there."""

    kind: ClassVar[str] = "approvers_away"
    request_id: int


@dataclass(frozen=True, slots=True)
class ApprovalUndone:
    """To the requester: an approver has undone the approval before anything was sent."""

    kind: ClassVar[str] = "approval_undone"
    request_id: int


@dataclass(frozen=True, slots=True)
class RequestChanged:
    """To the requester: something stands against the request now, so that it can't be approved as it is."""

    kind: ClassVar[str] = "request_changed"
    request_id: int


@dataclass(frozen=True, slots=True)
class PublicThanks:
    """To the channel for thanks: who thanks whom, once the rewards are sent. Posted once for each request."""

    kind: ClassVar[str] = "public_thanks"
    request_id: int


@dataclass(frozen=True, slots=True)
class ThanksRefused:
    """To the requester: Slack does not take the thanks in public, with Slack's error code as the reason."""

    kind: ClassVar[str] = "thanks_refused"
    request_id: int
    reason: str


#: What canceled an order whose recipient has left before its date, in the place of a person.
RECIPIENT_LEFT: Final = "recipient_left"


@dataclass(frozen=True, slots=True)
class OrderFailed:
    """To the requester: Tango refused this order, and why. To admins too, where Tango had accepted it before."""

    kind: ClassVar[str] = "order_failed"
    order_id: int


@dataclass(frozen=True, slots=True)
class OrderCanceled:
    """To the requester: somebody else has canceled this order, or RECIPIENT_LEFT has; nothing was paid."""

    kind: ClassVar[str] = "order_canceled"
    order_id: int
    canceled_by: str


@dataclass(frozen=True, slots=True)
class RewardOnItsWay:
    """To the recipient, once Tango has finished the order: look for the email, or in the letter box."""

    kind: ClassVar[str] = "reward_on_its_way"
    order_id: int


@dataclass(frozen=True, slots=True)
class RewardDelivery:
    """To the recipient: the reward itself, which is fetched from Tango when this is sent."""

    kind: ClassVar[str] = "reward_delivery"
    order_id: int


@dataclass(frozen=True, slots=True)
class RewardDelivered:
    """To the requester who asked for it: Kudos has given the reward to its recipient. Written once for each order."""

    kind: ClassVar[str] = "reward_delivered"
    order_id: int


@dataclass(frozen=True, slots=True)
class DeliveryFailed:
    """To the requester and to admins: the recipient can't be reached by direct message."""

    kind: ClassVar[str] = "delivery_failed"
    order_id: int


@dataclass(frozen=True, slots=True)
class DeliveryDelayed:
    """To an admin: Tango was asked for this reward several times and did not give it; Kudos goes on asking."""

    kind: ClassVar[str] = "delivery_delayed"
    order_id: int


@dataclass(frozen=True, slots=True)
class OrderUnfinished:
    """To an admin: Tango does not finish this order, and is not asked about it any more."""

    kind: ClassVar[str] = "order_unfinished"
    order_id: int


@dataclass(frozen=True, slots=True)
class AddressDisputed:
    """To the requester and to admins: the recipient says that a posted reward went to an address not theirs."""

    kind: ClassVar[str] = "address_disputed"
    order_id: int


@dataclass(frozen=True, slots=True)
class OrderOvercharged:
    """To an admin: Tango charged far more for this order than its value explains."""

    kind: ClassVar[str] = "order_overcharged"
    order_id: int


@dataclass(frozen=True, slots=True)
class OrderNeedsAttention:
    """To the requester and to admins: a person must decide about this order."""

    kind: ClassVar[str] = "order_needs_attention"
    order_id: int


@dataclass(frozen=True, slots=True)
class AttentionEnded:
    """To the requester and to admins: an order that needed a person does no longer.

    `how` is the event that ended it (bot/domain/audit.py), `actor` who did, None where Tango was asked.
    """

    kind: ClassVar[str] = "attention_ended"
    order_id: int
    how: str
    actor: str | None


@dataclass(frozen=True, slots=True)
class InquiryFinished:
    """To whoever had Tango asked about an order: what Tango said."""

    kind: ClassVar[str] = "inquiry_finished"
    inquiry_id: int


@dataclass(frozen=True, slots=True)
class OutcomeStillAmbiguous:
    """To an admin: several attempts of this order were ambiguous; Kudos goes on trying."""

    kind: ClassVar[str] = "outcome_still_unknown"
    order_id: int


@dataclass(frozen=True, slots=True)
class QueueHold:
    """To an admin: orders are on hold, or no longer. One message, rewritten, until the next number makes a new one."""

    kind: ClassVar[str] = "queue_hold"
    telling: int


@dataclass(frozen=True, slots=True)
class ProbeFinished:
    """To the admin who asked for a probe: what it came to."""

    kind: ClassVar[str] = "probe_finished"


@dataclass(frozen=True, slots=True)
class ResendFinished:
    """To whoever asked for a resend: what it came to."""

    kind: ClassVar[str] = "resend_finished"
    resend_id: int


@dataclass(frozen=True, slots=True)
class RewardReaddressed:
    """To the requester and the recipient: an admin has the email sent to another address."""

    kind: ClassVar[str] = "reward_readdressed"
    resend_id: int


@dataclass(frozen=True, slots=True)
class WorkflowAnswer:
    """To a workflow: what a run of the step came to. The request is made when this is sent."""

    kind: ClassVar[str] = "workflow_answer"
    execution_id: str


@dataclass(frozen=True, slots=True)
class HomeChanged:
    """To who has Home open: the tab as it now is. It is published, not posted."""

    kind: ClassVar[str] = "home_changed"
    user_id: str


Notice = (
    ApprovalCard
    | CardAgain
    | CardMoved
    | ReceiptMoved
    | CardRefused
    | ApproverUntold
    | RequesterUntold
    | RecipientUntold
    | BatchReady
    | Receipt
    | Decided
    | ApprovalUndone
    | Reminder
    | ApproverAsked
    | ApproversAway
    | RequestChanged
    | PublicThanks
    | ThanksRefused
    | OrderFailed
    | OrderCanceled
    | RewardOnItsWay
    | RewardDelivery
    | RewardDelivered
    | DeliveryFailed
    | DeliveryDelayed
    | OrderUnfinished
    | AddressDisputed
    | OrderOvercharged
    | OrderNeedsAttention
    | AttentionEnded
    | InquiryFinished
    | OutcomeStillAmbiguous
    | QueueHold
    | ProbeFinished
    | ResendFinished
    | RewardReaddressed
    | HomeChanged
    | WorkflowAnswer
    | BudgetUsed
    | Alert
    | EmailFailed
)
