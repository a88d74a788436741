"""Every refusal and every fault has its sentence, and the sentence says what to do."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

import pytest

from bot import errors
from bot.domain.budget import Budget, Limits, Per, Room
from bot.domain.duplicate import DuplicateRequest
from bot.domain.money import Money
from bot.domain.order import OrderStatus
from bot.domain.request import RequestStatus
from bot.errors import NotAllowed, Refusal, Rule
from bot.faults import Fault, FaultCode, SearchFault
from handlers.views.budgets import limits_for
from handlers.views.entries import order_text_of_entry
from handlers.views.faults import fault_text
from handlers.views.messages import broken_text, refusal_text
from handlers.views.states import ORDER_STATES
from tests.kit.factories import ALEX, NOON, a_reward, an_order

#: One of each refusal that is told in a sentence of its own.
_REFUSALS: Final[dict[type[Refusal], Refusal]] = {
    type(refusal): refusal
    for refusal in (
        errors.NotFound("<!channel>"),
        errors.StaleReference(),
        errors.AlreadyAsked(number="R-8", amount="25.00 USD", names=["Rob Hale"]),
        DuplicateRequest(recipient_ids=["U1"], names=["A & B"], is_own=False),
        errors.AlreadyDecided(status="approved", by=ALEX, at=NOON),
        errors.SeveralOrders("R-8", ["8.1", "8.2"]),
        errors.WrongState(number="7", status=OrderStatus.FAILED, move=errors.Wish.RETRY),
        errors.PastIdempotency("7"),
        errors.MadeElsewhere("7"),
        errors.QueuePaused(),
        errors.AlreadyReaddressed(number="7", again_at=NOON),
        errors.ChangedSince([("left", "A & B")]),
        errors.RewardNotReady("1"),
        errors.NoRewards(),
        errors.SlackUnavailable(),
        errors.GroupUnknown(),
        errors.ResendTooSoon(number="1", again_at=NOON),
        errors.TooManyResends(most=10, again_at=NOON),
        errors.DeliveredTooSoon(number="1", again_at=NOON),
        errors.NotMailed(),
    )
}

#: Told field by field, or known under another name.
_NOT_ALONE: Final = {errors.NotAllowed, errors.InvalidForm, errors.InvalidAmount, errors.SearchNotUnderstood}


def _subclasses(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    for found in kind.__subclasses__():
        if found.__module__ in (errors.__name__, DuplicateRequest.__module__):  # other tests make refusals of their own
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
    assert re.sub(r" \(R-\d\)$", "", words).endswith("."), "but for the number, which comes last"
    assert "<!channel>" not in words
    assert "A & B" not in words


@pytest.mark.parametrize("fault", SearchFault)
def test_a_search_that_is_not_understood_says_which_word(fault: SearchFault):
    words = refusal_text(errors.SearchNotUnderstood(fault, "<!here>", known=["placed", "failed"]))
    assert words.endswith((".", "?"))
    assert "<!here>" not in words


def test_a_loser_hears_who_decided_and_when():
    words = refusal_text(errors.AlreadyDecided(status="declined", by=ALEX, at=NOON))
    assert f"<@{ALEX}>" in words
    assert f"<!date^{int(NOON.timestamp())}^" in words


@pytest.mark.parametrize("status", [status for status in RequestStatus if status is not RequestStatus.PENDING_APPROVAL])
def test_every_decision_has_a_word(status: RequestStatus):
    at = NOON + timedelta(seconds=1)
    assert status.value in refusal_text(errors.AlreadyDecided(status=status, by=None, at=at))


@pytest.mark.parametrize("move", errors.Wish)
@pytest.mark.parametrize("status", OrderStatus)
def test_every_wrong_state_is_said(status: OrderStatus, move: errors.Wish):
    words = refusal_text(errors.WrongState(number="7", status=status, move=move))
    assert words.endswith(" (R-7)")
    assert ORDER_STATES[status].told in words


def test_what_broke_can_be_found():
    assert "abc123" in broken_text("abc123")


# -------------------------------------------------------------------------------------- under fields


_BUDGET: Final = Budget(
    name="Rob & Co", senders=frozenset({"*"}), each=False, amount=Money(500_00, "USD"), per=Per.MONTH
)
_ROOM: Final = Room(budget=_BUDGET, period=_BUDGET.period(24_314), used=Money(430_00, "USD"))

#: What each code's sentence is given, where it is given anything.
_FACTS: Final[dict[FaultCode, dict[str, object]]] = {
    FaultCode.TOO_SHORT: {"least": 5},
    FaultCode.TOO_LONG: {"limit": 3_000, "length": 3_001},
    FaultCode.CHARACTERS: {"found": "<>"},
    FaultCode.TAKEN: {"name": "Rob & Co", "amount": "$25.00", "reward": "Reward Link", "number": "7.1"},
    FaultCode.EMPTY: {"amounts": "5 to 500 USD"},
    FaultCode.FINER_THAN_CURRENCY: {"currency": "USD"},
    FaultCode.OTHER_CURRENCY: {"currency": "USD"},
    FaultCode.BELOW_MINIMUM: {"bound": "5.00 USD"},
    FaultCode.ABOVE_MAXIMUM: {"bound": "500.00 USD"},
    FaultCode.NOT_THE_FIXED_VALUE: {"bound": "25.00 USD"},
    FaultCode.OVER_BUDGET: {"room": _ROOM, "total": Money(75_00, "USD")},
    FaultCode.OVER_LIMIT: {"limit": Money(50_00, "USD")},
    FaultCode.OVER_YEARLY_LIMIT: {"name": "Rob & Co", "limit": Money(50_00, "USD")},
    FaultCode.NO_BUDGET_IN_CURRENCY: {"currency": "CAD", "currencies": ["EUR", "USD"]},
    FaultCode.NO_LIMIT_IN_CURRENCY: {"currency": "CAD", "currencies": ["EUR", "USD"]},
    FaultCode.IS_BOT: {"name": "Rob & Co"},
    FaultCode.IS_DEACTIVATED: {"name": "Rob & Co"},
    FaultCode.IS_GUEST: {"name": "Rob & Co"},
    FaultCode.IS_OUTSIDER: {"name": "Rob & Co"},
    FaultCode.HAS_NO_EMAIL: {"name": "Rob & Co"},
    FaultCode.NAME_UNUSABLE: {"name": "Rob & Co"},
    FaultCode.TOO_MANY_PEOPLE: {"limit": 30},
    FaultCode.NO_SUCH_PERSON: {"text": "Rob & Co"},
    FaultCode.ONLY_A_NAME: {"text": "Rob & Co", "suggested": ()},
    FaultCode.SEVERAL_ACCOUNTS: {"text": "Rob & Co"},
    FaultCode.SAME_PERSON: {"row": 1_234},
    FaultCode.PROFILE_INCOMPLETE: {"name": "Rob & Co", "field": "recipient.email"},
    FaultCode.PROFILE_CHARACTERS: {"name": "Rob & Co", "field": "recipient.firstName", "found": "<>"},
    FaultCode.PROFILE_TOO_LONG: {"name": "Rob & Co", "field": "recipient.lastName", "limit": 100},
    FaultCode.PROFILE_MALFORMED: {"name": "Rob & Co", "field": "recipient.email"},
}


@pytest.mark.parametrize("code", FaultCode)
@pytest.mark.parametrize("field", ["recipients", "reward", "amount", "reason", "new_email", "a_field_of_tomorrow"])
def test_every_fault_is_said_under_every_field(field: str, code: FaultCode):
    facts = _FACTS.get(code, {})
    words = fault_text(field, Fault(code, facts))
    assert words.endswith((".", "<>"))
    assert "&amp;" not in words, "Slack formats nothing under a field"
    told = [fact for name, fact in facts.items() if name not in ("field", "room", "currencies", "suggested")]
    assert all(f"{fact:,}" in words if isinstance(fact, int) else str(fact) in words for fact in told)


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ("recipients", FaultCode.REQUIRED),
        ("reward", FaultCode.REQUIRED),
        ("reason", FaultCode.REQUIRED),
        ("amount", FaultCode.TOO_LARGE),
        ("new_template", FaultCode.MALFORMED),
        ("new_email", FaultCode.MALFORMED),
    ],
)
def test_some_fields_have_words_of_their_own(field: str, code: FaultCode):
    assert fault_text(field, Fault(code)) != fault_text("a_field_of_tomorrow", Fault(code))


def test_on_hold_an_order_that_is_being_tried_reads_like_one_that_waits():
    waits, tried = (an_order(status=status) for status in (OrderStatus.QUEUED, OrderStatus.SUBMITTING))
    assert order_text_of_entry(tried, on_hold=True) == order_text_of_entry(waits, on_hold=True)
    assert order_text_of_entry(tried) != order_text_of_entry(waits)


def test_the_form_says_before_the_submit_what_the_limits_say_of_a_currency():
    limits = Limits(per_recipient_per_year={"USD": Money(600_00, "USD")})
    fault = limits.currency_fault("EUR")
    assert fault is not None
    assert limits_for(a_reward(currency="EUR"), [], limits) == [fault_text("reward", fault)]
    assert limits_for(a_reward(), [], limits) == []
