"""Requests for rewards that are posted, whose form asks for an address."""

from typing import Any, Final

from bot.sandbox.slack import Person
from tests.kit.asked import submit
from tests.kit.bot import World

#: A gift card that is posted, of 10 to 500 dollars.
POSTED_CARD: Final = "U700801"

ADDRESS: Final = {
    "street_line1": "1 Main St",
    "city": "Springfield",
    "state_or_province": "IL",
    "postal_code": "62701",
    "country": "US",
}


def ask_posted(world: World, who: Person | None = None, *, reward: str = POSTED_CARD, **values: Any) -> int:
    """File a request for a posted reward, as Maya and for Rob if not otherwise, and wait for its card; its number."""
    who = who or world.maya
    who.select(world.form(who), "request_reward", reward)
    form = world.until(lambda: found if (found := who.modal) and "city" in found.entered else None)
    assert who.options(form, "request_country", ADDRESS["country"])
    before = world.one("SELECT coalesce(max(id), 0) AS id FROM requests")["id"]
    outcome = submit(who, form, {"recipients": ["rob"], "amount": "25", **ADDRESS, **values})
    assert outcome.closed, outcome.errors
    found: int = world.one("SELECT id FROM requests WHERE id > :before", before=before)["id"]
    world.until(lambda: world.is_posted("approval_card", found) and world.is_posted("receipt", found))
    return found
