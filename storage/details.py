"""The details of a request, as one JSON object: they are only read whole."""

import json
from dataclasses import asdict, fields
from datetime import date
from typing import Final

from bot.domain.request import Address, Delivery, Details
from bot.domain.schedule import Schedule, civil_from, civil_text
from storage.database import to_json

#: The names of the details.
_DETAILS: Final = tuple(field.name for field in fields(Details))


def details_to_json(details: Details) -> str:
    """Return what was said, and nothing for what was not."""
    said = {name: value for name in _DETAILS if (value := getattr(details, name))}
    if details.expires_on:
        said["expires_on"] = details.expires_on.isoformat()
    if details.address:
        said["address"] = asdict(details.address)
    if details.schedule:
        said["schedule"] = {"at": civil_text(details.schedule.at), "zone": details.schedule.zone}
    return to_json(said)


def details_from_json(text: str) -> Details:
    """Return the details that a column holds."""
    said = json.loads(text)
    if "delivery" in said:
        said["delivery"] = Delivery(said["delivery"])
    if "expires_on" in said:
        said["expires_on"] = date.fromisoformat(said["expires_on"])
    if "address" in said:
        said["address"] = Address(**said["address"])
    if "schedule" in said:
        said["schedule"] = Schedule(civil_from(said["schedule"]["at"]), said["schedule"]["zone"])
    return Details(**said)
