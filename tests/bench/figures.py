"""What a measure comes to: tables of figures, held against their targets; shown on the screen and in Markdown."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table.

    Attributes:
        cells: one for each column.
        target: what is asked for; empty where nothing is.
        met: whether it was met; None where nothing is asked for.
    """

    cells: tuple[str, ...]
    target: str = ""
    met: bool | None = None

    @property
    def verdict(self) -> str:
        """The judgement in a word."""
        return {True: "pass", False: "missed", None: ""}[self.met]


@dataclass(slots=True)
class Table:
    """Figures side by side, with how they were come by.

    Attributes:
        title: what was measured.
        columns: their headings.
        notes: how to read it, a sentence or two each.
        rows: the figures.
    """

    title: str
    columns: tuple[str, ...]
    notes: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    def add(self, *cells: str, target: str = "", met: bool | None = None) -> None:
        """Append a line."""
        self.rows.append(Row(cells, target, met))

    def note(self, text: str) -> None:
        """Say how to read it."""
        self.notes.append(text)

    @property
    def headings(self) -> tuple[str, ...]:
        """The columns, with those of the targets where there are any."""
        return (*self.columns, "Target", "") if self._judged else self.columns

    @property
    def lines(self) -> list[tuple[str, ...]]:
        """The cells of each row, with target and verdict where there are any."""
        return [(*row.cells, row.target, row.verdict) if self._judged else row.cells for row in self.rows]

    @property
    def _judged(self) -> bool:
        return any(row.met is not None for row in self.rows)

    def show(self, console: Console) -> None:
        """Print it."""
        shown = RichTable(title=escape(self.title), title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
        for number, heading in enumerate(self.headings):
            shown.add_column(escape(heading), justify="left" if number == 0 else "right")
        for cells, row in zip(self.lines, self.rows, strict=True):
            style = {True: "green", False: "bold red", None: ""}[row.met]
            shown.add_row(*map(escape, cells), style=style)
        console.print(shown)
        for note in self.notes:
            console.print(f"  {escape(note)}", style="dim")
        console.print()

    def markdown(self) -> str:
        """The same as Markdown."""
        lines = [_line(self.headings), _line(["---", *["---:"] * (len(self.headings) - 1)])]
        for cells, row in zip(self.lines, self.rows, strict=True):
            told = [f"**{cell}**" if cell and row.met is False and cell == row.verdict else cell for cell in cells]
            lines.append(_line(told))
        notes = "".join(f"\n\n{note}" for note in self.notes)
        return f"## {self.title}\n\n" + "\n".join(lines) + notes + "\n"


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def percentile(samples: Sequence[float], percent: float) -> float:
    """The nearest-rank percentile: a value that was really measured."""
    ordered = sorted(samples)
    rank = max(1, -(-len(ordered) * percent // 100))
    return ordered[int(rank) - 1]


def median_of(rounds: Iterable[float]) -> float:
    """The median over rounds."""
    return statistics.median(rounds)


def ms(seconds: float) -> str:
    """Seconds as milliseconds."""
    figure = seconds * 1000
    return f"{figure:.3f} ms" if figure < 1 else f"{figure:.2f} ms" if figure < 10 else f"{figure:.1f} ms"


def times(ratio: float) -> str:
    """A ratio."""
    return f"{ratio:.2f} ×"
