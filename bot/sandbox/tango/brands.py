"""The brands and items of the stand-in's catalog. All of them are made up."""

from decimal import Decimal
from typing import Any, Final

from bot.sandbox.tango.items import Brand, Item


def _money(text: str) -> Decimal:
    return Decimal(text)


def _range(utid: str, name: str, currency: str, low: str, high: str, **more: Any) -> Item:
    return Item(utid, name, currency, low=_money(low), high=_money(high), **more)


def _fixed(utid: str, name: str, currency: str, face: str, **more: Any) -> Item:
    return Item(utid, name, currency, face=_money(face), **more)


_LINK: Final = "<p>Open the link and choose your reward.</p>"
_EUROPE: Final = ("DE", "ES", "FR", "IE", "IT", "NL")

#: The brands that are always there: at least one item of every kind that the API knows.
BUILT_IN: Final[tuple[Brand, ...]] = (
    Brand(
        "B916708",
        "Reward Link",
        "One link, and the recipient chooses among hundreds of brands.",
        (
            _range(
                "U561593",
                "Reward Link",
                "USD",
                "0.01",
                "2000.00",
                reward_type="reward link",
                credentials=("redemptionUrl",),
                countries=("US", "CA", "GB"),
                instructions=_LINK,
            ),
            _range(
                "U561601",
                "Reward Link, printed",
                "USD",
                "5.00",
                "500.00",
                reward_type="reward link",
                physical=True,
                as_on_page=True,
                credentials=(),
                fee=_money("1.50"),
                instructions=_LINK,
            ),
        ),
        category="Choice",
    ),
    Brand(
        "B916709",
        "Promo Link",
        "A reward link that expires on the day you choose.",
        (
            _range(
                "U561610",
                "Promo Link",
                "USD",
                "1.00",
                "1000.00",
                reward_type="promo",
                credentials=("redemptionUrl", "expirationDate"),
                instructions=_LINK,
            ),
        ),
        category="Choice",
    ),
    Brand(
        "B100201",
        "Marlow & Finch",
        "Books, records and paper goods.",
        (_range("U666425", "Marlow & Finch gift card", "USD", "1.00", "1000.00"),),
    ),
    Brand(
        "B100202",
        "Corner Roastery",
        "Coffee, in three sizes of thanks.",
        (
            _fixed("U621294", "Corner Roastery $10", "USD", "10.00", credentials=("cardNumber", "PIN")),
            _fixed("U621295", "Corner Roastery $25", "USD", "25.00", credentials=("cardNumber", "PIN")),
            _fixed("U621296", "Corner Roastery $50", "USD", "50.00", credentials=("cardNumber", "PIN")),
        ),
        category="Food and drink",
    ),
    Brand(
        "B100203",
        "Harbor Cinema",
        "An evening at the movies.",
        (
            _range(
                "U700310",
                "Harbor Cinema gift card",
                "USD",
                "5.00",
                "250.00",
                whole=True,
                credentials=("claimCode", "barcode"),
            ),
        ),
        category="Entertainment",
    ),
    Brand(
        "B100204",
        "Lindenhof",
        "Everything for house and garden.",
        (_range("U700401", "Lindenhof Geschenkkarte", "EUR", "5.00", "500.00", countries=_EUROPE),),
    ),
    Brand(
        "B100205",
        "Ambleside Outdoor",
        "Boots, tents and maps.",
        (
            _range("U700501", "Ambleside Outdoor gift card", "GBP", "5.00", "300.00", countries=("GB",)),
            _fixed("U700502", "Ambleside Outdoor £20", "GBP", "20.00", countries=("GB",)),
        ),
        category="Sport",
    ),
    Brand(
        "B100206",
        "Sakura Mart",
        "Convenience stores all over Japan.",
        (_range("U700601", "Sakura Mart gift card", "JPY", "500", "50000", whole=True, countries=("JP",)),),
    ),
    Brand(
        "B100207",
        "Maple Grocers",
        "Groceries from coast to coast.",
        (_range("U700701", "Maple Grocers gift card", "CAD", "10.00", "500.00", countries=("CA",)),),
        category="Food and drink",
    ),
    Brand(
        "B100208",
        "Gilt & Grain",
        "A card to hold, sent by mail.",
        (
            _range(
                "U700801",
                "Gilt & Grain gift card, by mail",
                "USD",
                "10.00",
                "500.00",
                reward_type="physical gift card",
                physical=True,
                credentials=(),
                fee=_money("3.00"),
                countries=("US", "CA", "GB"),
                instructions="<p>The card arrives by mail within ten days.</p>",
            ),
        ),
    ),
    Brand(
        "B100209",
        "Clearwater Fund",
        "A gift to those who keep rivers clean.",
        (
            _range(
                "U700901",
                "Clearwater Fund donation",
                "USD",
                "1.00",
                "2000.00",
                reward_type="donation",
                credentials=("redemptionUrl",),
                instructions="<p>Open the link for your certificate.</p>",
            ),
        ),
        category="Charity",
    ),
    Brand(
        "B100210",
        "Velvet & Vine",
        "Spas and quiet weekends.",
        (
            _range(
                "U701001",
                "Velvet & Vine gift card",
                "USD",
                "25.00",
                "1000.00",
                credentials=("cardNumber", "securityCode", "redemptionUrl"),
            ),
        ),
        category="Travel",
        always_show_disclaimer=True,
    ),
    Brand(
        "B100211",
        "Old Post Records",
        "Closed its doors; kept to show an item that is inactive.",
        (_range("U701101", "Old Post Records gift card", "USD", "5.00", "100.00", status="inactive"),),
    ),
    Brand(
        "B100212",
        "Tidewater Tools",
        "For people who mend things.",
        (_fixed("U701201", "Tidewater Tools $100", "USD", "100.00"),),
    ),
)

_KINDS: Final = ("Books", "Coffee", "Garden", "Games", "Kitchen", "Music", "Outdoor", "Shoes", "Toys", "Travel")
_PLACES: Final = ("Alder", "Birch", "Cedar", "Dune", "Elm", "Fjord", "Grove", "Hazel", "Inlet", "Juniper")
_CURRENCIES: Final = ("USD", "EUR", "GBP", "CAD", "USD")

#: Enough items that a brand's list shows, few enough that thousands of items make many brands.
_PER_BRAND: Final = 5

#: The made-up items and brands are numbered above those of the list, which they must not meet.
_FIRST_UTID: Final = 800_000
_FIRST_BRAND: Final = 500_000


def generated(count: int) -> list[Brand]:
    """Make `count` items, five to a brand; the same ones each time."""
    return [_made_up(first, min(_PER_BRAND, count - first)) for first in range(0, count, _PER_BRAND)]


def _made_up(first: int, size: int) -> Brand:
    index = first // _PER_BRAND
    place, kind = _PLACES[index % 10], _KINDS[index // 10 % 10]
    name = f"{place} {kind} {index // 100 + 1}"
    items = tuple(_made_up_item(n, name) for n in range(first, first + size))
    return Brand(f"B{_FIRST_BRAND + index}", name, f"{kind} from {place}.", items, category=kind)


def _made_up_item(n: int, name: str) -> Item:
    """Make an item; every second one has a fixed value."""
    utid, currency = f"U{_FIRST_UTID + n}", _CURRENCIES[n % 5]
    if n % 2:
        return _range(utid, f"{name} {currency}", currency, "5.00", "500.00")
    face = 10 * (n % 7 + 1)
    return _fixed(utid, f"{name} {currency} {face}", currency, f"{face}.00")
