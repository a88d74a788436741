"""`help` after a command."""

from handlers.bolt.answers import Say
from handlers.bolt.desk import Desk
from handlers.bolt.payloads import SlashCommand
from handlers.ids import Command
from handlers.views.help import build_help


def show(_desk: Desk, command: SlashCommand) -> Say:
    """Show how to use the command."""
    return Say(build_help(Command(command.name)))
