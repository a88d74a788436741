"""Answers of Slack that are cut or garbled on the way: whoever asked asks again, or says that Slack was not reached."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final, cast

import pytest
from slack_sdk.web import WebClient

from bot.domain.approval import Route
from bot.domain.budget import Limits
from bot.domain.notices import ProbeFinished
from bot.domain.policy import Roles
from bot.errors import SlackUnavailable
from bot.usecases.budgets import Budgets
from bot.usecases.cards import Cards
from bot.usecases.copies import Copies
from bot.usecases.home import Homes
from handlers.bolt.answers import Say
from handlers.bolt.directory import Directory
from handlers.bolt.home import HomeTab, HomeTurns
from handlers.bolt.membership import RoleIds
from handlers.bolt.profiles import Home
from handlers.bolt.replies import respond
from handlers.outbox.notifier import Notifier
from handlers.outbox.workflows import WorkflowAnswers
from handlers.views.blocks import Message
from storage import Storage
from tests.kit.factories import ADA, CHANNEL, FakeClock
from tests.kit.raw_server import RawServer, http

_TAKEN: Final = http("200 OK", b'{"ok": true, "channel": "D1", "ts": "1.1"}')

_GARBLED: Final = {
    "cut": http("200 OK", b'{"ok": true, "channel": "D1", "ts": "1.1"}')[:-10],
    "no HTTP": b"\x16\x03\x01\r\n\r\n",
    "half a JSON": http("200 OK", b'{"ok": true, "chan'),
    "no UTF-8": http("200 OK", b'{"ok": true, "channel": "\xff"}'),
}

garbled = pytest.mark.parametrize("answer", _GARBLED.values(), ids=_GARBLED.keys())


@contextmanager
def _slack(*answers: bytes) -> Iterator[RawServer]:
    """Gives these answers one after the other, and hangs up after each."""
    left = list(answers)

    def play(server: RawServer, connection: socket.socket) -> None:
        server.receive(connection)
        connection.sendall(left.pop(0))

    with RawServer(play) as server:
        yield server


def _client(server: RawServer) -> WebClient:
    return WebClient(token="xoxb-1", base_url=f"{server.url}/")


def _home_tab(storage: Storage, clock: FakeClock, client: WebClient) -> HomeTab:
    """Home, which nobody has open."""
    cards = Cards(storage=storage, clock=clock, roles=Roles, expire_after=timedelta(days=30))
    budgets = Budgets(storage=storage, clock=clock, roles=Roles, budgets=(), limits=Limits(), zone="UTC")
    homes = Homes(
        storage=storage,
        clock=clock,
        roles=Roles,
        cards=cards,
        budgets=budgets,
        orders_per_second=1,
        balance=lambda: None,
    )
    ids = RoleIds(senders=frozenset(), approvers=frozenset(), admins=frozenset())
    directory = Directory(client=client, clock=clock, ids=ids, home=lambda: Home(team_id="T1"))
    return HomeTab(client=client, homes=homes, directory=directory, clock=clock, turns=HomeTurns())


@garbled
def test_a_notice_is_told_again(storage: Storage, clock: FakeClock, answer: bytes):
    storage.outbox.add(ProbeFinished(), ADA, clock.now())
    with _slack(answer, _TAKEN) as server:
        notifier = Notifier(
            storage=storage,
            client=_client(server),
            clock=clock,
            is_on_duty=lambda: True,
            admins=frozenset,
            thanks_channel=None,
            alerts_channel=None,
            home=lambda: Home(team_id="T1"),
            home_tab=_home_tab(storage, clock, _client(server)),
            workflow_answers=cast("WorkflowAnswers", None),  # there is none to give
            copies=Copies(
                storage=storage, clock=clock, roles=Roles, approvers=frozenset, usual=Route(CHANNEL, frozenset())
            ),
            undo_within=timedelta(0),
            orders_per_second=1,
            waiting_for=lambda _: [],
        )
        assert notifier.run_once()
        assert not notifier.run_once(), "it waits"
        clock.advance(2)
        assert notifier.run_once()
    assert len(server.received) == 2
    assert storage._database.query("SELECT status, problem FROM outbox") == [{"status": "sent", "problem": None}]


@garbled
def test_who_somebody_is_stays_unknown(clock: FakeClock, answer: bytes):
    ids = RoleIds(senders=frozenset(), approvers=frozenset({"S0BOSSES"}), admins=frozenset())
    with _slack(answer, answer) as server:
        directory = Directory(client=_client(server), clock=clock, ids=ids, home=lambda: Home(team_id="T1"))
        with pytest.raises(SlackUnavailable):
            directory.person(ADA)
        directory.refresh_roles()
    assert len(server.received) == 2
    assert directory.roles().approvers == frozenset()


@pytest.mark.parametrize("name", ["cut", "no HTTP", "no UTF-8"])
def test_an_answer_that_may_not_have_arrived_is_logged(name: str, caplog: pytest.LogCaptureFixture):
    with _slack(_GARBLED[name]) as server:
        respond(server.url, Say(Message("Hello")))
    assert len(server.received) == 1
    assert any(message.startswith("An answer was not taken") for message in caplog.messages)
