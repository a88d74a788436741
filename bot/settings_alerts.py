"""The settings of alerts: of what admins hear besides trouble, and where."""

from pydantic import BaseModel, ConfigDict, Field

from bot.settings_values import Amounts, ChannelId


class AlertsSettings(BaseModel):
    """The balance below which admins hear of it, and the channel for alerts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    balance_below: Amounts = Field(default_factory=dict)
    channel: ChannelId | None = None
