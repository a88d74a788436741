"""People on the screen: names as they were typed, linked to the profile of the very account."""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Final

from bot.domain.people import visible_name
from bot.domain.policy import Person
from bot.domain.request import Recipient, Request
from bot.usecases.queue import CONSOLE
from handlers.views.blocks import Json, Message, bullets, clip, link, mention, paragraph, rich_text, words

#: The most that is shown of what somebody wrote into their profile: one line on a screen.
_MOST_OF_PROFILE: Final = 100


def name_of(actor: str) -> str:
    """Name who did something: a person, or the operator on the machine."""
    return "the operator of Kudos" if actor == CONSOLE else mention(actor)


def profile_link(team_id: str, user_id: str, name: str) -> Json:
    """Link a name to the profile of this account (Slack docs, Deep linking into Slack). A link pings nobody."""
    return link(f"slack://user?team={team_id}&id={user_id}", visible_name(name) or user_id)


def payees(request: Request, team_id: str) -> Json:
    """Name who gets the reward, each by name and linked to the account: a name alone is its owner's to choose."""
    links = [profile_link(team_id, one.user_id, one.name) for one in request.recipients]
    if len(links) == 1:
        return rich_text(paragraph(words("For: ", bold=True), links[0]))
    return rich_text(paragraph(words("For:", bold=True)), bullets([one] for one in links))


def namesake_warning(request: Request) -> list[Json]:
    """Warn of recipients whose name another member has too; nothing where there is none."""
    names = [visible_name(one.name) for one in request.recipients if one.has_namesake]
    if not names:
        return []
    apart = chain.from_iterable((words(", "), words(name, bold=True)) for name in names)
    who = list(apart)[1:]
    text = "Someone else here has the same name, or one that looks like it. Use Who is this? before you approve."
    return [rich_text(paragraph(words("⚠️ "), *who, words(f": {text}")))]


def names_text(recipients: Iterable[Recipient]) -> str:
    """List names for a text without links. A name with a comma is in quotes, so that it doesn't look like two."""
    names = [visible_name(one.name) or one.user_id for one in recipients]
    return ", ".join(f"“{name}”" if "," in name else name for name in names)


def build_who(request: Request, people: Sequence[Person], team_id: str) -> Message:
    """Tell an approver alone who the recipients are, as Slack knows them now. No one else may see the addresses.

    Args:
        request: the request.
        people: its recipients' profiles.
        team_id: of the workspace.
    """
    blocks = [rich_text(paragraph(words(f"Who gets the reward of request #{request.id}:", bold=True)))]
    asked_for = {one.user_id: one.email for one in request.recipients}
    blocks += [rich_text(paragraph(*_facts(one, asked_for.get(one.user_id, ""), team_id))) for one in people]
    return Message(f"Who gets the reward of request #{request.id}", blocks)


def _facts(person: Person, asked_for: str, team_id: str) -> list[Json]:
    """Say who an account is: name, handle, title, address; and the address of the request where it differs."""
    lines = [
        f"@{person.handle}" if person.handle else "",
        visible_name(clip(person.title, _MOST_OF_PROFILE)) or "no title",
        person.email or "no email address",
    ]
    if asked_for and asked_for != person.email:
        lines.append(f"the request has {asked_for}")
    shown = " · ".join(line for line in lines if line)
    return [profile_link(team_id, person.user_id, person.name), words(f" · {shown}")]
