"""The obstacles that stand against a request or an order by now, in words."""

from collections.abc import Mapping, Sequence
from typing import Final

from bot.domain.review import ObstacleCode
from handlers.views.blocks import escape

_OBSTACLES: Final[Mapping[ObstacleCode, str]] = {
    ObstacleCode.LEFT: "{name} has left this workspace.",
    ObstacleCode.GUEST: "{name} is a guest now, and guests can't get rewards.",
    ObstacleCode.OUTSIDER: "{name} isn't a member of this workspace any more.",
    ObstacleCode.ADDRESS: "{name}'s email address has changed.",
    ObstacleCode.SENDER: "{name} can't send rewards any more.",
    ObstacleCode.REWARD_GONE: "{name} isn't on offer any more.",
    ObstacleCode.REWARD_AMOUNT: "{name} doesn't come in this amount any more.",
    ObstacleCode.DATE: "The expiry date has passed, or is too near by now.",
}


#: How many obstacles are said. To decline takes one, and thirty recipients may have one each.
_MOST_SAID: Final = 5


def obstacles_text(obstacles: Sequence[tuple[str, str]]) -> str:
    """Say what stands against it: each obstacle by its code, with the name that it is about."""
    said = [_OBSTACLES[ObstacleCode(code)].format(name=escape(name)) for code, name in obstacles[:_MOST_SAID]]
    left = len(obstacles) - len(said)
    return " ".join([*said, *([f"And {left} more."] if left else [])])
