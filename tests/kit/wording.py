"""What Kudos says to people, made by the functions that word it: a test that looks for a message finds it here.

Sentences are written out in `tests/unit/test_wording.py` alone, so that a sentence is changed in one test.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from difflib import SequenceMatcher
from functools import reduce
from typing import Any, Final

from bot.domain.catalog import Catalog
from bot.domain.money import Money
from bot.domain.order import Attempt, AttemptOutcome, Order, OrderStatus, Progress
from bot.domain.problem import Problem
from bot.domain.queue import PAUSED, HaltCause, QueueState
from bot.domain.request import Request, RequestStatus
from bot.domain.resend import Resend, ResendStatus
from bot.domain.search import OrderSearch
from bot.errors import (
    AlreadyDecided,
    NotAllowed,
    NotFound,
    Refusal,
    ResendTooSoon,
    Rule,
    SearchFault,
    SearchNotUnderstood,
    Wish,
    WrongState,
)
from bot.faults import Fault, FaultCode
from bot.tango.limits import RESULT_WINDOW
from bot.tango.models import TangoReward
from bot.usecases.delivery import Gift
from bot.usecases.orders import OrderStory
from bot.usecases.search import OwnPage, TangoPage
from handlers.views import delivery, forms, orders, people, queue, requests, resend, search
from handlers.views.blocks import Json, Message
from handlers.views.messages import fault_text, refusal_text
from handlers.views.problems import problem_text
from handlers.views.tango import words_of
from tests.kit.factories import ADA, ALEX, NOON, TEAM, a_recipient, a_request, an_order

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
    if isinstance(blocks, dict):
        own = [blocks["text"]] if isinstance(blocks.get("text"), str) else []
        return "\n".join([*own, *filter(None, map(words_in, blocks.values()))])
    return "\n".join(filter(None, map(words_in, blocks))) if isinstance(blocks, list) else ""


# ------------------------------------------------------------------------------------------ refusals


def not_found(reference: object) -> str:
    """Say that there is no such thing, or none that the person may see."""
    return refusal_text(NotFound(str(reference)))


def not_allowed(rule: Rule) -> str:
    """Say which rule forbids it."""
    return refusal_text(NotAllowed(rule))


def too_soon(seconds: int) -> str:
    """Say when the e-mail can be sent again."""
    return refusal_text(ResendTooSoon(order_id=1, seconds_left=seconds))


def wrong_state(order_id: int, status: OrderStatus, move: Wish) -> str:
    """Say that the order's state does not allow it."""
    return refusal_text(WrongState(order_id=order_id, status=status, move=move))


def fault(field: str, code: FaultCode, **facts: object) -> str:
    """Say what is wrong with a field."""
    return fault_text(field, Fault(code, facts))


def always(refusal: Refusal, *others: Refusal) -> str:
    """Return what refusals of one kind say whatever their facts are."""
    return common(refusal_text(refusal), *map(refusal_text, others))


#: Of every thing that is not found.
NOT_FOUND: Final = always(NotFound("1"), NotFound("another"))

#: Of every request that somebody has decided before.
ALREADY_DECIDED: Final = always(
    AlreadyDecided(status="approved", by=ALEX, at=NOON), AlreadyDecided(status="approved", by=ADA, at=NOON)
)

#: Of every word that no command knows.
UNKNOWN_WORD: Final = always(*(SearchNotUnderstood(SearchFault.UNKNOWN, word) for word in ("x", "yy")))

#: Of everybody without an address, by which Tango could find them.
NO_ADDRESS: Final = always(*(SearchNotUnderstood(SearchFault.NO_ADDRESS, word) for word in ("x", "yy")))

#: Of every e-mail that waits for its cooldown.
TOO_SOON: Final = common(too_soon(2), too_soon(30))


# -------------------------------------------------------------------------- two orders, all different

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


def _told(build: Callable[[Order], Message], order_id: int | None = None) -> str:
    """Return what a builder says of every order, or of every order of this number."""
    one = an_order(id=order_id or 1, last_sent_at=NOON)
    other = an_order(id=order_id or 92, **_OTHER_FACTS)
    return common(build(one).text, build(other).text, holding=f"#{order_id}" if order_id else "")


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
            i18n_key="403.003" if order.attempts else "403.008",
        )
        return resend.build_resend_finished(order, finished, order.attempts)

    return build


def _of_requests(build: Callable[[Request], Message], request_id: int | None = None) -> str:
    """Return what a builder says of every request, or of every request of this number."""
    facts = {name: fact for name, fact in _OTHER_FACTS.items() if name in ("requester_id", "reward_name", "amount")}
    recipients = (_OTHER_FACTS["recipient"],)
    one = a_request(id=request_id or 1, decided_by=ALEX, decided_at=NOON)
    other = a_request(
        id=request_id or 92, recipients=recipients, decided_by=ADA, decided_at=NOON, message="", reason="No", **facts
    )
    return common(build(one).text, build(other).text, holding=f"#{request_id}" if request_id else "")


def _on_hold(request: Request) -> Message:
    wait = requests.Wait(ahead=0, seconds=0, halted=True)
    return requests.build_decision(replace(request, status=RequestStatus.APPROVED), wait)


# ------------------------------------------------------------------------------------------- the queue


def on_hold(key: str) -> str:
    """Say why orders are on hold, by Tango's key."""
    return common(*(queue.build_halted("", key, request_id).text for request_id in ("req-1", None)))


#: Admins hear that no orders are sent.
ON_HOLD: Final = common(
    *(queue.build_halted(cause, None, None).text for cause in (HaltCause.FORBIDDEN, HaltCause.INSUFFICIENT_FUNDS))
)

#: Admins hear that they are sent again.
RESUMED: Final = common(
    queue.build_resumed(HaltCause.FORBIDDEN).text, queue.build_resumed(HaltCause.INSUFFICIENT_FUNDS).text
)

#: A requester hears that an approved request waits, because no orders are sent.
WAITS_ON_HOLD: Final = _of_requests(_on_hold)

PROBING: Final = queue.build_probing(halted=True).text
NOT_ON_HOLD: Final = queue.build_probing(halted=False).text


def cause(key: str) -> str:
    """Return what happened, by Tango's key, as a clause."""
    return words_of(key, None).what


def found(problem: Problem, key: str = "") -> str:
    """Say what Kudos itself found to be wrong with an order, and with what key Tango refuses it now."""
    lasts = [
        Attempt(
            started_at=NOON,
            finished_at=NOON,
            outcome=None,
            http_status=None,
            i18n_key=key or None,
            tango_request_id=request_id,
            detail=None,
        )
        for request_id in ("req-1", "an-2")
    ]
    details = ("x", None)
    return common(
        *(
            problem_text(an_order(problem=problem, problem_detail=detail), last)
            for detail, last in zip(details, lasts, strict=True)
        )
    )


# ---------------------------------------------------------------------------------------- requests, orders


def card(request_id: int) -> str:
    """Return how the card of a request begins, up to the colon after its number: #1 is no beginning of #10."""
    return f"{_of_requests(lambda request: requests.build_card(request, Progress(counts={}), TEAM), request_id)}:"


def wrote(user_id: str) -> str:
    """Return the line above a requester's message on the card."""
    blocks = requests.build_card(a_request(requester_id=user_id), Progress(counts={}), TEAM).blocks
    (at,) = (at for at, block in enumerate(blocks) if "rich_text_quote" in str(block))
    return words_in(blocks[at - 1 : at])


def who(request_id: int) -> str:
    """Return how an approver is told who the recipients are."""
    return people.build_who(a_request(id=request_id), [], TEAM).text


#: What warns of somebody with the same name, without the name.
NAMESAKE: Final = words_in(people.namesake_warning(a_request(recipients=(a_recipient(has_namesake=True),)))).rpartition(
    "\n: "
)[2]


def receipt(request_id: int) -> str:
    """Return how the requester's receipt of a request begins, up to the colon after its number."""
    return f"{_of_requests(lambda request: requests.build_receipt(request, Progress(counts={})), request_id)}:"


def decided(request_id: int, status: RequestStatus) -> str:
    """Tell the requester what was decided."""
    return _of_requests(lambda request: requests.build_decision(replace(request, status=status), None), request_id)


NEEDS_A_PERSON: Final = _told(lambda order: orders.build_needs_attention(order, None))
STILL_UNKNOWN: Final = _told(orders.build_still_unknown)
NOTHING_PAID: Final = words_in(
    [one for one in orders.build_failed(an_order(), None).blocks if one["type"] == "context"]
)


# ----------------------------------------------------------------------------------------------- e-mails


def sending_again(order_id: int) -> str:
    """Say that the e-mail of an order is being sent again."""
    return _told(lambda order: resend.build_resending(order, ADA), order_id)


def sent_again(order_id: int) -> str:
    """Say that it was."""
    return _told(_finished(ResendStatus.SENT), order_id)


def not_sent_again(order_id: int) -> str:
    """Say that Tango refused."""
    return _told(_finished(ResendStatus.REFUSED), order_id)


def can_be_sent_again(seconds: int) -> str:
    """Say when, after a resend that was not or may not have been made."""
    texts = (
        _finished(status)(an_order(attempts=seconds)).text for status in (ResendStatus.REFUSED, ResendStatus.AMBIGUOUS)
    )
    return common(*texts, holding=resend.wait_text(seconds))


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
    return common(*(_finished(ResendStatus.SENT)(order).text for order in mailed), holding=resend.masked(email))


#: The same of any order.
SENDING_AGAIN: Final = _told(lambda order: resend.build_resending(order, ADA))
SENT_AGAIN: Final = _told(_finished(ResendStatus.SENT))
NOT_SENT_AGAIN: Final = _told(_finished(ResendStatus.REFUSED))
UNCLEAR_RESEND: Final = _told(_finished(ResendStatus.AMBIGUOUS))

#: The refusal that counts down says in the end that it can be sent again.
CAN_BE_SENT_AGAIN: Final = common(*(resend.build_too_soon(n, 0).text for n in (1, 92)), holding=resend.wait_text(0))

NO_EMAILS: Final = resend.build_resend_list([]).text

#: A recipient hears that Tango has mailed the reward.
ON_ITS_WAY: Final = _told(resend.build_on_its_way)


# ---------------------------------------------------------------------------------------------- deliveries


def _given(order: Order) -> Message:
    return delivery.build_reward(Gift(order=order, request=a_request(), reward=TangoReward()))


#: A recipient gets the reward by direct message.
GIVEN: Final = _told(_given)
POSTED: Final = _told(delivery.build_posted)
DELAYED: Final = _told(delivery.build_delayed)
UNFINISHED: Final = _told(delivery.build_unfinished)
NOT_DELIVERED: Final = _told(delivery.build_not_delivered)


def delivering(order_id: int) -> str:
    """Say that an order's reward is given again."""
    return _told(delivery.build_delivering, order_id)


def asking_tango(order_id: int) -> str:
    """Say that Tango is asked again."""
    return _told(delivery.build_asking, order_id)


# ------------------------------------------------------------------------------------ where it stands


def instead(request_id: int, *order_ids: int) -> str:
    """Say that a number is of a request, and not of an order that the person may see."""
    status = RequestStatus.APPROVED if order_ids else RequestStatus.PENDING_APPROVAL
    return requests.instead_text(a_request(id=request_id, status=status), [an_order(id=n) for n in order_ids])


def own_request(request_id: int, *order_ids: int) -> str:
    """Say which orders a request of the person's own has become."""
    status = RequestStatus.APPROVED if order_ids else RequestStatus.PENDING_APPROVAL
    return requests.own_request_text(a_request(id=request_id, status=status), [an_order(id=n) for n in order_ids])


def _detail(order: Order, attempts: Sequence[Attempt] = (), cause: str | None = None) -> Message:
    halted_at = NOON if cause else None
    probe_at = None if cause == PAUSED else halted_at
    story = OrderStory(
        order=order,
        request=a_request(),
        story=[],
        attempts=attempts,
        resends=[],
        ahead=0,
        queue=QueueState(next_start_at=NOON, halted_at=halted_at, halt_cause=cause, probes=0, probe_at=probe_at),
        by_admin=False,
        seconds_to_resend=0,
    )
    return orders.build_order_detail(story)


def attempt(outcome: AttemptOutcome, status: int) -> str:
    """Return how a line of the timeline begins: what an attempt came to, and Tango's HTTP status."""
    tried = Attempt(
        started_at=NOON,
        finished_at=NOON,
        outcome=outcome,
        http_status=status,
        i18n_key=None,
        tango_request_id=None,
        detail=None,
    )
    lines = words_in(_detail(an_order(), [tried]).blocks).splitlines()
    line = next(line for line in lines if f"({status}" in line)
    return line[: line.index(f"({status}") + len(f"({status}")]


#: Where an order stands while Tango takes none, or somebody has paused the queue.
WAITS_FOR_TANGO: Final = _told(lambda order: _detail(order, cause="insufficient_funds"))
WAITS_PAUSED: Final = _told(lambda order: _detail(order, cause=PAUSED))

#: Where a request stands that nobody has decided.
WAITS_FOR_APPROVER: Final[str] = requests.build_receipt(a_request(), Progress(counts={})).blocks[-2]["text"]["text"]


# ------------------------------------------------------------------------------------- forms, lists

_FORM: Final = forms.build_request_form(forms.FormState(), Catalog([]), "C0REWARDS")

#: The form's title, and the button that submits it.
FORM_TITLE: Final[str] = _FORM["title"]["text"]
SUBMIT: Final[str] = _FORM["submit"]["text"]


def _page(*, everyone: bool, at_tango: bool = False) -> Message:
    turns = search.PageButtons(same="{}")
    if at_tango:
        page = TangoPage(found=[], count=0, next_skip=None, everyone=everyone)
        return search.build_tango_page(page, OrderSearch(), turns)
    own = OwnPage(orders=[], pending=[], count=0, next_before=None, everyone=everyone)
    return search.build_order_page(own, OrderSearch(), turns)


def _title(message: Message) -> str:
    found: str = message.blocks[0]["text"]["text"]
    return found


#: Over lists.
OWN_ORDERS: Final = _title(_page(everyone=False))
ALL_ORDERS: Final = _title(_page(everyone=True))
ALL_AT_TANGO: Final = _title(_page(everyone=True, at_tango=True))

#: Under a page of Tango's list that is not all there is.
CUT: Final = next(
    line
    for line in words_in(
        search.build_tango_page(
            TangoPage(found=[], count=RESULT_WINDOW + 9, next_skip=None, everyone=True),
            OrderSearch(),
            search.PageButtons(same="{}"),
        ).blocks
    ).splitlines()
    if f"{RESULT_WINDOW:,}" in line
)

#: On a page of Tango's list on which nothing is the viewer's, while there are older ones.
MAYBE_OLDER: Final[str] = search.build_tango_page(
    TangoPage(found=[], count=None, next_skip=1, everyone=False),
    OrderSearch(),
    search.PageButtons(same="{}", older="{}"),
).blocks[-2]["text"]["text"]

#: In a list without orders.
NO_ORDERS: Final[str] = _page(everyone=False).blocks[-2]["text"]["text"]
