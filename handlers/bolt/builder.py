"""Slack's side, built: the clients of the Web API, who the bot is, and Bolt's app."""

import logging
from dataclasses import dataclass, field
from typing import Final

from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web import WebClient

from handlers.bolt.network import NO_ANSWER, cannot_start
from handlers.bolt.profiles import Home

#: Seconds that a listener waits for Slack: of the three that an ack may take, the rest is for the answer.
_LISTENER_TIMEOUT: Final = 2


def build_client(*, token: str, api_url: str) -> WebClient:
    """Return a client of the Web API with slack_sdk's own timeout.

    Args:
        token: the bot's.
        api_url: the base of Slack's Web API.
    """
    return WebClient(token=token, base_url=api_url)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """The bot's place in a workspace.

    Attributes:
        token: the bot's.
        api_url: the base of Slack's Web API.
        identity: who the bot is, as `auth.test` said at the start.
        home: where the bot is installed.
        client: for listeners, with a timeout that leaves room for the ack.
    """

    token: str = field(repr=False)
    api_url: str
    identity: AuthorizeResult = field(repr=False)
    home: Home
    client: WebClient

    def worker_client(self) -> WebClient:
        """Return a client for a worker, which waits for Slack as long as slack_sdk does."""
        return build_client(token=self.token, api_url=self.api_url)


def connect(*, token: str, api_url: str) -> Connection:
    """Ask Slack who the bot is.

    Args:
        token: the bot's.
        api_url: the base of Slack's Web API.

    Raises:
        ConfigurationError: Slack does not accept the token, or cannot be reached.
    """
    try:
        answer = build_client(token=token, api_url=api_url).auth_test()
    except NO_ANSWER as error:
        raise cannot_start(error, "SLACK_BOT_TOKEN", "copy the Bot User OAuth Token again") from error
    identity = AuthorizeResult(
        enterprise_id=answer.get("enterprise_id"),
        team_id=answer["team_id"],
        bot_user_id=answer["user_id"],
        bot_id=answer.get("bot_id"),
        bot_token=token,
    )
    client = WebClient(token=token, base_url=api_url, timeout=_LISTENER_TIMEOUT)
    home = Home(
        team_id=answer["team_id"],
        enterprise_id=answer.get("enterprise_id") or None,
        is_org_wide=bool(answer.get("is_enterprise_install")),
    )
    return Connection(token=token, api_url=api_url, identity=identity, home=home, client=client)


def build_bolt(connection: Connection, *, signing_secret: str | None) -> App:
    """Return Bolt's app, without listeners.

    Args:
        connection: to the workspace.
        signing_secret: of what Slack posts in http mode; None in Socket Mode.
    """
    bolt_logger = logging.getLogger("slack_bolt.App")
    # Bolt warns that it does not use the token that it sees; the client does use it. A level would not silence the
    # warning, because Bolt sets its loggers' levels itself.
    bolt_logger.addFilter(_is_error)
    bolt = App(
        # Bolt's other way waits for the ack in 10 ms polls, and loses it when a listener raises after it.
        process_before_response=True,
        client=connection.client,
        # auth.test was asked at the start; asking it for every request would be a call in every listener.
        authorize=lambda: connection.identity,
        signing_secret=signing_secret or "",
        request_verification_enabled=signing_secret is not None,
    )
    bolt_logger.removeFilter(_is_error)
    return bolt


def _is_error(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.ERROR
