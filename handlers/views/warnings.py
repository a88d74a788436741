"""What an approver should know of the recipients before a decision; each line only where there is something to say."""

from collections.abc import Iterator, Mapping
from typing import Final

from bot.domain.duplicate import Earlier
from bot.domain.request import Recipient, Request
from handlers.views.blocks import Json, name_text, section, time_of
from handlers.views.people import few_names, names_text, profile_mark

#: The recipients that are warned of one by one: each is two lines on a phone, and the gist must stay in sight.
_MOST_WARNED: Final = 3

#: Another reward for a recipient, by whether it was approved and whether it is the same.
_EARLIER: Final[Mapping[tuple[bool, bool], str]] = {
    (True, False): "{name} was rewarded in the last 24 hours",
    (True, True): "{name} was given the same reward in the last 24 hours",
    (False, False): "Another reward for {name} is waiting for approval",
    (False, True): "The same reward for {name} is waiting for approval",
}


def recipient_warnings(request: Request, team_id: str) -> list[Json]:
    """Warn of recipients who were rewarded within a day, and of those who can read the card."""
    lines = [*_earlier_lines(request, team_id), *_reader_lines(request)]
    return [section("\n".join(lines))] if lines else []


def _earlier_lines(request: Request, team_id: str) -> Iterator[str]:
    """Say who asked for another reward for a recipient, and when: of each recipient the newest one."""
    newest: dict[str, Earlier] = {}
    for one in request.earlier:
        newest.setdefault(one.recipient_id, one)
    warned = [one for one in request.recipients if one.user_id in newest]
    for recipient in warned[:_MOST_WARNED]:
        yield _earlier_line(recipient, newest[recipient.user_id], team_id)
    if left := warned[_MOST_WARNED:]:
        yield f"⚠️ It's the same with {few_names(left)}"


def _earlier_line(recipient: Recipient, earlier: Earlier, team_id: str) -> str:
    name = name_text(names_text([recipient]))
    by = profile_mark(team_id, earlier.requester_id, earlier.requester_name)
    said = _EARLIER[earlier.is_approved, earlier.is_same].format(name=name)
    return f"⚠️ *{said}* · requested by {by} {time_of(earlier.requested_at)} · {earlier.number}"


def _reader_lines(request: Request) -> list[str]:
    readers = [one for one in request.recipients if one.in_channel]
    return [f"⚠️ *{few_names(readers)} can read this channel*"] if readers else []
