"""The picture of a reward's brand beside a message, and what the brand wants said."""

from typing import Final

from bot.domain.catalog import Reward
from handlers.views.blocks import Json, clip
from handlers.views.html import https_url, readable

#: A few lines of small print.
_MOST_IN_DISCLAIMER: Final = 600

#: The characters of a picture's words (Slack docs, Block Kit reference).
_MOST_IN_ALT_TEXT: Final = 2_000


def picture_of(reward: Reward | None) -> Json | None:
    """Build the picture that stands beside a section; None where the reward has none that is safe to load."""
    url = https_url(reward.picture) if reward is not None else None
    if reward is None or url is None:
        return None
    return {"type": "image", "image_url": url, "alt_text": clip(reward.brand or reward.name, _MOST_IN_ALT_TEXT)}


def disclaimer_blocks(reward: Reward | None) -> list[Json]:
    """Say what the brand wants said beside its reward, as small print; nothing where it wants nothing."""
    text = readable(reward.disclaimer, _MOST_IN_DISCLAIMER) if reward is not None else ""
    return [{"type": "context", "elements": [{"type": "mrkdwn", "text": text, "verbatim": True}]}] if text else []
