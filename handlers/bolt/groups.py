"""The workspace's user groups, to choose from. Who is in one is asked when it is used (handlers/bolt/directory.py)."""

import logging
from collections.abc import Callable, Sequence
from threading import Lock

from slack_sdk.web import WebClient

from bot.domain.people import plain_name
from handlers.bolt.network import NO_ANSWER, reason_of
from handlers.views.groups import Group

logger = logging.getLogger(__name__)


class UserGroups:
    """Remembers the user groups as Slack last told of them.

    Args:
        client: returns a client of the Web API with a worker's timeout.
    """

    def __init__(self, client: Callable[[], WebClient]) -> None:
        self._client = client
        self._lock = Lock()
        self._known: Sequence[Group] = ()

    def ask(self) -> None:
        """Ask Slack which groups there are. Where Slack does not say, those of before stay."""
        try:
            told = self._client().usergroups_list(include_disabled=False)["usergroups"]
        except NO_ANSWER as error:
            logger.info("Slack did not tell the user groups: %s", reason_of(error))
            return
        groups = [Group(id=str(one["id"]), handle=f"@{one['handle']}") for one in told]
        with self._lock:
            self._known = sorted(groups, key=lambda group: group.handle)

    def find(self, typed: str) -> Sequence[Group]:
        """Return the groups whose handle has the typed text in it."""
        with self._lock:
            known = self._known
        return [group for group in known if plain_name(typed.removeprefix("@")) in plain_name(group.handle)]
