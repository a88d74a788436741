"""What stands behind *Details* on the card: for approvers alone, and for as long as it has something to say.

A fact that isn't known or wasn't said is left out, so that what is there can be read at a glance.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.domain.people import visible_name
from bot.domain.policy import Person
from bot.domain.request import Delivery, Request
from handlers.views.blocks import (
    Json,
    Message,
    bullets,
    clip,
    context,
    mention,
    paragraph,
    rich_text,
    section,
    time_of,
    words,
)
from handlers.views.people import few_names, profile_link
from handlers.views.requests import accounting_blocks

#: The most that is shown of what somebody wrote into their profile: one line on a screen.
_MOST_OF_PROFILE: Final = 100

#: How the reward comes, over the people who get it.
_GOES_TO: Final[Mapping[Delivery, str]] = {
    Delivery.EMAIL: "Goes by email to",
    Delivery.MESSAGE: "Goes by direct message to",
    Delivery.POST: "Goes by post to",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CardDetails:
    """What approvers alone may know about a request, beyond its card.

    Attributes:
        request: as it is now.
        people: its recipients, as Slack knows them now.
    """

    request: Request
    people: Sequence[Person] = ()


def build_card_details(details: CardDetails, team_id: str) -> Message:
    """Tell an approver alone what the card doesn't show. No one else may see the addresses.

    Args:
        details: what is known.
        team_id: of the workspace.
    """
    request = details.request
    text = f"More about the request of {mention(request.requester_id)} for {few_names(request.recipients)}"
    blocks = [
        section(f"{mention(request.requester_id)} asked for this {time_of(request.created_at)}."),
        *_recipients(details, team_id),
        *accounting_blocks(request),
        context(request.number),
    ]
    return Message(f"{text} ({request.number})", blocks)


def _recipients(details: CardDetails, team_id: str) -> list[Json]:
    """Say who gets the reward, by facts that their owners can't all choose, and where it goes."""
    if not details.people:
        return []
    request = details.request
    title = paragraph(words(_GOES_TO[request.details.delivery], bold=True))
    asked_for = {one.user_id: one.email for one in request.recipients}
    lines = bullets(_facts(one, asked_for.get(one.user_id, ""), team_id) for one in details.people)
    return [rich_text(title, lines)]


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
