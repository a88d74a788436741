"""The occasion of a request, as the row of the request has it, or the JSON of a batch."""

from collections.abc import Mapping
from typing import Any

from bot.domain.occasion import Occasion


def taxable_of(occasion: Occasion | None) -> int | None:
    """Return whether an occasion is taxable, as a column has it."""
    return None if occasion is None or occasion.is_taxable is None else int(occasion.is_taxable)


def occasion_of(row: Mapping[str, Any]) -> Occasion | None:
    """Return the occasion of a request; None where it has none."""
    if not row.get("occasion"):
        return None
    return Occasion(row["occasion"], None if row["taxable"] is None else bool(row["taxable"]))
