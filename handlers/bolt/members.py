"""All members of the workspace at once, to find the people of a list: by pages of `users.list`, asked for once.

`users.lookupByEmail` for each of 5,000 rows would take an hour and a half (Slack docs, Rate limits, Tier 3).
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from time import sleep
from typing import Any, Final

from slack_sdk.errors import SlackApiError
from slack_sdk.web import WebClient

from bot.domain.people import name_keys, plain_name
from bot.domain.policy import Person
from bot.errors import SlackUnavailable
from handlers.bolt.directory import keys_of, names_of
from handlers.bolt.network import NO_ANSWER, code_of, wait_asked_for
from handlers.bolt.profiles import Home, person_of

#: Members on a page: the most that Slack gives, because pages are what it counts.
_PAGE: Final = 1_000

#: The longest that a page is waited for, all waits together: Slack gives twenty pages a minute (users.list, Tier 2), so
#: that it asks for less.
_PATIENCE: Final = timedelta(minutes=2)

#: What Slack says when it was asked too often (Slack docs, Rate limits).
_TOO_OFTEN: Final = "ratelimited"


class WorkspaceMembers:
    """The members of the workspace as Slack told of them, by id, by address and by name.

    Args:
        people: each with the names that they go by.
    """

    def __init__(self, people: Sequence[tuple[Person, Sequence[str]]]) -> None:
        self._by_id = {person.user_id: person for person, _ in people}
        self._by_email: dict[str, list[Person]] = defaultdict(list)
        self._named = [(person, names) for person, names in people if person.is_colleague]
        for person, _ in people:
            if person.email:
                self._by_email[person.email.casefold()].append(person)

    @classmethod
    def asked_for(cls, client: WebClient, home: Home, pause: Callable[[float], None] = sleep) -> "WorkspaceMembers":
        """Ask Slack for all members. This waits for the network, and as long as Slack wants between two pages.

        Args:
            client: Slack's Web API, with a worker's timeout.
            home: where the bot is installed.
            pause: waits for so many seconds.

        Raises:
            SlackUnavailable: Slack did not tell all of them.
        """
        users = [user for page in _pages(client, pause) for user in page]
        people = [(user, person_of(user, home)) for user in users]
        return cls([(person, names_of(user, person)) for user, person in people])

    def by_id(self, user_id: str) -> Person | None:
        """Return the member with this Slack id, or None."""
        return self._by_id.get(user_id)

    def by_email(self, email: str) -> Sequence[Person]:
        """Return the members whose profile shows this address, in whatever case."""
        return self._by_email.get(email.casefold(), ())

    def called(self, name: str) -> Sequence[Person]:
        """Return the members who go by this name; if none, by one that looks like it."""
        typed, looks = plain_name(name), name_keys(name)
        alike = [(person, names) for person, names in self._named if looks & keys_of(names)]
        exact = [person for person, names in alike if typed in map(plain_name, names)]
        return exact or [person for person, _ in alike]


def _pages(client: WebClient, pause: Callable[[float], None]) -> Iterator[Sequence[Mapping[str, Any]]]:
    cursor, left = "", _PATIENCE
    while True:
        try:
            page = client.users_list(limit=_PAGE, cursor=cursor)
        except NO_ANSWER as error:
            wait = wait_asked_for(error)
            is_passing = isinstance(error, SlackApiError) and code_of(error) == _TOO_OFTEN
            if not is_passing or not timedelta(0) < wait <= left:
                raise SlackUnavailable from error
            left -= wait
            pause(wait.total_seconds())
            continue
        yield page["members"]
        cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            return
