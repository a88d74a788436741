"""The messages to admins about the queue."""

from collections.abc import Mapping
from typing import Final

from bot.domain.queue import HaltCause
from handlers.ids import Action
from handlers.views.blocks import Message, actions, button, section
from handlers.views.tango import Mender, reference_text, words_of

#: The words of a cause, where Tango gave no key, or one that Kudos does not know.
_CAUSES: Final[Mapping[str, str]] = {
    HaltCause.INSUFFICIENT_FUNDS: "http_402",
    HaltCause.UNAUTHORIZED: "http_401",
    HaltCause.FORBIDDEN: "http_403",
    HaltCause.ACCOUNT_FROZEN: "404.142",
}


def build_halted(cause: str, key: str | None, request_id: str | None) -> Message:
    """Say that no orders are sent, why, and what to do; with what Tango's support asks for."""
    words = words_of(key, None)
    if words.mender not in (Mender.ADMIN, Mender.TANGO):  # a reason for one order, or none that is known
        words = words_of(_CAUSES.get(cause), None)
    text = (
        f"Orders are on hold: {words.what}. {words.remedy}{reference_text(key, request_id)} No order has failed; "
        "one is tried now and then, and all go on by themselves once the cause is gone."
    )
    return Message(text, [section(text), actions(button("Try again now", Action.QUEUE_RESUME, "queue"))])


def build_resumed(cause: str) -> Message:
    """Say that orders are being sent again."""
    text = f"Orders are being sent again. They were on hold because {words_of(_CAUSES.get(cause), None).what}."
    return Message(text, [section(text)])


def build_probing(*, halted: bool) -> Message:
    """Answer Try again now."""
    if not halted:
        return Message("Orders are not on hold: nothing to do.")
    return Message("Trying one order now. You will hear when all go on; if nothing comes, the cause is still there.")
