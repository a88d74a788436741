"""What an approver should know of the recipients before a decision; each line only where there is something to say."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from bot.domain.duplicate import OtherReward
from bot.domain.request import Recipient, Request
from handlers.views.blocks import Json, name_text, section, time_of
from handlers.views.people import few_names, names_text, profile_mark

#: The recipients that are warned of one by one: each is two lines on a phone, and the gist must stay in sight.
_MOST_WARNED: Final = 3

#: Another reward for a recipient, by whether it was approved and whether it is the same. The words stay true on a card
#: that is read days later, and whatever becomes of the other request.
_OTHER_REWARDS: Final[Mapping[tuple[bool, bool], str]] = {
    (True, False): "⚠️ *Another reward for {name} was approved* · requested by {by} {at} · {number}",
    (True, True): "⚠️ *The same reward for {name} was approved* · requested by {by} {at} · {number}",
    (False, False): "⚠️ *Another reward for {name} was requested* by {by} {at} · {number}",
    (False, True): "⚠️ *The same reward for {name} was requested* by {by} {at} · {number}",
}

#: What the account holds is not for a channel.
_TOO_LITTLE: Final = "⚠️ *The Tango account has too little for this.* It would wait until funds are added."


def recipient_warnings(request: Request, team_id: str) -> list[Json]:
    """Warn of recipients for whom more was asked within a day, of those who can read the card, and of short funds."""
    lines = [*_other_reward_lines(request, team_id), *_reader_lines(request), *_funds_lines(request)]
    return [section("\n".join(lines))] if lines else []


def _other_reward_lines(request: Request, team_id: str) -> Iterator[str]:
    """Say who asked for another reward for a recipient, and when: of each recipient the one that matters most."""
    others: defaultdict[str, list[OtherReward]] = defaultdict(list)
    for one in request.other_rewards:
        others[one.recipient_id].append(one)
    warned = [one for one in request.recipients if one.user_id in others]
    for recipient in warned[:_MOST_WARNED]:
        # Of several that matter alike, the first is the newest.
        matters = max(others[recipient.user_id], key=lambda one: (one.is_approved, one.is_same))
        yield _other_reward_line(recipient, matters, team_id)
    if left := warned[_MOST_WARNED:]:
        yield f"⚠️ It's the same with {few_names(left)}"


def _other_reward_line(recipient: Recipient, other: OtherReward, team_id: str) -> str:
    return _OTHER_REWARDS[other.is_approved, other.is_same].format(
        name=name_text(names_text([recipient])),
        by=profile_mark(team_id, other.requester_id, other.requester_name),
        at=time_of(other.requested_at),
        number=other.number,
    )


def _reader_lines(request: Request) -> list[str]:
    readers = [one for one in request.recipients if one.in_channel]
    return [f"⚠️ *{few_names(readers)} can read this channel*"] if readers else []


def _funds_lines(request: Request) -> list[str]:
    return [_TOO_LITTLE] if request.is_uncovered else []
