"""`kudos check` on the step for Workflow Builder: whether who asks in a workflow's place can ask."""

from collections.abc import Iterator
from typing import Final

from slack_sdk.web import WebClient

from bot.domain.approval import is_group
from bot.domain.budget import EVERYONE
from bot.domain.policy import Person, Roles, check_may_send
from bot.errors import NotAllowed
from handlers.bolt.builder import build_client
from handlers.bolt.network import NO_ANSWER, code_of
from handlers.bolt.profiles import Home, person_of
from handlers.check import Finding

#: The subject of the findings.
_WORKFLOWS: Final = "Workflows"

#: What nobody but who builds a workflow can see: only a token for the app's settings reads its functions.
_UNSEEN_HINT: Final = (
    "Slack doesn't show me the app's steps. In Workflow Builder, search for Ask for a reward. If it's missing, paste "
    "`kudos manifest` under App Manifest and reinstall the app; on Enterprise Grid, for the whole organization."
)


def check_workflows(*, token: str, api_url: str, requester_id: str, senders: frozenset[str]) -> Iterator[Finding]:
    """Check the person in whose name workflows ask. What Slack can't tell now has a finding of its own elsewhere.

    Args:
        token: the bot's.
        api_url: the base of Slack's Web API.
        requester_id: of slack.workflow_requester.
        senders: the ids under roles.senders.
    """
    client = build_client(token=token, api_url=api_url)
    try:
        person = _person(client, requester_id)
        named = _members(client, senders)
    except NO_ANSWER as error:
        if code_of(error) is not None:
            text = f"I can't look up {requester_id} ({code_of(error)})"
            yield Finding(_WORKFLOWS, False, text, "Check the id under slack.workflow_requester.")
        return
    if _may_send(person, Roles(everyone_sends=EVERYONE in senders, senders=named)):
        yield Finding(_WORKFLOWS, True, f"they ask in the name of {person.name} ({requester_id})", _UNSEEN_HINT)
    else:
        text = f"{requester_id} can't send rewards, so workflows can't ask for any"
        remedy = "Name someone else under slack.workflow_requester: an active member whom roles.senders names."
        yield Finding(_WORKFLOWS, False, text, remedy)


def _person(client: WebClient, user_id: str) -> Person:
    who = client.auth_test()
    home = Home(
        team_id=str(who["team_id"]),
        enterprise_id=who.get("enterprise_id"),
        is_org_wide=bool(who.get("is_enterprise_install")),
    )
    return person_of(client.users_info(user=user_id)["user"], home)


def _members(client: WebClient, senders: frozenset[str]) -> frozenset[str]:
    """Return the people of the setting, with the members of its user groups."""
    groups = [client.usergroups_users_list(usergroup=one)["users"] for one in senders if is_group(one)]
    return senders.union(*groups)


def _may_send(person: Person, roles: Roles) -> bool:
    try:
        check_may_send(person, roles)
    except NotAllowed:
        return False
    return person.is_colleague
