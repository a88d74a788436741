"""Notes of the request form: how the text after `/kudos` was read, who will approve, and what is wrong."""

from collections.abc import Mapping, Sequence
from typing import Final

from bot.domain.request import Details, Request, RequestStatus
from bot.usecases.approval import Expected
from handlers.views.approval import expected_text
from handlers.views.blocks import Json, clip, context, escape, mention, name_text
from handlers.views.groups import MOST_CHOSEN
from handlers.views.people import any_of, few_of

#: People who are named in one note: a line or two on a phone.
_MOST_NAMED: Final = 20

#: The characters of a typed name or handle in a note.
_MOST_IN_WORD: Final = 60

#: The characters of a decline's reason in a note: it may be as long as a message, and is a paragraph here.
_MOST_OF_REASON: Final = 300

#: What became of a request that is asked for again.
_REPEATED: Final[Mapping[RequestStatus, str]] = {
    RequestStatus.DECLINED: "🚫 {by} declined {number}: “{reason}”",
    RequestStatus.EXPIRED: "⌛ {number} expired, because nobody decided in time.",
    RequestStatus.WITHDRAWN: "↩️ You withdrew {number}.",
    RequestStatus.PENDING_APPROVAL: "⏳ {number} is still waiting. Please withdraw it if you want this one instead.",
}
#: The same of one whose approval was undone.
_UNDONE: Final = "↩️ {by} undid the approval of {number}."

#: What was to be sent on a date, and is asked for again after it.
_DATE_PASSED: Final = "📅 The date you chose has passed, so this is sent once it's approved."
#: The same where the date goes by each person's clock.
_DATE_PASSED_FOR_SOME: Final = (
    "📅 The date you chose has passed where some of them are, so this is sent to all of them once it's approved."
)

#: What a batch had that is tried again without it.
_LAST_DAY_NEAR: Final = "⌛ The last day you chose has passed or is too near by now, so Tango's standard date is used."
_TEMPLATE_GONE: Final = "✉️ Tango doesn't list the email template you chose any more, so the usual one is used."


def repeated_notes(request: Request) -> Sequence[str]:
    """Say what became of the request that is asked for again, with the reason of a decline.

    Of orders that failed or were canceled nothing is said: each says so itself, above the button that asks again.
    """
    if request.undone_by is not None:
        return [_UNDONE.format(by=mention(request.undone_by), number=request.number)]
    if request.status not in _REPEATED:
        return []
    reason = name_text(clip(" ".join((request.reason or "…").split()), _MOST_OF_REASON))  # one that isn't kept any more
    by = mention(request.decided_by or "")
    return [_REPEATED[request.status].format(number=request.number, by=by, reason=reason)]


def date_notes(passed: int, people: int) -> Sequence[str]:
    """Say that the date of what is asked for again has passed for so many of these people; nothing where for nobody."""
    if not passed:
        return []
    return [_DATE_PASSED if passed == people else _DATE_PASSED_FOR_SOME]


def dropped_notes(before: Details, now: Details) -> Sequence[str]:
    """Say what a batch that is tried again can't keep, beside its date."""
    dropped = {
        _LAST_DAY_NEAR: before.expires_on != now.expires_on,
        _TEMPLATE_GONE: before.template != now.template,
    }
    return [note for note, is_dropped in dropped.items() if is_dropped]


def looking_up_text() -> str:
    """Say that the typed names or groups are looked up."""
    return "Looking up the people you typed…"


def left_out_text(user_ids: Sequence[str]) -> str:
    """Say whom the form has no room for."""
    return (
        f"I can take up to {MOST_CHOSEN} people here, so I left out {_people(user_ids)}. "
        "Please send a second request for them."
    )


def crowd_text(crowd: str) -> str:
    """Say that a channel, or everyone in it, cannot be given a reward."""
    return f"I can't reward all of {_word(crowd)} at once. Please choose people, or type a user group such as @design."


def group_text(handle: str) -> str:
    """Say that Slack did not tell who is in a user group."""
    return f"I couldn't look up who's in {_word(handle)}. Please choose its people one by one."


def oneself_text(handle: str) -> str:
    """Say that the requester is not among the recipients although the requester is in the group."""
    return f"You're in {_word(handle)} too. I left you out, because you can't reward yourself."


def found_text(name: str, user_id: str) -> str:
    """Say who was found by name."""
    return f"For “{_word(name)}” I found {mention(user_id)}. Please change it if you meant someone else."


def several_text(name: str, user_ids: Sequence[str]) -> str:
    """Say that several people have this name."""
    return f"“{_word(name)}” could be {_people(user_ids)}. Please choose who you meant."


def nobody_text(name: str) -> str:
    """Say that nobody has this name."""
    return f"I couldn't find “{_word(name)}”, so I kept your text as the message. Please choose who it's for."


def names_unknown_text() -> str:
    """Say that Slack did not tell who has a name."""
    return "I couldn't look up the names you typed. Please choose who it's for."


def cut_text(most: int) -> str:
    """Say that the message is not whole."""
    return f"Your message was longer than {most:,} characters, so its end is missing. Please shorten it."


def review_text(reviewers: Sequence[str], expected: Expected | None = None) -> str:
    """Say who approves the request and by how many, in formatted text."""
    who = f"{any_of(reviewers)} will review this." if reviewers else "An approver will review this."
    said = [who, *([text] if expected and (text := expected_text(expected)) else [])]
    is_automatic = expected is not None and expected.automatic_up_to is not None
    return " ".join([*said, *([] if is_automatic else ["Nothing is sent until they approve."])])


def _people(user_ids: Sequence[str]) -> str:
    return few_of([mention(user_id) for user_id in user_ids], _MOST_NAMED)


def _word(text: str) -> str:
    return escape(clip(text, _MOST_IN_WORD))


def with_faults(blocks: Sequence[Json], faults: Mapping[str, str]) -> list[Json]:
    """Say what is wrong with each field below it, and at the head what is wrong with those that are not shown."""
    shown = {block.get("block_id") for block in blocks}
    found = [_fault(text) for name, text in faults.items() if name not in shown]
    for block in blocks:
        found.append(block)
        if block.get("block_id") in faults:
            found.append(_fault(faults[block["block_id"]]))
    return found


def _fault(text: str) -> Json:
    return context(f"\N{WARNING SIGN}\N{VARIATION SELECTOR-16} *{escape(text)}*")
