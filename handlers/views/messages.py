"""The sentence of every refusal and every fault of a form: it says what to do next. Worded here alone."""

from collections.abc import Mapping
from typing import Final, assert_never

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
    SeveralOrders,
    SlackUnavailable,
    StaleReference,
    TangoError,
    TangoRefused,
    TooManyResends,
    Wish,
    WrongState,
)
from bot.faults import SearchFault
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
        case AlreadyAsked(number=number, amount=amount, names=names):
            each = " each" if len(names) > 1 else ""
            return (
                f"You already asked for this: {number}, {amount}{each} for {escape(', '.join(names))}. "
                "To ask for what's in the form now as well, submit it again."
            )
        case AlreadyDecided(status=status, by=by, at=at):
            decided = DECIDED[RequestStatus(status)] + (f" by {mention(by)}" if by else "")
            return f"This request was already {decided}, {time_of(at)}. Nothing else was done."
        case SeveralOrders(number=number, orders=[first, *_, last]):
            return f"{number} has several orders. Name one, from {first} to {last}."
        case WrongState(number=number, status=status, move=move):
            attention = status == OrderStatus.NEEDS_ATTENTION
            return f"Order {number} {'' if attention else 'is '}{STATUS[OrderStatus(status)]}: it {_MOVES[move]}."
        case PastIdempotency(number=number):
            return (
                f"Order {number} was first sent 90 days ago or more, so Tango no longer promises that sending it "
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
        case AlreadyReaddressed(number=number, again_at=at):
            return (
                f"The email of order {number} already went to another address. It can go to one once a day: again "
                f"{time_of(at)}. You can send it to its usual address at any time."
            )
        case TooManyResends(most=most, again_at=at):
            return (
                f"You had {most} reward emails sent again within an hour, and that's the most. Try again {time_of(at)}."
            )
        case DeliveredTooSoon(number=number, seconds_left=seconds):
            return (
                f"The reward of order {number} was delivered just now. You can have it delivered again in "
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
