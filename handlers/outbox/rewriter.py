"""The messages that are rewritten: a request's card, each approver's copy of it, and the receipt."""

from abc import ABC
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from slack_sdk.errors import SlackApiError
from slack_sdk.web import WebClient

from bot.clock import Clock
from bot.domain.notices import APPROVALS, ApprovalCard, CardAgain, CardMoved, Receipt, ReceiptMoved
from bot.domain.order import OrderStatus
from bot.domain.progress import Progress
from bot.domain.request import Request
from bot.errors import SlackUnavailable
from bot.usecases.balance import with_cover
from bot.usecases.copies import Copies
from bot.usecases.duplicates import refresh_other_cards, with_other_rewards
from handlers.bolt.network import code_of
from handlers.bolt.profiles import Home
from handlers.outbox.codes import Remedy, remedy_for
from handlers.outbox.worker import OutboxWorker, Postponed
from handlers.views.blocks import Message
from handlers.views.cards import build_closed_card, build_moved_card, build_moved_receipt
from handlers.views.queue import Hold
from handlers.views.receipts import build_receipt
from handlers.views.requests import build_card
from storage import Post, QueuedNotice, Storage

#: How the id of a channel begins, also of a private one (Slack docs, Conversations API).
_CHANNEL_IDS: Final = ("C", "G")


class Rewriter(OutboxWorker, ABC):
    """Posts cards and receipts, and rewrites each where it stands.

    Args:
        storage: of the outbox.
        client: Slack's Web API.
        clock: tells the time.
        is_on_duty: tell whether this bot still sends what is due.
        admins: return the admins' Slack ids; None while they are not known.
        copies: tells where cards go, and hands them out to the approvers where they go by direct message.
        home: returns where the bot is installed, for links to profiles. Raises SlackUnavailable where that is not
            known yet.
        undo_within: how long an approval can be undone, as the card says before.
        orders_per_second: the pace, by which a batch says how long it takes.
    """

    def __init__(
        self,
        *,
        storage: Storage,
        client: WebClient,
        clock: Clock,
        is_on_duty: Callable[[], bool],
        admins: Callable[[], frozenset[str] | None],
        copies: Copies,
        home: Callable[[], Home],
        undo_within: timedelta,
        orders_per_second: float,
    ) -> None:
        super().__init__(storage=storage, client=client, clock=clock, is_on_duty=is_on_duty)
        self._admins = admins
        self._copies = copies
        self._home = home
        self._undo_within = undo_within
        self._orders_per_second = orders_per_second

    def _hands_out(self, queued: QueuedNotice, notice: ApprovalCard | CardAgain) -> bool:
        """Hand out a card's copies; return whether no card in a channel is left to post or rewrite.

        Cards about other rewards for the same people say what became of this one: they are rewritten after it.
        """
        if queued.audience != APPROVALS:
            return False
        refresh_other_cards(self._storage, self._request(notice.request_id), self._clock.now())
        try:
            return self._copies.hand_out(queued, notice)
        except SlackUnavailable as error:
            raise Postponed("who the approvers are is not known yet") from error

    def _rewrite(self, queued: QueuedNotice, notice: ApprovalCard | Receipt) -> None:
        """Rewrite the request's message, or post it where there is none."""
        request = self._request(notice.request_id)
        if isinstance(notice, ApprovalCard):
            if self._is_closed(queued, notice, request):
                return
            message = self._card(request, self._why_on_hold())
        else:
            hold = self._why_on_hold()
            progress = self._progress(request, hold)
            message = build_receipt(request, progress, hold, self._left_to_send(progress))
        post = self._find_post(queued, notice)
        # Of an earlier approvals channel: that one may be archived, or the bot may have been removed from it.
        channel = self._copies.route_of(request).channel
        is_left = queued.audience == APPROVALS and post is not None and post.channel != channel
        if post is not None and self._is_rewritten(post, message, is_left=is_left):
            return
        if self._is_needed(queued, notice, request):
            self._set_post(queued, notice, self._post(queued.audience, message, channel=_place(queued, channel)))

    def _is_closed(self, queued: QueuedNotice, notice: ApprovalCard | CardAgain, request: Request) -> bool:
        """Close the copy of who approves no more, so that it tells nothing further; return whether it is one."""
        if not _is_copy(queued, notice):
            return False
        try:
            if self._copies.is_for(queued.audience, request):
                return False
        except SlackUnavailable as error:
            raise Postponed("who the approvers are is not known yet", alone=True) from error
        post = self._find_post(queued, notice)
        if post is not None:
            self._is_rewritten(post, build_closed_card(request), is_left=True)
        self._storage.copies.remove(request.id, queued.audience)
        return True

    def _card(self, request: Request, hold: Hold | None = None) -> Message:
        progress, look = self._progress(request, hold), self._storage.catalog.get(request.utid)
        shown = with_other_rewards(self._storage, request)
        [shown] = with_cover(self._storage, [shown], self._clock.now())
        return build_card(shown, progress, self._team_id(), hold, look, undo_within=self._undo_within)

    def _progress(self, request: Request, hold: Hold | None) -> Progress:
        """Return how far the orders are. On hold, nothing rewrites the message after each order that is tried."""
        progress = self._storage.orders.progress(request.id)
        return progress if hold is None else progress.on_hold()

    def _left_to_send(self, progress: Progress) -> timedelta:
        """Return how long the orders take at the pace that are not sent yet."""
        waiting = sum(progress.counts.get(status, 0) for status in (OrderStatus.QUEUED, OrderStatus.SUBMITTING))
        return timedelta(seconds=waiting / self._orders_per_second)

    def _is_needed(self, queued: QueuedNotice, notice: ApprovalCard | Receipt, request: Request) -> bool:
        """Tell whether a new message takes the place of one that is not there: not once cards go to no channel.

        Nor does an approver who has no card get one of a request that was decided, but by a rule.
        """
        if isinstance(notice, Receipt):
            return True
        is_news = request.is_pending or request.is_automatic
        return is_news if _is_copy(queued, notice) else not self._copies.route_of(request).by_dm

    def _find_post(self, queued: QueuedNotice, notice: ApprovalCard | CardAgain | Receipt) -> Post | None:
        """Return the place of the receipt, of the card in the channel, or of the reader's copy."""
        if _is_copy(queued, notice):
            return self._storage.copies.find(notice.request_id, queued.audience)
        return self._storage.outbox.find_post(_kind_of_post(notice), notice.request_id)

    def _set_post(self, queued: QueuedNotice, notice: ApprovalCard | CardAgain | Receipt, post: Post) -> None:
        if _is_copy(queued, notice):
            self._storage.copies.set_post(notice.request_id, queued.audience, post)
        else:
            self._storage.outbox.set_post(_kind_of_post(notice), notice.request_id, post)

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
        if not request.is_pending or self._is_closed(queued, notice, request):
            return  # decided meanwhile, as its card says
        channel = _place(queued, self._copies.route_of(request).channel)
        new = self._post(queued.audience, self._card(request), channel=channel)
        with self._storage.transaction():
            old = self._find_post(queued, notice)
            self._set_post(queued, notice, new)
            if old is not None:
                self._storage.outbox.add(CardMoved(request.id, old.channel, old.ts), old.channel, self._clock.now())

    def _point_to_current(self, notice: CardMoved | ReceiptMoved) -> None:
        """Make an old message a pointer to the current one, unless that was deleted: then only the old one is left.

        A card that was clicked before its place was stored looks like an old one until then.
        """
        is_card = isinstance(notice, CardMoved)
        copy = self._storage.copies.find_in(notice.request_id, notice.channel) if is_card else None
        kind = ApprovalCard.kind if is_card else Receipt.kind
        current = copy or self._storage.outbox.find_post(kind, notice.request_id)
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

    def _request(self, request_id: int) -> Request:
        request = self._storage.requests.get(request_id)
        if request is None:
            raise LookupError(f"no request {request_id}")
        return request


def _is_copy(queued: QueuedNotice, notice: ApprovalCard | CardAgain | Receipt) -> bool:
    """Tell whether a notice is about one approver's copy of a card.

    An earlier version wrote down the approvals channel by its id, where `APPROVALS` stands now.
    """
    is_for_channel = queued.audience == APPROVALS or queued.audience.startswith(_CHANNEL_IDS)
    return not is_for_channel and not isinstance(notice, Receipt)


def _place(queued: QueuedNotice, channel: str) -> str:
    """Return where a notice is posted: to its reader, or to the channel of its request."""
    return channel if queued.audience == APPROVALS else queued.audience


def _kind_of_post(notice: ApprovalCard | CardAgain | Receipt) -> str:
    return Receipt.kind if isinstance(notice, Receipt) else ApprovalCard.kind
