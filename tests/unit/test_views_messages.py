"""Every refusal and every fault has its sentence, and the sentence says what to do."""

import ast
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

import bot
from bot import errors
from bot.domain.order import OrderMove, OrderStatus
from bot.domain.request import RequestStatus
from bot.errors import AmountFault, Fault, NotAllowed, Refusal, Rule, SearchFault
from bot.tango.rules import Breach
from handlers.views.messages import STATUS, broken_text, fault_text, refusal_text
from tests.kit.factories import ALEX, NOON

#: One of each refusal that is told in a sentence of its own.
_REFUSALS: Final[dict[type[Refusal], Refusal]] = {
    type(refusal): refusal
    for refusal in (
        errors.NotFound("<!channel>"),
        errors.AlreadyDecided(status="approved", by=ALEX, at=NOON),
        errors.WrongState(order_id=7, status=OrderStatus.FAILED, move=OrderMove.RETRY),
        errors.PastIdempotency(7),
        errors.QueuePaused(),
        errors.RewardUnavailable("A & B"),
        errors.RewardNotReady(1),
        errors.NoRewards(),
        errors.SlackUnavailable(),
        errors.ResendTooSoon(order_id=1, seconds_left=12),
        errors.NotMailed(),
    )
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


@pytest.mark.parametrize("rule", Rule)
def test_a_rule_is_told_in_sentences(rule: Rule):
    assert refusal_text(NotAllowed(rule)).endswith(".")


@pytest.mark.parametrize("kind", _REFUSALS, ids=lambda kind: kind.__name__)
def test_a_refusal_is_told_in_sentences_and_pings_nobody(kind: type[Refusal]):
    words = refusal_text(_REFUSALS[kind])
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
    assert f"<@{ALEX}>" in words
    assert f"<!date^{int(NOON.timestamp())}^" in words


@pytest.mark.parametrize("status", [status for status in RequestStatus if status is not RequestStatus.PENDING_APPROVAL])
def test_every_decision_has_a_word(status: RequestStatus):
    at = NOON + timedelta(seconds=1)
    assert status.value in refusal_text(errors.AlreadyDecided(status=status, by=None, at=at))


@pytest.mark.parametrize("move", [OrderMove.RETRY, OrderMove.CANCEL, "resend", "show", "give", "ask", "repeat"])
@pytest.mark.parametrize("status", OrderStatus)
def test_every_wrong_state_is_said(status: OrderStatus, move: str):
    words = refusal_text(errors.WrongState(order_id=7, status=status, move=move))
    assert "#7" in words
    assert STATUS[status] in words


def test_what_broke_can_be_found():
    assert "abc123" in broken_text("abc123")


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
    assert "&amp;" not in words, "Slack formats nothing under a field"


@pytest.mark.parametrize("breach", sorted(set(Breach) - {Breach.REVERSED}))  # of searches alone
def test_a_rule_of_tango_is_said_under_every_field(breach: Breach):
    words = fault_text("a_field_of_tomorrow", Fault(breach, _FACTS))
    assert words.endswith(".")
