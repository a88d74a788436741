"""The notifier: words each notice from the state as it is now, and sends it. Rewards have a worker of their own."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import assert_never

from slack_sdk.web import WebClient

from bot.clock import Clock
from bot.domain.alerts import ALERTS, Alert
from bot.domain.attempt import Attempt
from bot.domain.budget import BudgetUsed
from bot.domain.email_failure import EmailFailed
from bot.domain.notice_kinds import notice_from
from bot.domain.notices import (
    ADMINS,
    APPROVALS,
    THANKS,
    AddressDisputed,
    ApprovalCard,
    ApproversAway,
    AttentionEnded,
    BatchReady,
    CardAgain,
    CardMoved,
    CardRefused,
    Decided,
    DeliveryDelayed,
    DeliveryFailed,
    HomeChanged,
    InquiryFinished,
    Notice,
    OrderCanceled,
    OrderFailed,
    OrderNeedsAttention,
    OrderOvercharged,
    OrderUnfinished,
    OutcomeStillAmbiguous,
    ProbeFinished,
    PublicThanks,
    QueueHold,
    Receipt,
    ReceiptMoved,
    RecipientUntold,
    Reminder,
    ResendFinished,
    RewardDelivered,
    RewardDelivery,
    RewardOnItsWay,
    RewardReaddressed,
    WorkflowAnswer,
)
from bot.domain.order import Order, OrderStatus
from bot.domain.request import Delivery, Request, RequestStatus
from bot.domain.resend import Resend
from bot.errors import SlackUnavailable
from bot.usecases.batches import find_preview
from bot.usecases.copies import Copies
from bot.usecases.present import find_present
from bot.usecases.thanks import find_thanked, thank_when_sent
from handlers.bolt.home import HOME_EVERY, HomeTab
from handlers.bolt.profiles import Home
from handlers.outbox.about_requests import OfRequest, about_request
from handlers.outbox.rewriter import Rewriter
from handlers.outbox.worker import Postponed
from handlers.outbox.workflows import WorkflowAnswers
from handlers.views.alerts import build_alert
from handlers.views.batch import build_batch_ready
from handlers.views.blocks import Message
from handlers.views.budgets import build_budget_used
from handlers.views.cancel import build_canceled
from handlers.views.charges import build_overcharged
from handlers.views.delivery import (
    build_address_disputed,
    build_delayed,
    build_delivered,
    build_not_delivered,
    build_on_its_way,
    build_posted,
    build_unfinished,
)
from handlers.views.email_failures import build_email_failed
from handlers.views.inquiry import build_attention_ended, build_inquiry_finished
from handlers.views.orders import build_failed, build_needs_attention, build_still_unknown
from handlers.views.queue import build_hold, build_past_hold, build_probed
from handlers.views.reminders import build_approvers_away, build_reminder
from handlers.views.resend import build_readdressed, build_resend_finished
from handlers.views.thanks import build_thanks
from handlers.views.undelivered import build_recipient_untold
from storage import QueuedNotice, Storage


class Notifier(Rewriter):
    """Sends all notices that need nothing of Tango, so that Tango never delays them.

    Args:
        storage: of the outbox.
        client: Slack's Web API.
        clock: tells the time.
        is_on_duty: tell whether this bot still sends what is due.
        admins: return the admins' Slack ids; None while they are not known.
        thanks_channel: the Slack id of the channel for thanks in public; None where the settings name none.
        alerts_channel: the same of the channel for alerts.
        home: returns where the bot is installed, for links to profiles. Raises SlackUnavailable where that is not
            known yet.
        home_tab: rewrites the Home tabs of those who are told something.
        copies: tells where cards go, and hands them out to the approvers where they go by direct message.
        workflow_answers: answers workflows.
        undo_within: how long an approval can be undone, as the card says before.
        orders_per_second: the pace, by which a batch says how long it takes.
        waiting_for: returns what an approver may approve now. Raises SlackUnavailable where that is not known.
    """

    sends_deliveries = False

    def __init__(
        self,
        *,
        storage: Storage,
        client: WebClient,
        clock: Clock,
        is_on_duty: Callable[[], bool],
        admins: Callable[[], frozenset[str] | None],
        thanks_channel: str | None,
        alerts_channel: str | None,
        home: Callable[[], Home],
        home_tab: HomeTab,
        workflow_answers: WorkflowAnswers,
        copies: Copies,
        undo_within: timedelta,
        orders_per_second: float,
        waiting_for: Callable[[str], Sequence[Request]],
    ) -> None:
        super().__init__(
            storage=storage,
            client=client,
            clock=clock,
            is_on_duty=is_on_duty,
            admins=admins,
            copies=copies,
            home=home,
            undo_within=undo_within,
            orders_per_second=orders_per_second,
        )
        self._channels = {THANKS: thanks_channel, ALERTS: alerts_channel}
        self._home_tab = home_tab
        self._workflow_answers = workflow_answers
        self._waiting_for = waiting_for

    def start(self) -> None:
        """Put back what a dead process was sending, also notices of the deliverer, which starts later; then work."""
        with self._storage.transaction():
            self._storage.outbox.rescue(self._clock.now())
        super().start()

    def _send(self, queued: QueuedNotice) -> None:
        notice = self._as_told_now(notice_from(queued.kind, queued.facts))
        if queued.audience == ADMINS:
            self._address(queued, notice)
            return
        if isinstance(notice, ApprovalCard | CardAgain) and self._hands_out(queued, notice):
            self._home_tab.rewrite_soon(APPROVALS)
            return
        if isinstance(notice, ApprovalCard | Receipt):
            self._rewrite(queued, notice)
        elif isinstance(notice, QueueHold):
            self._rewrite_hold(queued, notice)
        elif isinstance(notice, CardAgain):
            self._post_card_again(queued, notice)
        elif isinstance(notice, CardMoved | ReceiptMoved):
            self._point_to_current(notice)
        elif isinstance(notice, Reminder):
            self._remind(queued)
        elif isinstance(notice, ApproversAway):
            self._tell_who_is_away(queued, notice)
        elif isinstance(notice, BatchReady):
            self._tell_of_batch(queued, notice)
        elif isinstance(notice, PublicThanks):
            self._thank(queued, notice)
        elif isinstance(notice, HomeChanged):
            self._home_tab.rewrite(notice.user_id)
            self._turns.hold(queued.audience, HOME_EVERY)
        elif isinstance(notice, WorkflowAnswer):
            self._workflow_answers.send(notice.execution_id)
        else:
            self._post(queued.audience, self._message(notice, to_admin=self._is_for_admin(queued.audience)))
        with self._storage.transaction():
            if isinstance(notice, Receipt):
                thank_when_sent(self._storage, notice.request_id, self._clock.now())
            self._home_tab.rewrite_soon(queued.audience)
            self._storage.outbox.mark_sent(queued, self._clock.now())

    def _give_up(self, queued: QueuedNotice, reason: str) -> None:
        super()._give_up(queued, reason)
        self._thank_all_the_same(queued)

    def _step_aside(self, queued: QueuedNotice, reason: str) -> None:
        super()._step_aside(queued, reason)
        self._thank_all_the_same(queued)

    def _thank_all_the_same(self, queued: QueuedNotice) -> None:
        """Have the thanks posted though the requester can't be told that the rewards are sent."""
        if queued.kind == Receipt.kind:
            with self._storage.transaction():
                thank_when_sent(self._storage, queued.facts["request_id"], self._clock.now())

    def _as_told_now(self, notice: Notice) -> Notice:
        """Return the receipt in the place of an approval: earlier versions told one by a message of its own."""
        if isinstance(notice, Decided) and self._request(notice.request_id).status is RequestStatus.APPROVED:
            return Receipt(notice.request_id)
        return notice

    def _channel_of(self, audience: str) -> str:
        return self._channels.get(audience) or super()._channel_of(audience)

    def _address(self, queued: QueuedNotice, notice: Notice) -> None:
        """Replace a notice to ADMINS by one for each admin, unless they are its requester and so have their own."""
        admins = self._admins()
        if admins is None:
            raise Postponed("who the admins are is not known yet")
        told = self._requester_told(notice)
        with self._storage.transaction():
            now = self._clock.now()
            for admin in sorted(admins - {told}):
                self._storage.outbox.add(notice, admin, now)
            self._storage.outbox.mark_sent(queued, now)

    def _requester_told(self, notice: Notice) -> str | None:
        """Return the requester, of a notice that is written for them beside the admins; None of any other."""
        match notice:
            case CardRefused(request_id):
                return self._request(request_id).requester_id
            case (
                AddressDisputed(order_id)
                | AttentionEnded(order_id)
                | DeliveryFailed(order_id)
                | EmailFailed(order_id)
                | OrderFailed(order_id)
                | OrderNeedsAttention(order_id)
                | RecipientUntold(order_id)
            ):
                return self._order(order_id).requester_id
            case _:
                return None

    def _remind(self, queued: QueuedNotice) -> None:
        """Remind an approver of what waits for them now; say nothing where nothing does any more."""
        try:
            waiting = self._waiting_for(queued.audience)
        except SlackUnavailable as error:
            raise Postponed("who the approvers are is not known yet", alone=True) from error
        if waiting:
            self._post(queued.audience, build_reminder(waiting))

    def _tell_of_batch(self, queued: QueuedNotice, notice: BatchReady) -> None:
        """Tell of a batch that can be asked for; say nothing of one that was."""
        preview = find_preview(self._storage, notice.reference, self._clock.now(), self._orders_per_second)
        if preview is not None:
            self._post(queued.audience, build_batch_ready(preview))

    def _tell_who_is_away(self, queued: QueuedNotice, notice: ApproversAway) -> None:
        """Tell a requester who is away; say nothing once the request is decided, or enough are back."""
        request = self._request(notice.request_id)
        if away := self._copies.missed(request):
            self._post(queued.audience, build_approvers_away(request, away))

    def _thank(self, queued: QueuedNotice, notice: PublicThanks) -> None:
        """Thank in public, once; not at all where the settings name no channel any more."""
        thanked = find_thanked(self._storage, notice.request_id) if self._channels[THANKS] else ()
        if thanked:
            posted = self._post(queued.audience, build_thanks(self._request(notice.request_id), thanked))
            self._storage.outbox.set_post(notice.kind, notice.request_id, posted)

    def _rewrite_hold(self, queued: QueuedNotice, notice: QueueHold) -> None:
        """Rewrite an admin's message about the hold; or post a new one, and take the button off the one before it."""
        message = self._hold_message()
        telling, post = self._storage.holds.find_post(queued.audience) or (notice.telling, None)
        if post is not None and telling > notice.telling:
            return  # the next message was posted meanwhile, and says it
        if post is not None and telling < notice.telling:
            self._is_rewritten(post, build_past_hold(), is_left=True)
            post = None
        if post is None or not self._is_rewritten(post, message, is_left=False):
            is_first = not self._storage.holds.is_told(self._admins() or ())
            posted = self._post(queued.audience, message)
            with self._storage.transaction():
                self._storage.holds.set_post(queued.audience, notice.telling, posted)
                if is_first:  # receipts that were written before don't say that the admins know
                    self._storage.holds.set_rewritten_to(0)

    def _is_for_admin(self, audience: str) -> bool:
        """Tell whether the reader can look into what went wrong; where there is no admin, everyone reads it all."""
        admins = self._admins()
        return admins is not None and (not admins or audience in admins)

    def _message(self, notice: Notice, *, to_admin: bool) -> Message:
        if isinstance(notice, OfRequest):
            return about_request(notice, self._request(notice.request_id), to_admin=to_admin)
        if isinstance(notice, Alert):
            return build_alert(notice)
        match notice:
            case RecipientUntold(order_id, reason):
                return build_recipient_untold(self._order(order_id), reason)
            case OrderFailed(order_id):
                return build_failed(self._order(order_id), self._last_attempt(order_id), to_admin=to_admin)
            case OrderCanceled(order_id, canceled_by):
                return build_canceled(self._order(order_id), canceled_by)
            case OrderNeedsAttention(order_id):
                return self._needs_attention(order_id, to_admin=to_admin)
            case AttentionEnded(order_id, how, actor):
                return build_attention_ended(self._order(order_id), how, actor)
            case InquiryFinished(inquiry_id):
                return self._inquiry_finished(inquiry_id)
            case OutcomeStillAmbiguous(order_id):
                return build_still_unknown(self._order(order_id))
            case RewardOnItsWay(order_id):
                return self._on_its_way(order_id)
            case AddressDisputed(order_id):
                return build_address_disputed(self._order(order_id))
            case EmailFailed(order_id, status):
                sent_to = self._storage.resends.sent_to(order_id)
                return build_email_failed(self._order(order_id), status, sent_to, to_admin=to_admin)
            case RewardDelivered(order_id):
                return build_delivered(self._order(order_id))
            case DeliveryFailed(order_id):
                return build_not_delivered(self._order(order_id))
            case DeliveryDelayed(order_id):
                return build_delayed(self._order(order_id))
            case OrderUnfinished(order_id):
                return build_unfinished(self._order(order_id))
            case OrderOvercharged(order_id):
                return build_overcharged(self._order(order_id))
            case BudgetUsed():
                return build_budget_used(notice)
            case QueueHold():
                return self._hold_message()
            case ProbeFinished():
                return build_probed(self._storage.queue.state())
            case RewardReaddressed(resend_id):
                resend = self._resend(resend_id)
                return build_readdressed(self._order(resend.order_id), resend)
            case ResendFinished(resend_id):
                resend = self._resend(resend_id)
                order = self._order(resend.order_id)
                left = order.seconds_to_resend(self._clock.now())
                return build_resend_finished(order, resend, left, to_admin=to_admin)
            case ApprovalCard() | CardAgain() | CardMoved() | Receipt() | ReceiptMoved() | HomeChanged():
                raise TypeError(f"{notice.kind} is rewritten elsewhere")
            case RewardDelivery() | PublicThanks() | Reminder() | ApproversAway() | BatchReady() | WorkflowAnswer():
                raise TypeError(f"{notice.kind} is sent elsewhere")
            case _:
                assert_never(notice)

    def _hold_message(self) -> Message:
        orders = self._storage.backlog.size().orders
        return build_hold(self._storage.queue.state(), orders[OrderStatus.QUEUED] + orders[OrderStatus.SUBMITTING])

    def _on_its_way(self, order_id: int) -> Message:
        present = find_present(self._storage, self._order(order_id))
        return build_posted(present) if present.order.delivery is Delivery.POST else build_on_its_way(present)

    def _resend(self, resend_id: int) -> Resend:
        resend = self._storage.resends.get(resend_id)
        if resend is None:
            raise LookupError(f"no resend {resend_id}")
        return resend

    def _needs_attention(self, order_id: int, *, to_admin: bool) -> Message:
        inquiries = self._storage.inquiries
        known = inquiries.latest(order_id), inquiries.open_until(order_id)
        return build_needs_attention(self._order(order_id), self._last_attempt(order_id), *known, to_admin=to_admin)

    def _inquiry_finished(self, inquiry_id: int) -> Message:
        inquiry = self._storage.inquiries.get(inquiry_id)
        if inquiry is None:
            raise LookupError(f"no inquiry {inquiry_id}")
        asked_at = self._storage.inquiries.open_until(inquiry.order_id)
        return build_inquiry_finished(self._order(inquiry.order_id), inquiry, asked_at)

    def _last_attempt(self, order_id: int) -> Attempt | None:
        return next(iter(self._storage.attempts.of_order(order_id, 1)), None)

    def _order(self, order_id: int) -> Order:
        order = self._storage.orders.get(order_id)
        if order is None:
            raise LookupError(f"no order {order_id}")
        return order
