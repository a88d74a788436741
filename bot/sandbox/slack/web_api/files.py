"""files.*: the upload in two steps, and reading a file back.

Source: Slack docs, "Working with files", files.getUploadURLExternal, files.completeUploadExternal, files.info.
"""

import mimetypes
from typing import Final

from bot.sandbox.slack import ids, people
from bot.sandbox.slack.errors import ApiError
from bot.sandbox.slack.model import Json, Message, StoredFile
from bot.sandbox.slack.state import State
from bot.sandbox.slack.web_api.call import Call, method
from bot.sandbox.slack.web_api.chat import find_channel

#: The stand-in's own limit, for memory's sake; Slack's is 1 GB.
FILE_BYTES: Final = 20_000_000


def new_file(state: State, name: str, user: str, content: bytes = b"") -> StoredFile:
    """Make a file of this name, not yet kept."""
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return StoredFile(ids.object_id("F"), name, kind, user, int(state.workspace.now()), content)


@method("files.getUploadURLExternal", "files:write")
def get_upload_url(state: State, call: Call) -> Json:
    """Do step one: tell where to send the bytes."""
    name = call.need("filename")
    length = call.number("length", default=0)
    if not 0 < length <= FILE_BYTES:
        raise ApiError("invalid_arguments", messages=["[ERROR] length must be positive, and not too large"])
    stored = new_file(state, name, people.BOT_USER)
    token = ids.token()
    state.uploads[token] = stored
    return {"upload_url": f"{state.url}/upload/v1/{token}", "file_id": stored.id}


def receive(state: State, token: str, content: bytes) -> StoredFile:
    """Take the bytes themselves, at the address that step one gave."""
    stored = state.uploads.get(token)
    if stored is None:
        raise ApiError("invalid_url")
    stored.content = content
    return stored


@method("files.completeUploadExternal", "files:write")
def complete_upload(state: State, call: Call) -> Json:
    """Do step two: keep the files, and share them where they are wanted."""
    wanted = call.structure("files")
    if not isinstance(wanted, list) or not wanted:
        raise ApiError("invalid_arguments", messages=["[ERROR] missing required field: files"])
    pending = {stored.id: (token, stored) for token, stored in state.uploads.items()}
    found = []
    for one in wanted:
        if one.get("id") not in pending or not pending[one["id"]][1].content:
            raise ApiError("file_not_found")
        found.append((*pending[one["id"]], one.get("title")))
    targets = [call.text("channel_id"), *call.listed("channels")]
    channels = [find_channel(state, target).id for target in targets if target]
    for token, stored, title in found:
        stored.title = title or stored.name
        stored.channels = channels
        state.workspace.add_file(stored)
        del state.uploads[token]
    for channel in channels:
        state.workspace.post(
            Message(
                channel=channel,
                ts=state.workspace.stamps.ts(),
                user=people.BOT_USER,
                bot_id=people.BOT_ID,
                text=call.text("initial_comment") or "",
                thread_ts=call.text("thread_ts"),
                files=[stored.id for _, stored, _ in found],
            )
        )
    return {"files": [stored.to_slack(state.url) for _, stored, _ in found]}


@method("files.info", "files:read")
def info(state: State, call: Call) -> Json:
    """Return one file."""
    stored = state.workspace.files.get(call.need("file", error="file_not_found"))
    if stored is None:
        raise ApiError("file_not_found")
    return {"file": stored.to_slack(state.url), "comments": [], "response_metadata": {"next_cursor": ""}}
