"""The log: one line per event, on stderr; as JSON for programs, as words on a terminal.

The log holds nothing private:

- A record carries ids as fields (`extra=`), and only the fields that are named here.
- Bodies are never logged.
- An exception that may quote what somebody typed, or what Slack or Tango answered, is logged by type and place alone.
- A library's line that quotes such things ends before the quotation.
"""

import json
import logging
import re
import sys
import threading
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Final, TextIO

from bot.errors import KudosError

#: The fields that a record may carry beside its message: ids, the number of an order, and words of our own.
FIELDS: Final = ("request_id", "order", "resend_id", "tango_request_id", "outcome")

#: Exceptions whose text is ours or the system's. Most libraries quote their input in a ValueError or in an exception
#: of their own, and a KeyError quotes the key.
_QUOTE_NOBODY: Final = (KudosError, OSError, TypeError, AttributeError, NameError, RuntimeError)

#: Libraries that log bodies, answers and the texts of exceptions. Bolt, for one, logs the whole body of a request whose
#: signature is wrong.
_QUOTERS: Final = frozenset({"slack_bolt", "slack_sdk", "asyncio"})

#: The sign that begins a quotation in such a line, and all that follows.
_QUOTED: Final = re.compile(r"[(:{<\n].*", re.DOTALL)

#: Slack's error code in a quoted answer: it says what went wrong, and quotes nobody.
_CODE: Final = re.compile(r"'error': '([a-z0-9_]{1,60})'")

logger = logging.getLogger(__name__)


def configure_logging(stream: TextIO = sys.stderr) -> None:
    """Write the log of every library and every thread to `stream`."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Words() if stream.isatty() else _Json())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # At INFO every wake-up of every job is a line. The jobs log what they do.
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    # The same of every connection that is lent out, and of every one that can't be made: who needs one tells of that.
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
    logging.captureWarnings(capture=True)
    threading.excepthook = _log_broken_thread
    sys.excepthook = _log_broken_program
    sys.unraisablehook = _log_ignored


class _Json(logging.Formatter):
    """Formats a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = {
            "at": _time_of(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message_of(record),
            **_fields_of(record),
        }
        if broken := _exception_of(record):
            line["exception"] = broken
        return json.dumps(line, ensure_ascii=False, default=str)


class _Words(logging.Formatter):
    """Formats a record as a line for people, with the traceback below."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        fields = "".join(f" {name}={value}" for name, value in _fields_of(record).items())
        line = f"{_time_of(record)} {record.levelname} {record.name}: {_message_of(record)}{fields}"
        broken = _exception_of(record)
        return f"{line}\n{broken}" if broken else line


def _time_of(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def _message_of(record: logging.LogRecord) -> str:
    message = record.getMessage()
    if record.name.partition(".")[0] not in _QUOTERS:
        return message
    told = _QUOTED.sub("", message).rstrip()
    code = _CODE.search(message)
    return f"{told} ({code[1]})" if code else told


def _fields_of(record: logging.LogRecord) -> dict[str, object]:
    return {name: record.__dict__[name] for name in FIELDS if record.__dict__.get(name) is not None}


def _exception_of(record: logging.LogRecord) -> str:
    """Return the traceback as Python prints it, causes first, without texts that may quote somebody."""
    told: list[str] = []
    met: set[int] = set()  # an error may be its own cause
    error = record.exc_info[1] if record.exc_info else None
    while error is not None and id(error) not in met:
        met.add(id(error))
        kind = f"{type(error).__module__}.{type(error).__qualname__}"
        words = str(error) if isinstance(error, _QUOTE_NOBODY) else "(its words may be private)"
        told.append("".join([*traceback.format_tb(error.__traceback__), f"{kind}: {words}"]))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\nwhich led to\n".join(reversed(told))


def _log_broken_thread(args: threading.ExceptHookArgs) -> None:
    name = args.thread.name if args.thread else "unknown"
    if args.exc_value is not None:
        logger.critical("The thread %s broke", name, exc_info=args.exc_value)


def _log_broken_program(_kind: type[BaseException], error: BaseException, _place: TracebackType | None) -> None:
    logger.critical("The program broke", exc_info=error)


def _log_ignored(args: "sys.UnraisableHookArgs") -> None:
    logger.error("An exception was ignored", exc_info=args.exc_value)
