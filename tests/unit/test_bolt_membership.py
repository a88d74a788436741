"""Whom cards and notices go to, by what Slack has told of the people."""

from slack_sdk.web import WebClient

from bot.domain.policy import Person
from bot.errors import SlackUnavailable
from handlers.bolt.membership import Membership, RoleIds
from tests.kit.factories import ALEX, MAYA, FakeClock

NOBODY: frozenset[str] = frozenset()


def test_who_became_a_guest_gets_no_cards_though_slack_has_been_silent_since():
    """A right is not confirmed after ten minutes. What took it away still counts."""
    clock, is_down = FakeClock(), False

    def ask(user_id: str) -> Person:
        if is_down:
            raise SlackUnavailable
        return Person(user_id=user_id, name="Someone", is_guest=user_id == MAYA)

    both = frozenset({ALEX, MAYA})
    ids = RoleIds(senders=NOBODY, approvers=both, admins=both)
    members = Membership(client=WebClient(), clock=clock, ids=ids, ask=ask)
    members.refresh()
    assert members.approvers(both) == frozenset({ALEX})
    is_down = True
    clock.advance(11 * 60)
    members.refresh()
    assert members.approvers(both) == members.admins() == frozenset({ALEX})
