"""conversations.*: opening direct messages, and what an app may ask about conversations.

Source: Slack docs, conversations.open, .info, .members, .list.
"""

from typing import Final

from bot.sandbox.slack import people
from bot.sandbox.slack.errors import ApiError
from bot.sandbox.slack.model import Channel, Json
from bot.sandbox.slack.state import State
from bot.sandbox.slack.web_api.call import Call, method, page_of

_READ: Final = ("channels:read", "groups:read", "im:read", "mpim:read")


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
    """Return one conversation."""
    channel = _channel(state, call)
    return {"channel": channel.to_slack(num_members=call.flag("include_num_members"))}


@method("conversations.members", *_READ)
def members(state: State, call: Call) -> Json:
    """Return who is in a conversation."""
    channel = _channel(state, call)
    page, cursor = page_of([{"id": member} for member in channel.members], call)
    return {"members": [one["id"] for one in page], "response_metadata": {"next_cursor": cursor}}


@method("conversations.list", *_READ)
def listing(state: State, call: Call) -> Json:
    """Return the conversations the app can see."""
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
