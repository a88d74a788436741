"""views.*: opening, pushing, updating, publishing; the same rules for what an app answers to a submit.

Source: Slack docs, "Modals", views.open, views.push, views.update, views.publish.
"""

import json
from typing import Any

from bot.sandbox.slack import blockkit, people
from bot.sandbox.slack.core import Core
from bot.sandbox.slack.errors import ApiError
from bot.sandbox.slack.model import Json, View
from bot.sandbox.slack.web_api.call import Call, method

MOST_VIEWS = 3
"""Slack docs, "Modals": a stack holds up to three views."""

VIEW_BYTES = 250_000
"""Slack docs, views.open: view_too_large beyond 250 kB."""


def checked_view(core: Core, body: Any, *, kind: str, existing: View | None = None) -> Json:
    """A view's body, refused where Slack refuses it."""
    if not isinstance(body, dict):
        raise ApiError("invalid_arguments", messages=["[ERROR] missing required field: view"])
    if len(json.dumps(body)) > VIEW_BYTES:
        raise ApiError("view_too_large")
    if body.get("type") != kind:
        raise ApiError("invalid_arguments", messages=[f"[ERROR] type must be {kind} [json-pointer:/view/type]"])
    problems = blockkit.view_problems(body)
    if problems:
        raise ApiError("invalid_arguments", messages=[f"[ERROR] {problem}" for problem in problems])
    external_id = body.get("external_id")
    if external_id:
        other = core.workspace.view_by_external_id(external_id)
        if other is not None and other is not existing:
            raise ApiError("duplicate_external_id")
    return body


def push_view(core: Core, user: str, body: Json) -> View:
    """Put a view on top of a person's stack, where there is room."""
    with core.workspace.lock:
        stack = core.workspace.stack(user)
        if not stack:
            raise ApiError("invalid_trigger_id")
        if len(stack) >= MOST_VIEWS:
            raise ApiError("push_limit_reached")
        view = core.workspace.new_view(user, body, previous=stack[-1])
        core.workspace.set_stack(user, [*stack, view])
        return view


@method("views.open")
def open_view(core: Core, call: Call) -> Json:
    """Open a modal: the first of a new stack."""
    body = checked_view(core, call.structure("view"), kind="modal")
    trigger = core.exchange(call.need("trigger_id"))
    view = core.workspace.new_view(trigger.user, body, channel=trigger.channel)
    trigger.opened.append(view.id)
    core.workspace.set_stack(trigger.user, [view])
    return {"view": view.to_slack()}


@method("views.push")
def push(core: Core, call: Call) -> Json:
    """Put a modal on top of the one that was acted in."""
    body = checked_view(core, call.structure("view"), kind="modal")
    trigger = core.exchange(call.need("trigger_id"))
    view = push_view(core, trigger.user, body)
    trigger.opened.append(view.id)
    return {"view": view.to_slack()}


@method("views.update")
def update(core: Core, call: Call) -> Json:
    """Rewrite an open view. With ``hash``: only if nobody else did meanwhile."""
    identifier, external_id = call.text("view_id"), call.text("external_id")
    if identifier is None and external_id is None:
        raise ApiError("invalid_arguments", messages=["[ERROR] missing required field: view_id"])
    with core.workspace.lock:
        view = (
            core.workspace.view(identifier)
            if identifier is not None
            else core.workspace.view_by_external_id(external_id or "")
        )
        if view is None:
            raise ApiError("not_found")
        if call.text("hash") not in (None, view.hash):
            raise ApiError("hash_conflict")
        core.workspace.replace_view(view, checked_view(core, call.structure("view"), kind=view.type, existing=view))
        return {"view": view.to_slack()}


@method("views.publish")
def publish(core: Core, call: Call) -> Json:
    """Set a person's Home tab."""
    user = core.workspace.users.get(call.need("user_id", error="invalid_user_id"))
    if user is None or user.is_bot or user.deleted:
        raise ApiError("invalid_user_id")
    if not core.home_enabled:
        raise ApiError("not_enabled")
    with core.workspace.lock:
        view = core.workspace.homes.get(user.id)
        if view is not None and call.text("hash") not in (None, view.hash):
            raise ApiError("hash_conflict")
        body = checked_view(core, call.structure("view"), kind="home", existing=view)
        if view is None:
            view = core.workspace.new_view(user.id, body)
            core.workspace.homes[user.id] = view
            core.workspace.tell_view(view)
        else:
            core.workspace.replace_view(view, body)
        return {"view": view.to_slack() | {"bot_id": people.BOT_ID}}
