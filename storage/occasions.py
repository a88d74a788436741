"""The occasion of a request, as the row of the request has it."""

from bot.domain.occasion import Occasion
from storage.database import Row


def taxable_of(occasion: Occasion | None) -> int | None:
    """Return whether an occasion is taxable, as a column has it."""
    return None if occasion is None or occasion.is_taxable is None else int(occasion.is_taxable)


def occasion_of(row: Row) -> Occasion | None:
    """Return the occasion of a request; None where it has none."""
    if not row["occasion"]:
        return None
    return Occasion(row["occasion"], None if row["taxable"] is None else bool(row["taxable"]))
