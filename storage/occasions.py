"""The occasion of a request, as the row of the request has it, or the JSON of a batch."""

from collections.abc import Mapping
from typing import Any

from bot.domain.occasion import Occasion


def columns_of(occasion: Occasion | None) -> dict[str, str | int | None]:
    """Return the columns that have the occasion of a request."""
    if occasion is None:
        return {"occasion": "", "taxable": None}
    return {"occasion": occasion.name, "taxable": None if occasion.is_taxable is None else int(occasion.is_taxable)}


def occasion_of(row: Mapping[str, Any]) -> Occasion | None:
    """Return the occasion of a request; None where it has none."""
    if not row.get("occasion"):
        return None
    return Occasion(row["occasion"], None if row["taxable"] is None else bool(row["taxable"]))
