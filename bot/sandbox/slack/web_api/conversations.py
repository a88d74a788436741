"""conversations.*, and the rest of what an app may ask about places.

Source: Slack docs, conversations.open, .info, .members, .list, .history, .replies.
"""

from bot.sandbox.slack import people
from bot.sandbox.slack.errors import ApiError
from bot.sandbox.slack.model import Channel, Json
from bot.sandbox.slack.state import State
from bot.sandbox.slack.web_api.call import Call, method, page_of

_READ = ("channels:read", "groups:read", "im:read", "mpim:read")
_HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")


def _channel(state: State, call: Call) -> Channel:
    channel = state.workspace.channels.get(call.need("channel", error="channel_not_found"))
    if channel is None or (channel.is_private and people.BOT_USER not in channel.members):
        raise ApiError("channel_not_found")
    return channel


@method("conversations.open", "im:write", "mpim:write")
def open_dm(state: State, call: Call) -> Json:
    """Open the direct messages with one person."""
    channel_id = call.text("channel")
    if channel_id is not None:
        channel = state.workspace.channels.get(channel_id)
        if channel is None or not channel.is_dm:
            raise ApiError("channel_not_found")
        return {"channel": {"id": channel.id}, "no_op": True, "already_open": True}
    users = call.listed("users")
    if not users:
        raise ApiError("users_list_not_supplied")
    if len(users) > 1:
        raise ApiError("not_enough_users", messages=["[ERROR] this workspace has no group messages"])
    user = state.workspace.users.get(users[0])
    if user is None:
        raise ApiError("user_not_found")
    if user.deleted:
        raise ApiError("user_disabled")
    if user.is_bot:
        raise ApiError("cannot_dm_bot")
    if user.is_stranger:
        raise ApiError("user_not_visible")
    already = "D" + user.id[1:] in state.workspace.channels
    channel = state.workspace.dm(user.id)
    found = channel.to_slack() if call.flag("return_im") else {"id": channel.id}
    return {"channel": found, "no_op": already, "already_open": already}


@method("conversations.info", *_READ)
def info(state: State, call: Call) -> Json:
    """One conversation."""
    channel = _channel(state, call)
    return {"channel": channel.to_slack(num_members=call.flag("include_num_members"))}


@method("conversations.members", *_READ)
def members(state: State, call: Call) -> Json:
    """Who is in it."""
    channel = _channel(state, call)
    page, cursor = page_of([{"id": member} for member in channel.members], call)
    return {"members": [one["id"] for one in page], "response_metadata": {"next_cursor": cursor}}


@method("conversations.list", *_READ)
def listing(state: State, call: Call) -> Json:
    """The conversations the app can see."""
    kinds = set(call.listed("types")) or {"public_channel"}
    found = [
        channel.to_slack(num_members=True)
        for channel in state.workspace.channels.values()
        if _kind(channel) in kinds
        and (not channel.is_private or people.BOT_USER in channel.members)
        and not (channel.is_archived and call.flag("exclude_archived"))
    ]
    page, cursor = page_of(found, call)
    return {"channels": page, "response_metadata": {"next_cursor": cursor}}


def _kind(channel: Channel) -> str:
    if channel.is_dm:
        return "im"
    return "private_channel" if channel.is_private else "public_channel"


@method("conversations.history", *_HISTORY)
def history(state: State, call: Call) -> Json:
    """A conversation's messages, newest first; no ephemerals, no replies."""
    channel = _channel(state, call)
    if people.BOT_USER not in channel.members:
        raise ApiError("not_in_channel")
    oldest, latest = call.text("oldest") or "0", call.text("latest") or "9"
    inclusive = call.flag("inclusive")
    found = [
        message.to_slack(with_metadata=call.flag("include_all_metadata"))
        for message in reversed(state.workspace.messages(channel.id))
        if message.visible_to is None
        and not message.is_reply
        and (oldest < message.ts < latest or (inclusive and message.ts in (oldest, latest)))
    ]
    page, cursor = page_of(found, call)
    return {
        "messages": page,
        "has_more": bool(cursor),
        "pin_count": 0,
        "response_metadata": {"next_cursor": cursor},
    }


@method("conversations.replies", *_HISTORY)
def replies(state: State, call: Call) -> Json:
    """A thread, its root first."""
    channel = _channel(state, call)
    root = state.workspace.message(channel.id, call.need("ts"))
    if root is None or root.visible_to is not None:
        raise ApiError("thread_not_found")
    found = [root, *(m for m in state.workspace.replies(channel.id, root.ts) if m.visible_to is None)]
    page, cursor = page_of([message.to_slack() for message in found], call)
    return {"messages": page, "has_more": bool(cursor), "response_metadata": {"next_cursor": cursor}}
