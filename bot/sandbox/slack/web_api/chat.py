"""chat.*: posting, updating, deleting; and what a response_url takes.

Source: Slack docs, chat.postMessage, chat.update, chat.delete, chat.postEphemeral, chat.getPermalink.
"""

from collections.abc import Iterable
from typing import Any, Final

from bot.sandbox.slack import blockkit, elements, people
from bot.sandbox.slack.errors import ApiError
from bot.sandbox.slack.faults import Fault
from bot.sandbox.slack.model import Channel, Json, Message
from bot.sandbox.slack.problems import Where
from bot.sandbox.slack.state import RESPONSE_URL_SECONDS, RESPONSE_URL_USES, State
from bot.sandbox.slack.versions import place_of, version_of
from bot.sandbox.slack.web_api.call import Call, method

_BLOCKS_AT: Final = Where("/blocks")


class RateLimited(ApiError):
    """Too many posts to one channel: HTTP 429 with ``Retry-After`` in whole seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("ratelimited")
        self.retry_after = retry_after


def content(call: Call) -> Json:
    """Return the text, blocks and attachments of a call, checked against Slack's limits."""
    text = call.text("text") or call.text("markdown_text") or ""
    if call.text("markdown_text") and (call.text("text") or call.args.get("blocks")):
        raise ApiError("markdown_text_conflict")
    blocks = call.structure("blocks", error="invalid_blocks_format")
    attachments = call.structure("attachments") or []
    if blocks is not None and not isinstance(blocks, list):
        raise ApiError("invalid_blocks_format")
    return checked_content(text, blocks or [], attachments, has_files=bool(call.args.get("files")))


def checked_content(text: Any, blocks: Any, attachments: Any, *, has_files: bool = False) -> Json:
    """Return content from anywhere as it is stored, or refuse what Slack refuses."""
    if not isinstance(text, str) or not isinstance(blocks, list) or not isinstance(attachments, list):
        raise ApiError("invalid_arguments")
    if not text.strip() and not blocks and not attachments and not has_files:
        raise ApiError("no_text")
    if len(text) > blockkit.MESSAGE_TEXT:
        raise ApiError("msg_too_long")
    if blockkit.length_of(blocks) > blockkit.BLOCKS_TEXT:
        raise ApiError("msg_blocks_too_long")
    problems = blockkit.message_problems(blocks, text)
    if problems:
        raise ApiError("invalid_blocks", messages=[f"[ERROR] {problem}" for problem in problems])
    stored = [one | {"blocks": elements.normalized(one["blocks"])} if one.get("blocks") else one for one in attachments]
    return {"text": text, "blocks": elements.normalized(blocks), "attachments": stored}


def find_channel(state: State, identifier: str, *, must_be_member: bool = True) -> Channel:
    """Return the conversation of a channel, DM or user id, if the app may post there."""
    workspace = state.workspace
    if identifier in workspace.users:
        user = workspace.users[identifier]
        if user.deleted or user.is_bot or user.is_stranger:
            raise ApiError("cannot_dm_bot" if user.is_bot else "channel_not_found")
        return workspace.dm(identifier)
    named = workspace.channel_named(identifier.removeprefix("#"))
    channel = workspace.channels.get(named or identifier)
    if channel is None or (channel.is_private and people.BOT_USER not in channel.members):
        raise ApiError("channel_not_found")
    if channel.is_archived:
        raise ApiError("is_archived")
    if must_be_member and people.BOT_USER not in channel.members and "chat:write.public" not in state.scopes:
        raise ApiError("not_in_channel")
    return channel


def _find_to_post(state: State, call: Call) -> Channel:
    """Return where to post; direct messages are in the app's Messages tab, and go nowhere while it is off."""
    channel = find_channel(state, call.need("channel", error="channel_not_found"))
    if channel.is_dm and not state.messages_enabled:
        raise ApiError("messages_tab_disabled")
    return channel


def refuse(state: State, method_name: str, channel: str, blocks: list[Json]) -> None:
    """Refuse a message with a picture that Slack can't fetch, or to which the fault ``refused`` applies."""
    unreachable = [not_fetched(at) for at in blockkit.unreachable_pictures(blocks)]
    if unreachable:
        raise ApiError("invalid_blocks", messages=unreachable)

    def applies(fault: Fault) -> bool:
        here = fault.channel in {None, channel}
        return here and (fault.block is None or any(blockkit.places(blocks, fault.block)))

    fault = state.faults.take("refused", method_name, applies)
    if fault is not None:
        raise ApiError(fault.code, messages=refused_places(fault, blocks) or ["[ERROR] this message is refused"])


def refused_places(fault: Fault, blocks: list[Json], at: Where = _BLOCKS_AT) -> list[str]:
    """Return what Slack says of each place that a fault names."""
    found = blockkit.places(blocks, fault.block, at) if fault.block else ()
    return [
        not_fetched(place)
        if place.pointer.endswith("/image_url")
        else f"[ERROR] unsupported: {fault.block} [json-pointer:{place.pointer}]"
        for place in found
    ]


def not_fetched(place: Where) -> str:
    """Return what Slack says of a picture that it can't fetch."""
    return f"[ERROR] downloading image failed [json-pointer:{place.pointer}]"


@method("chat.postMessage", "chat:write")
def post_message(state: State, call: Call) -> Json:
    """Post to a channel, a thread, or a person."""
    channel = _find_to_post(state, call)
    found = content(call)
    refuse(state, call.method, channel.id, found["blocks"])
    wait = state.limiter.wait_for(channel.id)
    if wait:
        raise RateLimited(wait)
    thread_ts = _thread(state, channel, call)
    message = Message(
        channel=channel.id,
        ts=state.workspace.stamps.ts(),
        user=people.BOT_USER,
        bot_id=people.BOT_ID,
        thread_ts=thread_ts,
        subtype="thread_broadcast" if thread_ts and call.flag("reply_broadcast") else None,
        metadata=call.structure("metadata"),
        **found,
    )
    state.workspace.post(message)
    return {"channel": channel.id, "ts": message.ts, "message": message.to_slack(with_metadata=True)}


def _thread(state: State, channel: Channel, call: Call) -> str | None:
    thread_ts = call.text("thread_ts")
    if thread_ts is not None and state.workspace.message(channel.id, thread_ts) is None:
        raise ApiError("thread_not_found")
    return thread_ts


@method("chat.postEphemeral", "chat:write")
def post_ephemeral(state: State, call: Call) -> Json:
    """Post where one member alone sees it. It has no life after that: no update by its ts."""
    channel = _find_to_post(state, call)
    user = call.need("user", error="user_not_found")
    if user not in state.workspace.users:
        raise ApiError("user_not_found")
    if not state.workspace.is_member(user, channel):
        raise ApiError("user_not_in_channel")
    message = Message(
        channel=channel.id,
        ts=state.workspace.stamps.ts(),
        user=people.BOT_USER,
        bot_id=people.BOT_ID,
        visible_to=user,
        thread_ts=_thread(state, channel, call),
        **content(call),
    )
    refuse(state, call.method, channel.id, message.blocks)
    state.workspace.post(message)
    return {"message_ts": message.ts}


def _own_message(state: State, call: Call, *, refusal: str) -> Message:
    channel = find_channel(state, call.need("channel", error="channel_not_found"), must_be_member=False)
    message = state.workspace.message(channel.id, call.need("ts"))
    if message is None or message.visible_to is not None:
        raise ApiError("message_not_found")
    if message.bot_id != people.BOT_ID:
        raise ApiError(refusal)
    return message


@method("chat.update", "chat:write")
def update(state: State, call: Call) -> Json:
    """Rewrite one of the app's own messages. Blocks and attachments that are not given are retained."""
    message = _own_message(state, call, refusal="cant_update_message")
    found = content(call)
    if len(found["text"]) > blockkit.UPDATED_TEXT:
        raise ApiError("msg_too_long")
    refuse(state, call.method, message.channel, found["blocks"])
    rewrite(state, message, found, retain=[key for key in ("blocks", "attachments") if key not in call.args])
    metadata = call.structure("metadata")
    if metadata is not None:
        message.metadata = metadata
    return {"channel": message.channel, "ts": message.ts, "text": message.text, "message": message.to_slack()}


def rewrite(state: State, message: Message, found: Json, *, retain: Iterable[str] = ()) -> None:
    """Give a message new content, as chat.update and replace_original do."""
    with state.workspace.lock:
        state.workspace.versions.keep(place_of(message), version_of(message), message.blocks)
        for key in set(found).difference(retain):
            setattr(message, key, found[key])
        message.edited = {"user": people.BOT_USER, "ts": state.workspace.stamps.ts()}
        state.workspace.save_message(message)


@method("chat.delete", "chat:write")
def delete(state: State, call: Call) -> Json:
    """Delete one of the app's own messages."""
    message = _own_message(state, call, refusal="cant_delete_message")
    state.workspace.delete(message)
    return {"channel": message.channel, "ts": message.ts}


@method("chat.getPermalink")
def get_permalink(state: State, call: Call) -> Json:
    """Return the address of a message."""
    channel = find_channel(state, call.need("channel", error="channel_not_found"), must_be_member=False)
    message = state.workspace.message(channel.id, call.need("message_ts"))
    if message is None:
        raise ApiError("message_not_found")
    return {"channel": channel.id, "permalink": permalink(state, message)}


def permalink(state: State, message: Message) -> str:
    """Return a message's address on the stand-in."""
    found = f"{state.url}/archives/{message.channel}/p{message.ts.replace('.', '')}"
    return f"{found}?thread_ts={message.thread_ts}&cid={message.channel}" if message.is_reply else found


def respond(state: State, token: str, body: Json) -> Json:
    """Do what a POST to a response_url does (Slack docs, "Handling user interaction", message responses).

    Replaces or deletes the message that was acted on, or posts a new one, for one person or for all.
    """
    right = state.response_urls.get(token)
    if right is None:
        raise ApiError("invalid_url")
    if state.workspace.now() - right.issued > RESPONSE_URL_SECONDS:
        raise ApiError("expired_url")
    if right.uses >= RESPONSE_URL_USES:
        raise ApiError("used_url")
    original = state.workspace.message(right.channel, right.message_ts) if right.message_ts else None
    if body.get("delete_original"):
        right.uses += 1
        if original is not None:
            state.workspace.delete(original)
        return {}
    found = checked_content(body.get("text") or "", body.get("blocks") or [], body.get("attachments") or [])
    refuse(state, "response_url", right.channel, found["blocks"])
    right.uses += 1
    in_channel = body.get("response_type") == "in_channel"
    if original is not None and body.get("replace_original", "response_type" not in body):
        rewrite(state, original, found)
        return {}
    state.workspace.post(
        Message(
            channel=right.channel,
            ts=state.workspace.stamps.ts(),
            user=people.BOT_USER,
            bot_id=people.BOT_ID,
            visible_to=None if in_channel else right.user,
            thread_ts=body.get("thread_ts") or right.thread_ts,
            answer_to=right.user,
            **found,
        )
    )
    return {}
