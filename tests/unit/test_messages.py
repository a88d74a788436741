"""Every refusal and every fault has its sentence, and the sentence says what to do."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Final

import pytest

from bot import errors
from bot.domain.order import OrderStatus
from bot.domain.request import RequestStatus
from bot.errors import NotAllowed, Refusal, Rule, SearchFault
from bot.faults import Fault, FaultCode
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


def _subclasses(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    for found in kind.__subclasses__():
        if found.__module__ == errors.__name__:  # other tests make refusals of their own
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


#: What each code's sentence is given, where it is given anything.
_FACTS: Final[dict[FaultCode, dict[str, object]]] = {
    FaultCode.TOO_SHORT: {"least": 5},
    FaultCode.TOO_LONG: {"limit": 3_000, "length": 3_001},
    FaultCode.CHARACTERS: {"found": "<>"},
    FaultCode.EMPTY: {"amounts": "5 to 500 USD"},
    FaultCode.FINER_THAN_CURRENCY: {"currency": "USD"},
    FaultCode.OTHER_CURRENCY: {"currency": "USD"},
    FaultCode.BELOW_MINIMUM: {"bound": "5.00 USD"},
    FaultCode.ABOVE_MAXIMUM: {"bound": "500.00 USD"},
    FaultCode.NOT_THE_FIXED_VALUE: {"bound": "25.00 USD"},
    FaultCode.IS_BOT: {"name": "Rob & Co"},
    FaultCode.IS_DEACTIVATED: {"name": "Rob & Co"},
    FaultCode.IS_GUEST: {"name": "Rob & Co"},
    FaultCode.IS_OUTSIDER: {"name": "Rob & Co"},
    FaultCode.HAS_NO_EMAIL: {"name": "Rob & Co"},
    FaultCode.NAME_UNUSABLE: {"name": "Rob & Co"},
    FaultCode.TOO_MANY_PEOPLE: {"limit": 30},
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
    told = [fact for name, fact in facts.items() if name != "field"]
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
