"""People and their roles, as Slack knows them: profiles and user groups, remembered for a while.

A listener has three seconds and should not spend them on look-ups. So people are looked up when they are chosen in the
form, before it is submitted, and approvers and admins in the background; from then on the directory answers at once.
"""

import threading
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from slack_sdk.errors import SlackApiError
from slack_sdk.web import WebClient

from bot.clock import Clock
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


class Directory:
    """People and groups of the workspace.

    Args:
        client: Slack's Web API.
        clock: the bot's.
        ids: of each role, from the settings.
        home: where the bot is installed; people of elsewhere are outsiders.
    """

    def __init__(self, *, client: WebClient, clock: Clock, ids: RoleIds, home: Home) -> None:
        self._client = client
        self._clock = clock
        self.home = home
        self._lock = threading.Lock()
        self._people: dict[str, tuple[Person, datetime]] = {}
        self._membership = Membership(client=client, clock=clock, ids=ids, ask=self._ask)

    # --------------------------------------------------------------------------------------- people

    def person(self, user_id: str) -> Person:
        """Return the person, from Slack if not from memory.

        Raises:
            SlackUnavailable: Slack did not say.
        """
        known = self.known(user_id)
        if known is not None:
            return known
        person = self._ask(user_id)
        with self._lock:
            if len(self._people) >= _MOST_PROFILES:
                self._people.clear()
            self._people[user_id] = person, self._clock.now() + _PROFILE_FOR
        return person

    def known(self, user_id: str) -> Person | None:
        """Return the person from memory, if it has a profile that is still believed."""
        now = self._clock.now()
        with self._lock:
            known = self._people.get(user_id)
        return known[0] if known is not None and known[1] > now else None

    def people(self, user_ids: Iterable[str]) -> Sequence[Person]:
        """Return each of these people, from Slack if not from memory.

        Raises:
            SlackUnavailable: Slack did not say.
        """
        return [self.person(user_id) for user_id in user_ids]

    def _ask(self, user_id: str) -> Person:
        try:
            user = self._client.users_info(user=user_id)["user"]
        except SlackApiError as error:
            if error.response.get("error") in _NOBODY:
                # A person of another workspace, or an id that somebody made up.
                return Person(user_id=user_id, name=user_id, is_outsider=True)
            raise SlackUnavailable from error
        except NO_ANSWER as error:
            raise SlackUnavailable from error
        return person_of(user, self.home)

    # ---------------------------------------------------------------------------------------- roles

    def roles(self) -> Roles:
        """Return the members of each role, as Slack has told them."""
        return self._membership.roles()

    def admins(self) -> frozenset[str] | None:
        """Return the user ids of the admins; None until Slack has told the members of the groups that name them."""
        return self._membership.admins()

    def refresh_roles(self) -> None:
        """Ask Slack for the members of every group that the settings name, and for approvers' and admins' profiles."""
        self._membership.refresh()
