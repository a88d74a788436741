"""The door of functions: Slack runs our step in a workflow, or asks what its list of rewards holds.

Bolt calls such a listener `app.function`. Here it is found as every other one is (bolt/doors.py), and Bolt's middleware
has put the function's own token into the client by then. What Slack is answered with is no words: an answer means that
Slack need not deliver this again. So a listener that broke, or a database that can't serve, gets none.

Source: Slack docs, function_executed; Custom Steps for Workflow Builder; Custom Steps dynamic options.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from time import perf_counter
from typing import Any, Final, assert_never

from slack_bolt import Ack, BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse, WebClient

from bot.clock import Clock
from handlers.bolt.afterwards import start_after_answer
from handlers.bolt.answers import AskAgain, Complete, Done, Fail, FieldErrors, FunctionAnswer, Say, Trouble
from handlers.bolt.guard import answer_of, broken, message_of
from handlers.bolt.network import NO_ANSWER, code_of, reason_of
from handlers.views.blocks import Json

logger = logging.getLogger(__name__)

#: A function's token lasts for 15 minutes, or until the function ends (slackapi/bolt-python, issue 1075). A minute less
#: leaves time for the call.
_TOKEN_FOR: Final = timedelta(minutes=14)

#: Slack's code for a function that has an answer: this one came before, and its own answer was lost.
ALREADY_ENDED: Final = "execution_not_in_running_state"


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionExecution:
    """Slack executes a function of the app for a workflow (Slack docs, function_executed).

    Attributes:
        execution_id: Slack's id of this execution: the same one delivered twice is one.
        inputs: by name. Texts, numbers or ids: whatever the workflow's builder put there.
        token: a bot token for this execution, which ends with it.
    """

    execution_id: str
    inputs: Mapping[str, Any]
    token: str = field(default="", repr=False)

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> "FunctionExecution":
        """Parse the payload.

        Raises:
            KeyError: Slack always sends what is missing, so somebody made the payload by hand.
        """
        event = body["event"]
        return cls(
            execution_id=event["function_execution_id"],
            inputs=event.get("inputs") or {},
            token=event.get("bot_access_token") or "",
        )

    def text(self, name: str) -> str:
        """Return an input as text; empty where the workflow gave none."""
        value = self.inputs.get(name)
        # Half of a surrogate pair can be escaped in JSON and is no text in UTF-8: a question mark replaces it.
        return "" if value is None else str(value).encode("utf-8", "replace").decode("utf-8")


class FunctionTokens:
    """Remembers the tokens of functions under way; they are never stored, so that no copy of the database has them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[str, float]] = {}  # each with when it ends, on the monotonic clock

    def keep(self, execution: FunctionExecution) -> None:
        """Remember the token of an execution for as long as it lasts."""
        now = self._clock.monotonic()
        with self._lock:
            self._kept = {one: known for one, known in self._kept.items() if known[1] > now}
            if execution.token:
                self._kept[execution.execution_id] = execution.token, now + _TOKEN_FOR.total_seconds()

    def find(self, execution_id: str) -> str | None:
        """Return the token of an execution; None where it has ended, or another bot or process was told it."""
        with self._lock:
            known = self._kept.get(execution_id)
        return known[0] if known is not None and known[1] > self._clock.monotonic() else None

    def forget(self, execution_id: str) -> None:
        """Forget a token that Slack takes no more."""
        with self._lock:
            self._kept.pop(execution_id, None)


def bound_function(
    listen: Callable[[FunctionExecution], FunctionAnswer], observe: Callable[[float], None]
) -> Callable[[Ack, Json, WebClient], None]:
    """Return the listener for Bolt, which answers Slack once; with an error where Slack is to deliver it again.

    Args:
        listen: the listener.
        observe: is told the seconds until the answer.
    """

    def bound(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        began = perf_counter()
        try:
            is_taken = _carry_out(client, FunctionExecution.of(body), listen)
        except Exception as error:  # noqa: BLE001 (an exception that passes loses the ack)
            broken("A function could not be answered", error)
            is_taken = False
        if is_taken:
            ack()
        else:
            ack.response = BoltResponse(status=HTTPStatus.SERVICE_UNAVAILABLE, body="not now")
        start_after_answer(partial(observe, perf_counter() - began))

    return bound


def _carry_out(
    client: WebClient, execution: FunctionExecution, listen: Callable[[FunctionExecution], FunctionAnswer]
) -> bool:
    """Carry out the listener's answer; return whether Slack need not deliver the execution again."""
    answer: FunctionAnswer | Trouble = answer_of(lambda: listen(execution))
    match answer:
        case Done():
            return True
        case AskAgain():
            return False
        case Complete(outputs):
            return _is_ended(partial(client.functions_completeSuccess, outputs=outputs), execution)
        case Fail(text):
            return _is_ended(partial(client.functions_completeError, error=text), execution)
        case Say() | FieldErrors():
            text = message_of(answer).text
            return _is_ended(partial(client.functions_completeError, error=text), execution)
        case _:
            assert_never(answer)


def _is_ended(end: Callable[..., SlackResponse], execution: FunctionExecution) -> bool:
    try:
        end(function_execution_id=execution.execution_id)
    except NO_ANSWER as error:
        if isinstance(error, SlackApiError) and code_of(error) == ALREADY_ENDED:
            return True
        logger.warning("Slack did not take what a function came to: %s", reason_of(error))
        return False
    return True
