"""Whose Home is rewritten when rights change."""

from datetime import timedelta
from decimal import Decimal

from bot.domain.budget import Limits
from bot.domain.notices import HomeChanged, home_of
from bot.domain.policy import Roles
from bot.usecases.budgets import Budgets
from bot.usecases.cards import Cards
from bot.usecases.home import OPEN_FOR, Homes
from storage import Storage
from tests.kit.factories import ADA, ALEX, MAYA, FakeClock, some_roles


class Rights:
    """Who may do what, until somebody changes it; and the Homes that are rewritten since the last look."""

    def __init__(self, storage: Storage, clock: FakeClock) -> None:
        self.roles = some_roles()
        self._storage = storage
        self._clock = clock
        cards = Cards(storage=storage, clock=clock, roles=self._read, expire_after=timedelta(days=30))
        self.homes = Homes(
            storage=storage,
            clock=clock,
            roles=self._read,
            cards=cards,
            budgets=Budgets(storage=storage, clock=clock, roles=self._read, budgets=(), limits=Limits(), zone="UTC"),
            orders_per_second=1,
            balance=lambda: (Decimal(1), "USD"),
        )

    def _read(self) -> Roles:
        return self.roles

    def rewritten(self) -> set[str]:
        """Look, send what there is to send, and return whose Home it was."""
        self.homes.follow_rights()
        found = set()
        while queued := self._storage.outbox.claim():
            assert queued.kind == HomeChanged.kind
            found.add(queued.audience)
            self._storage.outbox.mark_sent(queued, self._clock.now())
        return found


def test_who_gains_or_loses_a_right_has_home_rewritten_and_nobody_else(storage: Storage, clock: FakeClock):
    rights = Rights(storage, clock)
    for user_id in (ADA, ALEX, MAYA):
        rights.homes.open(user_id)
    assert rights.rewritten() == {home_of(one) for one in (ADA, ALEX, MAYA)}, "after a start, it is for everyone"
    assert rights.rewritten() == set()
    rights.roles = some_roles(admins=frozenset(), approvers=frozenset({ALEX, MAYA}))
    assert rights.rewritten() == {home_of(ADA), home_of(MAYA)}
    clock.advance(OPEN_FOR.total_seconds() + 1)
    rights.roles = some_roles()
    assert rights.rewritten() == set(), "nobody has it open any more"
