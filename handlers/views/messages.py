"""The sentence of every refusal and every fault of a form: it says what to do next. Worded here alone."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, assert_never

from bot.domain.order import OrderStatus
from bot.domain.request import RequestStatus
from bot.errors import (
    AlreadyAsked,
    AlreadyDecided,
    AlreadyReaddressed,
    ChangedSince,
    DeliveredTooSoon,
    NoRewards,
    NotAllowed,
    NotFound,
    NotMailed,
    PastIdempotency,
    QueuePaused,
    Refusal,
    ResendTooSoon,
    RewardNotReady,
    Rule,
    SearchNotUnderstood,
    SlackUnavailable,
    StaleReference,
    TangoError,
    TangoRefused,
    TooManyResends,
    Wish,
    WrongState,
)
from bot.faults import Fault, FaultCode, SearchFault
from handlers.views.blocks import escape, mention, seconds_text, time_of
from handlers.views.review import obstacles_text
from handlers.views.tango import tango_text

_RULES: Final[Mapping[Rule, str]] = {
    Rule.SENDERS_ONLY: "You cannot send rewards with Kudos. Ask an admin of Kudos to add you to its senders.",
    Rule.GUESTS_MAY_NOT_SEND: "Guests cannot send rewards. Ask a member of this workspace to send it.",
    Rule.APPROVERS_ONLY: (
        "Only approvers can decide about rewards. Each request waits for one of them; `/orders` shows yours."
    ),
    Rule.NOT_OWN_REQUEST: "This is your own request, so somebody else has to decide. You can withdraw it.",
    Rule.NOT_OWN_REWARD: "This reward is for you, so somebody else has to decide.",
    Rule.REQUESTER_ONLY: "Only the person who filed a request can withdraw it. An approver can decline it.",
    Rule.NOT_OWN_ADDRESS: "This is your own address. You can't send somebody else's reward there.",
    Rule.ADMINS_ONLY: "Only admins of Kudos can do this. Ask one of them.",
    Rule.COLLEAGUES_ONLY: (
        "Guests, apps and people of other companies can't approve rewards or act as admins. Ask a colleague who can."
    ),
    Rule.MEMBERSHIP_UNKNOWN: (
        "Slack hasn't confirmed for ten minutes who the approvers and admins are, so I can't do this. Nothing was "
        "changed. Try again in a few minutes."
    ),
}

_SEARCHES: Final[Mapping[SearchFault, str]] = {
    SearchFault.UNKNOWN: "I don't know {word}, and no reward went to anyone of that name.",
    SearchFault.VALUE: "{word} is not understood: it takes {known}.",
    SearchFault.TWICE: "{word} says something for the second time. Say each thing once.",
    SearchFault.ONE_PERSON: "Look for one person at a time.",
    SearchFault.NO_ADDRESS: (
        "{word} has no e-mail address in their Slack profile, by which Tango could find them. Look for a name instead: "
        "first:Rob last:Hale."
    ),
    SearchFault.REVERSED: "The start has to come before the end.",
    SearchFault.TOO_LONG: "That is more than can be looked for at once. Leave something out.",
}

#: One word per decision.
DECIDED: Final[Mapping[RequestStatus, str]] = {
    RequestStatus.APPROVED: "approved",
    RequestStatus.DECLINED: "declined",
    RequestStatus.WITHDRAWN: "withdrawn",
    RequestStatus.EXPIRED: "expired",
}

_MOVES: Final[Mapping[Wish, str]] = {
    Wish.RESEND: "can be sent again only once it is placed",
    Wish.RETRY: "can be sent once more only while it needs attention",
    Wish.CANCEL: "can be canceled only while it waits and Tango surely doesn't have it",
    Wish.CLOSE: "can be closed only once Tango has said that it doesn't have it",
    Wish.INQUIRE: "can be checked with Tango only while its outcome isn't known",
    Wish.SENT_AS: "can be given Tango's number only while it needs attention and Tango has none for it",
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
    """Say why a person is turned down, and what they can do."""
    match refusal:
        case NotAllowed(rule=rule):
            return _RULES[rule]
        case NotFound(reference=reference):
            return f"There is no `{escape(reference[:100])}` that you can see. `/orders` lists yours."
        case StaleReference():
            return (
                "This message is from before Kudos was restored or updated, so its buttons no longer work. Nothing was "
                "changed: please use the newer message, or type `/orders`."
            )
        case AlreadyAsked(request_id=request_id, amount=amount, names=names):
            each = " each" if len(names) > 1 else ""
            return (
                f"You already asked for this: #{request_id}, {amount}{each} for {escape(', '.join(names))}. "
                "To ask for what's in the form now as well, submit it again."
            )
        case AlreadyDecided(status=status, by=by, at=at):
            decided = DECIDED[RequestStatus(status)] + (f" by {mention(by)}" if by else "")
            return f"This request was already {decided}, {time_of(at)}. Nothing else was done."
        case WrongState(order_id=order_id, status=status, move=move):
            attention = status == OrderStatus.NEEDS_ATTENTION
            return f"Order #{order_id} {'' if attention else 'is '}{STATUS[OrderStatus(status)]}: it {_MOVES[move]}."
        case PastIdempotency(order_id=order_id):
            return (
                f"Order #{order_id} was first sent 90 days ago or more, so Tango no longer promises that sending it "
                "again makes no second order. *Check with Tango* in `/orders` asks if Tango has it. If not, close it "
                "and make a new request."
            )
        case QueuePaused():
            return "Sending is paused. `kudos queue resume` on the bot's machine ends the pause."
        case ChangedSince(obstacles=obstacles):
            return (
                f"This can't be approved as it was requested: {obstacles_text(obstacles)} "
                "Please decline it, so that they can ask again."
            )
        case RewardNotReady():
            return "Tango has not made this reward yet. Try again in a minute."
        case NoRewards():
            return "No rewards can be chosen yet, because Tango has not answered. Try again in a minute."
        case SlackUnavailable():
            return "Slack did not tell who the people are. Nothing was changed: please try again."
        case SearchNotUnderstood(fault=SearchFault.UNKNOWN, word=word, known=[meant, *_]):
            return f"I don't know `{escape(word[:100])}`. Did you mean `{meant}`?"
        case SearchNotUnderstood(fault=fault, word=word, known=known):
            return _SEARCHES[fault].format(word=f"`{escape(word[:100])}`", known=", ".join(known) or "a word")
        case ResendTooSoon() | AlreadyReaddressed() | TooManyResends() | DeliveredTooSoon() | NotMailed():
            return _not_sent_again_text(refusal)
        case _:
            raise AssertionError(f"no sentence for {type(refusal).__name__}")


def _not_sent_again_text(
    refusal: ResendTooSoon | AlreadyReaddressed | TooManyResends | DeliveredTooSoon | NotMailed,
) -> str:
    """Say why a reward is not sent or delivered again, and when it can be."""
    match refusal:
        case ResendTooSoon(seconds_left=seconds):
            return f"The email just went out. You can resend it in {seconds_text(seconds)}."
        case AlreadyReaddressed(order_id=order_id, again_at=at):
            return (
                f"The email of order #{order_id} already went to another address. It can go to one once a day: again "
                f"{time_of(at)}. You can send it to its usual address at any time."
            )
        case TooManyResends(most=most, again_at=at):
            return (
                f"You had {most} reward emails sent again within an hour, and that's the most. Try again {time_of(at)}."
            )
        case DeliveredTooSoon(order_id=order_id, seconds_left=seconds):
            return (
                f"The reward of order #{order_id} was delivered just now. You can have it delivered again in "
                f"{seconds_text(seconds)}."
            )
        case NotMailed():
            return (
                "Tango sent no e-mail for this order, so there is none to send again. Ask an admin of Kudos to look "
                "it up in the Tango portal."
            )
        case _:
            assert_never(refusal)


def trouble_text(error: TangoError) -> str:
    """Say that Tango did not answer a read."""
    if isinstance(error, TangoRefused):
        return tango_text(error.i18n_key, error.status, said=error.message, request_id=error.request_id)
    return "Tango does not answer at the moment. Nothing was changed: please try again in a minute."


def asking_text() -> str:
    """Say that the answer takes a look-up, at Tango or at Slack."""
    return "One moment: the answer follows."


def unopened_text() -> str:
    """Say that Slack did not open a modal."""
    return "Slack did not open the form in time. Nothing was changed: please try again."


def slack_unreached_text() -> str:
    """Say that Slack could not be asked to open a modal."""
    return "Slack could not be reached to open the form. Nothing was changed: please try again."


def not_here_text() -> str:
    """Say that nobody else would see what was to be shown to everyone."""
    return "This window is yours alone. Use `/orders` and the order's number in the channel that is to see it."


def unshown_text() -> str:
    """Say that Slack did not take what was to be shown to everyone."""
    return "I couldn't show this to everyone here. If it doesn't appear, please try again."


def storage_text() -> str:
    """Say that the database cannot serve."""
    return "Kudos cannot save anything right now. Nothing was changed: please try again in a minute."


def broken_text(mark: str) -> str:
    """Say that something unforeseen went wrong; `mark` finds it in the log."""
    return f"Something went wrong in Kudos. Please try again, and if it stays, tell an admin: `{mark}`."


Facts = Mapping[str, Any]

_FAULTS: Final[Mapping[FaultCode, Callable[[Facts], str]]] = {
    FaultCode.REQUIRED: lambda _: "Fill this in: Tango needs it for this reward.",
    FaultCode.NOT_APPLICABLE: lambda _: "Leave this empty: this reward does not take it.",
    FaultCode.TOO_SHORT: lambda f: f"At least {f['least']} characters.",
    FaultCode.TOO_LONG: lambda f: f"At most {f['limit']:,} characters; this is {f['length']:,}.",
    FaultCode.CHARACTERS: lambda f: f"Tango does not take {f['found']} here. Leave it out.",
    FaultCode.MALFORMED: lambda _: "Tango does not take it in this form. See the hint below the field.",
    FaultCode.TAKEN: lambda f: f"That is the number of order #{f['order_id']}.",
    FaultCode.UNKNOWN_CODE: lambda _: (
        "There is no such code. In the US and Canada it is two capitals, such as CA or ON."
    ),
    FaultCode.REVERSED: lambda _: "The end is before the start. Turn the two round.",
    FaultCode.TOO_SOON: lambda _: "Choose a day that is at least one day ahead.",
    FaultCode.TOO_LATE: lambda _: "Choose a day that is at most one year ahead.",
    FaultCode.NOT_POSITIVE: lambda _: "It must be more than zero.",
    FaultCode.TOO_LARGE: lambda _: "That is more than Tango takes.",
    FaultCode.TOO_MANY_DECIMALS: lambda _: "That has more decimals than Tango takes.",
    FaultCode.EMPTY: lambda f: f"Type an amount: {f['amounts']}.",
    FaultCode.NOT_A_NUMBER: lambda _: "That is not an amount. Type it like 25, 25.00 or 1000.",
    FaultCode.NEGATIVE: lambda _: "The amount must be more than zero.",
    FaultCode.ZERO: lambda _: "The amount must be more than zero.",
    FaultCode.DECIMAL_COMMA: lambda _: "Please use a point for decimals: 25.00. A comma separates thousands: 1,000.",
    FaultCode.FINER_THAN_CURRENCY: lambda f: f"That is finer than {f['currency']} can be paid. Type fewer decimals.",
    FaultCode.OTHER_CURRENCY: lambda f: f"This reward is in {f['currency']}. Type the amount in {f['currency']}.",
    FaultCode.BELOW_MINIMUM: lambda f: f"The least for this reward is {f['bound']}.",
    FaultCode.ABOVE_MAXIMUM: lambda f: f"The most for this reward is {f['bound']}.",
    FaultCode.NOT_THE_FIXED_VALUE: lambda f: f"This reward is always {f['bound']}. Leave the amount empty.",
    FaultCode.NOT_WHOLE: lambda _: "This reward takes whole amounts only, such as 25.",
    FaultCode.UNAVAILABLE: lambda _: "This reward is no longer offered. Choose another.",
    FaultCode.IS_ONESELF: lambda _: "You can't reward yourself. Please remove your name.",
    FaultCode.IS_BOT: lambda f: f"Apps can't get rewards: {f['name']}. Please choose people.",
    FaultCode.IS_DEACTIVATED: lambda f: f"No longer in this workspace: {f['name']}. Please choose someone else.",
    FaultCode.IS_GUEST: lambda f: f"Guests can't get rewards: {f['name']}. Please choose members.",
    FaultCode.IS_OUTSIDER: lambda f: f"Not a member of this workspace: {f['name']}. Please choose members.",
    FaultCode.HAS_NO_EMAIL: lambda f: (
        f"No email address in the Slack profile of {f['name']}. They can add one there, or you deliver by direct "
        "message."
    ),
    FaultCode.NAME_UNUSABLE: lambda f: (
        f"No name that Tango takes in the Slack profile of {f['name']}. They can change it there."
    ),
    FaultCode.TOO_MANY_PEOPLE: lambda f: f"At most {f['limit']} people in one request. File a second one.",
    FaultCode.ONE_ADDRESS: lambda _: "A reward that is posted goes to one person: choose one.",
    FaultCode.PROFILE_INCOMPLETE: lambda f: (
        f"No {_FIELD_WORDS.get(f['field'], 'data')} in the Slack profile of {f['name']}, and Tango needs it for this "
        "reward. They can add it there."
    ),
    FaultCode.PROFILE_CHARACTERS: lambda f: (
        f"Tango doesn't take {f['found']} in the {_FIELD_WORDS.get(f['field'], 'profile')} of {f['name']}. They can "
        "change it in their Slack profile."
    ),
    FaultCode.PROFILE_TOO_LONG: lambda f: (
        f"Too long for Tango, which takes {f['limit']} characters: the {_FIELD_WORDS.get(f['field'], 'profile')} of "
        f"{f['name']}. They can change it in their Slack profile."
    ),
    FaultCode.PROFILE_MALFORMED: lambda f: (
        f"Tango doesn't take the email address of {f['name']}. They can change it in their Slack profile, or you "
        "deliver by direct message."
    ),
}

#: The faults that a field words in its own way.
_AT_FIELD: Final[Mapping[tuple[str, FaultCode], str]] = {
    ("recipients", FaultCode.REQUIRED): "Choose at least one person.",
    ("reward", FaultCode.REQUIRED): "Choose a reward.",
    ("amount", FaultCode.TOO_LARGE): "That is more than Tango takes in one order.",
    ("reason", FaultCode.REQUIRED): "Say why, so that the requester knows what to change.",
    ("new_template", FaultCode.MALFORMED): "A template's number is an E and six digits, such as E000002.",
    ("sent_as", FaultCode.REQUIRED): "Type Tango's number of the order.",
    ("sent_as", FaultCode.MALFORMED): "That isn't an order number of Tango's. They look like RA180426-1401-64.",
    ("new_email", FaultCode.MALFORMED): "That is no e-mail address that Tango takes.",
}

_FIELD_WORDS: Final[Mapping[str, str]] = {
    "recipient.firstName": "first name",
    "recipient.lastName": "last name",
    "recipient.email": "email address",
}


def faults_text(field: str, faults: Sequence[Fault]) -> str:
    """Word all that is wrong with a field. People with the same fault are named in one sentence."""
    alike: dict[tuple[object, ...], list[Fault]] = {}
    for fault in faults:
        kind = (fault.code, *(fault.facts.get(fact) for fact in ("field", "found", "limit")))
        alike.setdefault(kind, []).append(fault)
    return " ".join(fault_text(field, _together(found)) for found in alike.values())


def _together(faults: Sequence[Fault]) -> Fault:
    first = faults[0]
    if len(faults) == 1:
        return first
    return Fault(first.code, {**first.facts, "name": ", ".join(str(fault.facts.get("name")) for fault in faults)})


def fault_text(field: str, fault: Fault) -> str:
    """Word what is wrong with a field; plain text, because Slack formats nothing there."""
    return _AT_FIELD.get((field, fault.code)) or _FAULTS[fault.code](fault.facts)
