"""The catalog: what can be ordered now (Tango docs, GET /catalogs)."""

import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from bot.sandbox.tango.brands import BUILT_IN, generated
from bot.sandbox.tango.items import Brand, Item


class Catalog:
    """The items of the platform. Safe in any thread."""

    def __init__(self, brands: tuple[Brand, ...] = BUILT_IN) -> None:
        self._lock = threading.Lock()
        self._brands = list(brands)
        self._items = {item.utid: item for brand in brands for item in brand.items}

    def __len__(self) -> int:
        return len(self._items)

    @property
    def brands(self) -> list[Brand]:
        """Return all brands."""
        with self._lock:
            return list(self._brands)

    def item(self, utid: str) -> Item | None:
        """Return the item of that identifier; None where there is none."""
        return self._items.get(utid)

    def add(self, *brands: Brand) -> None:
        """Add brands; one with a key that exists replaces it."""
        keys = {brand.key for brand in brands}
        with self._lock:
            gone = [item.utid for brand in self._brands if brand.key in keys for item in brand.items]
            self._brands = [brand for brand in self._brands if brand.key not in keys] + list(brands)
            kept = {utid: item for utid, item in self._items.items() if utid not in gone}
            self._items = kept | {item.utid: item for brand in brands for item in brand.items}

    def remove(self, utid: str) -> None:
        """Take an item out, as happens between a request and its approval."""
        with self._lock:
            self._brands = [
                replace(brand, items=tuple(item for item in brand.items if item.utid != utid)) for brand in self._brands
            ]
            self._items = {key: item for key, item in self._items.items() if key != utid}

    def generate(self, count: int) -> None:
        """Add `count` made-up items, five to a brand; the same ones each time."""
        self.add(*generated(count))

    def json(self, query: Mapping[str, str]) -> bytes:
        """Return the answer of GET /catalogs. Brands of which no item is asked for are left out.

        It is encoded brand by brand: encoding thousands of items in one call would hold up every other thread, the
        one that takes the time of arrivals included.
        """
        brands = ",".join(json.dumps(brand, ensure_ascii=False) for brand in self._view(query))
        return f'{{"catalogName":"Kudos demo catalog","brands":[{brands}]}}'.encode()

    def _view(self, query: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        verbose = query.get("verbose", "true").lower() != "false"
        for brand in self.brands:
            if not _asked(query, {"brandKey": brand.key, "brandName": brand.name}):
                continue
            items = [item.view(verbose=verbose) for item in brand.items if _wanted(query, item)]
            if items:
                yield brand.view(items, verbose=verbose)


def _asked(query: Mapping[str, str], values: Mapping[str, str]) -> bool:
    return all(name not in query or query[name].casefold() == value.casefold() for name, value in values.items())


def _wanted(query: Mapping[str, str], item: Item) -> bool:
    if "country" in query and query["country"].upper() not in item.countries:
        return False
    return _asked(
        query,
        {
            "utid": item.utid,
            "rewardName": item.reward_name,
            "status": item.status,
            "rewardType": item.reward_type,
            "currencyCode": item.currency,
            "fulfillmentType": "PHYSICAL" if item.physical else "DIGITAL",
            "itemAttribute": "ADDRESS" if item.physical else "EMAIL",
        },
    )
