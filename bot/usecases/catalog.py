"""The catalog of rewards on offer: fetched from Tango, kept in storage, held in memory for the forms."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from bot.clock import Clock
from bot.domain.catalog import Catalog
from bot.domain.policy import Roles, check_is_admin
from bot.errors import TangoError
from bot.tango.catalog import rewards_of
from bot.tango.client import TangoClient
from storage import Storage

logger = logging.getLogger(__name__)

#: Tango wants the catalog to be fetched about twice a day at the most (Tango docs, Manage catalog).
_FRESH_FOR: Final = timedelta(hours=12)

#: A bot hears at once of a catalog that another bot has fetched. This is for one whose connection was broken just then.
_RELOAD_EVERY: Final = timedelta(minutes=1)


class CatalogKeeper:
    """Keeps the rewards on offer.

    Args:
        storage: of the catalog.
        tango: has the catalog.
        clock: tells the time.
        roles: return who may do what.
        offered: the utids on offer; None for the whole catalog.
    """

    def __init__(
        self,
        *,
        storage: Storage,
        tango: TangoClient,
        clock: Clock,
        roles: Callable[[], Roles],
        offered: frozenset[str] | None,
    ) -> None:
        self._storage = storage
        self._tango = tango
        self._clock = clock
        self._roles = roles
        self._offered = offered
        self._load()

    def reload(self) -> timedelta:
        """Offer what is stored, if another bot has fetched it; return how long until the next look."""
        if self._storage.catalog.fetched_at() != self._fetched_at:
            self._load()
        return _RELOAD_EVERY

    def refresh(self) -> int:
        """Fetch the catalog, keep it and offer it; return how many rewards are on offer.

        An empty catalog is a fault of Tango's: what was on offer stays on offer.

        Raises:
            TangoError: Tango did not answer; what was on offer stays on offer.
        """
        catalog = self._tango.list_catalog()
        if len(self.current) and not any(brand.items for brand in catalog.brands):
            logger.warning("Tango's catalog is empty; the %d rewards of the last one stay on offer", len(self.current))
            return len(self.current)
        rewards = list(rewards_of(catalog, self._offered))
        with self._storage.transaction():
            self._storage.catalog.replace(rewards, self._clock.now())
        self._load()
        return len(self.current)

    def keep_fresh(self) -> None:
        """Fetch the catalog if it is old or empty; log where Tango does not answer."""
        self.reload()
        fetched_at = self._fetched_at
        # Not fetched in the future: that was a clock that was put back since.
        if fetched_at is not None and timedelta(0) <= self._clock.now() - fetched_at < _FRESH_FOR and len(self.current):
            return
        try:
            count = self.refresh()
        except TangoError as error:
            logger.warning("The catalog could not be refreshed: %s", error)
        else:
            logger.info("The catalog has %d rewards on offer", count)

    def _load(self) -> None:
        self._fetched_at = self._storage.catalog.fetched_at()  # first: what is stored meanwhile is loaded once more
        self.current = Catalog(self._storage.catalog.all())

    def check_may_refresh(self, actor_id: str) -> None:
        """Refuse whoever may not have the catalog fetched.

        Raises:
            NotAllowed: the actor is no admin.
        """
        check_is_admin(actor_id, self._roles())
