"""The catalog: the rewards that the form offers, and `/kudos catalog refresh`."""

from handlers.bolt.answers import Options, SayLater
from handlers.bolt.desk import Desk
from handlers.bolt.payloads import SlashCommand
from handlers.views.blocks import MOST_OPTIONS
from handlers.views.catalog import build_refreshed
from handlers.views.choices import reward_choices


def offer_rewards(desk: Desk, typed: str) -> Options:
    """Offer the rewards that match the typed text."""
    currency = desk.requests.usual_currency()
    return Options(reward_choices(desk.catalog.current.search(typed, MOST_OPTIONS, currency), currency))


def refresh(desk: Desk, command: SlashCommand) -> SayLater:
    """Have Tango asked for the catalog now, and say what came of it. Admins only."""
    desk.catalog.check_may_refresh(command.user_id)
    return SayLater(lambda: build_refreshed(desk.catalog.refresh()))
