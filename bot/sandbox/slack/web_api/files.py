"""files.*: the upload in two steps, and reading a file back.

Source: Slack docs, "Working with files", files.getUploadURLExternal, files.completeUploadExternal, files.info.
"""

import mimetypes

from bot.sandbox.slack import ids, people
from bot.sandbox.slack.core import Core
from bot.sandbox.slack.errors import ApiError
from bot.sandbox.slack.model import Json, Message, StoredFile
from bot.sandbox.slack.web_api.call import Call, method
from bot.sandbox.slack.web_api.chat import find_channel

FILE_BYTES = 20_000_000
"""The stand-in's own limit, for memory's sake; Slack's is 1 GB."""


def new_file(core: Core, name: str, user: str, content: bytes = b"") -> StoredFile:
    """A file of this name, not yet kept."""
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return StoredFile(ids.object_id("F"), name, kind, user, int(core.workspace.now()), content)


@method("files.getUploadURLExternal", "files:write")
def get_upload_url(core: Core, call: Call) -> Json:
    """Step one: where to send the bytes."""
    name = call.need("filename")
    length = call.number("length", default=0)
    if not 0 < length <= FILE_BYTES:
        raise ApiError("invalid_arguments", messages=["[ERROR] length must be positive, and not too large"])
    stored = new_file(core, name, people.BOT_USER)
    token = ids.token()
    core.uploads[token] = stored
    return {"upload_url": f"{core.url}/upload/v1/{token}", "file_id": stored.id}


def receive(core: Core, token: str, content: bytes) -> StoredFile:
    """The bytes themselves, at the address that step one gave."""
    stored = core.uploads.get(token)
    if stored is None:
        raise ApiError("invalid_url")
    stored.content = content
    return stored


@method("files.completeUploadExternal", "files:write")
def complete_upload(core: Core, call: Call) -> Json:
    """Step two: keep the files, and share them where they are wanted."""
    wanted = call.structure("files")
    if not isinstance(wanted, list) or not wanted:
        raise ApiError("invalid_arguments", messages=["[ERROR] missing required field: files"])
    pending = {stored.id: (token, stored) for token, stored in core.uploads.items()}
    found = []
    for one in wanted:
        if one.get("id") not in pending or not pending[one["id"]][1].content:
            raise ApiError("file_not_found")
        found.append((*pending[one["id"]], one.get("title")))
    targets = [call.text("channel_id"), *call.listed("channels")]
    channels = [find_channel(core, target).id for target in targets if target]
    for token, stored, title in found:
        stored.title = title or stored.name
        stored.channels = channels
        core.workspace.add_file(stored)
        del core.uploads[token]
    for channel in channels:
        core.workspace.post(
            Message(
                channel=channel,
                ts=core.workspace.stamps.ts(),
                user=people.BOT_USER,
                bot_id=people.BOT_ID,
                text=call.text("initial_comment") or "",
                thread_ts=call.text("thread_ts"),
                files=[stored.id for _, stored, _ in found],
            )
        )
    return {"files": [stored.to_slack(core.url) for _, stored, _ in found]}


@method("files.info", "files:read")
def info(core: Core, call: Call) -> Json:
    """One file."""
    stored = core.workspace.files.get(call.need("file", error="file_not_found"))
    if stored is None:
        raise ApiError("file_not_found")
    return {"file": stored.to_slack(core.url), "comments": [], "response_metadata": {"next_cursor": ""}}
