"""Every refusal and every fault of a form as a sentence that says what to do next. Worded here alone."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bot.domain.order import OrderStatus
from bot.errors import (
    AlreadyDecided,
    Fault,
    NoRewards,
    NotAllowed,
    NotFound,
    NotMailed,
    PastIdempotency,
    QueuePaused,
    Refusal,
    ResendTooSoon,
    RewardNotReady,
    RewardUnavailable,
    Rule,
    SearchFault,
    SearchNotUnderstood,
    SlackUnavailable,
    TangoError,
    TangoRefused,
    Wish,
    WrongState,
)
from handlers.views.blocks import escape, mention, time_of
from handlers.views.problems import tango_text

_RULES: Final[Mapping[Rule, str]] = {
    Rule.SENDERS_ONLY: "You cannot send rewards with Kudos. Ask an admin of Kudos to add you to its senders.",
    Rule.GUESTS_MAY_NOT_SEND: "Guests cannot send rewards. Ask a member of this workspace to send it.",
    Rule.APPROVERS_ONLY: "Only approvers can decide about rewards. It waits for one of them.",
    Rule.NOT_OWN_REQUEST: "This is your own request, so somebody else has to decide. You can withdraw it.",
    Rule.NOT_OWN_REWARD: "This reward is for you, so somebody else has to decide.",
    Rule.REQUESTER_ONLY: "Only the person who filed a request can withdraw it. An approver can decline it.",
    Rule.ADMINS_ONLY: "Only admins of Kudos can do this. Ask one of them.",
}

_SEARCHES: Final[Mapping[SearchFault, str]] = {
    SearchFault.UNKNOWN: (
        'Kudos does not know what {word} means here. A text of several words goes in quotes: notes:"for the board".'
    ),
    SearchFault.VALUE: "{word} is not understood: it takes {known}.",
    SearchFault.TWICE: "{word} says something for the second time. Say each thing once.",
    SearchFault.ONE_PERSON: "Look for one person at a time.",
    SearchFault.NO_ADDRESS: (
        "{word} has no e-mail address in their Slack profile, by which Tango could find them. Look for a name instead: "
        "first:Rob last:Hale."
    ),
    SearchFault.REVERSED: "{word} ends before it begins. Turn the two round.",
    SearchFault.TOO_LONG: "That is more than can be looked for at once. Leave something out.",
}

#: One word per status, as people read it.
DECIDED: Final[Mapping[str, str]] = {
    "approved": "approved",
    "declined": "declined",
    "withdrawn": "withdrawn",
    "expired": "expired",
}

_MOVES: Final[Mapping[Wish, str]] = {
    Wish.RESEND: "can be sent again only once it is placed",
    Wish.RETRY: "can be retried only while it needs attention",
    Wish.CANCEL: "can be canceled only before it was first sent to Tango",
    Wish.SHOW: "can be shown only while it is placed",
    Wish.GIVE: "can be delivered only once Tango has made the reward",
    Wish.ASK: "can be asked about only while Tango has not finished it",
    Wish.REPEAT: "can be ordered anew only once it has failed or was canceled",
}

STATUS: Final[Mapping[OrderStatus, str]] = {
    OrderStatus.QUEUED: "waiting in the queue",
    OrderStatus.SUBMITTING: "being placed",
    OrderStatus.ACCEPTED: "placed",
    OrderStatus.FAILED: "failed",
    OrderStatus.NEEDS_ATTENTION: "needs attention",
    OrderStatus.CANCELED: "canceled",
}


def refusal_text(refusal: Refusal) -> str:
    """What the person is told, and what they can do."""
    match refusal:
        case NotAllowed(rule=rule):
            return _RULES[rule]
        case NotFound(reference=reference):
            return f"There is no `{escape(reference[:100])}` that you can see. `/orders` lists yours."
        case AlreadyDecided(status=status, by=by, at=at):
            by_whom = f" by {mention(by)}" if by else ""
            return f"This request was already {DECIDED[status]}{by_whom}, {time_of(at)}. Nothing else was done."
        case WrongState(order_id=order_id, status=status, move=move):
            return f"Order #{order_id} is {STATUS[OrderStatus(status)]}: it {_MOVES[move]}."
        case PastIdempotency(order_id=order_id):
            return (
                f"Order #{order_id} was first sent 90 days ago or more, so Tango no longer promises that sending it "
                "again makes no second order. Look it up in the Tango portal; if it is not there, file a new request."
            )
        case QueuePaused():
            return "Whoever runs Kudos has paused the queue, and resumes it with `kudos queue resume`."
        case RewardUnavailable(reward_name=name):
            return (
                f"{escape(name)} can no longer be given as requested: it left the catalog or takes other amounts "
                "now. Decline the request, so that a new one can be filed."
            )
        case RewardNotReady():
            return "Tango has not made this reward yet. Try again in a minute."
        case NoRewards():
            return "No rewards can be chosen yet, because Tango has not answered. Try again in a minute."
        case SlackUnavailable():
            return "Slack did not tell who the people are. Nothing was changed: please try again."
        case SearchNotUnderstood(fault=fault, word=word, known=known):
            return _SEARCHES[fault].format(word=f"`{escape(word[:100])}`", known=", ".join(known) or "a word")
        case ResendTooSoon(seconds_left=seconds):
            return (
                f"Tango sends a reward e-mail at most once in 30 seconds. "
                f"Try again in {seconds} second{'' if seconds == 1 else 's'}."
            )
        case NotMailed():
            return (
                "Tango sent no e-mail for this order, so there is none to send again. Ask an admin of Kudos to look "
                "it up in the Tango portal."
            )
        case _:
            raise AssertionError(f"no sentence for {type(refusal).__name__}")


def trouble_text(error: TangoError) -> str:
    """When Tango did not give what was asked for."""
    if isinstance(error, TangoRefused):
        return tango_text(error.i18n_key, error.status, said=error.message, request_id=error.request_id)
    return "Tango does not answer at the moment. Nothing was changed: please try again in a minute."


def asking_text() -> str:
    """While Tango is asked for what somebody wants to see."""
    return "Asking Tango: the answer follows."


def not_here_text() -> str:
    """Where something was to be shown to everyone, and there is nobody else."""
    return "This window is yours alone. Use `/orders` and the order's number in the channel that is to see it."


def storage_text() -> str:
    """When the database cannot serve."""
    return "Kudos cannot save anything right now. Nothing was changed: please try again in a minute."


def broken_text(mark: str) -> str:
    """When something went wrong that nobody thought of; `mark` finds it in the log."""
    return f"Something went wrong in Kudos. Please try again, and if it stays, tell an admin: `{mark}`."


Facts = Mapping[str, Any]

_FAULTS: Final[Mapping[tuple[str, str], Callable[[Facts], str]]] = {
    # recipients
    ("recipients", "required"): lambda _: "Choose at least one person.",
    ("recipients", "too_many"): lambda f: f"At most {f['limit']} people in one request. File a second one.",
    ("recipients", "is_oneself"): lambda _: "You cannot give a reward to yourself. Take yourself off the list.",
    ("recipients", "is_bot"): lambda f: f"{f['name']} is an app. Choose people.",
    ("recipients", "is_deactivated"): lambda f: f"{f['name']} is no longer in this workspace. Take them off.",
    ("recipients", "is_guest"): lambda f: f"{f['name']} is a guest, and guests cannot be given rewards.",
    ("recipients", "is_outsider"): lambda f: f"{f['name']} is not a member of this workspace.",
    ("recipients", "has_no_email"): lambda f: (
        f"{f['name']} has no e-mail address in their Slack profile. They can add one there."
    ),
    ("recipients", "name_unusable"): lambda f: (
        f"{f['name']} has no name in their Slack profile that Tango takes. They can change it there."
    ),
    ("recipients", "one_address"): lambda _: "A reward that is posted goes to one person: choose one.",
    ("recipients", "incomplete"): lambda f: (
        f"{f['name']} has no {_FIELD_WORDS.get(f['field'], 'data')} in their Slack profile, which Tango needs for this "
        "reward. They can add it there."
    ),
    ("recipients", "characters"): lambda f: (
        f"The {_FIELD_WORDS.get(f['field'], 'profile')} of {f['name']} has characters that Tango does not take "
        f"for this reward: {f['found']}"
    ),
    ("recipients", "too_long"): lambda f: (
        f"The {_FIELD_WORDS.get(f['field'], 'profile')} of {f['name']} is longer than Tango takes "
        f"({f['limit']} characters)."
    ),
    ("recipients", "malformed"): lambda f: (
        f"The e-mail address in the profile of {f['name']} is none that Tango takes. They can change it."
    ),
    # reward
    ("reward", "required"): lambda _: "Choose a reward.",
    ("reward", "unavailable"): lambda _: "This reward is no longer offered. Choose another.",
    # amount
    ("amount", "empty"): lambda f: f"Type an amount: {f['amounts']}.",
    ("amount", "not_a_number"): lambda _: "That is not an amount. Type it like 25, 25.00 or 1,000.",
    ("amount", "negative"): lambda _: "The amount must be more than zero.",
    ("amount", "zero"): lambda _: "The amount must be more than zero.",
    ("amount", "decimal_comma"): lambda _: "Write decimals with a point: 25.00. A comma separates thousands: 1,000.",
    ("amount", "too_many_decimals"): lambda f: f"That is finer than {f['currency']} can be paid. Type fewer decimals.",
    ("amount", "too_large"): lambda _: "That is more than Tango takes in one order.",
    ("amount", "other_currency"): lambda f: f"This reward is in {f['currency']}. Type the amount in {f['currency']}.",
    ("amount", "below_minimum"): lambda f: f"The least for this reward is {f['bound']}.",
    ("amount", "above_maximum"): lambda f: f"The most for this reward is {f['bound']}.",
    ("amount", "not_the_fixed_value"): lambda f: f"This reward is always {f['bound']}. Leave the amount empty.",
    ("amount", "not_whole"): lambda _: "This reward takes whole amounts only, such as 25.",
    # message
    ("message", "too_long"): lambda f: f"At most {f['limit']:,} characters; this is {f['length']:,}.",
    # decline
    ("reason", "required"): lambda _: "Say why, so that the requester knows what to change.",
    ("reason", "too_long"): lambda f: f"At most {f['limit']:,} characters; this is {f['length']:,}.",
    # send again
    ("new_template", "malformed"): lambda _: "A template's number is an E and six digits, such as E000002.",
    ("new_email", "malformed"): lambda _: "That is no e-mail address that Tango takes.",
}

#: Faults that mean the same under every field (Tango docs, Manage orders, POST /orders).
_ANY_FIELD: Final[Mapping[str, Callable[[Facts], str]]] = {
    "required": lambda _: "Fill this in: Tango needs it for this reward.",
    "not_applicable": lambda _: "Leave this empty: this reward does not take it.",
    "too_short": lambda f: f"At least {f['least']} characters.",
    "too_long": lambda f: f"At most {f['limit']:,} characters; this is {f['length']:,}.",
    "characters": lambda f: f"Tango does not take {f['found']} here. Leave it out.",
    "malformed": lambda _: "Tango does not take it in this form. See the hint below the field.",
    "not_a_number": lambda _: "That is not an amount. Type it like 25, 25.00 or 1,000.",
    "not_positive": lambda _: "It must be more than zero.",
    "reversed": lambda _: "The end is before the start. Turn the two round.",
    "unknown_code": lambda _: "There is no such code. In the US and Canada it is two capitals, such as CA or ON.",
    "too_soon": lambda _: "Choose a day that is at least one day ahead.",
    "too_late": lambda _: "Choose a day that is at most one year ahead.",
    "too_large": lambda _: "That is more than Tango takes.",
    "too_many_decimals": lambda _: "That has more decimals than Tango takes.",
}

_FIELD_WORDS: Final[Mapping[str, str]] = {
    "recipient.firstName": "first name",
    "recipient.lastName": "last name",
    "recipient.email": "e-mail address",
}


def fault_text(field: str, fault: Fault) -> str:
    """What is said under a field; plain text, because Slack formats nothing there."""
    return (_FAULTS.get((field, fault.code)) or _ANY_FIELD[fault.code])(fault.facts)
