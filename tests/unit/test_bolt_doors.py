"""Each payload finds its listener by its type and its name; what no listener is for is left to Bolt."""

from typing import Any, Final

import pytest
from slack_bolt import Ack, App, BoltRequest, BoltResponse
from slack_bolt.authorization import AuthorizeResult

from handlers.bolt.doors import Door, Doors

_USED: Final[dict[Door, dict[str, Any]]] = {
    Door.COMMAND: {"command": "used"},
    Door.CLICK: {"type": "block_actions", "actions": [{"action_id": "used"}]},
    Door.SUBMISSION: {"type": "view_submission", "view": {"type": "modal", "callback_id": "used"}},
    Door.OPTIONS: {"type": "block_suggestion", "action_id": "used"},
    Door.SHORTCUT: {"type": "shortcut", "callback_id": "used"},
    Door.MESSAGE_SHORTCUT: {"type": "message_action", "callback_id": "used"},
    Door.EVENT: {"type": "event_callback", "event": {"type": "used"}},
    Door.FUNCTION: {
        "type": "event_callback",
        "event": {"type": "function_executed", "function": {"callback_id": "used"}},
    },
}

each_door = pytest.mark.parametrize("door", Door)


def answer(listening: Door, name: str, body: dict[str, Any]) -> BoltResponse:
    """Bolt's answer to a payload, with one listener behind one door."""
    app = App(
        process_before_response=True,
        authorize=lambda: AuthorizeResult(enterprise_id=None, team_id="T00ACME00", bot_token="xoxb-demo"),
        request_verification_enabled=False,
    )

    def listen(ack: Ack, _body: object, _client: object) -> None:
        ack("heard")

    app.use(Doors({listening: {name: listen}}))
    return app.dispatch(BoltRequest(body=body, mode="socket_mode"))


@each_door
def test_a_payload_is_passed_to_the_listener_of_its_name(door: Door):
    assert answer(door, "used", _USED[door]).body == "heard"


@each_door
def test_a_payload_of_another_name_is_nobodys(door: Door):
    assert answer(door, "unused", _USED[door]).status == 404


@each_door
@pytest.mark.parametrize("listening", Door)
def test_a_name_counts_at_its_own_door_alone(door: Door, listening: Door):
    assert (answer(listening, "used", _USED[door]).body == "heard") is (door is listening)


def test_a_type_without_a_door_is_nobodys():
    closed = {"type": "view_closed", "view": {"type": "modal", "callback_id": "used"}}
    assert answer(Door.SUBMISSION, "used", closed).status == 404


@pytest.mark.parametrize("type_", [door.value for door in Door])
def test_a_payload_without_its_types_form_is_an_error_and_heard_by_nobody(type_: str):
    assert answer(Door(type_), "used", {"type": type_, "user": {}}).status == 500
