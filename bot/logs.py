"""The log: one line for each thing that happened, on stderr. JSON where a program reads it, words where a person does.

Nothing private is in it. Records carry ids as fields (`extra=`), and only those that are named here; bodies are never
logged; and an exception that may quote what somebody typed, or what Slack or Tango answered, is told by its type and
place alone.
"""

import json
import logging
import sys
import threading
import traceback
from datetime import UTC, datetime
from typing import Final, TextIO

from bot.errors import KudosError

#: What a record may carry beyond its message: ids, and words of our own.
FIELDS: Final = ("request_id", "order_id", "resend_id", "tango_request_id", "outcome")

#: Their words are ours or the system's. The errors of most libraries about what they were given are ValueErrors, or
#: of a tree of their own; a KeyError is what was looked for.
_QUOTE_NOBODY: Final = (KudosError, OSError, TypeError, AttributeError, NameError, RuntimeError)

logger = logging.getLogger(__name__)


def configure_logging(stream: TextIO = sys.stderr) -> None:
    """Send all that is logged to `stream`, from every library and every thread."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Words() if stream.isatty() else _Json())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # Every wake-up of every job is a line; what the jobs do is logged by themselves.
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)
    threading.excepthook = _log_broken_thread


class _Json(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line = {
            "at": _time_of(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_fields_of(record),
        }
        if broken := _exception_of(record):
            line["exception"] = broken
        return json.dumps(line, ensure_ascii=False, default=str)


class _Words(logging.Formatter):
    """A line to read, with the traceback below it."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        fields = "".join(f" {name}={value}" for name, value in _fields_of(record).items())
        line = f"{_time_of(record)} {record.levelname} {record.name}: {record.getMessage()}{fields}"
        broken = _exception_of(record)
        return f"{line}\n{broken}" if broken else line


def _time_of(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def _fields_of(record: logging.LogRecord) -> dict[str, object]:
    return {name: record.__dict__[name] for name in FIELDS if record.__dict__.get(name) is not None}


def _exception_of(record: logging.LogRecord) -> str:
    """The traceback, causes first, as Python prints it; without words that may quote somebody."""
    told: list[str] = []
    error = record.exc_info[1] if record.exc_info else None
    while error is not None:
        kind = f"{type(error).__module__}.{type(error).__qualname__}"
        words = str(error) if isinstance(error, _QUOTE_NOBODY) else "(its words may be private)"
        told.append("".join([*traceback.format_tb(error.__traceback__), f"{kind}: {words}"]))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\nwhich led to\n".join(reversed(told))


def _log_broken_thread(args: threading.ExceptHookArgs) -> None:
    name = args.thread.name if args.thread else "unknown"
    if args.exc_value is not None:
        logger.critical("The thread %s broke", name, exc_info=args.exc_value)
