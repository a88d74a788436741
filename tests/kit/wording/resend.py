"""Reward emails that are sent again."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.domain.addresses import masked
from bot.domain.order import Order, OrderStatus
from bot.domain.resend import Resend, ResendStatus
from bot.errors import AlreadyReaddressed
from bot.usecases.resend import Mailed
from handlers.views import delivery, resend
from handlers.views.blocks import Message
from tests.kit.factories import ADA, ALEX, NOON, a_present, a_recipient, a_request, an_order
from tests.kit.wording.common import common, told
from tests.kit.wording.refusals import always

#: A time of today, to the second (Slack docs, Formatting text).
_CLOCK: Final = re.compile(r"<!date\^(\d+)\^\{time_secs\}")


def _finished(status: ResendStatus) -> Callable[[Order], Message]:
    def build(order: Order) -> Message:
        at = order.last_sent_at or NOON
        finished = Resend(
            id=1,
            order_id=order.id,
            requested_by=ADA,
            requested_at=at,
            previous_sent_at=at,
            status=status,
            finished_at=at,
            i18n_key="403.003" if order.attempts else "500.001",
        )
        return resend.build_resend_finished(order, finished, order.attempts)

    return build


def resend_form(order_id: int) -> str:
    """Return the number of an order in the form that asks for the changes."""
    form = resend.build_resend_form(Mailed(order=an_order(request_id=order_id), seconds_left=0, by_admin=False))
    number: str = form["blocks"][-1]["elements"][0]["text"]
    return number


def sending_again(order_id: int) -> str:
    """Say that the e-mail of an order is being sent again."""
    return told(lambda order: resend.build_resending(order, ADA), order_id)


def sent_again(order_id: int) -> str:
    """Say that it was."""
    return told(_finished(ResendStatus.SENT), order_id)


def not_sent_again(order_id: int) -> str:
    """Say that Tango refused."""
    return told(_finished(ResendStatus.REFUSED), order_id)


def seconds_to_resend(text: str, now: datetime) -> float | None:
    """Return the wait until the time by the clock at which the text says that the email can be sent again.

    None where the text names none. It is up to a second longer than the wait is, because the time has whole seconds.
    """
    said = _CLOCK.search(text)
    return None if said is None else datetime.fromtimestamp(int(said[1]), UTC).timestamp() - now.timestamp()


#: An email that did not go out can be sent again at once.
CAN_BE_SENT_AGAIN: Final = resend.again_text(an_order(), 0)

#: Who asks within the cooldown hears when it is over.
TOO_SOON: Final = told(lambda order: resend.build_too_soon(order, 5))


def wait_is_over(order_id: int) -> str:
    """Say in the end, to who was told to wait, that the e-mail can be sent again."""
    return told(lambda order: resend.build_too_soon(order, 0), order_id)


def mine(email: str) -> str:
    """Tell a recipient that they can have it sent again."""
    return resend.mine_text(an_order(recipient=a_recipient(email=email)), 0)


#: A recipient hears at once that it is being sent.
SENDING_MINE: Final = common(
    *(
        resend.mine_resending_text(an_order(recipient=a_recipient(email=email)))
        for email in ("a@acme.example", "z@acme.example")
    )
)


def sent_again_to_me(email: str) -> str:
    """Tell a recipient that it was sent again."""
    mailed = [an_order(id=n, requester_id=f"U{n}", recipient=a_recipient(ADA, email=email)) for n in (1, 92)]
    return common(*(_finished(ResendStatus.SENT)(order).text for order in mailed), holding=masked(email))


#: Which of a request's rewards is to be sent again is asked before any is.
RESEND_CHOICE: Final = common(
    *(
        resend.build_resend_choice(
            a_request(id=request_id),
            [an_order(status=OrderStatus.ACCEPTED, last_sent_at=NOON) for _ in range(people)],
        ).text
        for request_id, people in ((1, 2), (92, 3))
    )
)

#: The same of any order.
SENDING_AGAIN: Final = told(lambda order: resend.build_resending(order, ADA))
SENT_AGAIN: Final = told(_finished(ResendStatus.SENT))
NOT_SENT_AGAIN: Final = told(_finished(ResendStatus.REFUSED))
UNCLEAR_RESEND: Final = told(_finished(ResendStatus.AMBIGUOUS))

NO_EMAILS: Final = resend.build_resend_list([]).text

#: A recipient hears that Tango has mailed the reward.
ON_ITS_WAY: Final = told(lambda order: delivery.build_on_its_way(a_present(order)))


def _readdressed(order: Order) -> Message:
    at = order.last_sent_at or NOON
    one = Resend(
        id=1,
        order_id=order.id,
        requested_by=ADA if order.attempts else ALEX,
        requested_at=at,
        previous_sent_at=at,
        status=ResendStatus.CLAIMED,
        masked_email=masked(order.recipient.email),
    )
    return resend.build_readdressed(order, one)


#: Requester and recipient hear that an admin sends it elsewhere.
READDRESSED: Final = told(_readdressed)

#: An admin hears that it went elsewhere today.
READDRESSED_TODAY: Final = always(
    AlreadyReaddressed(number="1", again_at=NOON), AlreadyReaddressed(number="92", again_at=NOON + timedelta(days=1))
)
