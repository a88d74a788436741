"""A start while Slack, or the network to it, doesn't answer: orders go on, and only a refused token ends the bot."""

import logging
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final, Self
from urllib.request import urlopen

import pytest
import yaml

from bot.domain.catalog import RewardKind
from bot.ops.check import run_checks
from bot.sandbox.slack import people
from handlers.bolt.builder import build_client
from handlers.check import _views, check_slack
from tests.kit.bot import CARD, PATIENCE, SECRETS, World, environment
from tests.kit.factories import a_recipient, approve, file_request
from tests.kit.raw_server import RawServer, http

#: The way to Slack has nothing to do with the engine.
pytestmark = pytest.mark.file

REFUSED: Final = ["account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked"]

#: Slack's own troubles, and what a proxy says in its place (Slack docs, auth.test, errors).
PASSING: Final = {
    "rate limit": http("429 Too Many Requests", b'{"ok": false, "error": "ratelimited"}', "Retry-After: 1"),
    "internal error": http("200 OK", b'{"ok": false, "error": "internal_error"}'),
    "fatal error": http("200 OK", b'{"ok": false, "error": "fatal_error"}'),
    "unavailable": http("503 Service Unavailable", b"upstream unavailable"),
    "a proxy's sign-in": http("200 OK", b"<html>Sign in</html>"),
    "a proxy's refusal": http("401 Unauthorized", b"<html>Who are you?</html>"),
}

FAULTS: Final = ["rate_limited", "outage", "internal_error", "cut"]


@pytest.fixture
def world(tmp_path: Path, database: Path | str) -> Iterator[World]:
    # Named by his id, because the members of a group are not known without Slack.
    with World(tmp_path, where=database, mode="socket", settings={"approvals": {"approvers": [people.ALEX]}}) as world:
        yield world


def _refusing(code: str) -> bytes:
    return http("200 OK", f'{{"ok": false, "error": "{code}"}}'.encode(), "Connection: close")


@contextmanager
def _slack(*answers: bytes) -> Iterator[RawServer]:
    """A Slack that gives `auth.test` these answers in turn, the last again and again, and all else the last."""
    left = list(answers)

    def play(server: RawServer, connection: socket.socket) -> None:
        asked = server.receive(connection)
        connection.sendall(left.pop(0) if "auth.test" in asked.line and len(left) > 1 else left[-1])

    with RawServer(play) as server:
        yield server


def _place_without_slack(world: World) -> None:
    """Have the bot place an order that waits in its file, while Slack isn't reached."""
    assert world.bot.unready() == "not connected to Slack"
    rob = a_recipient(people.ROB, first_name="Rob", last_name="Hale", email="rob@acme.example")
    facts: dict[str, Any] = {"requester_id": people.MAYA, "utid": CARD, "reward_name": "Gift card"}
    storage = world.bot._storage
    request = file_request(storage, now=world.clock.now(), recipients=(rob,), **facts)
    new = world.bot._requests._forms.order(request, request.recipients[0], RewardKind.DIGITAL, place=0)
    approve(storage, request, now=world.clock.now(), body=new.body, external_ref_id=new.external_ref_id)
    world.until(lambda: world.tango.orders)
    assert world.bot.unready() == "not connected to Slack"


@pytest.mark.parametrize("fault", FAULTS)
def test_orders_go_on_while_slack_has_a_hiccup_at_the_start(world: World, fault: str):
    world.stop()
    world.slack.faults.set(fault)
    world.begin()
    _place_without_slack(world)
    world.slack.faults.clear()
    world.until(lambda: world.bot.unready() is None)
    world.settle()


def test_orders_go_on_without_a_network_at_the_start(world: World):
    world.stop()
    world.slack_server._wanted_port = world.slack_server.port
    world.slack_server.stop()
    world.begin()
    _place_without_slack(world)
    world.slack_server.start()
    world.until(lambda: world.bot.unready() is None)
    world.settle()


def test_nobody_is_looked_up_before_slack_says_where_the_bot_is(world: World, caplog: pytest.LogCaptureFixture):
    world.stop()
    caplog.clear()
    world.slack.faults.set("outage", method="auth.test")
    world.begin()
    _place_without_slack(world)
    world.refresh_roles()
    said = [record.getMessage() for record in caplog.records]
    assert not [line for line in said if "looked up" in line]
    world.slack.faults.clear()
    world.until(lambda: world.bot.unready() is None)
    world.settle()


def test_a_hiccup_while_the_socket_opens_passes(world: World):
    world.stop()
    world.slack.faults.set("too_many_websockets", times=1)
    world.begin()
    world.until(lambda: world.bot.unready() is None, step=0)


def test_who_clicks_before_slack_is_reached_is_told_to_come_back(tmp_path: Path, database: Path | str):
    with World(tmp_path, where=database) as world:
        world.maya.command("/kudos", "help")
        delivery = world.slack.deliveries[-1]
        world.stop()
        world.slack.faults.set("outage")
        world.begin()
        assert world.slack.deliver_raw(delivery.body, delivery.headers).status_code == 503
        assert world.slack.deliver_raw(delivery.body, {}).status_code == 401
        world.slack.faults.clear()
        world.until(lambda: world.bot.unready() is None)
        assert world.slack.deliver_raw(delivery.body, delivery.headers).status_code == 200


# --------------------------------------------------------------------------------- as a process


class Process:
    """A bot of its own, against any Slack."""

    def __init__(self, folder: Path, world: World, **slack: object) -> None:
        settings = yaml.safe_load((world.folder / "app.yaml").read_text())
        settings["slack"] |= {"port": 0} | slack
        settings["storage"] = {"path": str(folder / "process.db")}
        self.config = folder / "process.yaml"
        self.config.write_text(yaml.safe_dump(settings))
        ours = ("KUDOS_", "SLACK_", "TANGO_")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        command = [sys.executable, "-m", "bot", "run", "--config", str(self.config)]
        self.process = subprocess.Popen(command, env=inherited | SECRETS, stderr=subprocess.PIPE, text=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def read_until(self, words: str) -> None:
        """Read what it says until it says this."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if words in line:
                return
        raise AssertionError(f"it never said {words!r}")

    def end(self) -> tuple[int, str]:
        """Wait for its end: its status and what it said."""
        said = self.process.communicate(timeout=PATIENCE * 3)[1]
        return self.process.returncode, said


@pytest.mark.parametrize("code", REFUSED)
def test_a_refused_token_ends_the_bot(tmp_path: Path, calm: World, code: str):
    with _slack(_refusing(code)) as slack, Process(tmp_path, calm, api_url=slack.url.replace("raas/v2", "")) as bot:
        status, said = bot.end()
    assert status == 2
    assert f"SLACK_BOT_TOKEN: Slack doesn't accept this token ({code}). Copy the Bot User OAuth Token again." in said


@pytest.mark.parametrize("answer", PASSING.values(), ids=PASSING.keys())
def test_what_is_not_the_tokens_fault_is_tried_again(tmp_path: Path, calm: World, answer: bytes):
    with _slack(answer, answer, _refusing("invalid_auth")) as slack:
        with Process(tmp_path, calm, api_url=slack.url.replace("raas/v2", "")) as bot:
            status, said = bot.end()
        assert sum("auth.test" in asked.line for asked in slack.received) == 3
    assert status == 2
    assert said.count("Slack can't be reached") == 2


def test_a_stop_ends_the_wait_for_slack_at_once(tmp_path: Path, calm: World):
    limited = http("429 Too Many Requests", b'{"ok": false, "error": "ratelimited"}', "Retry-After: 86400")
    with _slack(limited) as slack, Process(tmp_path, calm, api_url=slack.url.replace("raas/v2", "")) as bot:
        bot.read_until("Next try in 86400 s; orders go on")
        bot.process.terminate()
        status, said = bot.end()
    assert status == 0
    assert "Kudos has stopped" in said


def test_a_taken_port_is_found_before_slack_is_asked(tmp_path: Path, calm: World):
    def play(server: RawServer, connection: socket.socket) -> None:
        server.receive(connection)

    with closing(socket.create_server(("127.0.0.1", 0))) as other, RawServer(play) as slack:
        port = other.getsockname()[1]
        api_url = slack.url.replace("raas/v2", "")
        with Process(tmp_path, calm, api_url=api_url, port=port) as bot:
            status, said = bot.end()
    assert status == 2
    assert f"slack.host, slack.port: I can't listen on 127.0.0.1:{port} (Address already in use)" in said
    assert slack.received == []


def test_a_bot_says_that_it_serves_when_slack_is_connected_and_its_port_is_open(tmp_path: Path, world: World):
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    with Process(tmp_path, world, port=port, api_url=f"{world.slack_server.url}/api/") as bot:
        bot.read_until("Kudos is serving (socket mode)")
        with urlopen(f"http://127.0.0.1:{port}/readyz") as ready:
            assert ready.status == 200


def test_a_bot_whose_port_is_not_open_does_not_say_that_it_serves(world: World, caplog: pytest.LogCaptureFixture):
    world.stop()
    caplog.clear()
    with caplog.at_level(logging.INFO):
        world.begin()
        world.until(lambda: world.bot._connected)
    assert "is serving" not in caplog.text


# ----------------------------------------------------------------------------------- kudos check


def _checked(world: World, capsys: pytest.CaptureFixture[str]) -> str:
    with environment(SECRETS):
        assert not run_checks(world.folder / "app.yaml")
    return capsys.readouterr().out


def test_the_check_tells_the_network_from_the_token(world: World, capsys: pytest.CaptureFixture[str]):
    world.slack.faults.set("outage", method="apps.connections.open")
    said = _checked(world, capsys)
    assert "ok   Slack token:" in said
    assert "FAIL Socket Mode: I can't reach Slack, so I couldn't check this: HTTP status 503" in said
    world.slack.faults.set("internal_error", method="auth.test")
    said = _checked(world, capsys)
    assert "FAIL Slack token: I can't reach Slack, so I couldn't check this: internal_error" in said
    assert "Copy the Bot User OAuth Token" not in said
    world.slack.faults.clear()
    world.slack._state.bot_token = "xoxb-another"
    assert "FAIL Slack token: Slack doesn't accept it (invalid_auth)" in _checked(world, capsys)
    world.slack._state.bot_token = SECRETS["SLACK_BOT_TOKEN"]


def test_the_check_without_a_network_says_so(world: World, capsys: pytest.CaptureFixture[str]):
    world.stop()
    world.slack_server.stop()
    said = _checked(world, capsys)
    assert "FAIL Slack token: I can't reach Slack, so I couldn't check this: nothing answers at its address" in said
    assert "Check this machine's network" in said


def _found(api_url: str) -> str:
    """What the check finds that gets no further than the token."""
    [finding] = check_slack(
        token="xoxb-1",
        api_url=api_url,
        app_token=None,
        channel="C0",
        approvers=frozenset(),
        thanks_channel=None,
        alerts_channel=None,
        people=frozenset(),
        admins=frozenset(),
    )
    return finding.text


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"<html>Sign in</html>", "its answer isn't readable"),
        (None, "the network is down, or the connection was cut"),
    ],
    ids=["a proxy's page", "cut"],
)
def test_the_check_says_what_is_on_the_way_to_slack(answer: bytes | None, words: str):
    def play(server: RawServer, connection: socket.socket) -> None:
        server.receive(connection)
        if answer is not None:
            connection.sendall(http("200 OK", answer))

    with RawServer(play) as slack:
        found = _found(slack.url.replace("raas/v2", ""))
    assert words in found


def test_a_host_without_an_address_is_a_network_or_dns_that_is_down():
    assert "the name of its host isn't found, so the network or DNS is down" in _found("https://slack.invalid/api/")


def test_tango_that_is_not_reached_is_the_network_and_not_the_keys(world: World, capsys: pytest.CaptureFixture[str]):
    world.stop()
    world.tango_server.stop()
    said = _checked(world, capsys)
    assert "FAIL Tango account: I can't reach Tango, so I couldn't check this: nothing answers at its address" in said
    assert "its proxy and tango.base_url" in said


def test_a_view_that_slack_refuses_is_named_with_slacks_words():
    refusal = (
        b'{"ok": false, "error": "invalid_view", "errors": [{"pointer": "/blocks/0", "message": "no such thing"}]}'
    )
    with _slack(http("200 OK", refusal)) as slack:
        finding = _views(build_client(token="xoxb-1", api_url=slack.url.replace("raas/v2", "")))
    assert (finding.good, finding.is_warning) == (False, True)
    assert finding.text == "Slack refuses the form: no such thing (/blocks/0)"


def test_the_check_fails_where_nobody_hears_that_orders_are_on_hold(
    tmp_path: Path, world: World, capsys: pytest.CaptureFixture[str]
):
    with environment(SECRETS):
        run_checks(world.folder / "app.yaml")
    assert "ok   Admins: 1 will hear" in capsys.readouterr().out
    for name in ("guest", "nobody"):
        (tmp_path / name).mkdir()
    with World(tmp_path / "guest", settings={"roles": {"admins": [people.GUS]}}) as deaf:
        assert "FAIL Admins: no one under roles.admins is an active full member" in _checked(deaf, capsys)
    with World(tmp_path / "nobody", settings={"roles": {"admins": []}}) as deaf:
        assert "FAIL Admins: the settings name none" in _checked(deaf, capsys)
