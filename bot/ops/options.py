"""The options that several commands of the terminal take."""

from pathlib import Path
from typing import Final

import click

#: The option that every command with settings takes.
CONFIG: Final = click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("app.yaml"),
    show_default=True,
    help="The settings file.",
)
