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

#: Who can put it right hears soon after, and Tango is asked three times in it, however many orders there are.
_EVERY: Final = timedelta(minutes=10)

#: The key of the platform is wrong: its orders are refused too, which admins hear.
_WRONG_KEY: Final = 401

#: A platform that may not look is asked again after this time: somebody may have given it the right.
_REST: Final = timedelta(days=1)


class EmailFailures:
    """Asks Tango which emails did not arrive, for one status at a look: Tango wants a second between two calls.

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
        self._left: list[EmailFailure] = []
        self._polls = 0
        self._deeper = dict.fromkeys(EmailFailure, 0)

    def look(self) -> None:
        """Ask for the next status, if it is time and no order waits to be sent; tell of what is new."""
        now, poll = self._clock.now(), self._storage.email_failures.poll()
        if self._has_to_wait(now):
            return
        if not self._left:
            if not _is_due(poll, now):
                return
            self._begin(now, poll)
        try:
            status = self._left.pop(0)
            self._tell(status, self._listed(status))
        except TangoUnavailable as error:
            self._left.clear()
            logger.warning("Tango doesn't say which emails failed, and is asked again: %s", error)
        except TangoRefused as error:
            self._left.clear()
            if error.status != _WRONG_KEY:
                self._note_denied(error, poll, now)
        else:
            if poll is not None and poll.denied_at is not None:
                self._note(now, None)

    def _has_to_wait(self, now: datetime) -> bool:
        """Tell whether there is an order to be sent first, or none of which an email could have failed."""
        if not self._storage.email_failures.has_sent():
            return True
        return self._storage.queue.state().takes_orders(now) and self._storage.orders.next_due(now) is not None

    def _begin(self, now: datetime, poll: EmailPoll | None) -> None:
        """Begin to ask for each status; that is kept before the first call, so that a restart doesn't ask again."""
        self._left = list(EmailFailure)
        self._polls += 1
        self._note(now, poll.denied_at if poll else None)

    def _note(self, polled_at: datetime, denied_at: datetime | None) -> None:
        with self._storage.transaction():
            self._storage.email_failures.set_poll(EmailPoll(polled_at, denied_at))

    def _listed(self, status: EmailFailure) -> Iterable[LineItem]:
        """Return a page of what failed: every other time the newest, and between them the older ones in turn."""
        page = 0 if self._polls % 2 else self._deeper[status]
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

    def _note_denied(self, error: TangoRefused, poll: EmailPoll | None, now: datetime) -> None:
        """Note that the platform may not look, and tell so the first time."""
        logger.warning("Tango doesn't let this platform see which emails failed: %s", error)
        denied_at = poll.denied_at if poll else None
        if denied_at is None:
            with self._storage.transaction():
                for audience in self._audiences:
                    self._storage.outbox.add(EmailsUnseen(), audience, now)
        self._note(now, denied_at or now)


def _is_due(poll: EmailPoll | None, now: datetime) -> bool:
    if poll is None or poll.polled_at > now:  # the clock was put back
        return True
    return now - poll.polled_at >= (_EVERY if poll.denied_at is None else _REST)
