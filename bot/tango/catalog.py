"""Tango's catalog (Tango docs, Manage catalog, GET /catalogs), and the rewards on offer in it."""

from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Final

from pydantic import Field

from bot.domain.catalog import Reward, RewardKind
from bot.domain.charge import Fee
from bot.domain.money import Money
from bot.tango.wire import BRANDS, ITEMS, OBJECT, Flag, Identifier, Moment, Number, Text, TextMap, Texts, Wire, word_of

#: Far more than one order can have (six digits before the point), and far less than SQLite's integers hold.
_ABSURD: Final = Decimal(10) ** 12


#: The sizes of a picture, the best first: beside a message it is 88 pixels wide, on most screens twice that.
_SIZES: Final = ("200w-326ppi", "278w-326ppi", "130w-326ppi", "300w-326ppi")


class ItemFee(Wire):
    """The fee of an item: a percentage of the face value, or flat, by `type`."""

    type: Text = None
    value: Number = None


class CatalogItem(Wire):
    """One reward that can be ordered: fixed (`face_value`) or variable (`min_value` to `max_value`)."""

    utid: Identifier
    reward_name: Text = None
    currency_code: Text = None
    status: Text = None
    value_type: Text = None
    reward_type: Text = None
    face_value: Number = None
    min_value: Number = None
    max_value: Number = None
    is_whole_amount_value_required: Flag = None
    is_expirable: Flag = None
    countries: Texts = ()
    credential_types: Texts = ()
    redemption_instructions: Text = Field(default=None, repr=False)
    fulfillment_type: Text = None
    fee: Annotated[ItemFee | None, OBJECT] = None
    created_date: Moment = None
    last_update_date: Moment = None


class BrandRequirements(Wire):
    """What a brand wants of whoever shows its rewards."""

    always_show_disclaimer: Flag = None


class Brand(Wire):
    """A brand and its rewards. `terms` may be HTML; `image_urls` are by size, such as "80w-326ppi"."""

    brand_key: Identifier
    brand_name: Text = None
    status: Text = None
    description: Text = Field(default=None, repr=False)
    short_description: Text = Field(default=None, repr=False)
    terms: Text = Field(default=None, repr=False)
    disclaimer: Text = Field(default=None, repr=False)
    brand_requirements: Annotated[BrandRequirements | None, OBJECT] = None
    image_urls: TextMap = Field(default_factory=dict, repr=False)
    items: Annotated[tuple[CatalogItem, ...], ITEMS] = ()


class TangoCatalog(Wire):
    """The answer to GET /catalogs. Entries without their key cannot be ordered and are left out."""

    catalog_name: Text = None
    brands: Annotated[tuple[Brand, ...], BRANDS]


def rewards_of(catalog: TangoCatalog, offered: Collection[str] | None) -> Iterator[Reward]:
    """Yield the active items of the catalog.

    Args:
        catalog: Tango's answer (Tango docs, GET /catalogs).
        offered: the utids that the settings offer; None offers all.
    """
    wanted = None if offered is None else {utid.casefold() for utid in offered}
    for brand in catalog.brands:
        for item in brand.items:
            if not _is_offered(item, wanted) or not item.currency_code:
                continue
            currency = item.currency_code.upper()
            try:
                yield Reward(
                    utid=item.utid,
                    name=item.reward_name or brand.brand_name or item.utid,
                    brand=brand.brand_name or "",
                    currency=currency,
                    fixed=_minor(item.face_value, currency),
                    minimum=_minor(item.min_value, currency),
                    maximum=_minor(item.max_value, currency),
                    whole=bool(item.is_whole_amount_value_required),
                    kind=_kind(item),
                    fee=_fee(item.fee),
                    picture=_picture(brand.image_urls),
                    disclaimer=_disclaimer(brand),
                    is_donation=word_of(item.reward_type) == "donation",
                )
            except ValueError:
                continue  # a bound that is no amount of its currency: no amount could be checked against it


def _is_offered(item: CatalogItem, offered: Collection[str] | None) -> bool:
    if offered is not None and item.utid.casefold() not in offered:
        return False
    return item.status is None or word_of(item.status) == "active"


def _kind(item: CatalogItem) -> RewardKind:
    """Tango docs, Manage catalog: `rewardType`, `fulfillmentType`."""
    reward_type = word_of(item.reward_type)
    if word_of(item.fulfillment_type) == "physical" or reward_type == "physical gift card":
        return RewardKind.PRINTED if reward_type == "reward link" else RewardKind.PHYSICAL
    return RewardKind.PROMO if reward_type.startswith("promo") else RewardKind.DIGITAL


def _picture(image_urls: Mapping[str, str]) -> str:
    """Return the picture of the size that stands beside a message, else any; empty where there is none."""
    sized = [image_urls[size] for size in _SIZES if size in image_urls]
    return next(iter([*sized, *image_urls.values()]), "")


def _disclaimer(brand: Brand) -> str:
    requires = brand.brand_requirements is not None and brand.brand_requirements.always_show_disclaimer
    return brand.disclaimer or "" if requires else ""


def _fee(fee: ItemFee | None) -> Fee | None:
    if fee is None or fee.value is None or not 0 < fee.value < _ABSURD:
        return None
    return Fee(fee.value, is_percentage=word_of(fee.type).startswith("percent"))


def _minor(amount: Decimal | None, currency: str) -> int | None:
    if amount is None:
        return None
    if not 0 <= amount < _ABSURD:
        raise ValueError("no amount of money")
    return Money.of(amount, currency).minor
