"""What each command says when it is asked for help, or given something it does not know."""

from collections.abc import Mapping
from typing import Final

from handlers.ids import Command
from handlers.views.blocks import Message, section

_HELP: Final[Mapping[Command, str]] = {
    Command.KUDOS: (
        "*Send a gift-card reward*\n"
        "`/kudos` opens the form. What you type after it fills it in: `/kudos @rob 25 great launch`.\n"
        "An approver decides, then Tango e-mails the reward. `/orders` shows where it is; "
        "`/resend` sends the e-mail again."
    ),
    Command.ORDERS: (
        "*Where is it?*\n"
        "`/orders` lists the newest; `/orders @rob` those for a person; `/orders failed` those of a status "
        "(queued, placed, failed, canceled, attention).\n"
        "`/orders 12` shows one with its timeline: by its number, our reference, or Tango's number (RA…)."
    ),
    Command.RESEND: (
        "*Send a reward e-mail again*\n"
        "`/resend` offers the newest; `/resend 12` has Tango send the e-mail of order #12 again, at most once in 30 "
        "seconds.\n"
        "`/resend 12 template E000002` uses another e-mail template. Admins: `/resend 12 rob@new.example` sends it to "
        "another address of the same person."
    ),
}


def build_help(command: Command, preface: str = "") -> Message:
    """How to use a command; `preface` says what was not understood."""
    text = f"{preface}\n{_HELP[command]}".strip()
    return Message(text, [section(text)])
