"""Calls to Slack share what is slow to make."""

import ssl

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.slack_response import SlackResponse

from handlers.bolt.answers import Say
from handlers.bolt.builder import Connection, build_client
from handlers.bolt.network import NO_ANSWER, ssl_context, wait_asked_for
from handlers.bolt.replies import respond
from handlers.views.blocks import Message

#: A port on which nobody listens.
NOBODY = "https://127.0.0.1:1/"


def test_the_systems_certificates_are_read_once(monkeypatch: pytest.MonkeyPatch):
    read: list[ssl.SSLContext] = []
    monkeypatch.setattr(ssl.SSLContext, "load_default_certs", lambda self, _purpose: read.append(self))
    ssl_context.cache_clear()
    connection = Connection(token="xoxb-1", api_url=NOBODY)
    for client in (connection.client, connection.worker_client(), build_client(token="xoxb-1", api_url=NOBODY)):
        client.retry_handlers.clear()  # slack_sdk would wait for a second, and try again
        for _ in range(2):
            with pytest.raises(NO_ANSWER):
                client.auth_test()
    for _ in range(2):
        respond(NOBODY, Say(Message("Hello")))
    assert len(read) == 1


@pytest.mark.parametrize(
    ("asked", "seconds"), [("30", 30), ("", 0), ("soon", 0), ("-1", 0), ("9" * 30, 0), ("999999999", 86_400)]
)
def test_the_wait_that_slack_asks_for(asked: str, seconds: int):
    response = SlackResponse(
        client=None,
        http_verb="POST",
        api_url="",
        req_args={},
        data={"ok": False, "error": "ratelimited"},
        headers={"Retry-After": asked},
        status_code=429,
    )
    error = SlackApiError("no", response)  # type: ignore[no-untyped-call]  # slack_sdk has no type here
    assert wait_asked_for(error).total_seconds() == seconds
    assert wait_asked_for(OSError()).total_seconds() == 0
