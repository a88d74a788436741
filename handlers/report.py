"""`/kudos report`: what was given in a time. What it is made of is read while nobody waits for an ack."""

from bot.domain.report import Report
from bot.domain.report_words import ReportAsked, ReportNotUnderstood
from bot.usecases.report_files import BOM, gift_log_csv, report_csv
from bot.usecases.reports import Payroll
from handlers.bolt.answers import Say, SayLater
from handlers.bolt.desk import Desk
from handlers.bolt.payloads import SlashCommand
from handlers.views.blocks import Message
from handlers.views.report import (
    FileSent,
    build_payroll,
    build_report,
    build_report_file,
    build_report_not_understood,
)


def show(desk: Desk, command: SlashCommand) -> Say | SayLater:
    """Show the report that the words ask for: to finance and admins of everyone's rewards, to others of their own."""
    _, *words = command.text.split()
    try:
        asked = desk.reports.read(command.user_id, " ".join(words))
    except ReportNotUnderstood as refusal:
        return Say(build_report_not_understood(refusal))
    return SayLater(lambda: _made(desk, command.user_id, asked))


def _made(desk: Desk, actor_id: str, asked: ReportAsked) -> Message:
    """Make the report, and send its file beside it."""
    made = desk.reports.make(actor_id, asked)
    if isinstance(made, Payroll):
        listed = gift_log_csv(made.rows, made.report.zone) if made.rows else ""
        return build_payroll(made, _send(desk, actor_id, made.report, "payroll", listed))
    summed = report_csv(made) if made.rows else ""
    return build_report(made, _send(desk, actor_id, made, f"by-{made.by}", summed))


def _send(desk: Desk, actor_id: str, report: Report, what: str, content: str) -> FileSent:
    """Send a file by direct message, where the settings let Kudos send files; none that would be empty."""
    if desk.files is None or not content:
        return FileSent.OFF
    name = f"kudos-{report.period.first}-{report.period.last}-{what}.csv"
    is_sent = desk.files.send(actor_id, build_report_file(report), name, f"{BOM}{content}".encode())
    return FileSent.SENT if is_sent else FileSent.REFUSED
