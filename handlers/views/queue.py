"""The messages about holds: halts and pauses of the queue, to admins and to who waits."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.domain.queue import PAUSED, HaltCause, ProbeAnswer, QueueState
from handlers.ids import Action
from handlers.views.blocks import Message, actions, button, context, section, time_of
from handlers.views.states import ON_HOLD
from handlers.views.tango import Mender, Words, reference_text, words_of

#: The words of a cause, where Tango gave no key, or one that is about one order or not known.
_CAUSES: Final[Mapping[str, Words]] = {
    HaltCause.INSUFFICIENT_FUNDS: words_of("402.001", None),
    HaltCause.UNAUTHORIZED: words_of("401.501", None),
    HaltCause.FORBIDDEN: words_of(None, 403),
    HaltCause.ACCOUNT_FROZEN: words_of("404.142", None),
    HaltCause.ACCOUNT_UNUSABLE: words_of("404.004", None),
    HaltCause.THROTTLED: Words(
        "Tango says that every order comes too early",
        "Check if something else orders with this platform's key, or ask your Tango contact for a higher limit.",
        Mender.ADMIN,
    ),
    HaltCause.OUTAGE: Words(
        "Tango doesn't answer",
        "Check the network and status.tangocard.com. Nobody can be paid twice.",
        Mender.ADMIN,
    ),
    PAUSED: Words("sending is paused", "Run `kudos queue resume` on the bot's machine to go on.", Mender.ADMIN),
}

#: A cause as requesters and the channel read it: what they can't fix needs no detail.
_SHORT: Final[Mapping[str, str]] = {
    HaltCause.INSUFFICIENT_FUNDS: "the Tango account is out of funds",
    HaltCause.UNAUTHORIZED: "Tango doesn't accept Kudos's key",
    HaltCause.FORBIDDEN: "Tango doesn't allow orders right now",
    HaltCause.ACCOUNT_FROZEN: "the Tango account is frozen",
    HaltCause.ACCOUNT_UNUSABLE: "the Tango account can't be used",
    HaltCause.THROTTLED: "Tango accepts no more orders right now",
    HaltCause.OUTAGE: "Tango doesn't answer",
    PAUSED: "sending is paused",
}

#: The same, once it is over.
_WAS: Final[Mapping[str, str]] = {
    HaltCause.INSUFFICIENT_FUNDS: "the Tango account was out of funds",
    HaltCause.UNAUTHORIZED: "Tango didn't accept Kudos's key",
    HaltCause.FORBIDDEN: "Tango didn't allow orders",
    HaltCause.ACCOUNT_FROZEN: "the Tango account was frozen",
    HaltCause.ACCOUNT_UNUSABLE: "the Tango account couldn't be used",
    HaltCause.THROTTLED: "Tango accepted no more orders",
    HaltCause.OUTAGE: "Tango didn't answer",
    PAUSED: "sending was paused",
}

#: The words of a cause that a later version has stored.
_UNKNOWN: Final = Words("Tango accepts no orders right now", "The log says more.", Mender.ADMIN)


#: What a requester hears, of one reward and of several: by whether the admins know; and of a pause, which they made.
_WAITS: Final[Mapping[bool, tuple[str, str]]] = {
    False: (
        "It's on hold right now: {cause}. It will go out automatically.",
        "What isn't sent yet is on hold: {cause}. It will go out automatically.",
    ),
    True: (
        "It's on hold right now: {cause}. The admins know, and it will go out automatically.",
        "What isn't sent yet is on hold: {cause}. The admins know, and it will go out automatically.",
    ),
}
_WAITS_PAUSED: Final = (
    "It's on hold right now: {cause}. It will go out once sending resumes.",
    "What isn't sent yet is on hold: {cause}. It will go out once sending resumes.",
)


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold, as a waiting order's people read it.

    Attributes:
        cause: a word of HaltCause, or PAUSED.
        admins_know: whether an admin has heard of it.
    """

    cause: str
    admins_know: bool = False


def wait_on_hold_text(hold: Hold, *, is_one: bool = True) -> str:
    """Tell a requester that their reward waits, why, and how it goes on; of several, those that haven't been sent."""
    one, several = _WAITS_PAUSED if hold.cause == PAUSED else _WAITS[hold.admins_know]
    return (one if is_one else several).format(cause=cause_text(hold.cause))


def build_hold(state: QueueState, waiting: int) -> Message:
    """Tell an admin that rewards are on hold, why, what to do and how many wait; or that they go out again."""
    if state.halted_at is None or state.halt_cause is None:
        return _build_goes_on(state)
    words = _words(state.halt_cause, state.i18n_key)
    title = f"Rewards are on hold: {words.what}."
    said = [words.remedy]
    if not state.is_paused:
        said.append("Rewards then go out automatically.")
    if state.lack is not None:
        said.append("Rewards that the account covers still go out.")
    said.append(_waiting_text(waiting))
    small = f"On hold since {time_of(state.halted_at)}"
    if reference := reference_text(state.i18n_key, state.tango_request_id):
        small += f" · {reference}"
    blocks = [section(f"{ON_HOLD.icon} *{title}*\n{' '.join(said)}")]
    blocks += [] if state.is_paused else [actions(button("Try now", Action.QUEUE_RESUME, "queue"))]
    return Message(f"{' '.join([title, *said])} ({small})", [*blocks, context(small)])


def _build_goes_on(state: QueueState) -> Message:
    text = "Rewards are going out again."
    if was := _WAS.get(state.last_cause or ""):
        text = f"Rewards are going out again. They were on hold: {was}."
    return Message(text, [section(text)])


def build_past_hold() -> Message:
    """Build what takes the place of a message about a hold, once there is a newer one: no button."""
    text = "Rewards were on hold when I wrote this. My newer message says how things are now."
    return Message(text, [section(text)])


def build_probing(answer: ProbeAnswer) -> Message:
    """Answer Try now. What became of it follows."""
    match answer:
        case ProbeAnswer.NOT_HALTED:
            return Message("Rewards aren't on hold, so there's nothing to try.")
        case ProbeAnswer.NOTHING_WAITS:
            return Message("No reward is waiting that I could try now. I'll try the next one right away.")
        case ProbeAnswer.TRYING:
            return Message("Trying one now… I'll tell you how it went.")


def build_probed(state: QueueState) -> Message:
    """Tell an admin what came of the probe that they asked for."""
    if state.halted_at is None or state.halt_cause is None:
        text = "It worked: rewards are going out again."
    else:
        text = f"Still on hold: {_words(state.halt_cause, state.i18n_key).what}."
    return Message(text, [section(text)])


def _words(cause: str, key: str | None) -> Words:
    """Return the words of a cause; Tango's key says more, unless it is about one order alone or not known."""
    words = words_of(key, None) if key else None
    if words is not None and words.mender in (Mender.ADMIN, Mender.TANGO):
        return words
    return _CAUSES.get(cause, _UNKNOWN)


def cause_text(cause: str) -> str:
    """Say why nothing is sent, as a clause for requesters and the channel."""
    return _SHORT.get(cause, _UNKNOWN.what)


def _waiting_text(waiting: int) -> str:
    if not waiting:
        return "Nothing is waiting."
    if waiting == 1:
        return "1 is waiting, and it hasn't failed."
    return f"{waiting:,} are waiting, and none has failed."
