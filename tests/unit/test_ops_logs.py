"""The log: one line for each thing, ids as fields, and nobody's words."""

import io
import json
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.errors import TangoUnavailable
from bot.ops.logs import configure_logging

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
    root, hooks = logging.getLogger(), (threading.excepthook, sys.excepthook, sys.unraisablehook)
    handlers, level = root.handlers[:], root.level
    root.handlers = []
    try:
        configure_logging(stream)
        yield stream
    finally:
        logging.captureWarnings(capture=False)
        threading.excepthook, sys.excepthook, sys.unraisablehook = hooks
        root.handlers, root.level = handlers, level


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_json_with_the_named_fields_and_no_others(stream: io.StringIO):
    extra = {"order": "8.2", "tango_request_id": "r-1", "outcome": "accepted", "request_id": None, "email": "rob@x"}
    logger.info("Order %s: ünïcode\nin two lines", "8.2", extra=extra)
    [line] = lines(stream)

    assert line.pop("at").endswith("+00:00")
    assert line == {
        "level": "info",
        "logger": "tests.logs",
        "message": "Order 8.2: ünïcode\nin two lines",
        "order": "8.2",
        "tango_request_id": "r-1",
        "outcome": "accepted",
    }


def test_on_a_terminal_a_line_is_words(terminal: io.StringIO):
    logger.warning("Order %s", "8.2", extra={"order": "8.2"})

    assert terminal.getvalue().endswith(" WARNING tests.logs: Order 8.2 order=8.2\n")


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
    assert Path(__file__).name in line["exception"], "the place is told"
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


def test_an_exception_that_is_its_own_cause_is_told_once(stream: io.StringIO):
    error = ValueError("rob@acme.example")
    try:
        raise error from error
    except ValueError:
        logging.getLogger("bot").exception("It broke")
    [line] = lines(stream)
    assert line["exception"].count("ValueError") == 1


def test_a_thread_that_breaks_is_a_line_like_any_other(stream: io.StringIO):
    def work() -> None:
        raise RuntimeError("out of order")

    thread = threading.Thread(target=work, name="worker")
    thread.start()
    thread.join()
    [line] = lines(stream)

    assert (line["level"], line["message"]) == ("critical", "The thread worker broke")
    assert "out of order" in line["exception"]


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("raise ValueError('rob@example.com')", "The program broke"),
        ("class A:\n def __del__(self): raise ValueError('rob@example.com')\nA()", "An exception was ignored"),
    ],
)
def test_what_nobody_catches_is_a_line_like_any_other(code: str, told: str):
    program = f"from bot.ops.logs import configure_logging\nconfigure_logging()\n{code}"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    [line] = ended.stderr.splitlines()

    assert json.loads(line)["message"] == told
    assert "builtins.ValueError: (its words may be private)" in json.loads(line)["exception"]
    assert ended.stdout == ""


@pytest.mark.parametrize(
    ("logger_name", "said", "told"),
    [
        (
            "slack_bolt.RequestVerification",
            "Invalid request signature detected (signature: v0=1, timestamp: 1, body: text=rob@example.com)",
            "Invalid request signature detected",
        ),
        (
            "slack_sdk.web.base_client",
            "Failed to send a request to Slack API server: Invalid header value b'Bearer xoxb-1'",
            "Failed to send a request to Slack API server",
        ),
        (
            "slack_sdk.socket_mode.client",
            "Failed to retrieve WSS URL: The request failed.\nThe server responded with: {'error': 'token_revoked'}",
            "Failed to retrieve WSS URL (token_revoked)",
        ),
        ("slack_sdk.web", "It said: {'error': 'rob@example.com'}", "It said"),
        ("asyncio", "Task exception was never retrieved\nfuture: <Task exception=ValueError('rob@example.com')>", None),
        ("uvicorn.error", "[Errno 98] error while binding: address already in use", None),
    ],
)
def test_the_lines_of_libraries_end_where_they_begin_to_quote(
    stream: io.StringIO, logger_name: str, said: str, told: str | None
):
    logging.getLogger(logger_name).error(said)
    [line] = lines(stream)

    assert line["message"] == (told or said.partition("\n")[0])


def test_on_a_terminal_they_end_there_too(terminal: io.StringIO):
    logging.getLogger("slack_bolt.App").error("Unhandled request (%s)", "rob@example.com")

    assert terminal.getvalue().endswith(" ERROR slack_bolt.App: Unhandled request\n")


def test_the_wake_ups_of_the_scheduler_are_no_lines(stream: io.StringIO):
    logging.getLogger("apscheduler.executors").info("Running job")

    assert stream.getvalue() == ""
