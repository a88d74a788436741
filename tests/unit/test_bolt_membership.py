"""Whom cards and notices go to, by what Slack has told of the people."""

from slack_sdk.web import WebClient

from bot.domain.approval import Route
from bot.domain.policy import Person
from bot.errors import SlackUnavailable
from handlers.bolt.membership import Membership, RoleIds
from tests.kit.factories import ADA, ALEX, MAYA, ROB, FakeClock

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


def test_who_is_not_confirmed_on_one_route_leaves_the_others_sure():
    clock = FakeClock()

    def ask(user_id: str) -> Person:
        if user_id != ALEX:
            raise SlackUnavailable
        return Person(user_id=user_id, name="Someone")

    ids = RoleIds(
        senders=NOBODY,
        approvers=frozenset({ALEX}),
        admins=frozenset({ADA}),
        routed=frozenset({ALEX, MAYA, "S0LEADS01"}),
    )
    client = WebClient(base_url="http://127.0.0.1:9/", retry_handlers=[])  # nothing answers there
    members = Membership(client=client, clock=clock, ids=ids, ask=ask)
    members.refresh()

    def is_sure_of(*approvers: str) -> bool:
        return members.roles().is_sure_of(Route("C0SALES01", frozenset(approvers)))

    assert is_sure_of(ALEX)
    assert members.roles().is_sure_of(None)
    assert not is_sure_of(ALEX, MAYA), "her profile was not told"
    assert not is_sure_of("S0LEADS01"), "nor who is in it"
    assert not is_sure_of(ROB), "he was not asked for yet"
    clock.advance(11 * 60)
    assert not is_sure_of(ALEX)
    assert not members.roles().is_sure_of(None)


def test_finance_are_colleagues_whom_slack_has_confirmed_lately():
    clock, is_down = FakeClock(), False

    def ask(user_id: str) -> Person:
        if is_down:
            raise SlackUnavailable
        return Person(user_id=user_id, name="Someone", is_guest=user_id == MAYA)

    ids = RoleIds(senders=NOBODY, approvers=NOBODY, admins=NOBODY, finance=frozenset({ALEX, MAYA}))
    members = Membership(client=WebClient(), clock=clock, ids=ids, ask=ask)
    members.refresh()
    assert (members.roles().finance, members.roles().barred) == (frozenset({ALEX}), frozenset({MAYA}))
    is_down = True
    clock.advance(11 * 60)
    members.refresh()
    assert members.roles().finance == NOBODY
    assert ALEX in members.roles().unconfirmed
