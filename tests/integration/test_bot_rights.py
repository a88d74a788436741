"""Who may do what, in one table: each role by each command, button and submission, all of them made by hand.

A payload made by hand is the honest one's equal to the server, and it may come from anybody who has a session.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from bot.errors import NotAllowed, Rule
from bot.sandbox.slack import Person
from handlers.views.messages import refusal_text
from tests.integration.bot_kit import CARD, World
from tests.payloads import a_click, a_command, a_reason, a_request_form, a_submission

_DONE: Final = "done"
_NOT_FOUND: Final = "not found"

_ACTS: Final = (
    "open the form", "file", "approve", "open the decline form", "decline", "withdraw",
    "list", "look up", "details", "show", "resend", "resend by button", "retry", "cancel", "resume",
)  # fmt: skip

_SENDS: Final = (_DONE, _DONE)
_GUEST: Final = (Rule.GUESTS_MAY_NOT_SEND,) * 2
_DECIDES: Final = (_DONE,) * 3
_NO_APPROVER: Final = (Rule.APPROVERS_ONLY,) * 3
_OWN: Final = (_DONE, *(_DONE,) * 5)
_OTHERS: Final = (_DONE, *(_NOT_FOUND,) * 5)
_RECEIVES: Final = (_DONE, *(_NOT_FOUND,) * 3, _DONE, _DONE)
_NO_ADMIN: Final = (Rule.ADMINS_ONLY,) * 3
_MENDS: Final = (_DONE,) * 3


@dataclass(frozen=True)
class Role:
    """Somebody, and what they may do with a request of that requester for that recipient."""

    name: str
    who: str
    may: tuple[str | Rule, ...]
    requester: str = "maya"
    recipient: str = "rob"


_ROLES: Final = (
    Role("the requester", "maya", (*_SENDS, *_NO_APPROVER, _DONE, *_OWN, *_NO_ADMIN)),
    Role("another sender", "priya", (*_SENDS, *_NO_APPROVER, Rule.REQUESTER_ONLY, *_OTHERS, *_NO_ADMIN)),
    Role("the recipient", "rob", (*_SENDS, *_NO_APPROVER, Rule.REQUESTER_ONLY, *_RECEIVES, *_NO_ADMIN)),
    Role("an approver", "alex", (*_SENDS, *_DECIDES, Rule.REQUESTER_ONLY, *_OTHERS, *_NO_ADMIN)),
    Role(
        "an approver who is the requester",
        "sam",
        (*_SENDS, *(Rule.NOT_OWN_REQUEST,) * 3, _DONE, *_OWN, *_NO_ADMIN),
        requester="sam",
    ),
    Role(
        "an approver who is the recipient",
        "sam",
        (*_SENDS, *(Rule.NOT_OWN_REWARD,) * 3, Rule.REQUESTER_ONLY, *_RECEIVES, *_NO_ADMIN),
        recipient="sam",
    ),
    Role("an admin", "ada", (*_SENDS, *_NO_APPROVER, Rule.REQUESTER_ONLY, *_OWN, *_MENDS)),
    Role("a guest", "gus", (*_GUEST, *_NO_APPROVER, Rule.REQUESTER_ONLY, *_OTHERS, *_NO_ADMIN)),
    Role("a guest of one channel", "gina", (*_GUEST, *_NO_APPROVER, Rule.REQUESTER_ONLY, *_OTHERS, *_NO_ADMIN)),
    Role("an outsider", "olga", (*_GUEST, *_NO_APPROVER, Rule.REQUESTER_ONLY, *_OTHERS, *_NO_ADMIN)),
)


@pytest.fixture
def staged(world: World, request: pytest.FixtureRequest) -> tuple[World, Role]:
    """A request and an order in each state that an act needs, all of the role's requester and recipient."""
    role: Role = request.param
    requester = world.slack.person(role.requester)
    values: dict[str, Any] = {"recipients": [role.recipient]}

    def approved() -> int:
        request_id = world.ask(requester, **values)
        world.alex.click(world.card(request_id), "approve")
        return request_id

    approved()  # order 1: placed
    world.settle()
    world.tango.faults.set("mismatch", times=1)
    approved()  # order 2: needs attention
    world.settle()
    world.tango.faults.set("insufficient_funds")
    approved()  # order 3: the queue halts
    world.until(lambda: world.rows("SELECT 1 FROM queue WHERE halted_at IS NOT NULL"))
    approved()  # order 4: waits, and was never sent
    for _ in range(4):
        world.ask(requester, **values)  # requests 5 to 8: pending
    world.clock.advance(31)
    return world, role


@pytest.mark.parametrize("staged", _ROLES, ids=lambda role: role.name, indirect=True)
def test_each_role_may_do_what_the_table_says_and_nothing_else(staged: tuple[World, Role]):
    world, role = staged
    trial = _Trial(world, world.slack.person(role.who), world.slack.person("kim"))
    found = {act: _came_to(world, role, act, trial.acts()[act]) for act in _ACTS}
    assert found == dict(zip(_ACTS, role.may, strict=True))


def test_every_refusing_rule_is_met_by_somebody():
    met = {outcome for role in _ROLES for outcome in role.may if isinstance(outcome, Rule)}
    assert met == set(Rule) - {Rule.SENDERS_ONLY}, "SENDERS_ONLY is met below"


def test_with_named_senders_nobody_else_may_send(tmp_path: Path):
    settings = {"roles": {"senders": ["U00PRIYA0"]}}
    with World(tmp_path, settings=settings) as world:
        told = world.maya.command("/kudos").ephemeral
        assert told is not None
        assert told.text == refusal_text(NotAllowed(Rule.SENDERS_ONLY))
        form = a_submission(world.slack, world.maya.id, "request", a_request_form(["U00ROB000"], CARD, "5"))
        assert refusal_text(NotAllowed(Rule.SENDERS_ONLY)) in str(world.slack.deliver("interactive", form))
        assert world.rows("SELECT 1 FROM requests") == []
        world.fill_in(world.slack.person("priya"))
        assert len(world.rows("SELECT 1 FROM requests")) == 1


def _came_to(world: World, role: Role, act: str, do: Callable[[], Iterator[str | bool]]) -> str | Rule:
    """What an act came to: done, if its effect is there; else the refusal whose sentence was told."""
    before = _state(world)
    told = ""
    for step in do():
        if step is True:
            return _DONE
        if isinstance(step, str):
            told = step
    assert _state(world) == before, f"{role.name}: {act} was refused and yet did something"
    for rule in Rule:
        if told == refusal_text(NotAllowed(rule)):
            return rule
    if told.startswith("There is no `") and told.endswith("` that you can see. `/orders` lists yours."):
        return _NOT_FOUND
    return told or "nothing was said"


def _state(world: World) -> list[Any]:
    return [
        world.rows("SELECT id, status, decided_by FROM requests"),
        world.rows("SELECT id, status FROM orders WHERE id <> 3"),  # the halted one is tried now and then
        world.rows("SELECT id FROM resends"),
        # a resend that was granted before is still under way
        world.rows("SELECT id FROM audit WHERE actor IS NOT NULL AND event NOT LIKE 'order.resend_%'"),
    ]


class _Trial:
    """One person's tries. Each act yields what is told, and True as soon as its effect is seen."""

    def __init__(self, world: World, who: Person, friend: Person) -> None:
        self.world = world
        self.who = who
        self.friend = friend

    def acts(self) -> dict[str, Callable[[], Iterator[str | bool]]]:
        return {
            "open the form": lambda: self._command("/kudos", "", opens=True),
            "file": self._file,
            "approve": lambda: self._click("approve", "5", self._is("requests", 5, "approved")),
            "open the decline form": lambda: self._click("decline", "6", self._opened),
            "decline": self._decline,
            "withdraw": lambda: self._click("withdraw", "8", self._is("requests", 8, "withdrawn")),
            "list": lambda: self._command("/orders", "", shows="orders"),
            "look up": lambda: self._command("/orders", "1", shows="Order #1"),
            "details": lambda: self._click("order_details", "1", self._seen("Order #1")),
            "show": lambda: self._click("order_show", "1", self._seen("Order #1: ")),
            "resend": lambda: self._command("/resend", "1", shows="Sending "),
            "resend by button": self._resend_by_button,
            "retry": lambda: self._click("order_retry", "2", self._happened("order.retried")),
            "cancel": lambda: self._click("order_cancel", "4", self._is("orders", 4, "canceled")),
            "resume": lambda: self._click("queue_resume", "queue", self._happened("queue.probe_requested")),
        }

    def _command(self, name: str, text: str, *, opens: bool = False, shows: str = "") -> Iterator[str | bool]:
        payload = a_command(self.world.slack, self.who.id, name, text, channel=self.who.dm_channel)
        answer = self.world.slack.deliver("slash_commands", payload) or {}
        yield opens and self._opened()
        yield bool(shows) and shows in str(answer)
        yield str(answer.get("text", ""))

    def _click(self, action: str, value: str, done: Callable[[], bool]) -> Iterator[str | bool]:
        where = self.who.dm_channel
        heard = self._private()
        payload = a_click(self.world.slack, self.who.id, action, value, channel=where)
        self.world.slack.deliver("interactive", payload)
        if (
            self.who.wait_for(lambda: "done" if done() else "told" if len(self._private()) > len(heard) else "")
            == "done"
        ):
            yield True
        yield self._private()[-1]

    def _file(self) -> Iterator[str | bool]:
        values = a_request_form([self.friend.id], CARD, "5")
        before = len(self.world.rows("SELECT 1 FROM requests"))
        yield from self._submit("request", values, "")
        yield len(self.world.rows("SELECT 1 FROM requests")) > before

    def _decline(self) -> Iterator[str | bool]:
        yield from self._submit("decline", a_reason("No"), "7")
        yield self._is("requests", 7, "declined")()

    def _resend_by_button(self) -> Iterator[str | bool]:
        self.world.settle_resends()
        self.world.clock.advance(31)
        before = len(self.world.rows("SELECT 1 FROM resends"))
        yield from self._click("order_resend", "1", lambda: False)
        yield len(self.world.rows("SELECT 1 FROM resends")) > before

    def _submit(self, callback_id: str, values: Any, metadata: str) -> Iterator[str]:
        payload = a_submission(self.world.slack, self.who.id, callback_id, values, private_metadata=metadata)
        answer = self.world.slack.deliver("interactive", payload) or {}
        for block in answer.get("view", {}).get("blocks", []):
            yield block["text"]["text"]
        yield from answer.get("errors", {}).values()

    def _private(self) -> list[str]:
        messages = self.world.slack.workspace.messages(self.who.dm_channel)
        return [message.text for message in messages if message.visible_to == self.who.id]

    def _opened(self) -> bool:
        opened = self.who.modal is not None
        if opened:
            self.who.close(everything=True)
        return opened

    def _is(self, table: str, row_id: int, status: str) -> Callable[[], bool]:
        sql = f"SELECT 1 FROM {table} WHERE id = :id AND status = :status"  # noqa: S608 (fixed names)
        return lambda: bool(self.world.rows(sql, id=row_id, status=status))

    def _happened(self, event: str) -> Callable[[], bool]:
        return lambda: bool(self.world.rows("SELECT 1 FROM audit WHERE event = :event", event=event))

    def _seen(self, words: str) -> Callable[[], bool]:
        before = len(self.world.slack.workspace.messages(self.who.dm_channel))
        return lambda: any(words in m.text for m in self.world.slack.workspace.messages(self.who.dm_channel)[before:])
