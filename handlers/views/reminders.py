"""Reminders, being asked to look at a request, and absences: the messages, the form and what Home says."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from bot.domain.request import Request
from bot.usecases.reminders import Asking
from handlers.ids import Action, Block, View
from handlers.views.blocks import (
    Json,
    Message,
    actions,
    button,
    clip,
    context,
    input_block,
    mention,
    name_text,
    plain,
    say,
    section,
    time_of,
)
from handlers.views.names import about_request
from handlers.views.people import all_of, names_text
from handlers.views.requests import of_request
from handlers.views.states import REQUEST_STATES

#: The requests that a digest lists: more would be a wall, and the button shows all.
_MOST_LISTED: Final = 10

#: The characters of a line's names: a line stays a line.
_MOST_IN_NAMES: Final = 80

#: The approvers who are away and named: a line each on a phone.
_MOST_AWAY: Final = 3

#: A reminder of one request, and of several.
_REMINDED: Final = (
    "⏳ {count} request is waiting for your approval.",
    "⏳ {count} requests are waiting for your approval.",
)

#: Who is missing while too few approvers are there, where one is needed and where two are: for one reward and several.
_NOBODY: Final = (
    "⚠️ Nobody can approve the {amount} {reward} for {names} now.",
    "⚠️ Nobody can approve the rewards for {names} now ({each}, {total} in all).",
)
_TOO_FEW: Final = (
    "⚠️ Not enough people can approve the {amount} {reward} for {names} now.",
    "⚠️ Not enough people can approve the rewards for {names} now ({each}, {total} in all).",
)

#: Who is asked to look at a request, for one reward and for several: one more, nobody more, nobody.
_ASKED_NOW: Final = (
    "I asked {by} to look at the {amount} {reward} for {names}.",
    "I asked {by} to look at the rewards for {names} ({each}, {total} in all).",
)
_ASKED_ALL: Final = (
    "I've asked everyone who is here and can approve the {amount} {reward} for {names}: {everyone}.",
    "I've asked everyone who is here and can approve the rewards for {names} ({each}, {total} in all): {everyone}.",
)
_ASKED_NOBODY: Final = (
    "Nobody who can approve the {amount} {reward} for {names} is here right now. They'll find it when they're back.",
    (
        "Nobody who can approve the rewards for {names} ({each}, {total} in all) is here right now. "
        "They'll find it when they're back."
    ),
)


def build_reminder(requests: Sequence[Request]) -> Message:
    """Remind an approver of requests that wait for them, the oldest first."""
    count = len(requests)
    one, several = _REMINDED
    text = say(one if count == 1 else several, count=count)
    lines = [f"*{text}*", *map(waiting_line, requests[:_MOST_LISTED])]
    more = count - _MOST_LISTED
    blocks = [
        section("\n".join(lines)),
        *([context(f"And {more} more.")] if more > 0 else []),
        actions(button("Review", Action.PENDING_SHOW, "pending")),
    ]
    return Message(text, blocks)


def waiting_line(request: Request) -> str:
    """Name a waiting request in a line: for whom, how much, by whom and since when."""
    names = name_text(clip(names_text(request.recipients), _MOST_IN_NAMES))
    asked = f"{mention(request.requester_id)} {time_of(request.created_at)}"
    return f"{REQUEST_STATES[request.status].icon} {names} · {request.total} · {asked} · {request.number}"


def build_approver_asked(request: Request) -> Message:
    """Tell an approver that the requester asks them to look at a request."""
    text = of_request(
        request,
        "👋 {by} asks you to look at the {amount} {reward} for {names}.",
        "👋 {by} asks you to look at the rewards for {names} ({each}, {total} in all).",
        by=mention(request.requester_id),
    )
    review = actions(button("Review", Action.PENDING_SHOW, request.reference))
    return about_request(request, text, review)


def ask_another_button(request: Request) -> Json:
    """Build the button that asks another approver to look at a pending request."""
    return button("Ask someone else", Action.ASK_ANOTHER, request.reference)


def build_asking(asking: Asking) -> Message:
    """Answer who is asked, or that everybody was."""
    request = asking.request
    if asking.asked is not None:
        text = of_request(request, *_ASKED_NOW, by=mention(asking.asked))
    elif asking.before:
        text = of_request(request, *_ASKED_ALL, everyone=all_of(asking.before))
    else:
        text = of_request(request, *_ASKED_NOBODY)
    return about_request(request, text)


def build_approvers_away(request: Request, away: Mapping[str, date]) -> Message:
    """Tell the requester that too few approvers are there, and until when each is away."""
    text = of_request(request, *(_NOBODY if request.approvals_needed == 1 else _TOO_FEW))
    who = [f"{mention(user_id)} is away until {day_text(day)}." for user_id, day in away.items()]
    more = [f"{len(who) - _MOST_AWAY} more are away too."] if len(who) > _MOST_AWAY + 1 else []
    named = who[:_MOST_AWAY] if more else who
    rest = " ".join([*named, *more, "They'll find it when they're back."])
    return about_request(request, f"{text} {rest}")


def day_text(day: date) -> str:
    """Write a day: 5 Dec 2026."""
    return f"{day.day} {day:%b %Y}"


def absence_blocks(away_until: date | None) -> list[Json]:
    """Build the line on an approver's Home: the way to be away, or until when they are, and the way back."""
    if away_until is None:
        return [actions(button("I'm away…", Action.AWAY, "away"))]
    text = f"🌴 You're away until {day_text(away_until)}. Reminders and cards go to the others."
    return [section(text, button("I'm back", Action.BACK, "back"))]


def build_away_form() -> Json:
    """Build the form that asks until when an approver is away."""
    picker: Json = {"type": "datepicker", "action_id": Action.AWAY_UNTIL.value}
    return {
        "type": "modal",
        "callback_id": View.AWAY.value,
        "title": plain("I'm away", 24),
        "submit": plain("Save", 24),
        "close": plain("Go back", 24),
        "private_metadata": "away",
        "blocks": [
            section("Reminders and cards go to the other approvers. You can still approve whenever you like."),
            input_block(Block.AWAY_UNTIL, "Back on", picker, hint="Tomorrow or later, within a year."),
        ],
    }
