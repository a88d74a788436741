"""What the looks are made of: Maya asks for Rob, Alex decides, and all of it was a little while ago."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from playwright.sync_api import Page

from bot.domain.budget import Drawn
from bot.domain.money import Money
from bot.domain.order import Order, OrderStatus
from bot.domain.progress import Progress
from bot.domain.queue import HaltCause
from bot.domain.request import Address, Request, RequestStatus
from bot.sandbox.slack import people
from handlers.views.blocks import Message
from handlers.views.queue import Hold
from tests.kit.factories import a_recipient, a_request, a_reward, an_order
from tests.looks_story import WORDS

#: A little while ago, so that every reader's clock says today, but for a few minutes a day.
NOW: Final = datetime.now(UTC) - timedelta(minutes=10)

#: The reward in the catalog, with its picture.
LOOK: Final = a_reward(name="Reward Link", brand="Reward Link", picture="https://images.example/brands/B0-200w.png")

#: Why nothing is sent.
HOLD: Final = Hold(HaltCause.INSUFFICIENT_FUNDS, admins_know=True)

#: Four people who get the same.
TEAM: Final = tuple(
    a_recipient(user_id, first_name=first, last_name=last, has_namesake=False)
    for user_id, first, last in (
        (people.ROB, "Rob", "Hale"),
        (people.KIM, "Kim", "Park"),
        (people.LI, "Li", "Wu"),
        (people.ANA, "Ana", "Ruiz"),
    )
)

#: Where a parcel goes.
HOUSE: Final = Address(
    street_line1="12 Elm Street",
    street_line2="",
    city="Springfield",
    state_or_province="IL",
    postal_code="62701",
    country="US",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A picture: what is on it, and on whose screen; `act` is what the reader does before."""

    name: str
    title: str
    reader: str
    messages: Sequence[Message]
    channel: str | None = None
    act: Callable[[Page], None] = lambda _: None


def asked(**facts: Any) -> Request:
    """Maya's request for Rob, which waits."""
    rob = a_recipient(people.ROB, first_name="Rob", last_name="Hale", email="rob@acme.example", has_namesake=False)
    usual: dict[str, Any] = {
        "id": 8,
        "requester_id": people.MAYA,
        "requester_name": "Maya Chen",
        "recipients": (rob,),
        "reward_name": "Reward Link",
        "message": WORDS,
        "budgets": (Drawn("Team leads", True, Money(375_00, "USD")),),
        "created_at": NOW,
    }
    return a_request(**(usual | facts))


def decided(status: RequestStatus, **facts: Any) -> Request:
    """The same once somebody has decided, or the time is up."""
    by = None if status is RequestStatus.EXPIRED else people.MAYA if status is RequestStatus.WITHDRAWN else people.ALEX
    return asked(status=status, decided_by=by, decided_at=NOW + timedelta(minutes=6), **facts)


def waits(**facts: Any) -> Order:
    """Rob's order, which waits."""
    usual: dict[str, Any] = {
        "request_id": 8,
        "requester_id": people.MAYA,
        "recipient": asked().recipients[0],
        "reward_name": "Reward Link",
        "created_at": NOW,
        "available_at": NOW,
    }
    return an_order(**(usual | facts))


def sent(**facts: Any) -> Order:
    """The same once Tango has accepted it."""
    usual = {"status": OrderStatus.ACCEPTED, "finalized_at": NOW, "last_sent_at": NOW, "reference_order_id": "RA1-2-3"}
    return waits(**(usual | facts))


def counted(**counts: int) -> Progress:
    """How many orders are in which state."""
    return Progress(counts={OrderStatus(name): count for name, count in counts.items()})
