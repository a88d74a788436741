"""From Tango's catalog to the rewards on offer."""

from collections.abc import Collection, Iterator
from decimal import Decimal
from typing import Final

from bot.domain.catalog import Reward, RewardKind
from bot.domain.money import Money
from bot.tango.models import Catalog, CatalogItem

#: Far more than Tango takes in one order (six integer digits), and far less than SQLite's integers hold.
_ABSURD: Final = Decimal(10) ** 12


def rewards_of(catalog: Catalog, offered: Collection[str] | None) -> Iterator[Reward]:
    """The active items of the catalog.

    Args:
        catalog: Tango's answer (Tango docs, GET /catalogs).
        offered: the utids that the settings offer; None for all.
    """
    for brand in catalog.brands:
        for item in brand.items:
            if not _is_offered(item, offered) or not item.currency_code:
                continue
            try:
                yield Reward(
                    utid=item.utid,
                    name=item.reward_name or brand.brand_name or item.utid,
                    brand=brand.brand_name or "",
                    currency=item.currency_code,
                    fixed=_minor(item.face_value, item.currency_code),
                    minimum=_minor(item.min_value, item.currency_code),
                    maximum=_minor(item.max_value, item.currency_code),
                    whole=bool(item.is_whole_amount_value_required),
                    kind=_kind(item),
                )
            except ValueError:
                continue  # a bound that is no amount of its currency: nothing could be held against it


def _is_offered(item: CatalogItem, offered: Collection[str] | None) -> bool:
    if offered is not None and item.utid not in offered:
        return False
    return item.status in (None, "active")


def _kind(item: CatalogItem) -> RewardKind:
    """Tango docs, Manage catalog: `rewardType`, `fulfillmentType`."""
    reward_type = (item.reward_type or "").casefold()
    if item.fulfillment_type == "PHYSICAL" or reward_type == "physical gift card":
        return RewardKind.PRINTED if reward_type == "reward link" else RewardKind.PHYSICAL
    return RewardKind.PROMO if reward_type.startswith("promo") else RewardKind.DIGITAL


def _minor(amount: Decimal | None, currency: str) -> int | None:
    if amount is None:
        return None
    if not 0 <= amount < _ABSURD:
        raise ValueError("no amount of money")
    return Money.of(amount, currency).minor
