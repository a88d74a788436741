"""The Home tab on its way to Slack: made of what is true now, and published in the place of the one before."""

import logging
import threading
from datetime import timedelta
from typing import Final

from slack_sdk.errors import SlackApiError
from slack_sdk.web import WebClient

from bot.clock import Clock
from bot.errors import SlackUnavailable
from bot.usecases.home import Homes
from handlers.bolt.directory import Directory
from handlers.bolt.network import code_of
from handlers.outbox.codes import Remedy, remedy_for
from handlers.views.home import build_home

logger = logging.getLogger(__name__)

#: The shortest time between two rewritings of one person's tab by the outbox. Slack takes about a hundred views a
#: minute (Slack docs, views.publish: Tier 4): twenty people can have it open while an order goes out each second.
HOME_EVERY: Final = timedelta(seconds=15)


class HomeTurns:
    """The turns of rewritings: of two of one person's tab, the one that has looked later is published later.

    One for the whole bot, because a click, the outbox and a change of rights have tabs rewritten beside each other.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of: dict[str, threading.Lock] = {}

    def of(self, user_id: str) -> threading.Lock:
        """Return the lock that is held while this person's tab is made and published."""
        with self._lock:
            return self._of.setdefault(user_id, threading.Lock())


class HomeTab:
    """Publishes the Home tab.

    Args:
        client: Slack's Web API.
        homes: gathers what the tab shows.
        directory: people and the workspace.
        clock: tells the time.
        turns: of the whole bot.
    """

    def __init__(
        self, *, client: WebClient, homes: Homes, directory: Directory, clock: Clock, turns: HomeTurns
    ) -> None:
        self._client = client
        self._homes = homes
        self._directory = directory
        self._clock = clock
        self._turns = turns

    def open(self, user_id: str) -> None:
        """Note that a person has opened the tab."""
        self._homes.open(user_id)

    def rewrite_soon(self, audience: str) -> None:
        """Have the tabs rewritten that are open, of those who were told something: a Slack id, or APPROVALS."""
        self._homes.rewrite_for(audience)

    def follow_rights(self) -> None:
        """Have the tabs rewritten that are open, of those whose rights have changed since the last look."""
        self._homes.follow_rights()

    def rewrite(self, user_id: str) -> None:
        """Publish the tab as it is now. This waits for Slack.

        Raises:
            NO_ANSWER: Slack did not take it now. What can't be made or taken is logged: the next opening tries again.
        """
        with self._turns.of(user_id):
            try:
                person, home = self._directory.person(user_id), self._directory.home()
                view = build_home(self._homes.facts(person), home.team_id, self._clock.now())
                self._client.views_publish(user_id=user_id, view=view)
            except SlackUnavailable as error:
                logger.warning("Home was not made: %s", error)
            except SlackApiError as error:
                code = code_of(error)
                if code is None or remedy_for(code, person=True) is Remedy.WAIT:
                    raise
                logger.warning("Home was not shown: %s (kudos check says what to do)", code)
