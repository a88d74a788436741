"""The notifier: words each notice from the state as it is now, and sends it. Rewards have a worker of their own."""

from collections.abc import Callable
from typing import assert_never

from slack_sdk.errors import SlackApiError
from slack_sdk.web import WebClient

from bot.clock import Clock
from bot.domain.notices import (
    ADMINS,
    APPROVALS,
    THANKS,
    AddressDisputed,
    ApprovalCard,
    AttentionEnded,
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
    RequestChanged,
    RequesterUntold,
    ResendFinished,
    RewardDelivery,
    RewardOnItsWay,
    RewardReaddressed,
    ThanksRefused,
    notice_from,
)
from bot.domain.order import Attempt, Order, OrderStatus
from bot.domain.request import Delivery, Request, RequestStatus
from bot.domain.resend import Resend
from bot.errors import SlackUnavailable
from bot.usecases.present import find_present
from bot.usecases.thanks import find_thanked, thank_when_sent
from handlers.bolt.home import HOME_EVERY, HomeTab
from handlers.bolt.network import code_of
from handlers.bolt.profiles import Home
from handlers.outbox.codes import Remedy, remedy_for
from handlers.outbox.worker import OutboxWorker, Postponed
from handlers.views.blocks import Message
from handlers.views.cancel import build_canceled
from handlers.views.cards import build_moved_card, build_moved_receipt
from handlers.views.charges import build_overcharged
from handlers.views.delivery import (
    build_address_disputed,
    build_delayed,
    build_not_delivered,
    build_on_its_way,
    build_posted,
    build_unfinished,
)
from handlers.views.inquiry import build_attention_ended, build_inquiry_finished
from handlers.views.orders import build_failed, build_needs_attention, build_still_unknown
from handlers.views.queue import Hold, build_hold, build_past_hold, build_probed
from handlers.views.receipts import build_changed, build_decision, build_receipt
from handlers.views.requests import build_card
from handlers.views.resend import build_readdressed, build_resend_finished
from handlers.views.thanks import build_thanks, build_thanks_refused
from handlers.views.undelivered import build_card_refused, build_recipient_untold, build_requester_untold
from storage import Post, QueuedNotice, Storage


class Notifier(OutboxWorker):
    """Sends all notices that need nothing of Tango, so that Tango never delays them.

    Args:
        storage: of the outbox.
        client: Slack's Web API.
        clock: tells the time.
        is_on_duty: tell whether this bot still sends what is due.
        admins: return the admins' Slack ids; None while they are not known.
        approvals_channel: the Slack id of the channel for approval cards.
        thanks_channel: the Slack id of the channel for thanks in public; None where the settings name none.
        home: returns where the bot is installed, for links to profiles. Raises SlackUnavailable where that is not
            known yet.
        home_tab: rewrites the Home tabs of those who are told something.
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
        approvals_channel: str,
        thanks_channel: str | None,
        home: Callable[[], Home],
        home_tab: HomeTab,
    ) -> None:
        super().__init__(storage=storage, client=client, clock=clock, is_on_duty=is_on_duty)
        self._admins = admins
        self._approvals_channel = approvals_channel
        self._thanks_channel = thanks_channel
        self._home = home
        self._home_tab = home_tab

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
        if isinstance(notice, ApprovalCard | Receipt):
            self._rewrite(queued, notice)
        elif isinstance(notice, QueueHold):
            self._rewrite_hold(queued, notice)
        elif isinstance(notice, CardAgain):
            self._post_card_again(queued, notice)
        elif isinstance(notice, CardMoved | ReceiptMoved):
            self._point_to_current(notice)
        elif isinstance(notice, PublicThanks):
            self._thank(queued, notice)
        elif isinstance(notice, HomeChanged):
            self._home_tab.rewrite(notice.user_id)
            self._turns.hold(queued.audience, HOME_EVERY)
        else:
            self._post(queued.audience, self._message(notice, to_admin=self._is_for_admin(queued.audience)))
        with self._storage.transaction():
            self._home_tab.rewrite_soon(queued.audience)
            self._storage.outbox.mark_sent(queued, self._clock.now())

    def _as_told_now(self, notice: Notice) -> Notice:
        """Return the receipt in the place of an approval: earlier versions told one by a message of its own."""
        if isinstance(notice, Decided) and self._request(notice.request_id).status is RequestStatus.APPROVED:
            return Receipt(notice.request_id)
        return notice

    def _channel_of(self, audience: str) -> str:
        symbols = {APPROVALS: self._approvals_channel, THANKS: self._thanks_channel}
        return symbols.get(audience) or audience

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
                | OrderFailed(order_id)
                | OrderNeedsAttention(order_id)
                | RecipientUntold(order_id)
            ):
                return self._order(order_id).requester_id
            case _:
                return None

    def _rewrite(self, queued: QueuedNotice, notice: ApprovalCard | Receipt) -> None:
        """Rewrite the request's message, or post it where there is none."""
        request = self._request(notice.request_id)
        progress = self._storage.orders.progress(request.id)
        if isinstance(notice, ApprovalCard):
            message = build_card(request, progress, self._team_id(), self._why_on_hold())
        else:
            message = build_receipt(request, progress, self._why_on_hold())
        post = self._storage.outbox.find_post(notice.kind, request.id)
        # Of an earlier approvals channel: that one may be archived, or the bot may have been removed from it.
        is_left = queued.audience == APPROVALS and post is not None and post.channel != self._approvals_channel
        if post is None or not self._is_rewritten(post, message, is_left=is_left):
            self._storage.outbox.set_post(notice.kind, request.id, self._post(queued.audience, message))
        if isinstance(notice, Receipt):
            with self._storage.transaction():
                thank_when_sent(self._storage, request, progress, self._clock.now())

    def _thank(self, queued: QueuedNotice, notice: PublicThanks) -> None:
        """Thank in public, once; not at all where the settings name no channel any more."""
        thanked = find_thanked(self._storage, notice.request_id) if self._thanks_channel else ()
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
            self._storage.holds.set_post(queued.audience, notice.telling, self._post(queued.audience, message))

    def _why_on_hold(self) -> Hold | None:
        """Return why orders wait at present; None while they are sent."""
        cause = self._storage.queue.state().halt_cause
        return Hold(cause, admins_know=self._storage.holds.is_told(self._admins() or ())) if cause else None

    def _is_rewritten(self, post: Post, message: Message, *, is_left: bool) -> bool:
        """Rewrite a message where it stands; return False where only a new one can take its place.

        Args:
            post: where the message stands.
            message: what takes its place.
            is_left: whether nothing is lost if that place takes no messages any more.
        """
        try:
            self._have_taken(
                message,
                # Slack keeps the old blocks where a rewriting names none.
                lambda form: self._client.chat_update(
                    channel=post.channel, ts=post.ts, text=form.text, blocks=form.blocks
                ),
            )
        except SlackApiError as error:
            code = code_of(error)
            remedy = Remedy.WAIT if code is None else remedy_for(code, person=False)
            if remedy is Remedy.POST_ANEW or (is_left and remedy is Remedy.STEP_ASIDE):
                return False
            raise
        return True

    def _post_card_again(self, queued: QueuedNotice, notice: CardAgain) -> None:
        """Post a pending request's card once more; what is posted then is rewritten from now on."""
        request = self._request(notice.request_id)
        if not request.is_pending:
            return  # decided meanwhile, as its card says
        outbox, kind = self._storage.outbox, ApprovalCard.kind
        new = self._post(
            queued.audience, build_card(request, self._storage.orders.progress(request.id), self._team_id())
        )
        with self._storage.transaction():
            old = outbox.find_post(kind, request.id)
            outbox.set_post(kind, request.id, new)
            if old is not None:
                outbox.add(CardMoved(request.id, old.channel, old.ts), old.channel, self._clock.now())

    def _point_to_current(self, notice: CardMoved | ReceiptMoved) -> None:
        """Make an old message a pointer to the current one, unless that was deleted: then only the old one is left.

        A card that was clicked before its place was stored looks like an old one until then.
        """
        is_card = isinstance(notice, CardMoved)
        current = self._storage.outbox.find_post(ApprovalCard.kind if is_card else Receipt.kind, notice.request_id)
        if current is None or current == Post(channel=notice.channel, ts=notice.ts):
            return
        try:
            url = self._link_to(current)
        except LookupError:
            return
        message = (build_moved_card if is_card else build_moved_receipt)(self._request(notice.request_id), url)
        # Where it can't be rewritten, somebody has deleted it, or nobody can press its buttons any more.
        self._is_rewritten(Post(notice.channel, notice.ts), message, is_left=True)

    def _link_to(self, post: Post) -> str | None:
        """Return the address of a message, or None where Slack gives none: the request's number finds it all the same.

        Raises:
            LookupError: the message was deleted.
        """
        try:
            return str(self._client.chat_getPermalink(channel=post.channel, message_ts=post.ts)["permalink"])
        except SlackApiError as error:
            code = code_of(error)
            remedy = Remedy.WAIT if code is None else remedy_for(code, person=False)
            if remedy is Remedy.WAIT:
                raise
            if remedy is Remedy.POST_ANEW:
                raise LookupError(f"no message {post.ts}") from error
            return None

    def _team_id(self) -> str:
        try:
            return self._home().team_id
        except SlackUnavailable as error:
            raise Postponed("the workspace is not known yet") from error

    def _is_for_admin(self, audience: str) -> bool:
        """Tell whether the reader can look into what went wrong; where there is no admin, everyone reads it all."""
        admins = self._admins()
        return admins is not None and (not admins or audience in admins)

    def _message(self, notice: Notice, *, to_admin: bool) -> Message:
        match notice:
            case Decided(request_id):
                return build_decision(self._request(request_id))
            case CardRefused(request_id, reason):
                return build_card_refused(self._request(request_id), reason)
            case RequesterUntold(request_id, reason):
                return build_requester_untold(self._request(request_id), reason)
            case RecipientUntold(order_id, reason):
                return build_recipient_untold(self._order(order_id), reason)
            case RequestChanged(request_id):
                return build_changed(self._request(request_id))
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
            case DeliveryFailed(order_id):
                return build_not_delivered(self._order(order_id))
            case DeliveryDelayed(order_id):
                return build_delayed(self._order(order_id))
            case OrderUnfinished(order_id):
                return build_unfinished(self._order(order_id))
            case OrderOvercharged(order_id):
                return build_overcharged(self._order(order_id))
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
            case ApprovalCard() | CardAgain() | CardMoved() | Receipt() | ReceiptMoved():
                raise TypeError(f"{notice.kind} is rewritten elsewhere")
            case ThanksRefused(request_id, reason):
                return build_thanks_refused(self._request(request_id), reason)
            case RewardDelivery() | HomeChanged() | PublicThanks():
                raise TypeError(f"{notice.kind} is sent elsewhere")
            case _:
                assert_never(notice)

    def _hold_message(self) -> Message:
        orders = self._storage.backlog.size().orders
        return build_hold(self._storage.queue.state(), orders[OrderStatus.QUEUED] + orders[OrderStatus.SUBMITTING])

    def _on_its_way(self, order_id: int) -> Message:
        present = find_present(self._storage, self._order(order_id))
        return build_posted(present) if present.order.delivery is Delivery.POST else build_on_its_way(present)

    def _request(self, request_id: int) -> Request:
        request = self._storage.requests.get(request_id)
        if request is None:
            raise LookupError(f"no request {request_id}")
        return request

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
