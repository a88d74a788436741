"""People on the screen: names as they were typed, linked to the profile of the very account."""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Final

from bot.domain.people import visible_name
from bot.domain.policy import Person
from bot.domain.request import Recipient, Request
from bot.usecases.queue import CONSOLE
from handlers.views.blocks import (
    Json,
    Message,
    clip,
    context,
    link,
    mention,
    name_text,
    paragraph,
    pieces_of,
    rich_text,
    words,
)

#: The recipients that a line names. Five names of usual length are two lines on a phone.
MOST_NAMED: Final = 5

#: The most that is shown of what somebody wrote into their profile: one line on a screen.
_MOST_OF_PROFILE: Final = 100


def name_of(actor: str) -> str:
    """Name who did something: a person, or the operator on the machine."""
    return "the operator of Kudos" if actor == CONSOLE else mention(actor)


def profile_link(team_id: str, user_id: str, name: str, *, bold: bool = False) -> Json:
    """Link a name to the profile of this account (Slack docs, Deep linking into Slack). A link pings nobody."""
    return link(f"slack://user?team={team_id}&id={user_id}", visible_name(name) or user_id, bold=bold)


def profile_mark(team_id: str, user_id: str, name: str) -> str:
    """Link a name to the profile of this account in formatted text."""
    return f"<slack://user?team={team_id}&amp;id={user_id}|{name_text(visible_name(name)) or user_id}>"


def payee_links(request: Request, team_id: str, *, bold: bool = False) -> list[Json]:
    """Name who gets the reward, each linked to the account: a name alone is its owner's to choose.

    One line holds a few. The others are counted, and a button shows them all.
    """
    shown = request.recipients[:MOST_NAMED]
    links = [profile_link(team_id, one.user_id, one.name, bold=bold) for one in shown]
    listed = list(chain.from_iterable((words(", ", bold=bold), one) for one in links))[1:]
    left = len(request.recipients) - len(shown)
    return [*listed, words(f" and {left} more", bold=bold)] if left else listed


def namesake_warning(request: Request) -> list[Json]:
    """Warn of recipients whose name another member has too; nothing where there is none."""
    names = [visible_name(one.name) for one in request.recipients if one.has_namesake]
    if not names:
        return []
    apart = chain.from_iterable((words(", "), words(name, bold=True)) for name in names)
    sentence = "⚠️ Someone else here has the same name as {names}, or one that looks like it. Please check who this is."
    return [rich_text(paragraph(*pieces_of(sentence, names=list(apart)[1:])))]


def names_text(recipients: Iterable[Recipient]) -> str:
    """List names for a text without links. A name with a comma is in quotes, so that it doesn't look like two."""
    names = [visible_name(one.name) or one.user_id for one in recipients]
    return ", ".join(f"“{name}”" if "," in name else name for name in names)


def few_names(recipients: Sequence[Recipient]) -> str:
    """List a few names for a text without links, and count the others; escaped."""
    named, left = name_text(names_text(recipients[:MOST_NAMED])), len(recipients) - MOST_NAMED
    return f"{named} and {left} more" if left > 0 else named


def build_who(request: Request, people: Sequence[Person], team_id: str) -> Message:
    """Tell an approver alone who the recipients are, as Slack knows them now. No one else may see the addresses.

    Args:
        request: the request.
        people: its recipients' profiles.
        team_id: of the workspace.
    """
    blocks = [rich_text(paragraph(words("Who gets this reward", bold=True)))]
    asked_for = {one.user_id: one.email for one in request.recipients}
    blocks += [rich_text(paragraph(*_facts(one, asked_for.get(one.user_id, ""), team_id))) for one in people]
    return Message(
        f"Who gets this reward: {few_names(request.recipients)} ({request.number})", [*blocks, number_of(request)]
    )


def number_of(request: Request) -> Json:
    """Build the small line with the number of a request, which comes last."""
    return context(request.number)


def _facts(person: Person, asked_for: str, team_id: str) -> list[Json]:
    """Say who an account is: name, handle, title, address; and the address of the request where it differs."""
    lines = [
        f"@{person.handle}" if person.handle else "",
        visible_name(clip(person.title, _MOST_OF_PROFILE)) or "no title",
        person.email or "no email address",
    ]
    if asked_for and asked_for != person.email:
        lines.append(f"in the request: {asked_for}")
    shown = " · ".join(line for line in lines if line)
    return [profile_link(team_id, person.user_id, person.name), words(f" · {shown}")]
