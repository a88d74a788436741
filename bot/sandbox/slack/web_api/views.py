"""views.*: opening, pushing, updating, publishing; the same rules for what an app answers to a submit.

Source: Slack docs, "Modals", views.open, views.push, views.update, views.publish.
"""

import json
from typing import Any, Final

from bot.sandbox.slack import blockkit, people
from bot.sandbox.slack.errors import ApiError
from bot.sandbox.slack.model import Json, View
from bot.sandbox.slack.problems import Where
from bot.sandbox.slack.state import State
from bot.sandbox.slack.web_api import chat
from bot.sandbox.slack.web_api.call import Call, method

#: Slack docs, "Modals": a stack holds up to three views.
MOST_VIEWS: Final = 3

#: Slack docs, views.open: view_too_large beyond 250 kB.
VIEW_BYTES: Final = 250_000


def checked_view(state: State, body: Any, *, kind: str, existing: View | None = None) -> Json:
    """Return a view's body, or refuse it where Slack does."""
    if not isinstance(body, dict):
        raise ApiError("invalid_arguments", messages=["[ERROR] missing required field: view"])
    if len(json.dumps(body)) > VIEW_BYTES:
        raise ApiError("view_too_large")
    if body.get("type") != kind:
        raise ApiError("invalid_arguments", messages=[f"[ERROR] type must be {kind} [json-pointer:/view/type]"])
    problems = blockkit.view_problems(body)
    if problems:
        raise ApiError("invalid_arguments", messages=[f"[ERROR] {problem}" for problem in problems])
    _refuse(state, body["blocks"])
    external_id = body.get("external_id")
    if external_id:
        other = state.workspace.view_by_external_id(external_id)
        if other is not None and other is not existing:
            raise ApiError("duplicate_external_id")
    return body


def _refuse(state: State, blocks: list[Json]) -> None:
    """Refuse a view with a picture that Slack can't fetch, or with what the fault ``refused`` names."""
    where = Where("/view/blocks")
    found = [chat.not_fetched(at) for at in blockkit.unreachable_pictures(blocks, where)]
    fault = state.faults.take(
        "refused", "views", lambda fault: bool(fault.block and any(blockkit.places(blocks, fault.block)))
    )
    if fault is not None:
        found += chat.refused_places(fault, blocks, where)
    if found:
        raise ApiError("invalid_arguments", messages=found)


def push_view(state: State, user: str, body: Json) -> View:
    """Put a view on top of a person's stack, where there is room."""
    with state.workspace.lock:
        stack = state.workspace.stack(user)
        if not stack:
            raise ApiError("invalid_trigger_id")
        if len(stack) >= MOST_VIEWS:
            raise ApiError("push_limit_reached")
        view = state.workspace.new_view(user, body, previous=stack[-1])
        state.workspace.set_stack(user, [*stack, view])
        return view


@method("views.open")
def open_view(state: State, call: Call) -> Json:
    """Open a modal: the first of a new stack."""
    body = checked_view(state, call.structure("view"), kind="modal")
    trigger = state.exchange(call.need("trigger_id"))
    view = state.workspace.new_view(trigger.user, body, channel=trigger.channel)
    trigger.opened.append(view.id)
    state.workspace.set_stack(trigger.user, [view])
    return {"view": view.to_slack()}


@method("views.push")
def push(state: State, call: Call) -> Json:
    """Put a modal on top of the one that was acted in."""
    body = checked_view(state, call.structure("view"), kind="modal")
    trigger = state.exchange(call.need("trigger_id"))
    view = push_view(state, trigger.user, body)
    trigger.opened.append(view.id)
    return {"view": view.to_slack()}


@method("views.update")
def update(state: State, call: Call) -> Json:
    """Rewrite an open view. With ``hash``: only if nobody else did meanwhile."""
    identifier, external_id = call.text("view_id"), call.text("external_id")
    if identifier is None and external_id is None:
        raise ApiError("invalid_arguments", messages=["[ERROR] missing required field: view_id"])
    with state.workspace.lock:
        view = (
            state.workspace.view(identifier)
            if identifier is not None
            else state.workspace.view_by_external_id(external_id or "")
        )
        if view is None:
            raise ApiError("not_found")
        if call.text("hash") not in (None, view.hash):
            raise ApiError("hash_conflict")
        state.workspace.replace_view(view, checked_view(state, call.structure("view"), kind=view.type, existing=view))
        return {"view": view.to_slack()}


@method("views.publish")
def publish(state: State, call: Call) -> Json:
    """Set a person's Home tab."""
    user = state.workspace.users.get(call.need("user_id", error="invalid_user_id"))
    if user is None or user.is_bot or user.deleted:
        raise ApiError("invalid_user_id")
    if not state.home_enabled:
        raise ApiError("not_enabled")
    with state.workspace.lock:
        view = state.workspace.homes.get(user.id)
        if view is not None and call.text("hash") not in (None, view.hash):
            raise ApiError("hash_conflict")
        body = checked_view(state, call.structure("view"), kind="home", existing=view)
        if view is None:
            view = state.workspace.new_view(user.id, body)
            state.workspace.homes[user.id] = view
            state.workspace.tell_view(view)
        else:
            state.workspace.replace_view(view, body)
        return {"view": view.to_slack() | {"bot_id": people.BOT_ID}}
