"""The log: one line for each thing, ids as fields, and nobody's words."""

import io
import json
import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from bot.errors import TangoUnavailable
from bot.logs import configure_logging

logger = logging.getLogger("tests.logs")


class Terminal(io.StringIO):
    """A stream that a person looks at."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Where a program reads the log."""
    yield from configured(io.StringIO())


@pytest.fixture
def terminal() -> Iterator[io.StringIO]:
    """Where a person does."""
    yield from configured(Terminal())


def configured(stream: io.StringIO) -> Iterator[io.StringIO]:
    root, hook = logging.getLogger(), threading.excepthook
    handlers, level = root.handlers[:], root.level
    root.handlers = []
    try:
        configure_logging(stream)
        yield stream
    finally:
        logging.captureWarnings(capture=False)
        threading.excepthook = hook
        root.handlers, root.level = handlers, level


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_json_with_the_named_fields_and_no_others(stream: io.StringIO):
    extra = {"order_id": 7, "tango_request_id": "r-1", "outcome": "accepted", "request_id": None, "email": "rob@x"}
    logger.info("Order %d: ünïcode\nin two lines", 7, extra=extra)
    [line] = lines(stream)

    assert line.pop("at").endswith("+00:00")
    assert line == {
        "level": "info",
        "logger": "tests.logs",
        "message": "Order 7: ünïcode\nin two lines",
        "order_id": 7,
        "tango_request_id": "r-1",
        "outcome": "accepted",
    }


def test_on_a_terminal_a_line_is_words(terminal: io.StringIO):
    logger.warning("Order %d", 7, extra={"order_id": 7})

    assert terminal.getvalue().endswith(" WARNING tests.logs: Order 7 order_id=7\n")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ValueError("rob@example.com"), "builtins.ValueError: (its words may be private)"),
        (KeyError("rob@example.com"), "builtins.KeyError: (its words may be private)"),
        (TangoUnavailable(reason="timeout"), "bot.errors.TangoUnavailable: Tango is unavailable: timeout"),
        (RuntimeError("request 5 moved under a lock"), "builtins.RuntimeError: request 5 moved under a lock"),
        (OSError(28, "No space left on device"), "builtins.OSError: [Errno 28] No space left on device"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_an_exception_is_told_without_words_that_may_be_somebodys(stream: io.StringIO, error: Exception, told: str):
    try:
        raise error
    except type(error):
        logger.exception("It broke")
    [line] = lines(stream)

    assert told in line["exception"]
    assert "test_logs.py" in line["exception"], "the place is told"
    assert "rob@example.com" not in stream.getvalue()


def test_what_led_to_an_exception_is_told_as_carefully(stream: io.StringIO):
    typed = "rob@example.com"
    try:
        try:
            raise ValueError(typed)  # noqa: TRY301 (what it is about)
        except ValueError as error:
            raise RuntimeError("it could not be read") from error
    except RuntimeError:
        logger.exception("It broke")
    [line] = lines(stream)

    assert line["exception"].index("ValueError") < line["exception"].index("RuntimeError: it could not be read")
    assert typed not in stream.getvalue()


def test_a_thread_that_breaks_is_a_line_like_any_other(stream: io.StringIO):
    def work() -> None:
        raise RuntimeError("out of order")

    thread = threading.Thread(target=work, name="worker")
    thread.start()
    thread.join()
    [line] = lines(stream)

    assert (line["level"], line["message"]) == ("critical", "The thread worker broke")
    assert "out of order" in line["exception"]


def test_the_wake_ups_of_the_scheduler_are_no_lines(stream: io.StringIO):
    logging.getLogger("apscheduler.executors").info("Running job")

    assert stream.getvalue() == ""
