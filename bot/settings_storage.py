"""The settings of the database: where it is, and how long it keeps what is private."""

from datetime import timedelta
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bot.settings_values import DatabaseFile, DatabaseUrl

#: Years. Nobody has to keep payroll records for longer, and more would be a slip of the finger.
_GIFT_LOG_MOST: Final = 30

#: Days. No year is longer, so that no name goes too early.
_LONGEST_YEAR: Final = 366


class StorageSettings(BaseModel):
    """Where the data is, and how long it stays."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: DatabaseFile = Path("kudos.db")
    url: DatabaseUrl | None = None
    retention_days: int | None = Field(default=None, ge=1)
    gift_log_years: int | None = Field(default=None, ge=1, le=_GIFT_LOG_MOST)

    @model_validator(mode="after")
    def _has_one_place(self) -> "StorageSettings":
        if self.url is not None and "path" in self.model_fields_set:
            raise ValueError("Keep either path (one bot on a file) or url (bots on PostgreSQL), not both.")
        return self

    @property
    def gift_log_kept(self) -> timedelta | None:
        """Return how long the gift log keeps names: as long as requests, if nothing else is said. None: for ever."""
        if self.gift_log_years is not None:
            return timedelta(days=_LONGEST_YEAR * self.gift_log_years)
        return None if self.retention_days is None else timedelta(days=self.retention_days)

    @property
    def where(self) -> Path | str:
        """The path of the file, or the address of PostgreSQL, which may have a password in it."""
        return self.path if self.url is None else self.url.get_secret_value()
