"""The postal address of a request on the screen: all of it to one person alone, the town to whoever reads the card."""

from bot.domain.request import Request
from bot.tango.places import COUNTRIES
from handlers.ids import Action
from handlers.views.blocks import Json, Message, button, context, escape, mention, verbatim
from handlers.views.names import about_request
from handlers.views.people import names_text


def posted_to(request: Request) -> list[Json]:
    """Say to which town a posted reward goes, and who gave the address. No more: more than one person sees a card."""
    address = request.details.address
    if address is None:
        return []
    place = escape(f"{address.city}, {COUNTRIES.get(address.country, address.country)}")
    return [context(f"Goes by post to {place} · {mention(request.requester_id)} gave the address")]


def address_button(request: Request) -> list[Json]:
    """Build the button that shows the postal address; nothing where there is none."""
    return [button("Show address", Action.ADDRESS_SHOW, request.reference)] if request.details.address else []


def build_address(request: Request) -> Message:
    """Show the postal address to who may decide about the request. The gist in `text` has none of it."""
    names = escape(names_text(request.recipients))
    text = f"This is the address for {names}, as {mention(request.requester_id)} typed it."
    return about_request(request, text, *address_blocks(request))


def name_on_parcel(request: Request) -> str:
    """Return the name that was typed for the parcel, where it is not the profile's: an approver sees the difference."""
    address = request.details.address
    return address.name if address is not None and address.name != request.recipients[0].name else ""


def address_blocks(request: Request) -> list[Json]:
    """Show the postal address, to one person alone."""
    address = request.details.address
    if address is None:
        return []
    lines = (
        address.street_line1,
        address.street_line2,
        f"{address.city} {address.state_or_province} {address.postal_code}",
        address.country,
    )
    return [verbatim("\n".join(line for line in lines if line))]
