"""`kudos report`: the report of `/kudos report` on the terminal, for whoever runs the bot; or as CSV or JSON."""

from contextlib import closing
from typing import Final

import click
from rich.bar import Bar
from rich.console import Console, RenderableType
from rich.table import Table

from bot.clock import Clock
from bot.domain.report import Report
from bot.domain.report_words import ReportNotUnderstood
from bot.errors import ConfigurationError
from bot.settings import LocalSettings
from bot.usecases.report_files import gift_log_csv, gift_log_json, report_csv, report_json
from bot.usecases.reports import Ledger, Payroll
from handlers.views.report import (
    HEADS,
    OTHER_HEADS,
    charged_text,
    names_of,
    not_understood_text,
    title_text,
    total_texts,
)
from storage import Storage

#: Columns of a bar: a table with one fits on a terminal of 80.
_BAR: Final = 20
#: Columns of a report that goes to a file or a program, which reads a row as one line.
_PIPED: Final = 200


def print_report(settings: LocalSettings, words: str, *, as_csv: bool, as_json: bool) -> None:
    """Print what was asked for: everyone's rewards, with names. Nothing is changed.

    Args:
        settings: where the database is, and in which zone days begin.
        words: a period, what to put it together by, or payroll.
        as_csv: for a spreadsheet; the columns are described in docs/finance.md.
        as_json: for a program.

    Raises:
        ConfigurationError: a word has no meaning.
        StorageError: the database can't be used; the text says what to do.
    """
    now = Clock().now()
    with closing(Storage.visit(settings.storage.where)) as storage:
        ledger = Ledger(storage, settings.timezone)
        try:
            asked = ledger.read(words, now)
        except ReportNotUnderstood as refusal:
            raise ConfigurationError([not_understood_text(refusal)]) from refusal
        made = ledger.payroll(asked, now) if asked.is_payroll else ledger.report(asked, now)
    if as_json:
        click.echo(_json(made))
    elif as_csv:
        click.echo(_csv(made), nl=False)
    elif isinstance(made, Payroll):
        _print(made.report)
        click.echo("Add --csv or --json to print every reward.")
    else:
        _print(made)


def _csv(made: Report | Payroll) -> str:
    return gift_log_csv(made.rows, made.report.zone) if isinstance(made, Payroll) else report_csv(made)


def _json(made: Report | Payroll) -> str:
    return gift_log_json(made.rows, made.report.zone) if isinstance(made, Payroll) else report_json(made)


def _print(report: Report) -> None:
    out = Console(highlight=False, markup=False, soft_wrap=True)
    if not out.is_terminal:
        out.width = _PIPED
    out.print(f"{title_text(report)}, by {report.by}")
    for total in total_texts(report):
        out.print(f"  {total}")
    if report.rows:
        out.print(_table(report))


def _table(report: Report) -> Table:
    """Build the table of all groups, each with a bar of its share of the largest in its currency."""
    names = names_of(report)
    most = {row.face.currency: max(row.face.minor, 1) for row in reversed(report.rows)}  # the first of each is largest
    table = Table(HEADS[report.by], *OTHER_HEADS, "", box=None, pad_edge=False)
    for row in report.rows:
        bar: RenderableType = Bar(most[row.face.currency], 0, max(row.face.minor, 0), width=_BAR)
        amounts = (f"{row.rewards:,}", str(row.face), charged_text(row), row.face.currency)
        table.add_row(names[row.key], *amounts, bar)
    return table
