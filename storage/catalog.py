"""The catalog as Tango last gave it, so that people can choose rewards while Tango is down."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Final

from bot.domain.catalog import Reward, RewardKind
from bot.domain.charge import Fee
from storage.database import Database, Row, Touched, from_ms, to_ms

_CLEAR: Final = "DELETE FROM catalog"
_ADD: Final = """
INSERT INTO catalog (utid, name, brand, currency, fixed, minimum, maximum, whole, kind, fee, is_donation, picture,
    disclaimer)
VALUES (:utid, :name, :brand, :currency, :fixed, :minimum, :maximum, :whole, :kind, :fee, :is_donation, :picture,
    :disclaimer)
ON CONFLICT (utid) DO NOTHING
"""
_REFRESHED: Final = """
INSERT INTO catalog_refresh (id, fetched_at) VALUES (1, :now)
ON CONFLICT (id) DO UPDATE SET fetched_at = excluded.fetched_at
"""
# By name: a newer bot, which runs beside this one during an upgrade, may have added columns.
_ALL: Final = """
SELECT utid, name, brand, currency, fixed, minimum, maximum, whole, kind, fee, is_donation, picture, disclaimer
FROM catalog
"""
_ONE: Final = """
SELECT utid, name, brand, currency, fixed, minimum, maximum, whole, kind, fee, is_donation, picture, disclaimer
FROM catalog WHERE utid = :utid
"""
_FETCHED_AT: Final = "SELECT fetched_at FROM catalog_refresh WHERE id = 1"


class CatalogStore:
    """The table of rewards on offer."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def replace(self, rewards: Iterable[Reward], now: datetime) -> None:
        """Replace the rewards on offer."""
        self._db.execute(_CLEAR)
        for reward in rewards:
            flags = {"whole": int(reward.whole), "is_donation": int(reward.is_donation)}
            fee = str(reward.fee) if reward.fee else None
            self._db.execute(_ADD, {**asdict(reward), **flags, "fee": fee})
        self._db.execute(_REFRESHED, {"now": to_ms(now)})
        self._db.touch(Touched.CATALOG)

    def all(self) -> list[Reward]:
        """Return every reward on offer."""
        return [_reward_of(row) for row in self._db.query(_ALL)]

    def get(self, utid: str) -> Reward | None:
        """Return the reward of that identifier, if it is on offer."""
        row = self._db.one(_ONE, {"utid": utid})
        return _reward_of(row) if row else None

    def fetched_at(self) -> datetime | None:
        """Return when the catalog was last fetched, UTC; None if never."""
        row = self._db.one(_FETCHED_AT)
        return from_ms(row["fetched_at"]) if row else None


def _reward_of(row: Row) -> Reward:
    fee = Fee.from_text(row["fee"]) if row["fee"] else None
    flags = {"whole": bool(row["whole"]), "is_donation": bool(row["is_donation"])}
    return Reward(**{**row, **flags, "kind": RewardKind(row["kind"]), "fee": fee})
