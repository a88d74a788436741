"""The review of access: who has which role, through which group, since when, and what has changed."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

from bot.domain.access import EVERY_MEMBER, RoleName, holders
from bot.domain.policy import Roles
from bot.sandbox.slack import people
from bot.usecases.access import Access
from bot.usecases.queue import CONSOLE
from storage import Storage
from tests.kit.bot import World
from tests.kit.console import kudos_with_secrets
from tests.kit.factories import ADA, ALEX, MAYA, NOON, FakeClock, some_roles

SAM: Final = "U0SAM0001"
DAY: Final = timedelta(days=1)


class Watched:
    """What notes the roles, over roles that a test changes."""

    def __init__(self, storage: Storage, clock: FakeClock) -> None:
        self.roles = some_roles()
        self.access = Access(storage=storage, clock=clock, roles=lambda: self.roles, senders=frozenset({"*"}))


@pytest.fixture
def watched(storage: Storage, clock: FakeClock) -> Watched:
    return Watched(storage, clock)


def test_the_first_review_lists_who_has_which_role(watched: Watched):
    reviewed = watched.access.review(CONSOLE)
    assert [(one.role, one.user_id, one.since, one.until) for one in reviewed.held] == [
        (RoleName.ADMIN, ADA, NOON, None),
        (RoleName.APPROVER, ALEX, NOON, None),
        (RoleName.SENDER, EVERY_MEMBER, NOON, None),
    ]
    assert (reviewed.reviewed_at, list(reviewed.changed), reviewed.self_approvals) == (None, [], 0)


def test_a_review_says_what_changed_since_the_one_before(watched: Watched, clock: FakeClock):
    watched.access.review(CONSOLE)
    clock.advance(DAY.total_seconds())
    watched.roles = some_roles(approvers=frozenset({SAM}))
    watched.access.note()
    clock.advance(DAY.total_seconds())
    reviewed = watched.access.review(CONSOLE)

    assert reviewed.reviewed_at == NOON
    assert [(one.user_id, one.since, one.until) for one in reviewed.changed] == [
        (ALEX, NOON, NOON + DAY),
        (SAM, NOON + DAY, None),
    ]
    assert [one.user_id for one in reviewed.held if one.role is RoleName.APPROVER] == [SAM]
    clock.advance(DAY.total_seconds())
    assert list(watched.access.review(CONSOLE).changed) == []


def test_who_comes_back_has_the_role_since_then(watched: Watched, clock: FakeClock):
    for approvers in ({ALEX}, set[str](), {ALEX}):
        watched.roles = some_roles(approvers=frozenset(approvers))
        watched.access.note()
        clock.advance(DAY.total_seconds())
    [held] = [one for one in watched.access.review(CONSOLE).held if one.role is RoleName.APPROVER]
    assert held.since == NOON + 2 * DAY


@pytest.mark.parametrize("unknown", [{"is_incomplete": True}, {"unconfirmed": frozenset({ALEX})}])
def test_while_slack_does_not_tell_nobody_loses_a_role(watched: Watched, clock: FakeClock, unknown: dict[str, object]):
    watched.access.note()
    watched.roles = some_roles(approvers=frozenset(), admins=frozenset(), **unknown)
    watched.access.note()
    held = {one.user_id for one in watched.access.review(CONSOLE).held}
    assert {ALEX, ADA} <= held


def test_senders_of_a_group_are_known_once_slack_has_told_of_it():
    roles = Roles(senders=frozenset({MAYA}), groups={"S0TEAM001": frozenset({MAYA})})
    senders = frozenset({"S0TEAM001"})
    assert holders(roles, senders)[RoleName.SENDER] == {MAYA}
    assert RoleName.SENDER not in holders(Roles(senders=frozenset({MAYA})), senders)
    outdated = Roles(senders=frozenset({MAYA}), groups=roles.groups, outdated=senders)
    assert RoleName.SENDER not in holders(outdated, senders)


def test_finance_is_a_role_of_its_own():
    roles = some_roles(finance=frozenset({MAYA}))
    assert holders(roles, frozenset({EVERY_MEMBER}))[RoleName.FINANCE] == {MAYA}


def test_a_review_is_in_the_log(storage: Storage, watched: Watched):
    watched.access.review(CONSOLE)
    *_, last = storage.audit_chain.rows()
    assert (last.event, last.actor) == ("access.reviewed", CONSOLE)


# ------------------------------------------------------------------------------------- at the wire


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, module_database: Path | str) -> Iterator[World]:
    with World(tmp_path_factory.mktemp("access"), where=module_database) as world:
        yield world


def review(world: World) -> str:
    """What `kudos access` prints."""
    result = kudos_with_secrets(world.folder / "app.yaml", "access")
    assert result.exit_code == 0, result.output
    return result.output


def test_the_command_resolves_groups_and_names_people(world: World):
    world.place()
    first = review(world)
    members = world.slack.workspace.usergroups[people.APPROVERS_GROUP].users
    for member in (people.ALEX, people.SAM):
        assert re.search(rf"\({member}\), since \d{{4}}-\d\d-\d\d, by the group {people.APPROVERS_GROUP}", first)
    assert people.ADA in first
    assert "Requests that their requester approved: 0." in first
    assert "first review" in first
    members.remove(people.SAM)
    try:
        second = review(world)
    finally:
        members.append(people.SAM)

    assert re.search(rf"- approver .*\({people.SAM}\)", second)
    assert world.bot._settings.hash in second


def test_the_command_says_so_where_slack_does_not(world: World):
    world.slack.faults.set("outage")
    try:
        result = kudos_with_secrets(world.folder / "app.yaml", "access")
    finally:
        world.slack.faults.clear()
    assert result.exit_code == 1
    assert "Traceback" not in result.output
