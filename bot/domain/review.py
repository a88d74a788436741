"""The review of what was asked for: what stands against it now, and did not when the request was made."""

from dataclasses import dataclass
from enum import StrEnum


class ObstacleCode(StrEnum):
    """The kind of a obstacle. The first four are about a person."""

    LEFT = "left"
    """The person is deactivated."""
    GUEST = "guest"
    """The recipient has become a guest."""
    OUTSIDER = "outsider"
    """The recipient is no member of this workspace any more."""
    ADDRESS = "address"
    """Another email address is in the recipient's profile than the reward would be mailed to."""
    SENDER = "sender"
    """The requester may not send rewards any more."""
    REWARD_GONE = "reward_gone"
    """The reward has left the catalog."""
    REWARD_AMOUNT = "reward_amount"
    """The reward has other limits, or another currency."""
    DATE = "date"
    """The last day of the Promo Link is too near, or past."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something that stands against a request as it is.

    Attributes:
        code: what.
        user_id: the Slack id of the person whom it is about; empty where it is about the reward.
    """

    code: ObstacleCode
    user_id: str = ""
