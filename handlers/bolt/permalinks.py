"""The address of a message on Slack: asked of Slack, and checked before it is shown to others."""

import logging
import re
from typing import Final
from urllib.parse import urlsplit

from slack_sdk.web import WebClient

from handlers.bolt.network import NO_ANSWER, reason_of

logger = logging.getLogger(__name__)

#: The path and the query of a message's address, also in a thread (Slack docs, chat.getPermalink).
_MESSAGE: Final = re.compile(
    r"/archives/[CDG][A-Z0-9]+/p\d{16}(\?thread_ts=\d{10}\.\d{6}&cid=[CDG][A-Z0-9]+)?", re.ASCII
)

#: The host of a workspace or an organization, on Slack or GovSlack. A browser reads odd letters in a host as it likes.
_WORKSPACE: Final = re.compile(r"[a-z0-9-]+(\.enterprise)?\.slack(-gov)?\.com", re.ASCII)


class Permalinks:
    """Finds and checks the addresses of messages.

    Args:
        client: Slack's Web API.
        api_url: the base of Slack's Web API, with its scheme.
    """

    def __init__(self, *, client: WebClient, api_url: str) -> None:
        self._client = client
        self._api = urlsplit(api_url)

    def find(self, channel_id: str, ts: str) -> str:
        """Return the address of a message; empty where Slack gives none. This waits for Slack.

        Of a private channel or a conversation without the bot, Slack tells it nothing.
        """
        try:
            answer = self._client.chat_getPermalink(channel=channel_id, message_ts=ts)
        except NO_ANSWER as error:
            logger.info("The address of a message was not told: %s", reason_of(error))
            return ""
        return self.checked(str(answer.get("permalink", "")))

    def checked(self, url: str) -> str:
        """Return the URL if it is the address of a message on Slack; else an empty text.

        It comes back in a form's metadata, and a link on a card must lead nowhere else.
        """
        if not url:  # as in most forms
            return ""
        try:
            asked = urlsplit(url)
        except ValueError:
            return ""
        is_slacks = asked.scheme == "https" and _WORKSPACE.fullmatch(asked.netloc) is not None
        is_apis = (asked.scheme, asked.netloc) == (self._api.scheme, self._api.netloc)
        rest = url.removeprefix(f"{asked.scheme}://{asked.netloc}")
        return url if (is_slacks or is_apis) and _MESSAGE.fullmatch(rest) else ""
