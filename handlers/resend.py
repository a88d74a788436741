"""`/resend`: send a reward e-mail again, at most once in 30 seconds."""

from handlers.binding import Answer, Desk, Say
from handlers.ids import Command
from handlers.payloads import Click, SlashCommand
from handlers.views.help import build_help
from handlers.views.orders import build_resending


def resend(desk: Desk, command: SlashCommand) -> Answer:
    """`/resend <id>`; the dispatcher makes the call, and the outbox tells what became of it."""
    reference = " ".join(command.words()).removeprefix("#")
    if reference.lower() in ("", "help"):
        return Say(build_help(Command.RESEND))
    return Say(build_resending(desk.service.resend(command.user_id, reference)))


def resend_clicked(desk: Desk, click: Click) -> Answer:
    """The button in an order's detail."""
    return Say(build_resending(desk.service.resend(click.user_id, str(click.id))))
