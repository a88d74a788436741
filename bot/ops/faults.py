"""What a command prints where it can't do what it was asked. Heavy imports wait until something is wrong."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click


@contextmanager
def errors_told(of_settings: str = "Please fix these settings first:", config: Path | None = None) -> Iterator[None]:
    """Print what is wrong and what to do, instead of a traceback, and exit.

    Args:
        of_settings: the line above the faults of the settings.
        config: the settings file, if `kudos init` could fill it in.
    """
    from bot.errors import ConfigurationError, NotFound, Refusal, StorageError, TangoError
    from bot.ops.init import INIT_HINT, is_untouched

    try:
        yield
    except ConfigurationError as error:
        hint = f"\n{INIT_HINT}" if config is not None and is_untouched(config) else ""
        click.echo(f"{of_settings}\n{error}{hint}", err=True)
        sys.exit(2)
    except StorageError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    except TangoError as error:
        click.echo(f"Tango gave no answer that I can use: {error}. Try again later.", err=True)
        sys.exit(2)
    except NotFound as refusal:
        click.echo(f"There's no order {refusal.reference}. Type `kudos queue list` to see the next ones.", err=True)
        sys.exit(1)
    except Refusal as refusal:
        from handlers.views.messages import refusal_text

        click.echo(refusal_text(refusal), err=True)
        sys.exit(1)
