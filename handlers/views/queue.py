"""The messages about holds: halts and pauses of the queue, to admins and to who waits."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.domain.queue import PAUSED, HaltCause, ProbeAnswer, QueueState
from handlers.ids import Action
from handlers.views.blocks import Message, actions, button, context, escape, section, time_of
from handlers.views.tango import Mender, Words, words_of

#: The words of a cause, where Tango gave no key, or one that is about one order or not known.
_CAUSES: Final[Mapping[str, Words]] = {
    HaltCause.INSUFFICIENT_FUNDS: words_of("402.001", None),
    HaltCause.UNAUTHORIZED: words_of("401.501", None),
    HaltCause.FORBIDDEN: words_of(None, 403),
    HaltCause.ACCOUNT_FROZEN: words_of("404.142", None),
    HaltCause.ACCOUNT_UNUSABLE: words_of("404.004", None),
    HaltCause.THROTTLED: Words(
        "Tango answers to every order that it comes too early",
        "Look whether something else orders with this platform's key, or ask your Tango contact for a higher limit.",
        Mender.ADMIN,
    ),
    HaltCause.OUTAGE: Words(
        "Tango doesn't answer",
        "Look at the network and at status.tangocard.com. Nobody can be paid twice.",
        Mender.ADMIN,
    ),
    PAUSED: Words("sending is paused", "`kudos queue resume` on the bot's machine ends the pause.", Mender.ADMIN),
}

#: A cause as requesters and the channel read it: what they can't mend needs no detail.
_SHORT: Final[Mapping[str, str]] = {
    HaltCause.INSUFFICIENT_FUNDS: "the Tango account is out of funds",
    HaltCause.UNAUTHORIZED: "Tango doesn't accept Kudos's key",
    HaltCause.FORBIDDEN: "Tango doesn't permit orders at the moment",
    HaltCause.ACCOUNT_FROZEN: "the Tango account is frozen",
    HaltCause.ACCOUNT_UNUSABLE: "the Tango account can't be used",
    HaltCause.THROTTLED: "Tango takes no more orders at the moment",
    HaltCause.OUTAGE: "Tango doesn't answer",
    PAUSED: "sending is paused",
}

#: The same, once it is over.
_WAS: Final[Mapping[str, str]] = {
    HaltCause.INSUFFICIENT_FUNDS: "the Tango account was out of funds",
    HaltCause.UNAUTHORIZED: "Tango didn't accept Kudos's key",
    HaltCause.FORBIDDEN: "Tango didn't permit orders",
    HaltCause.ACCOUNT_FROZEN: "the Tango account was frozen",
    HaltCause.ACCOUNT_UNUSABLE: "the Tango account couldn't be used",
    HaltCause.THROTTLED: "Tango took no more orders",
    HaltCause.OUTAGE: "Tango didn't answer",
    PAUSED: "sending was paused",
}

#: The words of a cause that a later version has stored.
_UNKNOWN: Final = Words("Tango takes no orders at present", "The log says more.", Mender.ADMIN)


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold, as a waiting order's people read it.

    Attributes:
        cause: a word of HaltCause, or PAUSED.
        admins_know: whether an admin has heard of it.
    """

    cause: str
    admins_know: bool = False


def hold_text(hold: Hold) -> str:
    """Say that an order waits, and why, in a line."""
    return f"⏸️ On hold: {_short(hold.cause)}."


def wait_on_hold_text(hold: Hold) -> str:
    """Tell a requester that their reward waits, why, and how it goes on."""
    if hold.cause == PAUSED:
        return "It's on hold right now, because sending is paused. It will go out once sending goes on."
    goes_on = "The admins know, and it" if hold.admins_know else "It"
    return f"It's on hold right now, because {_short(hold.cause)}. {goes_on} will go out automatically."


def build_hold(state: QueueState, waiting: int) -> Message:
    """Tell an admin that orders are on hold, since when, why, what to do and how many wait; or that they go on."""
    if state.halted_at is None or state.halt_cause is None:
        return _build_goes_on(state)
    paused = state.is_paused
    words = _words(state.halt_cause, state.i18n_key)
    title = f"Orders are on hold: {words.what}."
    said = [f"On hold since {time_of(state.halted_at)}: {_count(waiting)}."]
    if not paused:
        said.append("One is tried now and then, and all go out by themselves once the cause is gone.")
    if state.lack is not None:
        said.append("Orders that the account covers are sent meanwhile.")
    facts = [f"Tango {state.i18n_key}"] if state.i18n_key else []
    facts += [f"request {state.tango_request_id}"] if state.tango_request_id else []
    small = escape(", ".join(facts))
    text = " ".join([title, words.remedy, *said, *([f"({small})"] if facts else [])])
    blocks = [section(f"⏸️ *{title}*\n{words.remedy}\n{' '.join(said)}")]
    blocks += [context(small)] if facts else []
    blocks += [] if paused else [actions(button("Try again now", Action.QUEUE_RESUME, "queue"))]
    return Message(text, blocks)


def _build_goes_on(state: QueueState) -> Message:
    text = "Orders are being sent again."
    if was := _WAS.get(state.last_cause or ""):
        text += f" They were on hold because {was}."
    return Message(text, [section(text)])


def build_past_hold() -> Message:
    """Build what takes the place of a message about a hold, once there is a newer one: no button."""
    text = "Orders were on hold when I wrote this. My newer message says how things are now."
    return Message(text, [section(text)])


def build_probing(answer: ProbeAnswer) -> Message:
    """Answer Try again now. What became of it follows."""
    match answer:
        case ProbeAnswer.NOT_HALTED:
            return Message("Orders are not on hold: nothing to do.")
        case ProbeAnswer.NOTHING_WAITS:
            return Message("No order waits that could be tried now. The next one is tried at once.")
        case ProbeAnswer.TRYING:
            return Message("Trying one order now. I'll tell you how it went.")


def build_probed(state: QueueState) -> Message:
    """Tell an admin what came of the probe that they asked for."""
    if state.halted_at is None or state.halt_cause is None:
        text = "It worked: orders are being sent again."
    else:
        text = f"Still on hold: {_words(state.halt_cause, state.i18n_key).what}."
    return Message(text, [section(text)])


def _words(cause: str, key: str | None) -> Words:
    """Return the words of a cause; Tango's key says more, unless it is about one order alone or not known."""
    words = words_of(key, None) if key else None
    if words is not None and words.mender in (Mender.ADMIN, Mender.TANGO):
        return words
    return _CAUSES.get(cause, _UNKNOWN)


def _short(cause: str) -> str:
    return _SHORT.get(cause, _UNKNOWN.what)


def _count(waiting: int) -> str:
    if not waiting:
        return "no order is waiting"
    return f"{waiting:,} order{' is' if waiting == 1 else 's are'} waiting, and nothing has failed"
