"""What every measure is given."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from rich.console import Console

_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Bench:
    """The bench.

    Attributes:
        folder: scratch space, on the disk on which the checkout is: a commit to memory costs nothing.
        quick: whether fewer samples will do, to see that it works.
        console: where to say what is going on.
    """

    folder: Path
    quick: bool
    console: Console

    def either(self, full: int, quick: int) -> int:
        """A number of samples."""
        return quick if self.quick else full

    def new_folder(self) -> Path:
        """A folder of one's own."""
        folder = self.folder / f"{next(_numbers)}"
        folder.mkdir()
        return folder

    @contextmanager
    def doing(self, what: str) -> Iterator[None]:
        """Say what is being measured."""
        with self.console.status(what):
            yield
