"""A modal's fields, and what Slack makes of an app's answer to a submit.

Source: Slack docs, "Modals", closing, updating and pushing views, displaying errors.
"""

from typing import Any

from bot.sandbox.slack import elements
from bot.sandbox.slack.elements import Placed
from bot.sandbox.slack.errors import TROUBLE_CONNECTING, ApiError, NotPossible, SlackTrouble
from bot.sandbox.slack.model import Json, View
from bot.sandbox.slack.state import State
from bot.sandbox.slack.web_api import views


class Submission:
    """Entering values into views, and taking an app's answer."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._workspace = state.workspace

    def enter(self, view: View, values: Json) -> None:
        """Put values into fields: ``{block_id: value}`` or ``{block_id: {action_id: value}}``."""
        by_block: dict[str, list[Placed]] = {}
        for one in elements.placed(view.blocks):
            if one.type not in elements.STATELESS:
                by_block.setdefault(one.block_id, []).append(one)
        for block_id, given in values.items():
            fields = by_block.get(block_id)
            if not fields:
                raise NotPossible(f"There is no field {block_id!r} in this view, only {sorted(by_block)}")
            by_action = given if isinstance(given, dict) and "elements" not in given else {fields[0].action_id: given}
            for action_id, value in by_action.items():
                field = next((one for one in fields if one.action_id == action_id), None)
                if field is None:
                    raise NotPossible(f"There is no {action_id!r} in the field {block_id!r}")
                view.entered[block_id, action_id] = self.held(view.user, field, value, view.id)

    def held(self, user: str, one: Placed, value: Any, container: str) -> Json:
        """Return the state of an element after the person put this value into it."""
        options = elements.options_of(one.element)
        if "external_select" in one.type:
            options = [*self._state.offered.get((user, container, one.action_id), ()), *self._kept(one, container)]
        if one.type in {"users_select", "multi_users_select"} and value:
            value = [self._user(each) for each in value] if isinstance(value, list) else self._user(value)
        return elements.entered(one.element, value, options=options, file=self._file)

    def _kept(self, one: Placed, container: str) -> list[Json]:
        """Return the options that an external select shows without asking: the initial ones and those chosen."""
        first = [one.element.get("initial_option"), *(one.element.get("initial_options") or ())]
        view = self._workspace.view(container)
        held = view.entered.get((one.block_id, one.action_id), {}) if view else {}
        chosen = [held.get("selected_option"), *(held.get("selected_options") or ())]
        return [option for option in (*first, *chosen) if option]

    def _user(self, named: Any) -> str:
        found = str(named) if named in self._workspace.users else self._workspace.user_by_handle(str(named))
        if found is None:
            raise NotPossible(f"There is nobody called {named!r}")
        return found

    def _file(self, identifier: str) -> Json:
        return self._workspace.file(identifier).to_slack(self._state.url)

    def complaints(self, view: View) -> dict[str, str]:
        """Return what Slack itself says under the fields before it sends anything."""
        found = {}
        for one in elements.placed(view.blocks):
            if one.in_input:
                words = elements.complaint(one, view.entered[one.block_id, one.action_id])
                if words is not None:
                    found[one.block_id] = words
        return found

    def answered(self, view: View, ack: Any) -> None:
        """Do what the app answered to a submit: close, errors, update, push or clear."""
        try:
            self._do(view, {} if ack is None else ack)
        except ApiError as error:
            detail = "; ".join([error.code, *error.messages])
            raise SlackTrouble(TROUBLE_CONNECTING, code="invalid_response_action", detail=detail) from None

    def _do(self, view: View, ack: Any) -> None:
        if not isinstance(ack, dict):
            raise ApiError("invalid_body", messages=[f"an empty body or JSON is expected, not {ack!r}"])
        action = ack.get("response_action")
        with self._workspace.lock:
            stack = self._workspace.stack(view.user)
            if not ack:
                self._workspace.set_stack(view.user, [one for one in stack if one is not view])
            elif action == "clear":
                self._workspace.set_stack(view.user, [])
            elif action == "errors":
                view.errors = _checked_errors(view, ack.get("errors"))
                self._workspace.tell_view(view)
            elif action == "update":
                body = views.checked_view(self._state, ack.get("view"), kind="modal", existing=view)
                self._workspace.replace_view(view, body)
            elif action == "push":
                views.push_view(self._state, view.user, views.checked_view(self._state, ack.get("view"), kind="modal"))
            else:
                raise ApiError("invalid_response_action", messages=[f"unknown response_action {action!r}"])


def _checked_errors(view: View, errors: Any) -> dict[str, str]:
    """Return the errors of an answer: texts by the ids of input blocks of this view, and of nothing else."""
    inputs = {str(block["block_id"]) for block in view.blocks if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors:
        raise ApiError("invalid_errors", messages=["errors must map block_ids to texts"])
    for block_id, words in errors.items():
        if block_id not in inputs:
            raise ApiError("invalid_errors", messages=[f"{block_id!r} is no input block of this view"])
        if not isinstance(words, str) or not words:
            raise ApiError("invalid_errors", messages=[f"the error of {block_id!r} must be a text"])
    return dict(errors)
