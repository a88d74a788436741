"""What stands behind *Details* on the card: for approvers alone, and for as long as it has something to say.

A fact that isn't known or wasn't said is left out, so that what is there can be read at a glance.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.domain.insight import Cover, Insight, Month
from bot.domain.money import Money
from bot.domain.order import Order
from bot.domain.people import visible_name
from bot.domain.policy import Person
from bot.domain.request import Delivery, Recipient, Request
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
    sentence,
    time_of,
    words,
)
from handlers.views.names import reward_text
from handlers.views.people import few_names, profile_link
from handlers.views.requests import accounting_blocks, of_request
from handlers.views.workflows import asker_text

#: The most that is shown of what somebody wrote into their profile: one line on a screen.
_MOST_OF_PROFILE: Final = 100

#: How the reward comes, over the people who get it.
_GOES_TO: Final[Mapping[Delivery, str]] = {
    Delivery.EMAIL: "Goes by email to",
    Delivery.MESSAGE: "Goes by direct message to",
    Delivery.POST: "Goes by post to",
}

#: What the requester had approved this month, for one reward and for several.
_MONTH: Final = (
    "{by} had 1 reward approved this month: {total}.",
    "{by} had {rewards} rewards approved this month, {total} in all.",
)

#: What the account covers, by whether it is too little, and whether others are still to be sent.
_COVER: Final[Mapping[tuple[bool, bool], str]] = {
    (False, False): "The account at Tango had {balance} as of {at}. After this, {left} is left.",
    (False, True): (
        "The account at Tango had {balance} as of {at}. After this and {waiting} that's still to be sent, {left} is "
        "left."
    ),
    (True, False): "⚠️ The account at Tango had {balance} as of {at}. That's {left} too little for this.",
    (True, True): (
        "⚠️ The account at Tango had {balance} as of {at}. That's {left} too little for this and {waiting} that's "
        "still to be sent."
    ),
}

#: The same of a request in another currency than the account's.
_HELD: Final[Mapping[bool, str]] = {
    False: "The account at Tango had {balance} as of {at}.",
    True: "The account at Tango had {balance} as of {at}, and {waiting} of it is still to be sent.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CardDetails:
    """What approvers alone may know about a request, beyond its card.

    Attributes:
        request: as it is now.
        people: its recipients, as Slack knows them now.
        insight: what is known around it.
    """

    request: Request
    people: Sequence[Person] = ()
    insight: Insight | None = None


def build_card_details(details: CardDetails, team_id: str) -> Message:
    """Tell an approver alone what the card doesn't show. No one else may see the addresses.

    Args:
        details: what is known.
        team_id: of the workspace.
    """
    request = details.request
    text = f"More about the request of {mention(request.requester_id)} for {few_names(request.recipients)}"
    asked = of_request(
        request,
        "{by} asked for the {amount} {reward} for {names}, {at}.",
        "{by} asked for the rewards for {names} ({amount} each, {total} in all), {at}.",
        by=sentence(asker_text(request)),
        at=time_of(request.created_at),
    )
    blocks = [
        section(asked),
        *_recipients(details, team_id),
        *(_around(request, details.insight) if details.insight else []),
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


def _around(request: Request, insight: Insight) -> list[Json]:
    """Say what else the recipients got, what the requester had approved, and whether the money lasts."""
    last = [
        section(_rewards_text(recipient, insight.rewards[recipient.user_id]))
        for recipient in request.recipients
        if recipient.user_id in insight.rewards
    ]
    month = [section(_month_text(request.requester_id, insight.month))] if insight.month else []
    cover = [section(_cover_text(insight.cover))] if insight.cover else []
    return [*last, *month, *cover]


def _rewards_text(recipient: Recipient, orders: Sequence[Order]) -> str:
    lines = [
        f"{reward_text(order)} from {mention(order.requester_id)} {time_of(order.finalized_at or order.created_at)}"
        for order in orders
    ]
    return "\n".join([f"*Last rewards of {few_names([recipient])}*", *lines])


def _month_text(requester_id: str, month: Month) -> str:
    one, several = _MONTH
    total = " and ".join(map(str, month.totals))
    told = one if month.rewards == 1 else several
    return told.format(by=mention(requester_id), rewards=month.rewards, total=total)


def _cover_text(cover: Cover) -> str:
    is_waiting = cover.waiting.minor > 0
    facts = {"balance": cover.balance, "at": time_of(cover.at), "waiting": cover.waiting}
    if cover.left is None:
        return _HELD[is_waiting].format(**facts)
    left = Money(abs(cover.left.minor), cover.left.currency)
    return _COVER[cover.left.minor < 0, is_waiting].format(**facts, left=left)
