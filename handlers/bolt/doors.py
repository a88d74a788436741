"""The doors: a payload goes to its listener by its type and its name, in one look-up.

Bolt asks its own listeners one after another whether a payload is theirs, and gathers the arguments of each question
anew: a tenth of the processor time of an ack.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final

from slack_bolt import BoltRequest, BoltResponse
from slack_bolt.middleware import Middleware

from handlers.bolt.binding import Bound


class Door(StrEnum):
    """The `type` of a payload (Slack docs, Interaction payloads; Events API). A command's payload has none."""

    COMMAND = ""
    CLICK = "block_actions"
    SUBMISSION = "view_submission"
    OPTIONS = "block_suggestion"
    SHORTCUT = "shortcut"
    MESSAGE_SHORTCUT = "message_action"
    EVENT = "event_callback"
    FUNCTION = "function_executed"
    """The one event with listeners of its own: it is named by its function, and Slack waits for what that comes to."""


#: Where the payload names what was used.
_NAME_OF: Final[Mapping[Door, Callable[[Mapping[str, Any]], str]]] = {
    Door.COMMAND: lambda body: body["command"],
    Door.CLICK: lambda body: body["actions"][0]["action_id"],
    Door.SUBMISSION: lambda body: body["view"]["callback_id"],
    Door.OPTIONS: lambda body: body["action_id"],
    Door.SHORTCUT: lambda body: body["callback_id"],
    Door.MESSAGE_SHORTCUT: lambda body: body["callback_id"],
    Door.EVENT: lambda body: body["event"]["type"],
    Door.FUNCTION: lambda body: body["event"]["function"]["callback_id"],
}


class Doors(Middleware):
    """Passes each payload to its listener, and to Bolt what no listener is for.

    Args:
        listeners: of each door, by name.
    """

    def __init__(self, listeners: Mapping[Door, Mapping[str, Bound]]) -> None:
        self._doors = {door.value: (_NAME_OF[door], bound) for door, bound in listeners.items()}

    def process(self, *, req: BoltRequest, resp: BoltResponse, next: Callable[[], Any]) -> BoltResponse | None:  # noqa: A002, ARG002 (as Bolt has it)
        """Answer a payload.

        Raises:
            LookupError, TypeError: the payload has not its type's form.
        """
        name_of, listeners = self._doors.get(_door_of(req.body), (None, {}))
        listen = listeners.get(name_of(req.body)) if name_of is not None else None
        if listen is None:
            next()
            return None
        ack = req.context.ack
        listen(ack, req.body, req.context.client)
        return ack.response


def _door_of(body: Mapping[str, Any]) -> str:
    kind: str = body.get("type", "")
    return Door.FUNCTION if kind == Door.EVENT and body["event"]["type"] == Door.FUNCTION else kind
