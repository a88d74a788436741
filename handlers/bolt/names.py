"""The names of all members, to find two people who look like one. Fetched in the background, page by page."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

from slack_sdk.web import WebClient

from bot.clock import Clock
from bot.domain.people import name_keys
from bot.errors import SlackUnavailable
from handlers.bolt.network import NO_ANSWER, reason_of

#: The age up to which the names are believed. Slack allows about twenty pages a minute (users.list, Tier 2), and the
#: names that matter, those of the people who are imitated, seldom change.
_NAMES_FOR: Final = timedelta(hours=1)

#: Members on a page: the most that Slack gives, because pages are what it counts.
_PAGE: Final = 1_000


class MemberNames:
    """Knows who is called what. One thread at a time asks.

    Args:
        client: Slack's Web API, with a worker's timeout.
        clock: the bot's.
    """

    def __init__(self, *, client: WebClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._names: Mapping[str, set[str]] = {}
        self._until = float("-inf")
        self._begun: dict[str, set[str]] = defaultdict(set)
        self._cursor = ""

    def has_namesake(self, user_id: str, name: str) -> bool:
        """Return whether another member has this name, or one that looks like it. This may wait for the network.

        Raises:
            SlackUnavailable: Slack did not tell all names. The next call goes on where this one ended.
        """
        if self._clock.monotonic() > self._until:
            self._fetch()
        return any(self._names.get(key, set()) - {user_id} for key in name_keys(name))

    def _fetch(self) -> None:
        while True:
            try:
                page = self._client.users_list(limit=_PAGE, cursor=self._cursor)
            except NO_ANSWER as error:
                if reason_of(error) == "invalid_cursor":  # it was kept for too long
                    self._begin()
                raise SlackUnavailable from error
            for user in page["members"]:
                for key in _keys(user):
                    self._begun[key].add(user["id"])
            self._cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not self._cursor:
                break
        self._names, self._until = self._begun, self._clock.monotonic() + _NAMES_FOR.total_seconds()
        self._begin()

    def _begin(self) -> None:
        self._begun, self._cursor = defaultdict(set), ""


def _keys(user: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the names of a member look like; of apps and people who have left, nothing."""
    if user.get("deleted") or user.get("is_bot"):
        return
    profile = user.get("profile", {})
    whole = f"{profile.get('first_name') or ''} {profile.get('last_name') or ''}"
    for name in (profile.get("real_name"), profile.get("display_name"), whole):
        yield from name_keys(name or "")
