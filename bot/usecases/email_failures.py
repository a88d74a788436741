"""Emails that did not arrive: Tango is asked for them now and then, and those who can put it right hear of each."""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.clock import Clock
from bot.domain.alerts import EmailsUnseen
from bot.domain.audit import AuditEvent
from bot.domain.email_failure import EmailFailed, EmailFailure
from bot.domain.order import Order
from bot.errors import TangoRefused, TangoUnavailable
from bot.tango.client import TangoClient
from bot.tango.limits import BLOCK_LIMIT
from bot.tango.listings import LineItem
from bot.usecases.form import Payer
from storage import EmailPoll, Storage

logger = logging.getLogger(__name__)

#: Who can put it right hears within this time, and Tango is asked three times in it, however many orders there are.
_EVERY: Final = timedelta(minutes=10)

#: The key of the platform is wrong: its orders are refused too, which admins hear.
_WRONG_KEY: Final = 401

#: A platform that may not look is asked again after this time: somebody may have given it the right.
_REST: Final = timedelta(days=1)


class EmailFailures:
    """Asks Tango which emails did not arrive.

    Args:
        storage: of the orders.
        tango: is asked.
        clock: tells the time.
        payer: whose orders are looked at.
        audiences: who hears that Tango doesn't say.
    """

    def __init__(
        self, *, storage: Storage, tango: TangoClient, clock: Clock, payer: Payer, audiences: Sequence[str]
    ) -> None:
        self._storage = storage
        self._tango = tango
        self._clock = clock
        self._payer = payer
        self._audiences = audiences
        self._polls = 0
        self._deeper = dict.fromkeys(EmailFailure, 0)

    def look(self) -> None:
        """Ask once for each status, if it is time and no order waits to be sent; tell of what is new."""
        now, poll = self._clock.now(), self._storage.email_failures.poll()
        if not self._is_due(poll, now):
            return
        denied_at: datetime | None = None
        try:
            for status in EmailFailure:
                self._tell(status, self._listed(status))
        except TangoUnavailable as error:
            logger.warning("Tango doesn't say which emails failed, and is asked again: %s", error)
            denied_at = poll.denied_at if poll else None
        except TangoRefused as error:
            denied_at = poll.denied_at if poll else None
            if error.status != _WRONG_KEY:
                self._say_denied(error, is_first=denied_at is None)
                denied_at = denied_at or now
        with self._storage.transaction():
            self._storage.email_failures.set_poll(EmailPoll(now, denied_at))
        self._polls += 1

    def _is_due(self, poll: EmailPoll | None, now: datetime) -> bool:
        if not self._storage.email_failures.has_sent():
            return False
        if self._storage.queue.state().takes_orders(now) and self._storage.orders.next_due(now) is not None:
            return False
        if poll is None or poll.polled_at > now:  # the clock was put back
            return True
        return now - poll.polled_at >= (_EVERY if poll.denied_at is None else _REST)

    def _listed(self, status: EmailFailure) -> Iterable[LineItem]:
        """Return a page of what failed: every other time the newest, and between them the older ones in turn."""
        page = self._deeper[status] if self._polls % 2 else 0
        listed = self._tango.list_line_items(
            email_status=status, customer=self._payer.customer, account=self._payer.account, page=page
        )
        pages = -(-listed.total // BLOCK_LIMIT)
        if page == self._deeper[status] or self._deeper[status] >= pages:
            self._deeper[status] = page + 1 if page + 1 < pages else 0
        return listed.line_items

    def _tell(self, status: EmailFailure, listed: Iterable[LineItem]) -> None:
        numbers = [one.reference_order_id for one in listed if (one.email_status or status).upper() == status]
        for order in self._storage.email_failures.orders(numbers):
            if order.can_be_mailed_again and order.recipient.email:  # else it was removed from an old order
                self._tell_of(order, status)

    def _tell_of(self, order: Order, status: EmailFailure) -> None:
        with self._storage.transaction():
            now = self._clock.now()
            if not self._storage.email_failures.add(order.id, status, now, sent_before=now - _EVERY):
                return
            self._storage.audit.add(
                AuditEvent.ORDER_EMAIL_FAILED,
                now=now,
                request_id=order.request_id,
                order_id=order.id,
                status=status,
            )
            notice = EmailFailed(order.id, status)
            self._storage.outbox.add_for_requester_and_admins(notice, order.requester_id, now)

    def _say_denied(self, error: TangoRefused, *, is_first: bool) -> None:
        logger.warning("Tango doesn't let this platform see which emails failed: %s", error)
        if is_first:
            with self._storage.transaction():
                for audience in self._audiences:
                    self._storage.outbox.add(EmailsUnseen(), audience, self._clock.now())
