"""Every refusal and every fault has its sentence, and the sentence says what to do."""

import ast
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

import bot
from bot import errors
from bot.domain.order import OrderStatus
from bot.domain.request import RequestStatus
from bot.errors import AmountFault, Fault, NotAllowed, Refusal, Rule, SearchFault
from bot.tango.rules import Breach
from handlers.views.messages import STATUS, broken_text, fault_text, refusal_text, storage_text
from tests.kit.factories import ALEX, NOON

#: What the person is to do, in a word of the sentence.
_RULES: Final = {
    Rule.SENDERS_ONLY: "Ask an admin",
    Rule.GUESTS_MAY_NOT_SEND: "Ask a member",
    Rule.APPROVERS_ONLY: "It waits for one of them",
    Rule.NOT_OWN_REQUEST: "You can withdraw it",
    Rule.NOT_OWN_REWARD: "somebody else has to decide",
    Rule.REQUESTER_ONLY: "An approver can decline it",
    Rule.ADMINS_ONLY: "Ask one of them",
}

#: One of each refusal that is told in a sentence of its own, and what that sentence says to do.
_REFUSALS: Final[dict[type[Refusal], tuple[Callable[[], Refusal], str]]] = {
    errors.NotFound: (lambda: errors.NotFound("<!channel>"), "`/orders` lists yours"),
    errors.AlreadyDecided: (
        lambda: errors.AlreadyDecided(status="approved", by=ALEX, at=NOON),
        "Nothing else was done",
    ),
    errors.WrongState: (
        lambda: errors.WrongState(order_id=7, status=OrderStatus.FAILED, move=errors.Wish.RETRY),
        "only while it needs attention",
    ),
    errors.PastIdempotency: (lambda: errors.PastIdempotency(7), "Look it up in the Tango portal"),
    errors.QueuePaused: (errors.QueuePaused, "kudos queue resume"),
    errors.RewardUnavailable: (lambda: errors.RewardUnavailable("A & B"), "Decline the request"),
    errors.RewardNotReady: (lambda: errors.RewardNotReady(1), "Try again"),
    errors.NoRewards: (errors.NoRewards, "Try again"),
    errors.SlackUnavailable: (errors.SlackUnavailable, "please try again"),
    errors.ResendTooSoon: (lambda: errors.ResendTooSoon(order_id=1, seconds_left=12), "Try again in 12 seconds"),
    errors.NotMailed: (errors.NotMailed, "Ask an admin"),
}

#: Told field by field, or known under another name.
_NOT_ALONE: Final = {errors.NotAllowed, errors.InvalidForm, errors.InvalidAmount, errors.SearchNotUnderstood}

_FACTS: Final = {
    "text": "typed",
    "currency": "USD",
    "bound": "5.00 USD",
    "amounts": "5 to 500 USD",
    "name": "Rob & Co",
    "limit": 3_000,
    "length": 3_001,
    "field": "recipient.email",
    "least": 5,
    "found": "<>",
    "country": "US",
}


def _subclasses(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    for found in kind.__subclasses__():
        yield found
        yield from _subclasses(found)


def test_every_refusal_is_in_the_table():
    assert set(_subclasses(Refusal)) == set(_REFUSALS) | _NOT_ALONE


def test_every_rule_is_in_the_table():
    assert set(_RULES) == set(Rule)


@pytest.mark.parametrize("rule", Rule)
def test_a_rule_says_what_to_do(rule: Rule):
    words = refusal_text(NotAllowed(rule))
    assert _RULES[rule] in words
    assert words.endswith(".")


@pytest.mark.parametrize("kind", _REFUSALS, ids=lambda kind: kind.__name__)
def test_a_refusal_says_what_to_do(kind: type[Refusal]):
    make, remedy = _REFUSALS[kind]
    words = refusal_text(make())
    assert remedy in words
    assert words.endswith(".")
    assert "<!channel>" not in words
    assert "A & B" not in words


@pytest.mark.parametrize("fault", SearchFault)
def test_a_search_that_is_not_understood_says_which_word(fault: SearchFault):
    words = refusal_text(errors.SearchNotUnderstood(fault, "<!here>", known=["placed", "failed"]))
    assert words.endswith(".")
    assert "<!here>" not in words


def test_a_loser_hears_who_decided_and_when():
    words = refusal_text(errors.AlreadyDecided(status="declined", by=ALEX, at=NOON))
    assert words.startswith(f"This request was already declined by <@{ALEX}>, <!date^{int(NOON.timestamp())}^")


@pytest.mark.parametrize("status", [status for status in RequestStatus if status is not RequestStatus.PENDING_APPROVAL])
def test_every_decision_has_a_word(status: RequestStatus):
    at = NOON + timedelta(seconds=1)
    assert status.value in refusal_text(errors.AlreadyDecided(status=status, by=None, at=at))


@pytest.mark.parametrize("move", errors.Wish)
@pytest.mark.parametrize("status", OrderStatus)
def test_every_wrong_state_is_said(status: OrderStatus, move: errors.Wish):
    words = refusal_text(errors.WrongState(order_id=7, status=status, move=move))
    assert words.startswith(f"Order #7 is {STATUS[status]}: it can be ")


@pytest.mark.parametrize(("seconds", "words"), [(1, "1 second."), (2, "2 seconds."), (30, "30 seconds.")])
def test_seconds_are_counted_as_people_do(seconds: int, words: str):
    assert refusal_text(errors.ResendTooSoon(order_id=1, seconds_left=seconds)).endswith(words)


def test_what_broke_can_be_found_and_what_is_full_changed_nothing():
    assert "abc123" in broken_text("abc123")
    assert "Nothing was changed" in storage_text()


# -------------------------------------------------------------------------------------- under fields


def _codes() -> set[tuple[str, str]]:
    """Every fault that the code names, with the field that it names it for."""
    found = {("amount", str(fault)) for fault in AmountFault}
    for file in Path(bot.__path__[0]).rglob("*.py"):
        if "sandbox" in file.parts:
            continue
        source = file.read_text(encoding="utf-8")
        found.update(
            re.findall(r'(?:faults\[|setdefault\(|InvalidForm\(\{)"(\w+)"\]?(?: =|,|:) Fault\("(\w+)"', source)
        )
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef) and node.name == "recipient_fault":
                pairs = [pair for pair in ast.walk(node) if isinstance(pair, ast.Tuple) and pair.elts]
                first = [pair.elts[0] for pair in pairs]
                found.update(("recipients", str(one.value)) for one in first if isinstance(one, ast.Constant))
    return found


def test_the_code_was_searched_for_faults():
    assert {("recipients", "is_bot"), ("recipients", "required"), ("reason", "too_long")} <= _codes()


@pytest.mark.parametrize(("field", "code"), sorted(_codes()))
def test_a_fault_has_a_sentence_of_its_own(field: str, code: str):
    words = fault_text(field, Fault(code, _FACTS))
    assert words.endswith(".")
    assert "Tango does not take this" not in words
    assert "&amp;" not in words, "Slack formats nothing under a field"


@pytest.mark.parametrize("breach", sorted(set(Breach) - {Breach.REVERSED}))  # of searches alone
def test_a_rule_of_tango_is_said_under_every_field(breach: Breach):
    words = fault_text("a_field_of_tomorrow", Fault(breach, _FACTS))
    assert words.endswith(".")
