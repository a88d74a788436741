"""Who is in a channel, as Slack tells it now."""

from typing import Final

from slack_sdk.web import WebClient

from bot.errors import SlackUnavailable
from handlers.bolt.network import NO_ANSWER

#: Members on a page: the most that Slack gives (conversations.members, Tier 4).
_PAGE: Final = 1_000


def members_of(client: WebClient, channel: str) -> frozenset[str]:
    """Return the Slack ids of those in a channel; apps are among them. This waits for Slack.

    Raises:
        SlackUnavailable: Slack did not tell them all.
    """
    found: set[str] = set()
    cursor = ""
    while True:
        try:
            page = client.conversations_members(channel=channel, limit=_PAGE, cursor=cursor)
        except NO_ANSWER as error:
            raise SlackUnavailable from error
        found.update(map(str, page["members"]))
        cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            return frozenset(found)
