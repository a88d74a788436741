"""The catalog: the rewards that the form offers, and `/kudos catalog refresh`."""

from handlers.bolt.answers import Options, Say
from handlers.bolt.desk import Desk
from handlers.bolt.payloads import SlashCommand
from handlers.views.blocks import MOST_OPTIONS
from handlers.views.catalog import build_refreshing
from handlers.views.forms import reward_options


def offer_rewards(desk: Desk, typed: str) -> Options:
    """Offer the rewards that match the typed text."""
    return Options(reward_options(desk.catalog.current.search(typed, MOST_OPTIONS)))


def refresh(desk: Desk, command: SlashCommand) -> Say:
    """Have Tango asked for the catalog now. Admins only."""
    desk.catalog.check_may_refresh(command.user_id)
    desk.background.submit(desk.catalog.refresh)
    return Say(build_refreshing())
