"""Messages whose blocks Slack refuses: they arrive all the same, with the same words and buttons."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from slack_sdk.errors import SlackApiError
from slack_sdk.web import WebClient

from bot.sandbox.serve import serve
from bot.sandbox.slack import SlackSandbox, people
from bot.sandbox.slack.blockkit import length_of
from bot.sandbox.slack.snapshots import texts
from handlers.outbox.codes import CODES, Remedy
from handlers.outbox.forms import send_plainer
from handlers.views.blocks import MOST_IN_BLOCKS, Json, Message
from tests.unit.test_views import CASES

#: Kinds of blocks that some message has, and parts of blocks that Slack has refused: links into Slack, pictures.
_REFUSABLE: Final = (
    *("section", "context", "header", "actions", "rich_text", "image", "link", "slack://", "divider"),
    *("data_table", "data_visualization"),
)

_REFUSALS: Final = sorted(code for code, row in CODES.items() if row.remedy is Remedy.SEND_PLAINER)

#: Signs that a form may put between words or leave out: a message is read, not compared.
_SIGNS: Final = re.compile(r"[\W_]+")

#: Characters that the plain forms add: who a link leads to, the signs of quotes and lists. A message with less room
#: than that is shortened.
_ADDED: Final = 3_000


#: Lists of some thirty orders with a button each are too long for small print. They answer a press: no notice is lost.
_TOO_MANY: Final = (("build_request_found", "section"), ("build_order_page", "section"))


@cache
def _messages(builder: str) -> list[tuple[str, Message]]:
    made = [(case.name, case.made) for case in CASES if case.build.__name__ == builder]
    return [(name, one) for name, one in made if isinstance(one, Message) and one.blocks]


def _builders() -> st.SearchStrategy[str]:
    """Draw one that makes messages. Making all of them takes seconds: only where the test runs, not on each import."""
    return st.sampled_from(sorted(name for name in {case.build.__name__ for case in CASES} if _messages(name)))


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SlackSandbox]:
    sandbox = SlackSandbox(bot_token="xoxb-1", app_token="xapp-1", signing_secret="secret")
    sandbox._state.limiter.enabled = False
    with serve(sandbox.app) as server:
        sandbox.url = server.url
        yield sandbox


def _words(blocks: Any) -> set[str]:
    return {word for text in texts(list(blocks)) for word in _SIGNS.split(text) if word}


def _buttons(part: Any) -> list[Json]:
    if isinstance(part, list | tuple):
        return [button for one in part for button in _buttons(one)]
    if not isinstance(part, dict):
        return []
    own = [part] if part.get("type") == "button" else []
    return own + _buttons(list(part.values()))


def _presses(blocks: Any) -> list[tuple[Any, ...]]:
    return [
        (one["action_id"], one.get("value"), one.get("url"), one["text"]["text"], "confirm" in one)
        for one in _buttons(list(blocks))
    ]


@settings(max_examples=150)
@given(
    builder=st.deferred(_builders),
    which=st.integers(0, 10**6),
    refusal=st.tuples(st.sampled_from(_REFUSABLE), st.sampled_from(_REFUSALS)),
    rewritten=st.booleans(),
)
def test_every_message_arrives_whatever_kind_of_block_slack_refuses(
    sandbox: SlackSandbox,
    builder: str,
    which: int,
    refusal: tuple[str, str],
    rewritten: bool,  # noqa: FBT001 (one axis of what is drawn)
):
    refused, code = refusal
    assume((builder, refused) not in _TOO_MANY)
    name, message = _messages(builder)[which % len(_messages(builder))]
    client = WebClient(token="xoxb-1", base_url=f"{sandbox.url}/api/", retry_handlers=[])
    sandbox.faults.clear()
    if rewritten:
        place = client.chat_postMessage(channel=people.TEAM_BLUE, text="first", blocks=[])
    sandbox.faults.set("refused", block=refused, code=code)

    def send(form: Message) -> Any:
        content: Json = {"text": form.text, "blocks": form.blocks}
        if rewritten:
            return client.chat_update(channel=place["channel"], ts=place["ts"], **content)
        return client.chat_postMessage(channel=people.TEAM_BLUE, **content)

    taken = send_plainer(message, send)
    stored = sandbox.workspace.message(taken["channel"], taken["ts"])
    assert stored is not None
    shown = stored.blocks or [{"type": "section", "text": {"type": "mrkdwn", "text": stored.text}}]
    assert _presses(shown) == _presses(message.blocks), name
    if length_of(list(message.blocks)) < MOST_IN_BLOCKS - _ADDED:
        assert _words(message.blocks) - _words(shown) == set(), name


def test_only_a_refusal_of_the_form_is_answered_with_another_form(sandbox: SlackSandbox):
    client = WebClient(token="xoxb-1", base_url=f"{sandbox.url}/api/", retry_handlers=[])
    sandbox.faults.clear()
    sandbox.faults.set("refused", code="restricted_action", times=1)
    message = Message("Words", [{"type": "divider"}])
    with pytest.raises(SlackApiError, match="restricted_action"):
        send_plainer(message, lambda form: client.chat_postMessage(channel=people.TEAM_BLUE, text=form.text))
