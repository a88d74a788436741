"""The templates of Tango's emails, as Tango last listed them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from bot.domain.template import Template
from storage.database import Database, from_ms_or_none, to_ms

_CLEAR: Final = "DELETE FROM templates"
_ADD: Final = """
INSERT INTO templates (etid, name, subject) VALUES (:etid, :name, :subject) ON CONFLICT (etid) DO NOTHING
"""
_REFRESHED: Final = """
INSERT INTO template_refresh (id, fetched_at) VALUES (1, :now)
ON CONFLICT (id) DO UPDATE SET fetched_at = excluded.fetched_at
"""
_ALL: Final = "SELECT etid, name, subject FROM templates ORDER BY etid"
_FETCHED_AT: Final = "SELECT fetched_at FROM template_refresh WHERE id = 1"


class TemplateStore:
    """The table of templates."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def replace(self, templates: Iterable[Template], now: datetime) -> None:
        """Keep these templates, and no others."""
        self._db.execute(_CLEAR)
        for one in templates:
            self._db.execute(_ADD, {"etid": one.etid, "name": one.name, "subject": one.subject})
        self.mark_asked(now)

    def mark_asked(self, now: datetime) -> None:
        """Keep that Tango was asked, whatever it said."""
        self._db.execute(_REFRESHED, {"now": to_ms(now)})

    def all(self) -> Sequence[Template]:
        """Return the templates."""
        rows = self._db.query(_ALL)
        return [Template(etid=row["etid"], name=row["name"], subject=row["subject"]) for row in rows]

    def asked_at(self) -> datetime | None:
        """Return when Tango was last asked, UTC; None before the first time."""
        row = self._db.one(_FETCHED_AT)
        return from_ms_or_none(row["fetched_at"] if row else None)
