"""A report on the screen: charts, a table and text of the same numbers; and the words for the terminal.

Slack draws the charts and the table itself (Slack docs, data_visualization and data_table blocks). Where it refuses
them, the rows of the table arrive as text (handlers/views/plain.py).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import Enum, auto
from typing import Final

from bot.domain.days import Period
from bot.domain.money import Money, decimals_of
from bot.domain.report import Chart, Report, ReportBy, ReportRow
from bot.domain.report_words import ReportNotUnderstood
from bot.usecases.reports import Payroll
from handlers.views.blocks import Json, Message, clip, context, escape, header, section
from handlers.views.budgets import day_text

#: The charts of a message (Slack docs, data visualization block).
_MOST_CHARTS: Final = 2
#: The bars of a chart: as many as can be told apart on a phone. Slack draws up to 20.
_MOST_BARS: Final = 12
#: Characters of a chart's title, and of a bar's label (Slack docs, the same).
_MOST_IN_TITLE: Final = 50
_MOST_IN_BAR: Final = 20
#: Rows of a table beside its head (Slack docs, data table block), and characters of a name in it: all of them fit.
_MOST_ROWS: Final = 100
_MOST_IN_NAME: Final = 30
#: Rows that are shown before somebody turns the page.
_PAGE: Final = 10

#: What stands in a cell in which there is nothing: a screen reader passes over an empty one.
_DASH: Final = "\N{EN DASH}"

#: The head of the first column, and what the rewards are put together by.
HEADS: Final[Mapping[ReportBy, str]] = {
    ReportBy.SENDER: "Sender",
    ReportBy.TEAM: "Team",
    ReportBy.OCCASION: "Occasion",
    ReportBy.REWARD: "Reward",
    ReportBy.RECIPIENT: "Recipient",
}
#: The heads of the others. The currency is in the amounts too, so it may be outside of a phone's screen.
OTHER_HEADS: Final = ("Rewards", "Face value", "Charged", "Currency")

#: What a group is called that has no name.
_NAMELESS: Final[Mapping[ReportBy, str]] = {ReportBy.TEAM: "No budget", ReportBy.OCCASION: "No occasion"}

#: Periods that can be typed.
_PERIODS: Final = "Periods: `this month`, `last quarter`, `2026-10`, `q3 2026`, `1 Oct to 15 Oct`."

#: Under a report: when a reward counts, and what is not done.
_SMALL: Final = (
    "A reward counts on the day on which Tango made it, in {zone}. One that Tango ended later is taken off on the day "
    "of its end. Currencies are never added up."
)


class FileSent(Enum):
    """What became of the file of a report."""

    SENT = auto()
    REFUSED = auto()
    """Slack did not take it."""
    OFF = auto()
    """The settings let Kudos send no files."""


#: What is said of the file with the same numbers; nothing where files are off.
_FILES: Final[Mapping[FileSent, str]] = {
    FileSent.SENT: "You also have this as a CSV file in your direct messages with me.",
    FileSent.REFUSED: "Slack didn't take the CSV file. Please type the command again in a few minutes.",
}


def build_report(report: Report, file: FileSent) -> Message:
    """Show a report to the viewer alone."""
    title = title_text(report)
    if not report.rows:
        return _nothing(report)
    names = names_of(report)
    blocks = [
        header(title),
        context(f"{_whose(report)}, by {report.by}"),
        *_totals(report),
        *(_chart(chart, report.by, names) for chart in report.charts(_MOST_CHARTS, _MOST_BARS)),
        _table(report, names),
        *([section(_FILES[file])] if file in _FILES else []),
        context(_SMALL.format(zone=report.zone)),
    ]
    return Message(_gist(title, report), blocks)


def build_payroll(payroll: Payroll, file: FileSent) -> Message:
    """Say where the list of every reward is, and what it comes to. Names are in the file alone."""
    report, rows = payroll.report, len(payroll.rows)
    if not rows:
        return _nothing(report)
    title = f"Payroll: rewards sent {_time(report)}"
    told = {
        FileSent.SENT: f"You have the list, with {_counted(rows, 'row')}, in your direct messages with me.",
        FileSent.REFUSED: "Slack didn't take the file. Please type the command again in a few minutes.",
        FileSent.OFF: (
            "I can't send files here (`slack.files` is off). This prints the list on the bot's machine: "
            f"`kudos report payroll {report.period.first}..{report.period.last} --csv`"
        ),
    }
    blocks = [
        header(title),
        *_totals(report),
        section(told[file]),
        context(_SMALL.format(zone=report.zone)),
    ]
    return Message(_gist(title, report), blocks)


def build_report_file(report: Report) -> Message:
    """Say in the direct message which file follows it."""
    return Message(f"{title_text(report)}, as a CSV file for you:")


def build_report_not_understood(refusal: ReportNotUnderstood) -> Message:
    """Say which word has no meaning in a report, and what has one."""
    text = not_understood_text(refusal)
    return Message(text, [section(text), context(_PERIODS)])


def not_understood_text(refusal: ReportNotUnderstood) -> str:
    """Say what is not understood."""
    if not refusal.word:
        return "The start has to come before the end."
    return (
        f"I don't know `{escape(refusal.word[:100])}` in a report. You can add a period, and `by sender`, `by team`, "
        "`by occasion`, `by reward` or `by recipient`."
    )


def _totals(report: Report) -> list[Json]:
    """Show what all of it comes to; nothing where all that was sent was ended as well."""
    lines = [f"*{line}*" for line in total_texts(report)]
    return [section("\n".join(lines))] if lines else []


def _gist(title: str, report: Report) -> str:
    """Say what all of it comes to in a message's text, for notifications and screen readers."""
    totals = "; ".join(total_texts(report))
    return f"{title}: {totals}." if totals else f"{title}."


def _nothing(report: Report) -> Message:
    whose = "No rewards were sent" if report.everyone else "You sent no rewards"
    text = f"{whose} {_days(report.period)}{'.' if report.is_over else ' so far.'}"
    return Message(text, [section(text)])


# ------------------------------------------------------------------------------------------- words


def title_text(report: Report) -> str:
    """Say what the report is of."""
    return f"Rewards sent {_time(report)}"


def _time(report: Report) -> str:
    return f"{_days(report.period)}{'' if report.is_over else ', so far'}"


def total_texts(report: Report) -> Sequence[str]:
    """Say what all of it comes to, in plain text: a line for each currency."""
    return [_total_text(row) for row in report.totals]


def _total_text(row: ReportRow) -> str:
    charged = charged_text(row)
    sent = f"{row.face} in {_counted(row.rewards, 'reward')}"
    return f"{sent}, {charged} charged" if charged else sent


def names_of(report: Report) -> Mapping[str, str]:
    """Return what each group is called, by its key: where two have one name, the key tells them apart."""
    names = {row.key: row.name or row.key or _NAMELESS.get(report.by, _DASH) for row in report.rows}
    times = Counter(names.values())
    return {key: f"{name} ({key})" if times[name] > 1 and key != name else name for key, name in names.items()}


def name_in(names: Mapping[str, str], row: ReportRow) -> str:
    """Return what a row is called; of what is left over, how many groups are in it."""
    return names[row.key] if row.groups == 1 else f"{row.groups:,} others"


def charged_text(row: ReportRow) -> str:
    """Say what left the account; empty where Tango has not said."""
    return " + ".join(map(str, row.charged))


def _whose(report: Report) -> str:
    return "From everyone" if report.everyone else "From you"


def _days(period: Period) -> str:
    """Name a period as people do: in October 2026, in 2026, on 1 October 2026, from 1 to 15 October 2026."""
    first, last = period.first, period.last
    ends_month = (last + timedelta(days=1)).day == 1
    if first == last:
        return f"on {day_text(first)} {first.year}"
    if first.day == 1 and ends_month and first.year == last.year:
        if first.month == last.month:
            return f"in {first:%B} {first.year}"
        if (first.month, last.month) == (1, 12):
            return f"in {first.year}"
    begin = day_text(first) if first.year == last.year else f"{day_text(first)} {first.year}"
    if (first.year, first.month) == (last.year, last.month):
        begin = str(first.day)
    return f"from {begin} to {day_text(last)} {last.year}"


def _counted(count: int, thing: str) -> str:
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"


# ------------------------------------------------------------------------------------- chart, table


def _chart(chart: Chart, by: ReportBy, names: Mapping[str, str]) -> Json:
    labels = _short_labels([name_in(names, row) for row in chart.bars])
    points = [{"label": label, "value": _number(row.face)} for label, row in zip(labels, chart.bars, strict=True)]
    return {
        "type": "data_visualization",
        "title": clip(f"Face value in {chart.currency}, by {by}", _MOST_IN_TITLE),
        "chart": {
            "type": "bar",
            "series": [{"name": chart.currency, "data": points}],
            "axis_config": {"categories": labels},
        },
    }


def _short_labels(names: Sequence[str]) -> list[str]:
    """Return a label for each bar, cut to Slack's length; no two are the same."""
    labels: list[str] = []
    for name in names:
        label, number = clip(name, _MOST_IN_BAR), 2
        while label in labels:
            end = f" {number}"
            label, number = f"{clip(name, _MOST_IN_BAR - len(end))}{end}", number + 1
        labels.append(label)
    return labels


def _table(report: Report, names: Mapping[str, str]) -> Json:
    heads = [_cell(head) for head in (HEADS[report.by], *OTHER_HEADS)]
    return {
        "type": "data_table",
        "caption": f"Rewards by {report.by}",
        "page_size": _PAGE,
        "row_header_column_index": 0,
        "rows": [heads, *(_cells(row, names) for row in report.shown(_MOST_ROWS))],
    }


def _cells(row: ReportRow, names: Mapping[str, str]) -> list[Json]:
    charged = _money_cell(row.charged[0]) if len(row.charged) == 1 else _cell(charged_text(row) or _DASH)
    return [
        _cell(clip(name_in(names, row), _MOST_IN_NAME)),
        {"type": "raw_number", "value": row.rewards, "text": f"{row.rewards:,}"},
        _money_cell(row.face),
        charged,
        _cell(row.face.currency),
    ]


def _cell(text: str) -> Json:
    return {"type": "raw_text", "text": text}


def _money_cell(money: Money) -> Json:
    return {"type": "raw_number", "value": _number(money), "text": str(money)}


def _number(money: Money) -> int | float:
    """Return an amount as a number of JSON, which has as many digits as a cent needs."""
    return float(money.amount) if decimals_of(money.currency) else money.minor
