"""The words for what Tango refuses: each says what happened and what to do, and nothing that is private or unsafe."""

import pytest

from bot.domain.attempt import Attempt, AttemptOutcome
from bot.domain.order import OrderStatus
from bot.domain.problem import HttpStatus, OrderProblem, Problem, TangoKey, problem_from
from handlers.views.problems import problem_text
from handlers.views.tango import PROBLEMS, Mender, reference_text, tango_text, words_of
from tests.kit.factories import NOON, an_order


def an_attempt(key: str | None = None, status: int | None = None, request_id: str | None = "req-1") -> Attempt:
    return Attempt(
        started_at=NOON,
        finished_at=NOON,
        outcome=AttemptOutcome.REJECTED,
        http_status=status,
        i18n_key=key,
        tango_request_id=request_id,
        detail=None,
    )


@pytest.mark.parametrize("key", sorted(PROBLEMS))
def test_the_words_are_a_clause_and_a_sentence(key: str):
    words = PROBLEMS[key]
    assert words.what[0].islower() or words.what.startswith("Tango")
    assert not words.what.endswith(".")
    assert words.remedy[0].isupper() or words.remedy.startswith("`")
    assert words.remedy.endswith(".")
    assert len(tango_text(key, 400, said="&" * 500, request_id="r" * 100)) < 2_000, "several fit into one message"


@pytest.mark.parametrize(
    ("key", "mender"),
    [("422.026", Mender.ASKER), ("402.001", Mender.ADMIN), ("404.142", Mender.TANGO), ("503.501", Mender.KUDOS)],
    ids=["asker", "admin", "tango", "kudos"],
)
def test_it_is_said_who_can_do_something(key: str, mender: Mender):
    words = PROBLEMS[key]
    assert words.mender is mender
    what, for_whom = tango_text(key, 400).split(words.remedy)[0].split(words.what[1:])
    assert what == words.what[0].upper()
    assert bool(for_whom.strip(" .")) == (mender in (Mender.ADMIN, Mender.TANGO)), "who, where it is not the reader"


def test_the_key_tells_and_not_the_status():
    assert words_of("422.026", 503) is PROBLEMS["422.026"]
    assert words_of(None, 503) is PROBLEMS["http_503"]
    assert words_of("422.999", 422) not in PROBLEMS.values(), "an unknown key is not what its status usually means"
    assert words_of(None, 418) == words_of("422.999", 422) == words_of(None, None)


def test_tangos_text_is_shown_where_it_adds_a_fact_escaped_and_cut():
    said = "between <5> & 500" + "." * 400
    shown = tango_text("422.025", 400, said=said)
    assert "“between &lt;5&gt; &amp; 500" in shown
    assert said not in shown
    assert "“" not in tango_text("422.026", 400, said=said)
    assert "“" in tango_text("422.999", 400, said=said)


@pytest.mark.parametrize(
    ("key", "request_id", "facts"),
    [("422.026", "req-1", ["422.026", "req-1"]), ("422.026", None, ["422.026"]), (None, "<req>", ["&lt;req&gt;"])],
    ids=["both", "key", "request"],
)
def test_support_finds_it_by_the_reference(key: str | None, request_id: str | None, facts: list[str]):
    shown = reference_text(key, request_id)
    assert [fact for fact in ("422.026", "req-1", "&lt;req&gt;") if fact in shown] == facts
    assert "None" not in shown
    assert reference_text(None, None) == ""


@pytest.mark.parametrize("problem", [problem for problem in Problem if problem is not Problem.CHANGED])
def test_what_kudos_found_is_said_with_the_request_of_the_last_attempt(problem: Problem):
    order = an_order(status=OrderStatus.NEEDS_ATTENTION, problem=problem, problem_detail="<amount>")
    shown = problem_text(order, an_attempt())
    assert "&lt;amount&gt;" in shown
    assert "req-1" in shown
    assert problem_text(order, None), "also without one"


def test_a_refusal_after_an_unclear_attempt_gives_both_reasons():
    order = an_order(status=OrderStatus.NEEDS_ATTENTION, problem=Problem.REFUSED_AFTER_AMBIGUOUS)
    shown = problem_text(order, an_attempt("422.030", 400))
    refused = tango_text("422.030", 400, request_id="req-1")
    assert shown.endswith(refused)
    assert shown.removesuffix(refused).strip().endswith("."), "and a sentence before it"


@pytest.mark.parametrize(
    ("problem", "key"), [(TangoKey("422.030"), "422.030"), (HttpStatus(404), None)], ids=["key", "status"]
)
def test_a_failed_order_says_why(problem: OrderProblem, key: str | None):
    order = an_order(status=OrderStatus.FAILED, problem=problem)
    shown = problem_text(order, an_attempt(key, 404))
    assert shown == tango_text(key, 404, request_id="req-1")


@pytest.mark.parametrize("status", sorted(set(OrderStatus) - {OrderStatus.QUEUED}))
def test_an_order_without_a_problem_says_nothing(status: OrderStatus):
    assert problem_text(an_order(status=status), an_attempt("503.501", 503)) == ""


def test_an_order_that_waits_says_what_its_last_attempt_met():
    order = an_order(status=OrderStatus.QUEUED)
    assert problem_text(order, an_attempt("503.002", 503)).endswith(tango_text("503.002", 503, request_id="req-1"))
    assert problem_text(order, an_attempt()) == "", "no answer came"
    assert problem_text(order, None) == ""


@pytest.mark.parametrize(
    ("stored", "problem"),
    [
        *((problem.value, problem) for problem in Problem),
        ("422.030", TangoKey("422.030")),
        ("http_404", HttpStatus(404)),
        ("http_teapot", TangoKey("http_teapot")),
    ],
)
def test_a_problem_is_read_as_it_was_stored(stored: str, problem: OrderProblem):
    assert problem_from(stored) == problem
    assert type(problem_from(stored)) is type(problem)
    assert str(problem) == stored
