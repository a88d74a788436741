"""The costs of orders for the account: a column of the orders, and the fees that the catalog names."""

import json
from dataclasses import asdict
from typing import Final

from bot.domain.charge import Charge, Fee
from storage.database import Database
from storage.reservations import settle

# An answer that says the same again changes nothing, so that what follows from a charge follows once.
_SET: Final = """
UPDATE orders SET charge = :charge WHERE id = :id AND status = 'accepted' AND charge IS DISTINCT FROM :charge
"""
_FEE: Final = "SELECT fee FROM catalog WHERE utid = :utid"


class ChargeStore:
    """The charges of accepted orders."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def set(self, order_id: int, charge: Charge) -> bool:
        """Keep what an accepted order cost; return whether that is news."""
        is_news = self._db.execute(_SET, {"id": order_id, "charge": _text_of(charge)}) == 1
        if is_news:
            settle(self._db, order_id)
        return is_news

    def fee_of(self, utid: str) -> Fee | None:
        """Return the fee that the catalog names for a reward; None where it names none."""
        row = self._db.one(_FEE, {"utid": utid})
        return Fee.from_text(row["fee"]) if row and row["fee"] else None


def _text_of(charge: Charge) -> str:
    return json.dumps({name: str(fact) for name, fact in asdict(charge).items() if fact is not None})
