"""People and their roles, as Slack knows them: profiles and user groups, remembered for a while.

A listener has three seconds and should not spend them on look-ups. So people are looked up when they are chosen in the
form, before it is submitted, and approvers and admins in the background; from then on the directory answers at once.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from typing import Any, Final

from slack_sdk.errors import SlackApiError
from slack_sdk.web import WebClient

from bot.clock import Clock
from bot.domain.approval import Route
from bot.domain.people import name_keys, plain_name
from bot.domain.policy import Person, Roles
from bot.errors import SlackUnavailable
from handlers.bolt.membership import Membership, RoleIds
from handlers.bolt.network import NO_ANSWER
from handlers.bolt.profiles import Home, person_of

#: The age up to which a profile is believed: a changed address or a departure counts within this time. `user_change`
#: events would need an event subscription for every profile in the workspace.
_PROFILE_FOR: Final = timedelta(minutes=10)

#: The number of profiles that are remembered: far more people than use the form at a time, and a few megabytes.
_MOST_PROFILES: Final = 5_000

#: Slack's answers that mean that the bot's workspace has no such person (Slack docs, users.info).
_NOBODY: Final = frozenset({"user_not_found", "user_not_visible"})

#: Seconds in which all the people of a form are looked up: of the three that an ack may take, the rest is for checking
#: and storing it. Whoever is found later is remembered for the next submit.
_LOOK_UP_WITHIN: Final = 2.0

#: Look-ups side by side: thirty people are two rounds.
_LOOK_UP_THREADS: Final = 16

#: Members on one page of `users.list`, as Slack recommends, and the pages that are read: a name is looked for among
#: 5,000 people, with as many calls as Slack takes in a minute.
_PAGE: Final = 200
_MOST_PAGES: Final = 25


class Directory:
    """People and groups of the workspace.

    Args:
        client: Slack's Web API.
        clock: the bot's.
        ids: of each role, from the settings.
        home: returns where the bot is installed; people of elsewhere are outsiders. Raises SlackUnavailable where that
            is not known yet.
        kept: return the approvers' ids that waiting requests keep.
    """

    def __init__(
        self,
        *,
        client: WebClient,
        clock: Clock,
        ids: RoleIds,
        home: Callable[[], Home],
        kept: Callable[[], frozenset[str]] = frozenset,
    ) -> None:
        self._client = client
        self._clock = clock
        self.home = home
        self._lock = threading.Lock()
        self._people: dict[str, tuple[Person, float]] = {}  # each with when it is old, on the monotonic clock
        self._membership = Membership(client=client, clock=clock, ids=ids, ask=self._ask, kept=kept)
        self._lookups = ThreadPoolExecutor(_LOOK_UP_THREADS, thread_name_prefix="look-up")

    def close(self) -> None:
        """Start no more look-ups."""
        self._lookups.shutdown(wait=False, cancel_futures=True)

    # --------------------------------------------------------------------------------------- people

    def person(self, user_id: str) -> Person:
        """Return the person, from Slack if not from memory.

        Raises:
            SlackUnavailable: Slack did not say.
        """
        known = self.known(user_id)
        if known is not None:
            return known
        return self._ask(user_id)

    def known(self, user_id: str) -> Person | None:
        """Return the person from memory, if it has a profile that is still believed."""
        with self._lock:
            known = self._people.get(user_id)
        return known[0] if known is not None and known[1] > self._clock.monotonic() else None

    def remembered(self, user_id: str) -> Person | None:
        """Return the person as Slack last told of them, however long ago; None if it never did."""
        with self._lock:
            known = self._people.get(user_id)
        return known[0] if known is not None else None

    def remembered_name(self, user_id: str) -> str | None:
        """Return the person's name from memory, however old; None where there is none."""
        person = self.remembered(user_id)
        return person.name if person is not None else None

    def find(self, name: str) -> Sequence[Person]:
        """Return the members whose whole, first or shown name, or handle, is this name; if none, looks like it.

        Raises:
            SlackUnavailable: Slack did not say.
        """
        typed, looks = plain_name(name), name_keys(name)
        alike = [(person, names) for person, names in self._everyone() if looks & keys_of(names)]
        exact = [person for person, names in alike if typed in map(plain_name, names)]
        return exact or [person for person, _ in alike]

    def members(self, group_id: str) -> Sequence[str]:
        """Return the user ids of a user group's members.

        Raises:
            SlackUnavailable: Slack did not say.
        """
        try:
            return [str(member) for member in self._client.usergroups_users_list(usergroup=group_id)["users"]]
        except NO_ANSWER as error:
            raise SlackUnavailable from error

    def _everyone(self) -> Iterator[tuple[Person, Sequence[str]]]:
        """Yield everyone who may be given a reward, each with the names that they go by."""
        cursor = ""
        for _ in range(_MOST_PAGES):
            try:
                page = self._client.users_list(limit=_PAGE, cursor=cursor)
            except NO_ANSWER as error:
                raise SlackUnavailable from error
            for user in page["members"]:
                person = person_of(user, self.home())
                if person.is_colleague:
                    yield person, names_of(user, person)
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return

    def people(self, user_ids: Iterable[str]) -> Sequence[Person]:
        """Return each of these people, from memory, else from Slack: side by side, within the time of an ack.

        Raises:
            SlackUnavailable: Slack did not say, or not in time.
        """
        ids = list(user_ids)
        known = {user_id: self.known(user_id) for user_id in ids}
        asked = {user_id: self._lookups.submit(self.person, user_id) for user_id, one in known.items() if one is None}
        if asked and wait(asked.values(), timeout=_LOOK_UP_WITHIN).not_done:
            raise SlackUnavailable
        return [known[user_id] or asked[user_id].result() for user_id in ids]

    def _ask(self, user_id: str) -> Person:
        """Ask Slack for a person, and remember what it says, whoever wanted to know."""
        person = self._looked_up(user_id)
        with self._lock:
            if len(self._people) >= _MOST_PROFILES:
                self._people.clear()
            self._people[user_id] = person, self._clock.monotonic() + _PROFILE_FOR.total_seconds()
        return person

    def _looked_up(self, user_id: str) -> Person:
        try:
            user = self._client.users_info(user=user_id, include_locale=True)["user"]
        except SlackApiError as error:
            if error.response.get("error") in _NOBODY:
                # A person of another workspace, or an id that somebody made up.
                return Person(user_id=user_id, name=user_id, is_outsider=True)
            raise SlackUnavailable from error
        except NO_ANSWER as error:
            raise SlackUnavailable from error
        return person_of(user, self.home())

    # ---------------------------------------------------------------------------------------- roles

    def roles(self) -> Roles:
        """Return the members of each role, as Slack has told them."""
        return self._membership.roles()

    def approvers_but(self, route: Route | None, *user_ids: str) -> Sequence[str]:
        """Return the approvers on a route who are none of these people, by their names."""
        others = self.roles().approvers_on(route).difference(user_ids)
        return sorted(others, key=lambda one: (self.remembered_name(one) or "", one))

    def admins(self) -> frozenset[str] | None:
        """Return the user ids of the admins; None until Slack has told the members of the groups that name them."""
        return self._membership.admins()

    def approvers(self, ids: frozenset[str]) -> frozenset[str] | None:
        """Return whom these approvers' ids name, who get cards; None until Slack has told who is in their groups."""
        return self._membership.approvers(ids)

    def refresh_roles(self) -> None:
        """Ask Slack for the members of every group that the settings name, and for approvers' and admins' profiles.

        Nothing is asked before Slack has said where the bot is installed: who is a colleague can't be told until then.
        """
        try:
            self.home()
        except SlackUnavailable:
            return
        self._membership.refresh()


def names_of(user: Mapping[str, Any], person: Person) -> Sequence[str]:
    """Return the names that a person goes by: the whole, the first, the shown one, and the handle."""
    return person.name, person.first_name, user.get("profile", {}).get("display_name") or "", person.handle


def keys_of(names: Sequence[str]) -> frozenset[str]:
    """Return what these names look like (bot/domain/people.py)."""
    return frozenset().union(*map(name_keys, names))
