"""Every view and message that the bot can make, in every state and at its longest, within Slack's limits.

A builder without a case here fails a test, so that the table cannot fall behind the code.
"""

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pytest

import bot
import handlers.views
from bot.domain.catalog import Catalog, RewardKind
from bot.domain.money import Money
from bot.domain.order import Attempt, Order, OrderStatus, Problem, Resend, ResendStatus
from bot.domain.request import Recipient, Request, RequestStatus
from bot.sandbox.slack.blockkit import message_problems, view_problems
from bot.service import MOST_AHEAD, OrderPage, OrderStory
from bot.tango.outcomes import HaltCause
from handlers import CLICKS
from handlers.ids import Command
from handlers.views import decisions, forms, help, orders, queue, requests  # noqa: A004 (the module is called so)
from handlers.views.blocks import Message, clip, escape
from storage import AuditEntry, QueueState
from tests.factories import ADA, ALEX, CHANNEL, MAYA, NOON, ROB, a_recipient, a_request, a_reward, an_order

Json = dict[str, Any]

#: What a person types to ping everyone, to mention somebody, and to show a link under a harmless word.
HOSTILE: Final = "<!channel> <@U0EVIL001> <https://evil.example|your bank> & <!subteam^S0EVIL001>"
_RAW: Final = re.compile(r"<!(?!date\^)|<@U0EVIL|<https?:|<mailto:|&(?!amp;|lt;|gt;)")

#: What a button may carry: an id, a word of ours, or a page's filter.
_VALUE: Final = re.compile(r"[0-9]{1,15}|queue|newest|more|fewer|[a-z]+=[A-Za-z0-9_]+(&[a-z]+=[A-Za-z0-9_]+)*")

#: As long as each can be: Tango's names have 100 characters each, its details 500, Slack's messages 3,000.
_LONG_NAME: Final = "&<>" * 33 + "&"
_LONG_TEXT: Final = "&" * 3_000
_LONG_DETAIL: Final = "<&>" * 166 + "&&"
_SECRET: Final = "private.address@example.com"


@dataclass(frozen=True)
class Case:
    """One thing that one builder makes."""

    name: str
    build: Callable[..., Message | Json]
    args: tuple[Any, ...] = ()
    kwargs: Any = None

    def made(self) -> Message | Json:
        return self.build(*self.args, **(self.kwargs or {}))


def _many(count: int = 30) -> tuple[Recipient, ...]:
    return tuple(
        a_recipient(f"U0LONG{n:04d}", first_name=_LONG_NAME, last_name=_LONG_NAME, email=f"{n}.{_SECRET}")
        for n in range(count)
    )


def _request(longest: bool, **facts: Any) -> Request:  # noqa: FBT001 (half of a table's axis)
    usual: Json = {"recipients": (a_recipient(email=_SECRET),), "reason": "Over budget"}
    if longest:
        usual = {
            "id": 10**15 - 1,
            "requester_name": _LONG_NAME,
            "recipients": _many(),
            "reward_name": _LONG_TEXT,
            "amount": Money(999_999_99, "USD"),
            "message": _LONG_TEXT,
            "reason": "&" * 500,
        }
    decided = facts.get("status", RequestStatus.PENDING_APPROVAL) is not RequestStatus.PENDING_APPROVAL
    if decided:
        usual |= {"decided_by": ALEX, "decided_at": NOON}
    return a_request(**(usual | facts))


def _order(longest: bool, **facts: Any) -> Order:  # noqa: FBT001 (the same)
    usual: Json = {"recipient": a_recipient(email=_SECRET)}
    if longest:
        usual = {
            "id": 10**15 - 1,
            "recipient": _many(1)[0],
            "reward_name": _LONG_TEXT,
            "amount": Money(999_999_99, "USD"),
            "tango_status": _LONG_DETAIL,
            "reference_order_id": "R" * 100,
            "external_ref_id": "f" * 32,
            "problem_detail": _LONG_DETAIL,
        }
    return an_order(**(usual | facts))


_STATES: Final = [status.value for status in RequestStatus]
_COUNTS: Final[tuple[requests.Counts, ...]] = (
    {},
    {OrderStatus.QUEUED: 1},
    {OrderStatus.ACCEPTED: 1},
    dict.fromkeys(OrderStatus, 5),
)
_PROBLEMS: Final = (None, *Problem, "404.123", "x" * 100)
_OUTCOMES: Final = (None, "accepted", "rejected", "throttled", "ambiguous", "halted", "something new")
_RUNNING: Final = QueueState(next_start_at=NOON, halted_at=None, halt_cause=None, probes=0, probe_at=None)
_HALTED: Final = QueueState(next_start_at=NOON, halted_at=NOON, halt_cause="x", probes=1, probe_at=NOON)


def _both(name: str) -> Iterator[tuple[str, bool]]:
    yield name, False
    yield f"{name}, longest", True


def _forms() -> Iterator[Case]:
    rewards = [a_reward(utid=f"U{n:06d}", name=_LONG_TEXT, brand=_LONG_NAME, whole=True) for n in range(101)]
    typed: Json = {
        "recipients": [f"U0LONG{n:04d}" for n in range(60)],
        "amount": "9" * 3_000,
        "message": "&" * 3_500,
        "country": "US",
        "expires_on": NOON.date(),
        "texts": {block.value: "&" * 3_500 for block in forms.TEXTS},
    }
    for count in (1, 100, 101):
        yield Case(
            f"{count} rewards, empty", forms.build_request_form, (forms.FormState(), Catalog(rewards[:count]), CHANNEL)
        )
    fixed = a_reward(name=_LONG_TEXT, fixed=25_00)
    chosen = [None, fixed, *(a_reward(name=_LONG_TEXT, kind=kind) for kind in RewardKind)]
    for reward, more, by_message in product(chosen, (False, True), (False, True)):
        what = reward and (reward.fixed or reward.kind)
        for name, longest in _both("filled in"):
            filled: Json = typed if longest else {}
            state = forms.FormState(reward=reward, more=more, by_message=by_message, **filled)
            args = (state, Catalog(rewards), CHANNEL)
            yield Case(f"{what}, {more}, {by_message}, {name}", forms.build_request_form, args)
    for name, longest in _both("decline"):
        yield Case(name, decisions.build_decline_form, (_request(longest),))
    yield Case("short", decisions.build_notice, ("Done.",))
    yield Case("longest", decisions.build_notice, (_LONG_TEXT * 2,))


def _about_requests() -> Iterator[Case]:
    for status in RequestStatus:
        for name, longest in _both(status.value):
            request = _request(longest, status=status)
            for n, counts in enumerate(_COUNTS):
                yield Case(f"{name} {n}", requests.build_card, (request, counts))
                yield Case(f"{name} {n}", requests.build_receipt, (request, counts))
                if status is RequestStatus.APPROVED:
                    yield Case(f"{name} {n}", requests.build_settled, (request, counts))
            if status not in (RequestStatus.PENDING_APPROVAL, RequestStatus.WITHDRAWN):
                yield Case(name, requests.build_decision, (request, None))
    nobody = _request(False, status=RequestStatus.EXPIRED, decided_by=None)
    yield Case("by time", requests.build_card, (nobody, {}))
    yield Case("by time", requests.build_decision, (nobody, None))
    for ahead, seconds, halted in product((0, 1, MOST_AHEAD), (0, 30, 400, 10**6), (False, True)):
        wait = requests.Wait(ahead=ahead, seconds=seconds, halted=halted)
        for name, longest in _both(f"{ahead} ahead, {seconds} s, {halted}"):
            yield Case(name, requests.build_decision, (_request(longest, status=RequestStatus.APPROVED), wait))


def _about_orders() -> Iterator[Case]:
    for status, problem in product(OrderStatus, _PROBLEMS):
        for name, longest in _both(f"{status.value}, {problem}"):
            order = _order(longest, status=status, problem=problem, outcome_unknown=True)
            for by_admin in (False, True):
                yield Case(f"{name}, {by_admin}", orders.build_order_detail, (_story(order, by_admin=by_admin),))
            yield Case(name, orders.build_public_order, (order,))
            yield Case(name, orders.build_failed, (order,))
            yield Case(name, orders.build_needs_attention, (order,))
    for ahead, state in product((0, 1, MOST_AHEAD), (_RUNNING, _HALTED)):
        story = replace(_story(_order(False), by_admin=True), ahead=ahead, queue=state)
        yield Case(f"waiting, {ahead}, {state.halt_cause}", orders.build_order_detail, (story,))
    for name, longest in _both("order"):
        order = _order(longest, attempts=10**6)
        yield Case(name, orders.build_still_unknown, (order,))
        yield Case(name, orders.build_on_its_way, (order,))
        yield Case(name, orders.build_resending, (order,))
        for became, detail in product(ResendStatus, (None, _LONG_DETAIL)):
            resend = _resend(became, detail)
            yield Case(f"{name}, {became}, {bool(detail)}", orders.build_resend_finished, (order, resend))
    yield from _pages()


def _pages() -> Iterator[Case]:
    turns = (None, "before=1&person=U0LONG0000&status=needs_attention")
    for older, newer in product(turns, turns):
        title: Json = {"title": "All orders, for one person, needs attention", "older": older, "newer": newer}
        empty = OrderPage(orders=[], pending=[], next_before=None, everyone=True)
        yield Case(f"empty, {older}, {newer}", orders.build_order_page, (empty,), title)
        for name, longest in _both(f"full, {older}, {newer}"):
            page = OrderPage(
                orders=[_order(longest, status=list(OrderStatus)[n % 6]) for n in range(10)],
                pending=[_request(longest)] * 10,
                next_before=1,
                everyone=True,
            )
            yield Case(name, orders.build_order_page, (page,), title | {"title": "All orders " * 20})


def _story(order: Order, *, by_admin: bool) -> OrderStory:
    events = [*_events(), "order.never_heard_of"]
    return OrderStory(
        order=order,
        request=_request(False, status=RequestStatus.APPROVED),
        story=[
            AuditEntry(at=NOON + timedelta(seconds=n), event=event, actor=ADA, facts={})
            for n, event in enumerate(events * 2)
        ],
        attempts=[
            Attempt(
                started_at=NOON,
                finished_at=NOON if outcome else None,
                outcome=outcome,
                http_status=599,
                i18n_key="k" * 100,
                tango_request_id="r" * 100,
                detail=_LONG_DETAIL,
            )
            for outcome in (_OUTCOMES * 3)[:20]
        ],
        resends=[_resend(ResendStatus.UNCLEAR, _LONG_DETAIL)] * 20,
        ahead=0,
        queue=_RUNNING,
        by_admin=by_admin,
    )


#: What happens to a request that has no orders, or to the queue as a whole: in no order's story.
_IN_NO_STORY: Final = {
    "request.declined",
    "request.withdrawn",
    "request.expired",
    "queue.resumed",
    "queue.probe_requested",
}


@cache
def _events() -> list[str]:
    """Every event that the bot's code can write into the audit log and that an order's story can hold."""
    found = {f"order.resend_{status}" for status in (ResendStatus.SENT, ResendStatus.REFUSED, ResendStatus.UNCLEAR)}
    for file in Path(bot.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.update(re.findall(r"\A(?:request|order|queue)\.[a-z_]*[a-z]\Z", node.value))
    return sorted(found - _IN_NO_STORY)


def _resend(status: ResendStatus, detail: str | None) -> Resend:
    return Resend(
        id=1,
        order_id=1,
        requested_by=MAYA,
        requested_at=NOON,
        previous_sent_at=NOON,
        status=status,
        i18n_key="403.003" if detail else None,
        detail=detail,
    )


def _others() -> Iterator[Case]:
    for command in Command:
        yield Case(command, help.build_help, (command,))
        yield Case(f"{command}, longest", help.build_help, (command, escape("&" * 100)))
    for cause in (*HaltCause, "unheard_of"):
        yield Case(cause, queue.build_halted, (cause,))
        yield Case(cause, queue.build_resumed, (cause,))
    for halted in (False, True):
        yield Case(str(halted), queue.build_probing, (), {"halted": halted})


CASES: Final = [*_forms(), *_about_requests(), *_about_orders(), *_others()]

every_builder = pytest.mark.parametrize("builder", sorted({case.build.__name__ for case in CASES}))


def _cases(builder: str) -> list[Case]:
    return [case for case in CASES if case.build.__name__ == builder]


def _modules() -> list[ModuleType]:
    return [
        importlib.import_module(f"handlers.views.{found.name}")
        for found in pkgutil.iter_modules(handlers.views.__path__)
    ]


def _builders() -> set[str]:
    return {
        name
        for module in _modules()
        for name, member in inspect.getmembers(module, inspect.isfunction)
        if name.startswith("build_") and member.__module__ == module.__name__
    }


def test_every_builder_has_a_case():
    assert _builders() == {case.build.__name__ for case in CASES}


@every_builder
def test_slack_takes_it(builder: str):
    for case in _cases(builder):
        made = case.made()
        if isinstance(made, Message):
            assert message_problems(list(made.blocks), made.text) == [], case.name
        else:
            assert view_problems(made) == [], case.name


@every_builder
def test_a_message_says_its_gist_in_its_text(builder: str):
    for case in _cases(builder):
        made = case.made()
        if isinstance(made, Message):
            assert made.text.strip(), case.name
            assert "None" not in made.text, case.name


@every_builder
def test_a_button_carries_an_id_or_a_filter_and_nothing_else(builder: str):
    for case in _cases(builder):
        made = case.made()
        blocks = made.blocks if isinstance(made, Message) else made["blocks"]
        values = [element["value"] for element in _elements(blocks) if element["type"] == "button"]
        assert [value for value in values if not _VALUE.fullmatch(value)] == [], case.name


@every_builder
def test_a_button_is_listened_to(builder: str):
    for case in _cases(builder):
        made = case.made()
        blocks = made.blocks if isinstance(made, Message) else made["blocks"]
        buttons = {element["action_id"] for element in _elements(blocks) if element["type"] == "button"}
        assert buttons <= {action.value for action in CLICKS}, case.name


@pytest.mark.parametrize("status", list(RequestStatus))
def test_only_a_pending_request_has_buttons(status: RequestStatus):
    request = _request(False, status=status)
    for build, buttons in ((requests.build_card, {"approve", "decline"}), (requests.build_receipt, {"withdraw"})):
        made = build(request, {})
        found = {element["action_id"] for element in _elements(made.blocks)}
        assert found == (buttons if request.is_pending else set())


def test_the_card_names_each_of_thirty_recipients():
    names = [f"Maximiliana Wolfeschlegel-{n}" for n in range(30)]
    people = tuple(a_recipient(f"U0LONG{n:04d}", first_name=name, last_name="") for n, name in enumerate(names))
    shown = str(requests.build_card(_request(False, recipients=people), {}).blocks)
    assert [name for name in names if name not in shown] == []


# ----------------------------------------------------------------------------------------- private


@pytest.mark.parametrize("builder", ["build_card", "build_public_order"])
def test_what_a_channel_sees_names_no_address_and_no_reference(builder: str):
    for case in _cases(builder):
        shown = str(case.made())
        for private in (_SECRET, "@example.com", "f" * 32, "R" * 100):
            assert private not in shown, case.name


# ----------------------------------------------------------------------------------------- escaping

_PERSON: Final = a_recipient(first_name=HOSTILE, last_name=HOSTILE, email=f"{HOSTILE}@example.com")
_HOSTILE_REQUEST: Final[Json] = {
    "requester_name": HOSTILE,
    "recipients": (_PERSON, _PERSON),
    "reward_name": HOSTILE,
    "message": HOSTILE,
    "reason": HOSTILE,
}
_HOSTILE_ORDER: Final[Json] = {
    "recipient": _PERSON,
    "reward_name": HOSTILE,
    "tango_status": HOSTILE,
    "reference_order_id": HOSTILE,
    "problem_detail": HOSTILE,
}


def _hostile(argument: Any) -> Any:
    """The same argument, with everything in it typed by somebody who means harm."""
    match argument:
        case Request():
            return replace(argument, **_HOSTILE_REQUEST)
        case Order():
            problem = argument.problem if argument.problem in (None, *Problem) else HOSTILE
            return replace(argument, **_HOSTILE_ORDER, problem=problem)
        case OrderStory():
            return replace(
                argument,
                order=_hostile(argument.order),
                request=_hostile(argument.request),
                attempts=[replace(one, i18n_key=HOSTILE, detail=HOSTILE) for one in argument.attempts],
                resends=[_hostile(one) for one in argument.resends],
            )
        case OrderPage():
            return replace(
                argument,
                orders=[_hostile(one) for one in argument.orders],
                pending=[_hostile(one) for one in argument.pending],
            )
        case Resend():
            return replace(argument, i18n_key=HOSTILE, detail=HOSTILE)
        case forms.FormState():
            reward = argument.reward and replace(argument.reward, name=HOSTILE, brand=HOSTILE)
            return replace(argument, reward=reward, amount=HOSTILE, message=HOSTILE)
        case Catalog():
            return Catalog([replace(one, name=HOSTILE, brand=HOSTILE) for one in argument.rewards])
        case _:
            return argument


@pytest.mark.parametrize("builder", sorted(_builders() - {"build_notice"}))  # a notice's words are escaped already
def test_what_people_type_pings_nobody_and_links_nowhere(builder: str):
    for case in _cases(builder):
        made = replace(case, args=tuple(map(_hostile, case.args))).made()
        texts = list(_formatted(made.blocks if isinstance(made, Message) else made["blocks"]))
        if isinstance(made, Message):
            texts.append(made.text)
        assert [text for text in texts if _RAW.search(text.removesuffix("…"))] == [], case.name


def test_escaping_covers_what_slack_formats():
    assert escape(HOSTILE) == (
        "&lt;!channel&gt; &lt;@U0EVIL001&gt; &lt;https://evil.example|your bank&gt; &amp; &lt;!subteam^S0EVIL001&gt;"
    )


@pytest.mark.parametrize(("text", "most", "clipped"), [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("", 3, "")])
def test_what_is_too_long_is_cut_with_an_ellipsis(text: str, most: int, clipped: str):
    assert clip(text, most) == clipped


def _formatted(part: Any) -> Iterator[str]:
    """Every text in which Slack looks for mentions and links."""
    if isinstance(part, dict):
        if part.get("type") == "mrkdwn":
            yield part["text"]
        for value in part.values():
            yield from _formatted(value)
    elif isinstance(part, list | tuple):
        for one in part:
            yield from _formatted(one)


def _elements(blocks: Any) -> Iterator[Json]:
    for block in blocks:
        yield from block["elements"] if block["type"] == "actions" else filter(None, [block.get("accessory")])


# ---------------------------------------------------------------------------------------- timelines


def test_the_code_was_searched_for_events():
    assert {"request.filed", "order.accepted", "order.rescued", "queue.halted"} <= set(_events())


@pytest.mark.parametrize("event", _events())
def test_every_event_of_a_timeline_is_worded(event: str):
    story = replace(
        _story(_order(False, recipient=a_recipient(ROB)), by_admin=False),
        story=[AuditEntry(at=NOON, event=event, actor=None, facts={})],
        attempts=[],
    )
    shown = str(orders.build_order_detail(story).blocks)
    assert event not in shown
    assert event.capitalize() not in shown
