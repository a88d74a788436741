"""What admins are told about the queue."""

from collections.abc import Mapping
from typing import Final

from bot.tango.outcomes import HaltCause
from handlers.ids import Action
from handlers.views.blocks import Message, actions, button, section

_CAUSES: Final[Mapping[str, tuple[str, str]]] = {
    HaltCause.INSUFFICIENT_FUNDS: (
        "the Tango account has not enough funds",
        "Add funds in the Tango portal.",
    ),
    HaltCause.UNAUTHORIZED: (
        "Tango does not accept the platform name and key",
        "Check TANGO_PLATFORM_NAME and TANGO_PLATFORM_KEY, and restart the bot with the right ones.",
    ),
    HaltCause.FORBIDDEN: (
        "Tango does not permit this platform to order for this customer and account",
        "Check tango.customer and tango.account, or ask Tango.",
    ),
    HaltCause.ACCOUNT_FROZEN: (
        "Tango has frozen the account",
        "Ask your Tango contact to lift it.",
    ),
}


def build_halted(cause: str) -> Message:
    """No orders are sent, why, and what mends it."""
    why, remedy = _CAUSES.get(cause, ("Tango refuses all orders", "Look in the log and in the Tango portal."))
    text = (
        f"Orders are on hold: {why}. {remedy} No order has failed; "
        "one is tried now and then, and all go on by themselves once the cause is gone."
    )
    return Message(text, [section(text), actions(button("Try again now", Action.QUEUE_RESUME, "queue"))])


def build_resumed(cause: str) -> Message:
    """It goes on."""
    why, _ = _CAUSES.get(cause, ("Tango refused all orders", ""))
    text = f"Orders are being sent again. They were on hold because {why}."
    return Message(text, [section(text)])


def build_probing(*, halted: bool) -> Message:
    """In answer to Try again now."""
    if not halted:
        return Message("Orders are not on hold: nothing to do.")
    return Message("Trying one order now. You will hear when all go on; if nothing comes, the cause is still there.")
