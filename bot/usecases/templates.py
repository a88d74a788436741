"""The templates of Tango's emails, by name: asked for twice a day at most, and offered in the forms."""

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from bot.clock import Clock
from bot.domain.template import STANDARD, Template
from bot.errors import TangoError
from bot.tango.client import TangoClient
from bot.tango.limits import BLOCK_LIMIT
from storage import Storage

logger = logging.getLogger(__name__)

#: As often as the catalog, of which Tango wants two calls a day at the most (Tango docs, Manage catalog).
_FRESH_FOR: Final = timedelta(hours=12)


class Templates:
    """Keeps the templates.

    Args:
        storage: of the templates.
        tango: has them.
        clock: tells the time.
    """

    def __init__(self, *, storage: Storage, tango: TangoClient, clock: Clock) -> None:
        self._storage = storage
        self._tango = tango
        self._clock = clock

    def offered(self) -> Sequence[Template]:
        """Return the templates to choose from; none where there is only Tango's standard one, or none is known."""
        found = self._storage.templates.all()
        return found if any(one.etid.upper() != STANDARD for one in found) else ()

    def is_gone(self, etid: str) -> bool:
        """Tell whether Tango lists all its templates, and this one is not among them; of a full page nobody knows."""
        known = {one.etid.casefold() for one in self._storage.templates.all()}
        return bool(etid) and 0 < len(known) < BLOCK_LIMIT and etid.casefold() not in known

    def keep_fresh(self) -> None:
        """Ask Tango for the templates, if it is time. What it doesn't say stays as it was."""
        now, asked_at = self._clock.now(), self._storage.templates.asked_at()
        if asked_at is not None and timedelta(0) <= now - asked_at < _FRESH_FOR:
            return
        try:
            listed = self._tango.list_templates()
        except TangoError as error:
            logger.warning("Tango doesn't list its email templates: %s", error)
            self._storage.templates.mark_asked(now)
            return
        found = [
            Template(etid=one.etid, name=one.name or one.etid, subject=one.subject or "")
            for one in listed.email_templates
        ]
        with self._storage.transaction():
            self._storage.templates.replace(found, now)
