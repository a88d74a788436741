"""A sentence without its facts: the characters that several texts of one builder have in common."""

import re
from collections.abc import Callable
from datetime import timedelta
from difflib import SequenceMatcher
from functools import reduce
from itertools import takewhile
from typing import Any, Final

from bot.domain.money import Money
from bot.domain.order import Order
from bot.domain.request import Request
from bot.sandbox.slack.snapshots import texts
from handlers.views.blocks import Json, Message
from tests.kit.factories import ADA, ALEX, NOON, a_recipient, a_request, an_order

#: Characters: fewer could stand in any message.
_LEAST: Final = 8

#: Mentions and times, which are facts.
_MARKUP: Final = re.compile(r"<[^>]*>")

#: Left out at the ends of a run, because a fact may follow or go before.
_ENDS: Final = " .,;:()"

#: Stands for them, and is in no sentence.
_GAP: Final = "\0"


def common(*texts: str, holding: str = "") -> str:
    """Return the longest run of characters that all the texts have: a sentence without its facts.

    Args:
        texts: made by one builder, of facts that differ.
        holding: what the run must have in it, such as an order's number.
    """
    return reduce(lambda one, other: _common(one, other, holding), texts)


def begins(one: str, other: str) -> str:
    """Return the characters with which both texts begin."""
    pairs = zip(one, other, strict=False)
    found = "".join(sign for sign, _ in takewhile(lambda pair: pair[0] == pair[1], pairs)).rstrip()
    assert found, f"nothing in common: {one!r} and {other!r}"
    return found


def _common(one: str, other: str, holding: str) -> str:
    one, other = (_MARKUP.sub(_GAP, text) for text in (one, other))
    blocks = SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()
    parts = (part for block in blocks for part in one[block.a : block.a + block.size].split(_GAP))
    runs = [part.strip(_ENDS) for part in parts]
    found = max((run for run in runs if holding in run), key=len)
    assert len(found) >= _LEAST, f"too little to find a message by: {found!r}"
    return found


def words_in(blocks: Any) -> str:
    """Return every text of the blocks, a line each."""
    return "\n".join(texts(blocks))


#: An order's facts, none of which is like those that the factories give.
_OTHER_FACTS: Final[Json] = {
    "requester_id": "U9ZZZ",
    "recipient": a_recipient("W7YYY", first_name="Zoë", last_name="Quist", email="q@elsewhere.test"),
    "reward_name": "Xylophone Hut",
    "amount": Money(7_31, "EUR"),
    "attempts": 7,
    "tango_status": "HELD",
    "reference_order_id": "RA7",
    "last_sent_at": NOON + timedelta(days=99, seconds=3_700),
}


def told(build: Callable[[Order], Message], order_id: int | None = None) -> str:
    """Return what a builder says of every order, or of every order of this number."""
    one = an_order(id=order_id or 1, request_id=order_id or 1, last_sent_at=NOON)
    other = an_order(id=order_id or 92, request_id=order_id or 92, **_OTHER_FACTS)
    found = common(build(one).text, build(other).text, holding=str(order_id or ""))
    return found if order_id else found.removesuffix("(R-").rstrip()


def told_first(build: Callable[[Order], Message], order_id: int = 1) -> str:
    """Return how a builder's text begins for every order of this number."""
    return begins(build(an_order(id=order_id)).text, build(an_order(id=order_id, **_OTHER_FACTS)).text)


def of_requests(build: Callable[[Request], Message], request_id: int | None = None) -> str:
    """Return what a builder says of every request, or of every request of this number."""
    texts_of_two = (build(request).text for request in _two_requests(request_id))
    return common(*texts_of_two, holding=f"R-{request_id}" if request_id else "")


def _two_requests(request_id: int | None) -> tuple[Request, Request]:
    facts = {name: fact for name, fact in _OTHER_FACTS.items() if name in ("requester_id", "reward_name", "amount")}
    recipients = (_OTHER_FACTS["recipient"],)
    one = a_request(id=request_id or 1, decided_by=ALEX, decided_at=NOON)
    other = a_request(
        id=request_id or 92, recipients=recipients, decided_by=ADA, decided_at=NOON, message="", reason="No", **facts
    )
    return one, other
