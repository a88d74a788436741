"""Files that people choose in a form, and files for them. All of it waits for the network."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, Request, build_opener

from slack_sdk.web import WebClient

from bot.errors import NotFound, SlackUnavailable
from handlers.bolt.network import NO_ANSWER, reason_of, ssl_context
from handlers.views.blocks import Message

#: Seconds for the bytes of a file: 10 MB on a slow line.
_TIMEOUT: Final = 60

logger = logging.getLogger(__name__)


class Files:
    """Reads files from Slack, and sends some.

    Args:
        client: returns a client of the Web API with a worker's timeout.
    """

    def __init__(self, client: Callable[[], WebClient]) -> None:
        self._client = client

    def read(self, file_id: str, owner_id: str, most: int) -> bytes:
        """Return what is in a file: `most` bytes and one more where there are more.

        Args:
            file_id: Slack's id of the file.
            owner_id: the Slack id of who must have uploaded it.
            most: the bytes that are wanted.

        Raises:
            NotFound: it is somebody else's.
            SlackUnavailable: Slack did not give it.
        """
        client = self._client()
        with _answered():
            told: Mapping[str, Any] = client.files_info(file=file_id)["file"]
        if told.get("user") != owner_id:
            raise NotFound(file_id)
        url = str(told.get("url_private_download") or told.get("url_private") or "")
        if not is_of_slack(url, client.base_url):
            raise SlackUnavailable  # the token goes nowhere else
        with _answered():
            return _downloaded(url, client.token or "", most)

    def send(self, user_id: str, message: Message, name: str, content: bytes) -> bool:
        """Send somebody a direct message, and a file in its thread; return whether Slack took both."""
        client = self._client()
        try:
            # The message is what tells the conversation's id, without which no file can be shared there.
            posted = client.chat_postMessage(channel=user_id, text=message.text, blocks=message.blocks)
            client.files_upload_v2(
                channel=str(posted["channel"]), thread_ts=str(posted["ts"]), filename=name, content=content
            )
        except NO_ANSWER as error:
            logger.warning("Slack did not take a file: %s", reason_of(error))
            return False
        return True


@contextmanager
def _answered() -> Iterator[None]:
    try:
        yield
    except NO_ANSWER as error:
        logger.warning("Slack did not give a file: %s", reason_of(error))
        raise SlackUnavailable from error


class _NoRedirects(HTTPRedirectHandler):
    """Follows no redirect: Slack sends whom it does not know to its sign-in page."""

    def redirect_request(self, *_: object) -> None:
        """Leave the redirect what it is: an error."""


def is_of_slack(url: str, api_url: str) -> bool:
    """Return whether an address of a file is on the host of Slack's Web API or below it, as `files.slack.com` is."""
    file, api = urlsplit(url), urlsplit(api_url)
    host = api.hostname or ""
    return file.scheme == api.scheme and bool(host) and f".{file.hostname or ''}".endswith(f".{host}")


def _downloaded(url: str, token: str, most: int) -> bytes:
    opener = build_opener(HTTPSHandler(context=ssl_context()), _NoRedirects())
    request = Request(url, headers={"Authorization": f"Bearer {token}"})  # noqa: S310 (is_of_slack looked at it)
    with opener.open(request, timeout=_TIMEOUT) as answer:
        data: bytes = answer.read(most + 1)
    return data
