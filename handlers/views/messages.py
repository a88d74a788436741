"""The sentence of every refusal and every fault of a form: it says what to do next. Worded here alone."""

from collections.abc import Mapping
from typing import Final, assert_never

from bot.domain.batch import BatchAsked, InvalidBatch, UnreadableSheet
from bot.domain.duplicate import DuplicateRequest
from bot.domain.numbers import named_number
from bot.domain.order import OrderStatus
from bot.domain.request import RequestStatus
from bot.errors import (
    AlreadyAsked,
    AlreadyDecided,
    AlreadyReaddressed,
    ChangedSince,
    DeliveredTooSoon,
    GroupUnknown,
    MadeElsewhere,
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
from handlers.views.batch import batch_refusal_text
from handlers.views.blocks import clock_time_of, escape, mention, name_text, time_of
from handlers.views.people import all_of, any_of
from handlers.views.review import obstacles_text
from handlers.views.states import ORDER_STATES
from handlers.views.tango import tango_text

#: Rules for whose sake others may do it: with their names, and where nobody may now.
_OTHERS_MAY: Final[Mapping[Rule, tuple[str, str]]] = {
    Rule.SENDERS_ONLY: (
        "You can't send rewards yet. Please ask {any_of_them} to add you.",
        "You can't send rewards yet. Please ask the colleague who set up Kudos to add you.",
    ),
    Rule.APPROVERS_ONLY: (
        "Only {all_of_them} can approve or decline rewards. `/orders` shows yours.",
        "Only approvers can approve or decline rewards. `/orders` shows yours.",
    ),
    Rule.OTHER_APPROVERS: (
        "Only {all_of_them} can approve or decline this reward. `/orders pending` shows what waits for you.",
        "Only other approvers can approve or decline this reward. `/orders pending` shows what waits for you.",
    ),
    Rule.ANOTHER_APPROVER: (
        "You've already approved this, so {any_of_them} has to approve it too.",
        "You've already approved this, so another approver has to approve it too.",
    ),
    Rule.NOT_OWN_REQUEST: (
        "You asked for this reward, so only {all_of_them} could decide about it. `/orders` shows where it is.",
        "You asked for this reward, so only another approver could decide about it. `/orders` shows where it is.",
    ),
    Rule.NOT_OWN_REWARD: (
        "This reward is for you, so only {all_of_them} could decide about it. `/orders` shows what you received.",
        "This reward is for you, so only another approver could decide about it. `/orders` shows what you received.",
    ),
    Rule.ADMINS_ONLY: (
        "Only admins of Kudos can do this. Please ask {any_of_them}.",
        "Only admins of Kudos can do this. Please ask the colleague who set up Kudos.",
    ),
    Rule.FINANCE_ONLY: (
        "Only finance and admins of Kudos can see this. Please ask {any_of_them}. `/kudos report` shows what you gave.",
        "Only finance and admins of Kudos can see this. `/kudos report` shows what you gave.",
    ),
}

#: The same of a request that waits for a decision.
_OTHERS_MAY_STILL: Final[Mapping[Rule, tuple[str, str]]] = {
    Rule.APPROVERS_ONLY: (
        "Only {all_of_them} can approve or decline this reward. It's waiting for them.",
        "Only approvers can approve or decline this reward. It's waiting for them.",
    ),
    Rule.NOT_OWN_REQUEST: (
        "You asked for this reward, so {any_of_them} has to decide. You can withdraw it.",
        "You asked for this reward, so another approver has to decide. You can withdraw it.",
    ),
    Rule.NOT_OWN_REWARD: (
        "This reward is for you, so {any_of_them} has to decide. There's nothing for you to do.",
        "This reward is for you, so another approver has to decide. There's nothing for you to do.",
    ),
}

#: The other rules.
_RULES: Final[Mapping[Rule, str]] = {
    Rule.GUESTS_MAY_NOT_SEND: "Guests can't send rewards. Please ask a member of this workspace to send it.",
    Rule.REQUESTER_ONLY: "Only the person who asked for this reward can withdraw it. An approver can decline it.",
    Rule.UNDO_BY_PARTIES: "Only the requester and approvers can undo this. Please ask one of them.",
    Rule.NOT_OWN_ADDRESS: "This is your own address. You can't send someone else's reward there.",
    Rule.COLLEAGUES_ONLY: (
        "Guests, apps and people of other companies can't approve rewards or act as admins. Please ask a colleague "
        "who can."
    ),
    Rule.MEMBERSHIP_UNKNOWN: (
        "Slack hasn't confirmed for ten minutes who the approvers and admins are, so nothing changed. Please try again "
        "in a few minutes."
    ),
}

_SEARCHES: Final[Mapping[SearchFault, str]] = {
    SearchFault.UNKNOWN: "I don't know {word}, and nobody of that name got a reward.",
    SearchFault.VALUE: "I don't know {word} here. Use one of these: {known}.",
    SearchFault.TWICE: "{word} is there twice. Please say each thing once.",
    SearchFault.ONE_PERSON: "Please look for one person at a time.",
    SearchFault.NO_ADDRESS: (
        "{word} has no email address in their Slack profile, so I can't find them at Tango. Try their name: "
        "`first:Rob last:Hale`."
    ),
    SearchFault.REVERSED: "The start has to come before the end.",
    SearchFault.TOO_LONG: "That's too much to look for at once. Please leave something out.",
}

#: One word per decision.
DECIDED: Final[Mapping[RequestStatus, str]] = {
    RequestStatus.APPROVED: "approved",
    RequestStatus.DECLINED: "declined",
    RequestStatus.WITHDRAWN: "withdrawn",
    RequestStatus.EXPIRED: "expired",
}

#: The same of who comes too late: with who decided, and without.
_TOO_LATE: Final[Mapping[RequestStatus, tuple[str, str]]] = {
    RequestStatus.APPROVED: (
        "{by} already approved this {at}, so nothing changed.",
        "This was already approved {at}, so nothing changed.",
    ),
    RequestStatus.DECLINED: (
        "{by} already declined this {at}, so nothing changed.",
        "This was already declined {at}, so nothing changed.",
    ),
    RequestStatus.WITHDRAWN: (
        "{by} already withdrew this {at}, so nothing changed.",
        "This was already withdrawn {at}, so nothing changed.",
    ),
    RequestStatus.EXPIRED: (
        "This request expired {at}, so nothing changed.",
        "This request expired {at}, so nothing changed.",
    ),
}

_MOVES: Final[Mapping[Wish, str]] = {
    Wish.RESEND: "It can be resent only once it has been sent.",
    Wish.RETRY: "It can be sent once more only while it needs attention.",
    Wish.CANCEL: "It can be canceled only while it's waiting and Tango surely doesn't have it.",
    Wish.UNDO: "Its approval can be undone only within the time that the card gives.",
    Wish.CLOSE: "It can be closed only once Tango has said that it doesn't have it.",
    Wish.INQUIRE: "It can be checked with Tango only while its outcome isn't known.",
    Wish.SENT_AS: "You can enter Tango's number only while it needs attention and Tango has no order for it yet.",
    Wish.SHOW: "It can be shown only once it has been sent.",
    Wish.GIVE: "It can be delivered only once Tango has made the reward.",
    Wish.ASK: "Tango can be asked about it only while it isn't finished.",
    Wish.REPEAT: "You can ask again only once it has failed or was canceled.",
    Wish.CHANGE_DATE: "You can change its date only until it's sent.",
}


def refusal_text(refusal: Refusal) -> str:
    """Say why a person is turned down, and what they can do."""
    match refusal:
        case NotAllowed():
            return _rule_text(refusal)
        case NotFound(reference=reference):
            return f"I can't find `{escape(reference[:100])}` among your rewards. Try `/orders`."
        case StaleReference():
            return (
                "This message is from before Kudos was restored or updated, so nothing changed. Please use the newer "
                "message, or type `/orders`."
            )
        case AlreadyAsked() | DuplicateRequest():
            return _asked_before_text(refusal)
        case UnreadableSheet() | InvalidBatch() | BatchAsked():
            return batch_refusal_text(refusal)
        case AlreadyDecided(status=status, by=by, at=at):
            with_name, without = _TOO_LATE[RequestStatus(status)]
            return (with_name if by else without).format(by=mention(by or ""), at=time_of(at))
        case SeveralOrders(number=number, orders=[first, *_, last]):
            return f"{number} has several rewards. Please name one, from {first} to {last}."
        case WrongState(number=number, status=status, move=move):
            return f"{ORDER_STATES[OrderStatus(status)].told} {_MOVES[move]} ({named_number(number)})"
        case PastIdempotency(number=number):
            return (
                "This reward was first sent 90 days ago or more, so sending it again could pay twice. *Check with "
                "Tango* in `/orders` asks if Tango has it. If not, close it and make a new request. "
                f"({named_number(number)})"
            )
        case MadeElsewhere(number=number):
            return (
                "Tango made this reward on another account or under another reference, so sending it again would pay "
                f"twice. Please ask your Tango contact. ({named_number(number)})"
            )
        case QueuePaused():
            return "Sending is paused. Run `kudos queue resume` on the bot's machine to go on."
        case ChangedSince(obstacles=obstacles):
            return (
                f"This can't be approved as requested. {obstacles_text(obstacles)} "
                "Please decline it, so that the requester can ask again."
            )
        case RewardNotReady():
            return "Tango is still preparing this reward. Please try again in a minute."
        case NoRewards():
            return "I don't have the list of rewards from Tango yet. Please try again in a minute."
        case GroupUnknown():
            return (
                "I can't look up a user group that your budgets or approvers depend on, so nothing changed. "
                "Please try again in a minute. If that doesn't help, tell an admin of Kudos: the group may be gone."
            )
        case SlackUnavailable():
            return "Slack didn't tell me who the people are, so nothing changed. Please try again."
        case SearchNotUnderstood(fault=SearchFault.UNKNOWN, word=word, known=[meant, *_]):
            return f"I don't know `{escape(word[:100])}`. Did you mean `{meant}`?"
        case SearchNotUnderstood(fault=fault, word=word, known=known):
            return _SEARCHES[fault].format(word=f"`{escape(word[:100])}`", known=", ".join(known) or "a word")
        case ResendTooSoon() | AlreadyReaddressed() | TooManyResends() | DeliveredTooSoon() | NotMailed():
            return _not_sent_again_text(refusal)
        case _:
            raise AssertionError(f"no sentence for {type(refusal).__name__}")


def _rule_text(refusal: NotAllowed) -> str:
    """Say which rule forbids it, and who may instead, by name."""
    said = (_OTHERS_MAY_STILL if refusal.waits else {}).get(refusal.rule) or _OTHERS_MAY.get(refusal.rule)
    if said is None:
        return _RULES[refusal.rule]
    with_names, without = said
    if not refusal.who_may:
        return without
    return with_names.format(all_of_them=all_of(refusal.who_may), any_of_them=any_of(refusal.who_may))


def _asked_before_text(refusal: AlreadyAsked | DuplicateRequest) -> str:
    """Say what was asked for before, and that the same form asks for it once more."""
    match refusal:
        case AlreadyAsked(number=number, amount=amount, names=names):
            told = (
                "You already asked for {amount} each for {people} ({number}). "
                "Submit the form again to ask for what's in it now as well."
                if len(names) > 1
                else "You already asked for {amount} for {people} ({number}). "
                "Submit the form again to ask for what's in it now as well."
            )
            return told.format(amount=amount, people=escape(", ".join(names)), number=number)
        case DuplicateRequest(names=names, is_own=is_own):
            told = (
                "⚠️ You already asked for this reward for {people} in the last 24 hours. "
                "Send anyway? Then submit the form again."
                if is_own
                else "⚠️ Someone already asked for this reward for {people} in the last 24 hours. "
                "Send anyway? Then submit the form again."
            )
            return told.format(people=name_text(", ".join(names)))
        case _:
            assert_never(refusal)


def _not_sent_again_text(
    refusal: ResendTooSoon | AlreadyReaddressed | TooManyResends | DeliveredTooSoon | NotMailed,
) -> str:
    """Say why a reward is not sent or delivered again, and when it can be."""
    match refusal:
        case ResendTooSoon(again_at=at):
            return f"The email just went out. You can resend it at {clock_time_of(at)}."
        case AlreadyReaddressed(number=number, again_at=at):
            return (
                f"This reward's email already went to another address today. The next can go there {time_of(at)}. "
                f"You can resend it to the usual address at any time. ({named_number(number)})"
            )
        case TooManyResends(most=most, again_at=at):
            return (
                f"You've resent {most} emails within an hour, and that's the limit. "
                f"You can resend the next one {time_of(at)}."
            )
        case DeliveredTooSoon(number=number, again_at=at):
            again = clock_time_of(at)
            return f"This reward was just delivered. You can deliver it again at {again}. ({named_number(number)})"
        case NotMailed():
            return (
                "Tango sent no email for this reward, so there's none to resend. Please ask an admin of Kudos to look "
                "it up."
            )
        case _:
            assert_never(refusal)


def trouble_text(error: TangoError) -> str:
    """Say that Tango did not answer a read."""
    if isinstance(error, TangoRefused):
        return tango_text(error.i18n_key, error.status, said=error.message, request_id=error.request_id)
    return "Tango doesn't answer right now, so nothing changed. Please try again in a minute."


def asking_text() -> str:
    """Say that the answer takes a look-up, at Tango or at Slack."""
    return "One moment…"


def unopened_text() -> str:
    """Say that Slack did not open a modal."""
    return "Slack didn't open the form in time, so nothing changed. Please try again."


def slack_unreached_text() -> str:
    """Say that Slack could not be asked to open a modal."""
    return "I couldn't reach Slack to open the form, so nothing changed. Please try again."


def not_here_text() -> str:
    """Say that nobody else would see what was to be shown to everyone."""
    return "Only you see this window. Type `/orders` and the number in the channel that should see it."


def unshown_text() -> str:
    """Say that Slack did not take what was to be shown to everyone."""
    return "I couldn't show this to everyone here. If it doesn't appear, please try again."


def storage_text() -> str:
    """Say that the database cannot serve."""
    return "I can't save anything right now, so nothing changed. Please try again in a minute."


def broken_text(mark: str) -> str:
    """Say that something unforeseen went wrong; `mark` finds it in the log."""
    return f"Something went wrong. Please try again. If it happens again, tell an admin of Kudos: `{mark}`."
