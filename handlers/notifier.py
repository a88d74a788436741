"""The outbox's worker: one notice at a time, worded from the state as it now is, sent when Slack takes it."""

import logging
import threading
from datetime import datetime, timedelta
from typing import Final, assert_never

from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import WebClient

from bot.clock import Clock
from bot.domain.order import Order, OrderStatus, wait_before_retry
from bot.domain.request import Request
from bot.errors import StorageError
from bot.notifications import (
    ApprovalCard,
    Decided,
    Notice,
    OrderFailed,
    OrderNeedsAttention,
    OrdersSettled,
    OutcomeStillUnknown,
    QueueHalted,
    QueueResumed,
    Receipt,
    ResendFinished,
    RewardOnItsWay,
    notice_from,
)
from bot.service import MOST_AHEAD
from handlers.views.blocks import Message
from handlers.views.orders import (
    build_failed,
    build_needs_attention,
    build_on_its_way,
    build_resend_finished,
    build_still_unknown,
)
from handlers.views.queue import build_halted, build_resumed
from handlers.views.requests import Wait, build_card, build_decision, build_receipt, build_settled
from storage import Delivery, Post, Storage

logger = logging.getLogger(__name__)

#: Slack takes about one message a second per channel (Slack docs, Rate limits).
_PER_CHANNEL: Final = timedelta(seconds=1)

#: How long the worker sleeps when nobody wakes it: notices wake it; this is for a wake-up that was lost.
_IDLE: Final = timedelta(seconds=1)

#: Slack's answers that no second try will change: the audience is gone, or we are not let in.
_HOPELESS: Final = frozenset(
    {
        "account_inactive",
        "cannot_dm_bot",
        "channel_not_found",
        "invalid_blocks",
        "is_archived",
        "messages_tab_disabled",
        "msg_too_long",
        "user_disabled",
        "user_not_found",
    }
)

#: Slack's answers to a rewrite that mean: the message is gone, post it anew.
_GONE: Final = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})


class Notifier:
    """Tells what the outbox holds.

    Args:
        storage: where the outbox is.
        client: Slack's Web API.
        clock: what time it is.
        orders_per_second: the pace, for the time that waiting orders have to go.
    """

    def __init__(self, *, storage: Storage, client: WebClient, clock: Clock, orders_per_second: float) -> None:
        self._storage = storage
        self._client = client
        self._clock = clock
        self._orders_per_second = orders_per_second
        self._not_before: dict[str, datetime] = {}
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    # ------------------------------------------------------------------------------------ the loop

    def start(self) -> None:
        """Put back what a dead process was telling, then work in a thread until `stop`."""
        with self._storage.transaction():
            self._storage.outbox.rescue(self._clock.now())
        self._thread = threading.Thread(target=self._run, name="notifier", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """There may be something to tell: look now."""
        self._wake.set()

    def stop(self) -> None:
        """Finish the notice that is being told, and no more."""
        self._stopping.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                told = self.run_once()
            except StorageError:
                logger.exception("The outbox cannot be read; trying again")
                told = False
            if not told:
                self._wake.wait(self._sleep().total_seconds())

    def _sleep(self) -> timedelta:
        """Until an audience may be spoken to again, at most a second."""
        now = self._clock.now()
        return min([_IDLE, *(max(at - now, timedelta(0)) for at in self._not_before.values() if at > now)])

    def run_once(self) -> bool:
        """Tell the oldest notice that may be told now; whether there was one."""
        now = self._clock.now()
        self._not_before = {audience: at for audience, at in self._not_before.items() if at > now}
        delivery = self._storage.outbox.claim(waiting=self._not_before)
        if delivery is None:
            return False
        try:
            self._tell(delivery)
        except SlackApiError as error:
            self._refused(delivery, error)
        except (SlackClientError, OSError) as error:
            self._later(delivery, type(error).__name__)
        except StorageError:
            self._storage.outbox.retry(delivery.id, self._clock.now())
            raise
        except Exception:
            # A notice that cannot be worded must not stop those behind it.
            logger.exception("The notice %d (%s) could not be made", delivery.id, delivery.kind)
            self._storage.outbox.undeliverable(delivery, "could not be made", self._clock.now())
        else:
            self._storage.outbox.sent(delivery, self._clock.now())
        return True

    def _refused(self, delivery: Delivery, error: SlackApiError) -> None:
        reason = str(error.response.get("error", "unknown"))
        if reason == "ratelimited" or error.response.status_code == 429:
            wait = timedelta(seconds=float(error.response.headers.get("Retry-After", 1)))
            self._not_before[delivery.audience] = self._clock.now() + wait
            self._storage.outbox.retry(delivery.id, self._clock.now())
        elif reason in _HOPELESS:
            logger.error("The notice %d (%s) cannot be delivered: %s", delivery.id, delivery.kind, reason)
            self._storage.outbox.undeliverable(delivery, reason, self._clock.now())
        else:
            # Also not_in_channel and a revoked token: people mend these, and the notice is still owed.
            self._later(delivery, reason)

    def _later(self, delivery: Delivery, reason: str) -> None:
        logger.warning("The notice %d (%s) was not taken: %s", delivery.id, delivery.kind, reason)
        self._not_before[delivery.audience] = self._clock.now() + wait_before_retry(delivery.attempts)
        self._storage.outbox.retry(delivery.id, self._clock.now())

    # ------------------------------------------------------------------------------------- telling

    def _tell(self, delivery: Delivery) -> None:
        notice = notice_from(delivery.kind, delivery.facts)
        if isinstance(notice, ApprovalCard | Receipt):
            self._rewrite(delivery, notice)
        else:
            message = self._message(notice)
            self._post(delivery.audience, message)

    def _rewrite(self, delivery: Delivery, notice: ApprovalCard | Receipt) -> None:
        """Post the message, or rewrite it where it stands."""
        request = self._request(notice.request_id)
        counts = self._storage.orders.counts(request.id)
        message = build_card(request, counts) if isinstance(notice, ApprovalCard) else build_receipt(request, counts)
        post = self._storage.outbox.post(notice.kind, request.id)
        if post is not None:
            try:
                self._client.chat_update(channel=post.channel, ts=post.ts, text=message.text, blocks=message.blocks)
            except SlackApiError as error:
                if error.response.get("error") not in _GONE:
                    raise
            else:
                return
        self._storage.outbox.set_post(notice.kind, request.id, self._post(delivery.audience, message))

    def _post(self, audience: str, message: Message) -> Post:
        answer = self._client.chat_postMessage(
            channel=audience, text=message.text, blocks=message.blocks, unfurl_links=False, unfurl_media=False
        )
        self._not_before[audience] = self._clock.now() + _PER_CHANNEL
        return Post(channel=str(answer["channel"]), ts=str(answer["ts"]))

    def _message(self, notice: Notice) -> Message:
        match notice:
            case Decided(request_id):
                request = self._request(request_id)
                return build_decision(request, self._wait(request))
            case OrdersSettled(request_id):
                return build_settled(self._request(request_id), self._storage.orders.counts(request_id))
            case OrderFailed(order_id):
                return build_failed(self._order(order_id))
            case OrderNeedsAttention(order_id):
                return build_needs_attention(self._order(order_id))
            case OutcomeStillUnknown(order_id):
                return build_still_unknown(self._order(order_id))
            case RewardOnItsWay(order_id):
                return build_on_its_way(self._order(order_id))
            case QueueHalted(cause):
                return build_halted(cause)
            case QueueResumed(cause):
                return build_resumed(cause)
            case ResendFinished(resend_id):
                resend = self._storage.orders.resend(resend_id)
                if resend is None:
                    raise LookupError(f"no resend {resend_id}")
                return build_resend_finished(self._order(resend.order_id), resend)
            case ApprovalCard() | Receipt():
                raise TypeError(f"{notice.kind} is rewritten, not told")
            case _:
                assert_never(notice)

    def _wait(self, request: Request) -> Wait | None:
        """How long its orders wait, if any do."""
        waiting = [o for o in self._storage.orders.of_request(request.id) if o.status is OrderStatus.QUEUED]
        if not waiting:
            return None
        ahead = self._storage.orders.ahead_of(waiting[0], MOST_AHEAD)
        seconds = round((ahead + len(waiting)) / self._orders_per_second)
        halted = self._storage.queue.state().halted_at is not None
        return Wait(ahead=ahead, seconds=seconds, halted=halted)

    def _request(self, request_id: int) -> Request:
        request = self._storage.requests.get(request_id)
        if request is None:
            raise LookupError(f"no request {request_id}")
        return request

    def _order(self, order_id: int) -> Order:
        order = self._storage.orders.get(order_id)
        if order is None:
            raise LookupError(f"no order {order_id}")
        return order
