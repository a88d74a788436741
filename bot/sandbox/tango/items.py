"""The brands of a catalog and their items, as GET /catalogs shows them."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from bot.sandbox.tango.wire import number

_CREATED: Final = "2024-01-15T09:00:00Z"
_CHANGED: Final = "2026-01-15T09:00:00.000Z"
_IMAGE_SIZES: Final = ("80w-326ppi", "130w-326ppi", "200w-326ppi", "278w-326ppi", "300w-326ppi", "1200w-326ppi")

#: The price of one unit of a currency in US dollars: round numbers, so that a charge is checked by eye.
USD_PER_UNIT: Final[Mapping[str, Decimal]] = {
    "USD": Decimal(1),
    "EUR": Decimal("1.10"),
    "GBP": Decimal("1.30"),
    "CAD": Decimal("0.75"),
    "JPY": Decimal("0.0070"),
}


#: The precision of an exchange rate.
RATE: Final = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Item:
    """Something that can be ordered: with a face value, or with a minimum and a maximum, in its currency."""

    utid: str
    reward_name: str
    currency: str
    face: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    whole: bool = False
    status: str = "active"
    reward_type: str = "gift card"
    physical: bool = False
    credentials: tuple[str, ...] = ("claimCode",)
    countries: tuple[str, ...] = ("US",)
    as_on_page: bool = False
    """Its words are written as the API page writes them: `Physical`, `Reward Link`."""
    fee: Decimal | None = None
    """A fixed fee per order, in the account's currency."""
    instructions: str = "<p>Enter the code at checkout.</p>"

    @property
    def printed_link(self) -> bool:
        """Tell whether the item is a reward link on paper, which needs a `ptid`."""
        return self.physical and self.reward_type == "reward link"

    @property
    def promo(self) -> bool:
        """Tell whether the item is a Promo Link, the one kind with an expiration date of the buyer's choice."""
        return self.reward_type == "promo"

    def view(self, *, verbose: bool) -> dict[str, Any]:
        """Return the item as GET /catalogs shows it."""
        shown: dict[str, Any] = {
            "utid": self.utid,
            "rewardName": self.reward_name,
            "currencyCode": self.currency,
            "status": self.status,
            "valueType": "VARIABLE_VALUE" if self.face is None else "FIXED_VALUE",
            "rewardType": self.reward_type,
            "isWholeAmountValueRequired": self.whole,
            "isExpirable": self.promo,
            "countries": list(self.countries),
            "credentialTypes": list(self.credentials),
            "fulfillmentType": "PHYSICAL" if self.physical else "DIGITAL",
            "attributes": ["ADDRESS"] if self.physical else ["EMAIL"],
            "createdDate": _CHANGED,
            "lastUpdateDate": _CHANGED,
        }
        if self.as_on_page:
            shown |= {name: shown[name].title() for name in ("status", "rewardType", "fulfillmentType")}
        for name, value in (("faceValue", self.face), ("minValue", self.low), ("maxValue", self.high)):
            if value is not None:
                shown[name] = number(value)
        if self.fee is not None:
            shown["fee"] = {"type": "FLAT", "value": number(self.fee)}
        if verbose:
            shown["redemptionInstructions"] = self.instructions
        return shown


@dataclass(frozen=True, slots=True)
class Brand:
    """A brand with its items."""

    key: str
    name: str
    description: str
    items: tuple[Item, ...]
    category: str = "Shopping"
    status: str = "active"
    always_show_disclaimer: bool = False

    def view(self, items: list[dict[str, Any]], *, verbose: bool) -> dict[str, Any]:
        """Return the brand as GET /catalogs shows it, with those of its items that were asked for."""
        shown: dict[str, Any] = {"brandKey": self.key, "brandName": self.name}
        if verbose:
            shown |= {
                "disclaimer": f"{self.name} is not a sponsor of this program.",
                "description": f"<p>{self.description}</p>",
                "shortDescription": f"<p>{self.description}</p>",
                "terms": "<p>No cash value. Cannot be replaced if lost.</p>",
                "createdDate": _CREATED,
                "lastUpdateDate": _CREATED,
                "brandRequirements": {
                    "displayInstructions": "<p>Show the logo unchanged.</p>",
                    "termsAndConditionsInstructions": "",
                    "disclaimerInstructions": "",
                    "alwaysShowDisclaimer": self.always_show_disclaimer,
                },
                "imageUrls": {size: f"https://images.example/brands/{self.key}-{size}.png" for size in _IMAGE_SIZES},
                "status": self.status,
                "categories": [{"identifier": "7f0b5b1e-1d1c-4f0e-9f55-7f1c8e3a0001", "description": self.category}],
            }
        shown["items"] = items
        return shown
