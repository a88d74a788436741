"""The help of each command, for who asks for it or types something that is not understood."""

from collections.abc import Mapping
from typing import Final

from handlers.ids import Command
from handlers.views.blocks import Message, section

#: Names every sub-command of the table of contents, handlers/__init__.py.
_HELP: Final[Mapping[Command, str]] = {
    Command.KUDOS: (
        "*Send a gift-card reward*\n"
        "`/kudos` opens the form. Text after it fills the form in: `/kudos @rob 25 great launch`.\n"
        "People and user groups before the amount get a reward. Anyone you mention later is only named.\n"
        "`/kudos batch` sends many at once, each with its own amount and message: paste a list.\n"
        "An approver reviews it, then Tango emails the reward. `/orders` shows where it is, and "
        "`/resend` sends the email again.\n"
        "`/kudos report` shows what you gave this month. Add a period or what to put it together by: "
        "`/kudos report 1 Oct to 15 Oct by team`. Finance and admins see everyone's, and get the list for payroll: "
        "`/kudos report payroll 2026-10`.\n"
        "Admins: `/kudos catalog refresh` asks Tango for the current rewards."
    ),
    Command.ORDERS: (
        "*Where is it?*\n"
        "`/orders` lists the newest rewards that you sent and received.\n"
        "`/orders 8` shows the request R-8, and `/orders 8.2` its second order. Tango's number (RA…) and our reference "
        "work too. `/orders filter` opens a form for everything below.\n"
        "Approvers: `/orders pending` shows what's waiting for your decision, with the buttons of the card.\n"
        "• People: `@rob`, `rob hale`, `rob@acme.example`, `first:Rob last:Hale`, `sender:maya@acme.example`, "
        "`sender-first:`, `sender-last:`; `mine`, `received`, `all`\n"
        "• Where they stand: `waiting`, `pending`, `approved`, `declined`, `queued`, `scheduled`, `sent`, `failed`, "
        "`canceled`, `attention`; with Tango `status:PENDING`, `item:RETURNED`; `mailed`, `not mailed`\n"
        "• Amounts: `50+`, `over 50`, `<100`, `50-100`, `usd`\n"
        "• Days: `yesterday`, `this week`, `last 30 days`, `since monday`, `until 2026-11-30`, `2026`\n"
        "• Rewards: `reward:amazon gift card`, `utid:U561593`, `ptid:P000001`\n"
        "• Accounting: `campaign:summer launch`, `po:7`, `notes:for the board`, `item-notes:`, `ref:`\n"
        "You can combine them: `/orders @rob failed over 50 campaign:launch`. A key runs up to the next key, so put "
        "keys last, or their text in quotes.\n"
        "Admins see everyone's. *Also look at Tango* finds what was ordered elsewhere too."
    ),
    Command.RESEND: (
        "*Resend a reward email*\n"
        "`/resend` lists the newest emails. `/resend 8` resends the email of R-8, at most once in 30 seconds.\n"
        "`/resend 8 template E000002` uses another email template.\n"
        "Admins: `/resend 8 rob@new.example` sends it to another address of the same person."
    ),
}


def build_help(command: Command, preface: str = "") -> Message:
    """Return how to use a command; `preface` says what was not understood."""
    text = f"{preface}\n{_HELP[command]}".strip()
    return Message(text, [section(text)])
