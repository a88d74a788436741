"""The one row of the account at Tango that the file belongs to."""

from dataclasses import asdict
from typing import Final

from bot.domain.tango_account import TangoAccount
from storage.database import Database

_GET: Final = "SELECT host, platform, customer, account FROM tango_account WHERE id = 1"
_SET: Final = """
INSERT INTO tango_account (id, host, platform, customer, account) VALUES (1, :host, :platform, :customer, :account)
ON CONFLICT (id) DO UPDATE SET
    host = excluded.host, platform = excluded.platform, customer = excluded.customer, account = excluded.account
"""


class TangoAccountStore:
    """The account that the file belongs to."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def get(self) -> TangoAccount | None:
        """Return the account; None before the first start."""
        row = self._db.one(_GET)
        return TangoAccount(**row) if row else None

    def set(self, account: TangoAccount) -> None:
        """Keep the account."""
        self._db.execute(_SET, asdict(account))
