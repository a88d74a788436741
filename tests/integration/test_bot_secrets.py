"""A whole story with recognisable secrets in it, and then a search for them everywhere they must not be."""

import base64
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from bot.app import Kudos
from bot.sandbox.slack import people
from tests.kit.bot import APP_TOKEN, BOT_TOKEN, PLATFORM_KEY, SECRETS, SIGNING_SECRET, World, environment
from tests.kit.payloads import FORGED_IDS, a_click

_KEYS: Final = {
    BOT_TOKEN,
    APP_TOKEN,
    SIGNING_SECRET,
    PLATFORM_KEY,
    base64.b64encode(f"KudosDemo:{PLATFORM_KEY}".encode()).decode(),
}
_ADDRESSES: Final = {f"{name}@acme.example" for name in ("maya", "priya", "alex", "ada", "rob", "kim", "ana", "li")}

#: Where an e-mail address has its place in the file: beside a name, with the sender's, and in what Tango is sent.
_PLACES_OF_ADDRESSES: Final = {
    ("requests", "details"),
    ("requests", "requester_email"),
    ("recipients", "email"),
    ("orders", "email"),
    ("orders", "body"),
}


@pytest.fixture(params=["http", "socket"])
def told(
    request: pytest.FixtureRequest, tmp_path: Path, database: Path | str, caplog: pytest.LogCaptureFixture
) -> Iterator[World]:
    """A world in which all that goes right and all that goes wrong has happened, and the log of it."""
    for name in ("bot", "handlers", "storage"):
        caplog.set_level(logging.DEBUG, logger=name)
    for name in ("slack_bolt", "slack_sdk", "httpx", "httpcore", "uvicorn", "apscheduler"):
        caplog.set_level(logging.INFO, logger=name)
    with World(tmp_path, where=database, mode=request.param) as world:
        _story(world)
        yield world


def _story(world: World) -> None:
    world.place(recipients=["rob", "kim", "ana"], message="Thanks, call me: <https://acme.example|here>")
    for fault in ("unavailable_after", "cut_after", "unreadable", "bad_gateway", "too_many", "in_flight"):
        world.tango.faults.set(fault, times=1)
    world.place()
    world.tango.faults.set("mismatch", field="recipient", times=1)
    world.place(recipients=["li"])
    for fault in ("insufficient_funds", "unauthorized", "forbidden", "frozen"):
        world.tango.faults.set(fault, times=1)
    world.place()
    world.tango.catalog.remove("U666425")
    world.place(recipients=["kim"])
    world.clock.advance(31)
    world.maya.command("/resend", "1.1", channel="general")
    world.settle()
    world.tango.faults.set("unavailable_after", endpoint="resend", times=1)
    world.clock.advance(31)
    world.maya.command("/resend", "1.1", channel="general")
    world.settle()
    detail = world.maya.command("/orders", "1.1", channel="general").ephemeral
    assert detail is not None
    assert "rob@acme.example" in detail.words, "to the requester alone"
    world.maya.click(detail, "order_show")
    world.maya.wait_for(
        lambda: any(m.text.endswith("(1.1)") for m in world.maya.messages("general") if not m.ephemeral)
    )
    for form in ({"recipients": ["noemail"]}, {"recipients": ["rob"], "amount": "NaN"}):
        world.fill_in(**form)
    for value in FORGED_IDS:
        world.slack.deliver("interactive", a_click(world.slack, people.ALEX, "approve", value))
    world.slack.faults.set("internal_error", method="users.info", times=1)
    world.fill_in(recipients=["priya"])
    with closing(sqlite3.connect(world.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        world.fill_in()
        other.execute("ROLLBACK")
    world.slack.faults.set("outage", method="chat.postMessage", times=2)
    world.ask(recipients=["rob"], reward="U621295")
    world.settle()


def _credentials(world: World) -> set[str]:
    orders = world.tango.orders
    assert len(orders) >= 5
    return {order.code for order in orders} | {order.link for order in orders} | {order.link[-20:] for order in orders}


@pytest.mark.file
def test_no_secret_is_where_it_must_not_be(told: World, caplog: pytest.LogCaptureFixture):
    world, credentials = told, _credentials(told)
    private = _KEYS | _ADDRESSES | credentials

    lines = [record.getMessage() + str(record.exc_text or "") for record in caplog.get_records("setup")]
    assert len(lines) > 50, "the story was logged"
    assert _found(private, "\n".join(lines)) == set(), "in the log"

    shown = [
        str(message.stored())
        for channel in world.slack.workspace.channels.values()
        if not channel.is_dm
        for message in world.slack.workspace.messages(channel.id)
        if message.visible_to is None
    ]
    assert len(shown) >= 5
    assert _found(private, "\n".join(shown)) == set(), "in a channel"

    everything = [
        str(message.stored())
        for channel in world.slack.workspace.channels.values()
        for message in world.slack.workspace.messages(channel.id)
    ]
    assert _found(_KEYS | credentials, "\n".join(everything)) == set(), "on anybody's screen"

    cells = list(_cells(world))
    assert len(cells) > 500
    assert {place for place, text in cells if _found(_KEYS | credentials, text)} == set(), "in the file"
    assert {place for place, text in cells if _found(_ADDRESSES, text)} == _PLACES_OF_ADDRESSES

    world.stop()  # what was in the write-ahead log is in the file now
    raw = b"".join(file.read_bytes() for file in world.folder.glob("kudos.db*")).decode("latin-1")
    assert "rob@acme.example" in raw
    assert _found(_KEYS | credentials, raw) == set(), "in the file's bytes"


def _found(secrets: set[str], text: str) -> set[str]:
    return {secret for secret in secrets if secret in text}


def _cells(world: World) -> Iterator[tuple[tuple[str, str], str]]:
    for table in world.tables():
        for row in world.rows(f'SELECT * FROM "{table}"'):  # noqa: S608 (the file's own names)
            for column, value in row.items():
                yield (table, column), value.decode() if isinstance(value, bytes) else str(value)


def test_the_settings_do_not_tell_their_secrets(calm: World):
    settings = calm._settings()
    for text in (repr(settings), str(settings), settings.model_dump_json()):
        assert _found(_KEYS, text) == set()


@pytest.mark.file
def test_a_token_that_slack_refuses_is_not_repeated(calm: World, tmp_path: Path):
    wrong = "xoxb-another-recognisable-token"
    config = (calm.folder / "app.yaml").read_text().replace(str(calm.database), str(tmp_path / "other.db"))
    (tmp_path / "app.yaml").write_text(config)
    with environment(SECRETS | {"SLACK_BOT_TOKEN": wrong}):
        from bot.settings import load_settings  # noqa: PLC0415 (the environment is read when it is called)

        settings = load_settings(tmp_path / "app.yaml")
    bot = Kudos(settings, calm.clock)
    try:
        bot.start()
        calm.until(lambda: bot._connecting.refusal, step=0)
    finally:
        bot.stop()
    assert "SLACK_BOT_TOKEN: Slack doesn't accept this token (invalid_auth)" in str(bot._connecting.refusal)
    assert wrong not in str(bot._connecting.refusal)
