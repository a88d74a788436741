"""`kudos access`: who has which role today, since when, and what has changed since the last review."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import datetime
from typing import Final

from bot.clock import Clock
from bot.domain.access import EVERY_MEMBER, Held, RoleName
from bot.domain.approval import is_group
from bot.errors import SlackUnavailable
from bot.ops.console import time_text
from bot.settings import Settings
from bot.sides import build_slack_side
from bot.usecases.access import Access, Reviewed
from bot.usecases.queue import CONSOLE
from handlers.bolt.directory import Directory
from storage import Storage

#: The heading of each role.
_HEADINGS: Final[Mapping[RoleName, str]] = {
    RoleName.SENDER: "Senders, who can ask for rewards",
    RoleName.APPROVER: "Approvers, who decide about requests",
    RoleName.ADMIN: "Admins, who see all orders and fix them",
    RoleName.FINANCE: "Finance, who see what everyone gave",
}


def review_access(settings: Settings) -> str:
    """Ask Slack who is in which group, and return who has which role, a line for each.

    Raises:
        ConfigurationError: Slack does not accept the token.
        StorageError: the database can't be used; the text says what to do.
        SlackUnavailable: Slack did not say who is who.
    """
    with closing(Storage.visit(settings.storage.where)) as storage:
        clock = Clock()
        slack = build_slack_side(settings, clock, storage)
        directory = slack.directory
        try:
            slack.ask_who_is_who()
            access = Access(storage=storage, clock=clock, roles=directory.roles, senders=settings.roles.senders)
            reviewed = access.review(CONSOLE)
            return "\n".join(_told(settings, directory, reviewed, clock.now()))
        finally:
            directory.close()


def _told(settings: Settings, directory: Directory, reviewed: Reviewed, now: datetime) -> Iterator[str]:
    yield f"Who has which role, on {time_text(now)}, with the settings {settings.hash}"
    named, groups = _named(settings), directory.roles().groups
    for role, heading in _HEADINGS.items():
        held = [one for one in reviewed.held if one.role is role]
        yield ""
        yield f"{heading}: {len(held):,}"
        for one in held:
            through = _through(one, named[role], groups)
            yield f"  {_name(directory, one.user_id)}, since {one.since:%Y-%m-%d}{through}"
    yield ""
    yield from _changes(directory, reviewed)
    yield f"Requests that their requester approved: {reviewed.self_approvals:,}. The database refuses them."


def _changes(directory: Directory, reviewed: Reviewed) -> Iterator[str]:
    if reviewed.reviewed_at is None:
        yield "This is the first review. A date is when Kudos first saw the role, and the role may be older."
        return
    yield f"Since the review before, on {time_text(reviewed.reviewed_at)}:"
    if not reviewed.changed:
        yield "  nothing has changed"
    for one in reviewed.changed:
        name = _name(directory, one.user_id)
        if one.since > reviewed.reviewed_at:
            yield f"  + {one.role} {name}, on {one.since:%Y-%m-%d}"
        if one.until is not None:
            yield f"  - {one.role} {name}, on {one.until:%Y-%m-%d}"


def _name(directory: Directory, user_id: str) -> str:
    if user_id == EVERY_MEMBER:
        return "every full member of the workspace"
    try:
        return f"{directory.person(user_id).name} ({user_id})"
    except SlackUnavailable:
        return user_id


def _through(held: Held, named: frozenset[str], groups: Mapping[str, frozenset[str]]) -> str:
    """Say through which groups a person has a role, if the settings don't name the person."""
    if held.user_id in named or held.user_id == EVERY_MEMBER:
        return ""
    through = [group for group in sorted(filter(is_group, named)) if held.user_id in groups.get(group, ())]
    return f", by the group {' and '.join(through)}" if through else ", by a request that waits"


def _named(settings: Settings) -> Mapping[RoleName, frozenset[str]]:
    return {
        RoleName.SENDER: settings.roles.senders,
        RoleName.APPROVER: settings.approvals.approvers | settings.approvals.policy.approvers,
        RoleName.ADMIN: settings.roles.admins,
        RoleName.FINANCE: settings.roles.finance,
    }
