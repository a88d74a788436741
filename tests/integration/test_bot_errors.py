"""Every refusal that Tango documents, as the person who asked hears of it: what happened, what to do, who can.

One bot takes all of them, one after the other: the orders are put into its queue, Tango's answers into its way.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from bot.domain.order import Order, OrderStatus
from bot.domain.problem import Problem
from bot.sandbox.slack import ShownMessage, people
from handlers.views.tango import PROBLEMS, Mender, reference_text, tango_text, words_of
from tests.kit import wording
from tests.kit.bot import CARD, World
from tests.kit.factories import a_recipient, again, file_request
from tests.kit.tango_answers import REQUEST_ID, Answers, answer_first, refusal

#: Tango's codes and their words have nothing to do with the engine.
pytestmark = pytest.mark.file

#: What POST /orders makes of each: the order fails; the queue stops; it is sent again, at once or after a wait.
FAILS, HALTS, WAITS = "rejected", "halted", "ambiguous"
THROTTLED = "throttled"

#: Tango's keys with the status that each comes with (Tango docs, Manage orders; Response classes; i18nkey codes).
KEYS: Final[list[tuple[int, str, str]]] = [
    *((400, key, FAILS) for key in ("400.009", "400.021", "400.501")),
    *((401, key, HALTS) for key in ("401.501", "401.502")),
    (402, "402.001", HALTS),
    *((403, key, HALTS) for key in ("403.003", "403.004", "403.005", "403.007", "403.016", "403.018", "403.020")),
    *((403, key, HALTS) for key in ("403.022", "403.023")),
    *((403, key, FAILS) for key in ("403.008", "403.021")),
    *((400, key, HALTS) for key in ("404.002", "404.003", "404.004", "404.015", "404.016", "404.020", "404.089")),
    *((404, key, FAILS) for key in ("404.005", "404.017", "404.110")),
    (404, "404.096", HALTS),
    *((400, key, HALTS) for key in ("422.053", "422.156")),
    (422, "404.142", HALTS),
    (405, "405.001", FAILS),
    (406, "406.001", FAILS),
    (409, "409.002", WAITS),
    (409, "409.024", WAITS),
    (415, "415.001", FAILS),
    *((400, f"422.{key}", FAILS) for key in ("006", "007", "009", "013", "024", "025", "026", "027", "028", "029")),
    *((400, f"422.{key}", FAILS) for key in ("030", "031", "041", "042", "043", "044", "045", "059", "097")),
    *((400, f"422.{key}", FAILS) for key in ("098", "099", "105", "110", "111", "124", "128", "134", "135", "140")),
    *((400, f"422.{key}", FAILS) for key in ("141", "145", "146", "147", "162", "166", "167", "168", "169")),
    *((400, f"422.{key}", FAILS) for key in ("501", "502")),
    (428, "428.001", FAILS),
    (429, "429.001", THROTTLED),
    (429, "429.008", THROTTLED),
    *((500, f"500.{key}", WAITS) for key in ("001", "003", "004", "005", "006", "021")),
    (502, "502.001", WAITS),
    *((503, f"503.{key}", WAITS) for key in ("002", "003", "004", "005", "035", "042", "501", "502")),
]

#: The statuses of the API page without a key, as a proxy or a later version might answer.
BARE: Final[list[tuple[int, str]]] = [
    *((status, FAILS) for status in (400, 404, 422)),
    *((status, HALTS) for status in (401, 402, 403)),
    (409, WAITS),
    (429, THROTTLED),
    *((status, WAITS) for status in (500, 502, 503)),
]

#: Those that POST /orders/{referenceOrderID}/resends may answer with.
OF_RESENDS: Final[list[tuple[int, str]]] = [
    *((403, key) for key in ("403.003", "403.004", "403.022", "403.023")),
    *((404, key) for key in ("404.005", "404.017")),
    *((400, key) for key in ("422.009", "422.031", "422.124", "422.134")),
    (500, "500.021"),
    (429, "429.008"),
]

_CASES: Final = [*KEYS, *((status, None, end) for status, end in BARE)]


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory, module_database: Path | str) -> Iterator[tuple[World, Answers]]:
    """A bot whose Tango answers as it is told to."""
    world = World(tmp_path_factory.mktemp("errors"), where=module_database)
    answers = answer_first(world)
    with world:
        yield world, answers


@pytest.fixture
def quiet(started: tuple[World, Answers]) -> Iterator[tuple[World, Answers]]:
    """The same, with nothing left over from the case before."""
    yield started
    world, _ = started
    world.settle(step=30)


def _order(world: World) -> Order:
    """Maya's order for Rob, approved and due."""
    storage = world.bot._storage
    rob = a_recipient(people.ROB, first_name="Rob", last_name="Hale", email="rob@acme.example")
    facts = {"requester_id": people.MAYA, "recipients": (rob,), "utid": CARD, "reward_name": "Gift card"}
    request = file_request(storage, now=world.clock.now(), **facts)
    world.bot._requests.approve(request.reference, people.ALEX)
    (order,) = storage.orders.of_request(request.id)
    return order


def _placed(order: Order) -> dict[str, Any]:
    """Tango's answer to an order that it took: what was sent, and its own."""
    sent = json.loads(order.body)
    return {
        **sent,
        "denomination": {"value": sent.pop("amount"), "currencyCode": order.amount.currency},
        "referenceOrderID": f"RA260314-{order.id}-42",
        "status": "COMPLETE",
    }


def _detail(world: World, order: Order) -> ShownMessage:
    told = world.maya.command("/orders", order.number).ephemeral
    assert told is not None
    return told


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"


@pytest.mark.parametrize(("status", "key", "end"), _CASES, ids=[f"{key or status}" for status, key, _ in _CASES])
def test_each_refusal_of_an_order_is_told(quiet: tuple[World, Answers], status: int, key: str | None, end: str):
    world, answers = quiet
    words = words_of(key, status)
    # A halt lasts until it was told, however fast the clock of the test runs.
    answers.orders(status, refusal(key, "As Tango <says> it."), times=1_000 if end == HALTS else 1)
    order = _order(world)
    answers.orders(201, _placed(order))
    world.wake()
    attempt = "SELECT * FROM attempts WHERE order_id = :id AND outcome IS NOT NULL"
    first = world.until(lambda: next(iter(world.rows(attempt, id=order.id)), None), step=0)
    assert (first["outcome"], first["i18n_key"], first["tango_request_id"]) == (end, key, REQUEST_ID)
    reference = reference_text(key or status, REQUEST_ID)
    if end == FAILS:
        assert again(world.bot._storage, order).status is OrderStatus.FAILED
        told = world.said(world.maya, wording.order_failed(order.id))
        for shown in (told, _detail(world, order)):
            for part in (tango_text(key, status, to_admin=False, in_full=False), reference):
                assert part in shown.words
            assert ("“As Tango &lt;says&gt; it.”" in shown.words) is words.quotes
        answers.clear()
        return
    if end == HALTS:
        told = world.said(world.ada, f"{wording.ON_HOLD} {_halt_text(status, key)}")
        assert (f"Tango {key} · request {REQUEST_ID}" if key else f"request {REQUEST_ID}") in told.words
        answers.clear()
        answers.orders(201, _placed(order))
        world.bot._orders.probe_queue(people.ADA)
    if end in (HALTS, WAITS):
        shown = _detail(world, order)
        if again(world.bot._storage, order).status is OrderStatus.QUEUED:
            assert tango_text(key, status, to_admin=False, in_full=False) in shown.words
        assert "failed" not in shown.text.lower()
    world.until(lambda: again(world.bot._storage, order).status is OrderStatus.ACCEPTED)
    world.until(lambda: world.is_posted("receipt", order.request_id))
    world.until(lambda: wording.SENT in world.receipt(order.request_id).words)


def _halt_text(status: int, key: str | None) -> str:
    """A key that is about one order says nothing of why all are on hold."""
    words = words_of(key, status)
    if words.mender not in (Mender.ADMIN, Mender.TANGO):
        words = words_of(None, status)
    return f"{words.what}. {words.remedy}"


def test_a_reason_that_nobody_knows_is_told_in_tangos_words(quiet: tuple[World, Answers]):
    world, answers = quiet
    answers.orders(400, refusal("422.999", "Rewards <!channel> sleep on Sundays" + "." * 400))
    order = _order(world)
    world.wake()
    told = world.said(world.maya, wording.order_failed(order.id))
    assert words_of("422.999", 400).what in told.words
    assert "“Rewards &lt;!channel&gt; sleep on Sundays" in told.words
    assert "…”" in told.words, "cut"
    assert f"Tango 422.999 · request {REQUEST_ID}" in told.words


def test_what_may_be_placed_says_why_a_person_must_look(quiet: tuple[World, Answers]):
    world, answers = quiet
    answers.orders(503, refusal("503.501", "Timed out."))
    answers.orders(400, refusal("422.030", "Gone."))
    order = _order(world)
    world.wake()
    told = world.said(world.ada, wording.needs_a_person(order.id))
    assert wording.found(Problem.REFUSED_AFTER_AMBIGUOUS, "422.030") in told.words
    assert tango_text("422.030", 400, in_full=False) in told.words
    assert f"Tango 422.030 · request {REQUEST_ID}" in told.words


@pytest.mark.parametrize(("status", "key"), OF_RESENDS, ids=[key for _, key in OF_RESENDS])
def test_each_refusal_of_a_resend_is_told(quiet: tuple[World, Answers], status: int, key: str):
    world, answers = quiet
    order = _order(world)
    answers.orders(201, _placed(order))
    world.settle()
    world.clock.advance(3_600)  # one person has ten sent again in an hour
    answers.resends(status, refusal(key, "As Tango says it."))
    world.maya.command("/resend", order.number)
    told = world.said(world.maya, wording.not_sent_again(order.id))
    words = words_of(key, status)
    if status != 429:  # it was not looked at: Kudos says so itself
        assert tango_text(key, status, to_admin=False, in_full=False) in told.text
        assert f"Tango {key} · request {REQUEST_ID}" in told.text
    else:
        assert words.remedy in told.text
    assert wording.CAN_BE_SENT_AGAIN in told.text, "nothing was sent, so the clock is where it was"


def test_every_reason_that_has_words_is_tried_here():
    assert set(PROBLEMS) == {key for _, key, _ in KEYS} | {f"http_{status}" for status, _ in BARE}
    assert len(KEYS) == len({key for _, key, _ in KEYS})
