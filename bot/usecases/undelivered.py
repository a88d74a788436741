"""What becomes of a notice that Slack does not take for the notice's own sake: it steps aside, or is given up.

Either way somebody who can act hears of it: of a card the requester and the admins, of a message to the recipient the
same, of a message to the requester the admins, of thanks in public the requester. The notices that tell so are
themselves told of to nobody.

A fault that passes (a rate limit, an outage) is not told here: the notice keeps its place until the fault is over.
"""

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from bot.clock import Clock
from bot.domain.audit import AuditEvent
from bot.domain.notices import (
    ADMINS,
    APPROVALS,
    ApprovalCard,
    ApproverUntold,
    CardAgain,
    CardMoved,
    CardRefused,
    DeliveryFailed,
    PublicThanks,
    RecipientUntold,
    RequesterUntold,
    RewardDelivery,
    ThanksRefused,
    WorkflowAnswer,
)
from bot.domain.order import Order
from bot.domain.request import Request
from storage import AuditEntry, QueuedNotice, Storage, as_stored

logger = logging.getLogger(__name__)

#: The code of a fault that an admin puts right in the app's settings, and of which nobody can hear before: every
#: direct message meets it, and goes out afterwards. `kudos check` finds it.
MESSAGES_TAB_OFF: Final = "messages_tab_disabled"

#: The reason of a card that nobody can have: no approver is left who is no party to the request.
NO_APPROVER: Final = "no_approver"

#: How long a refused card is news: the cause may be the channel's, which every card meets.
_NEWS_FOR: Final = timedelta(hours=1)

_CARDS: Final = frozenset({ApprovalCard.kind, CardAgain.kind})


class UndeliveredNotices:
    """Records the notices that don't reach their readers. `QueuedNotice.audience` is the reader.

    Args:
        storage: of the outbox.
        clock: tells the time.
    """

    def __init__(self, *, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock

    def step_aside(self, queued: QueuedNotice, reason: str) -> None:
        """Let the next notices pass one that is refused for its own sake: `sending` → `pending`.

        The notice is still owed, and is tried again with a growing wait. Called each time that it steps aside.

        Args:
            queued: the notice.
            reason: Slack's error code.
        """
        with self._storage.transaction():
            if self._storage.outbox.step_aside(queued, reason, self._clock.now()):
                logger.error("The notice %d (%s) steps aside: %s", queued.id, queued.kind, reason)
                self._tell(queued, reason)

    def give_up(self, queued: QueuedNotice, reason: str) -> None:
        """Record that a notice can never be sent: `sending` → `undeliverable`.

        Args:
            queued: the notice.
            reason: Slack's error code, or a few words where the notice could not be made.
        """
        logger.error("The notice %d (%s) cannot be delivered: %s", queued.id, queued.kind, reason)
        with self._storage.transaction():
            self._storage.outbox.mark_undeliverable(queued, reason, self._clock.now())
            if queued.kind in _CARDS and queued.audience != APPROVALS:
                self._storage.copies.remove(queued.facts["request_id"], queued.audience)
            if queued.kind == WorkflowAnswer.kind:  # nobody waits for it any more: the run can be forgotten
                self._storage.workflows.mark_answered(queued.facts["execution_id"], self._clock.now())
            self._tell(queued, reason)

    # ------------------------------------------------------------------------------ who hears of it

    def _tell(self, queued: QueuedNotice, reason: str) -> None:
        order = self._order(queued)
        request = self._request(queued, order)
        if request is None or reason == MESSAGES_TAB_OFF or queued.kind == CardMoved.kind:
            return
        if queued.kind in _CARDS:
            self._tell_of_card(queued, request, reason)
        elif queued.kind == PublicThanks.kind:
            if self._is_first(AuditEvent.REQUEST_THANKS_REFUSED, request, None, reason):
                now = self._clock.now()
                self._storage.outbox.add(ThanksRefused(request.id, reason), request.requester_id, now)
        elif queued.audience == request.requester_id:
            if self._is_first(AuditEvent.REQUEST_REQUESTER_UNTOLD, request, None, reason):
                self._storage.outbox.add(RequesterUntold(request.id, reason), ADMINS, self._clock.now())
        elif order is not None and queued.audience == order.recipient.user_id:
            self._tell_of_recipient(queued, request, order, reason)

    def _tell_of_card(self, queued: QueuedNotice, request: Request, reason: str) -> None:
        if not request.is_pending:
            return  # whoever waited for the decision has heard of it
        now = self._clock.now()
        told = self._storage.audit.refused_cards(now - _NEWS_FOR, now)
        if self._others_decide(queued, request):
            self._tell_of_copy(queued.audience, request, reason, told)
            return
        asked_for = queued.kind == CardAgain.kind  # then somebody looks for it
        self._audit(AuditEvent.REQUEST_CARD_REFUSED, request, None, reason)
        if asked_for or all(entry.request_id != request.id for entry in told):
            self._storage.outbox.add(CardRefused(request.id, reason), request.requester_id, now)
        if asked_for or all(entry.facts.get("why") != reason for entry in told):
            self._storage.outbox.add(CardRefused(request.id, reason), ADMINS, now)

    def _others_decide(self, queued: QueuedNotice, request: Request) -> bool:
        """Return whether the card is one approver's copy, and another has one."""
        facts = as_stored(ApprovalCard(request.id))
        return queued.audience != APPROVALS and self._storage.copies.has_others(request.id, queued.audience, facts)

    def _tell_of_copy(self, approver_id: str, request: Request, reason: str, told: Sequence[AuditEntry]) -> None:
        """Tell the admins once an hour that an approver gets no cards; the requester has others to wait for."""
        self._audit(AuditEvent.REQUEST_CARD_REFUSED, request, None, reason, approver=approver_id)
        if all(entry.facts.get("approver") != approver_id for entry in told):
            self._storage.outbox.add(ApproverUntold(request.id, approver_id, reason), ADMINS, self._clock.now())

    def _tell_of_recipient(self, queued: QueuedNotice, request: Request, order: Order, reason: str) -> None:
        now = self._clock.now()
        if queued.kind == RewardDelivery.kind:
            self._audit(AuditEvent.ORDER_NOT_DELIVERED, request, order, reason)
            self._storage.deliveries.mark_undelivered(order.id)
            self._storage.outbox.refresh_request(request.id, request.requester_id, now)
            self._storage.outbox.add_for_requester_and_admins(DeliveryFailed(order.id), request.requester_id, now)
        elif self._is_first(AuditEvent.ORDER_RECIPIENT_UNTOLD, request, order, reason):
            self._storage.outbox.add_for_requester_and_admins(
                RecipientUntold(order.id, reason), request.requester_id, now
            )

    def _is_first(self, event: AuditEvent, request: Request, order: Order | None, reason: str) -> bool:
        """Note the event; return whether the log had none of its kind."""
        known = self._storage.audit.has(event, request_id=request.id, order_id=order.id if order else None)
        if not known:
            self._audit(event, request, order, reason)
        return not known

    def _audit(
        self, event: AuditEvent, request: Request, order: Order | None, reason: str, *, approver: str | None = None
    ) -> None:
        self._storage.audit.add(
            event,
            now=self._clock.now(),
            request_id=request.id,
            order_id=order.id if order else None,
            why=reason,
            approver=approver,
        )

    def _order(self, queued: QueuedNotice) -> Order | None:
        """Return the order that a notice is about, itself or by its resend."""
        order_id = queued.facts.get("order_id")
        if (resend_id := queued.facts.get("resend_id")) is not None:
            resend = self._storage.resends.get(resend_id)
            order_id = resend.order_id if resend else None
        return None if order_id is None else self._storage.orders.get(order_id)

    def _request(self, queued: QueuedNotice, order: Order | None) -> Request | None:
        request_id = order.request_id if order else queued.facts.get("request_id")
        return None if request_id is None else self._storage.requests.get(request_id)
