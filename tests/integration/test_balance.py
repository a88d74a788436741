"""The balance at Tango: admins hear once that it comes below an amount, and a card says that it is too little."""

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest

from bot.domain.alerts import BalanceLow
from bot.domain.balance import AccountBalance
from bot.domain.money import Money
from bot.domain.notices import ADMINS
from bot.sandbox.slack import people
from bot.usecases.balance import BalanceWatch, with_cover
from handlers.views.alerts import build_balance_low
from handlers.views.warnings import recipient_warnings
from storage import Storage
from tests.kit.bot import World
from tests.kit.console import said, settings_file
from tests.kit.factories import NOON, TEAM, FakeClock, a_request, accept, enqueue, file_request
from tests.kit.wording.common import words_in

LIMIT: Final = {"USD": Money(500_00, "USD")}

#: What a card says that the account doesn't cover.
SHORT: Final = words_in(recipient_warnings(a_request(is_uncovered=True), TEAM))


def usd(amount: int) -> Money:
    return Money(amount * 100, "USD")


@pytest.fixture
def watch(storage: Storage, clock: FakeClock) -> BalanceWatch:
    return BalanceWatch(storage=storage, clock=clock, below=LIMIT, audiences=[ADMINS])


def alerts(storage: Storage) -> int:
    return len(storage._database.query("SELECT 1 FROM outbox WHERE kind = :kind", {"kind": BalanceLow.kind}))


def test_each_crossing_is_told_once(storage: Storage, clock: FakeClock, watch: BalanceWatch):
    told = []
    for amount in (600, 499, 300, 500, 499, 499):
        watch.hear(Decimal(amount), "USD")
        with storage.transaction():  # Slack has taken it, so that the next would be another
            storage._database.execute("UPDATE outbox SET status = 'sent', settled_at = 1")
        told.append(alerts(storage))
        clock.advance(300)
    assert told == [0, 1, 1, 1, 2, 2]


def test_a_restart_tells_nothing_again(storage: Storage, clock: FakeClock, watch: BalanceWatch):
    watch.hear(Decimal(400), "USD")
    BalanceWatch(storage=storage, clock=clock, below=LIMIT, audiences=[ADMINS]).hear(Decimal(390), "USD")
    assert alerts(storage) == 1


@pytest.mark.parametrize(("amount", "currency"), [(None, "USD"), (Decimal(1), None), (Decimal(1), "EUR")])
def test_what_tango_does_not_say_or_the_settings_do_not_name_is_no_crossing(
    storage: Storage, watch: BalanceWatch, amount: Decimal | None, currency: str | None
):
    watch.hear(amount, currency)
    assert alerts(storage) == 0


def test_the_pace_is_that_of_the_last_thirty_days(storage: Storage, clock: FakeClock, watch: BalanceWatch):
    for days in (40, 20, 10):
        accept(storage, enqueue(storage, now=NOON - timedelta(days=days)), now=NOON - timedelta(days=days))
    watch.hear(Decimal(400), "USD")
    balance = storage.balance.get()
    assert balance is not None
    assert balance.spent == usd(50), "25 dollars, twice"
    assert balance.days == 240


@pytest.mark.parametrize(
    ("held", "spent", "days"), [(400, 0, None), (0, 50, 0), (-5, 50, 0), (1, 50, 0), (2, 50, 1), (15, 50, 9)]
)
def test_it_lasts_whole_days(held: int, spent: int, days: int | None):
    assert AccountBalance(held=usd(held), told_at=NOON, spent=usd(spent), spent_at=NOON).days == days


# --------------------------------------------------------------------------------------------- the card


@pytest.mark.parametrize(
    ("held", "waits", "later", "uncovered"),
    [(25, 0, 0, False), (24, 0, 0, True), (49, 1, 0, True), (50, 1, 0, False), (24, 0, 20, False)],
)
def test_a_request_is_held_against_the_balance_and_what_waits(
    storage: Storage, watch: BalanceWatch, held: int, waits: int, later: int, *, uncovered: bool
):
    for _ in range(waits):
        enqueue(storage)
    watch.hear(Decimal(held), "USD")
    request = file_request(storage)
    [shown] = with_cover(storage, [request], NOON + timedelta(minutes=later))
    assert shown.is_uncovered is uncovered


def test_without_the_setting_nothing_is_looked_at(storage: Storage):
    request = file_request(storage)
    [shown] = with_cover(storage, [request], NOON)
    assert shown is request


def test_once_the_setting_is_taken_out_the_console_tells_no_balance(
    storage: Storage, watch: BalanceWatch, tmp_path: Path, database: Path | str
):
    watch.hear(Decimal(400), "USD")
    assert "Tango account" not in said(settings_file(tmp_path, database), "queue", "list")


# ------------------------------------------------------------------------------------------ at the wire


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, module_database: Path | str) -> Iterator[World]:
    settings = {"alerts": {"balance_below": ["500 USD"], "channel": people.TEAM_BLUE}}
    with World(tmp_path_factory.mktemp("balance"), where=module_database, settings=settings) as world:
        yield world


def test_admins_and_the_channel_hear_of_it_and_the_card_says_so(world: World):
    world.tango.balance = Decimal(20)
    world.tick("balance")
    world.settle()
    alert = build_balance_low(BalanceLow(20_00, 500_00, "USD", None)).text
    assert [message.text for message in world.ada.dms() if message.text == alert] == [alert]
    assert [message.text for message in world.maya.messages(people.TEAM_BLUE) if message.text == alert] == [alert]
    card = world.card(world.ask())
    assert SHORT in card.words
    assert "$20" not in card.words, "what the account holds is not for a channel"
    assert re.search(r"The Tango account had \$20\.00 at ", said(world.folder / "app.yaml", "queue", "list"))
    world.tango.balance = Decimal(1_000)
    world.tick("balance")
    assert SHORT not in world.card(world.ask(recipients=["kim"])).words


def test_a_card_says_it_as_long_as_it_is_so(world: World):
    world.tango.balance = Decimal(1_000)
    world.tick("balance")
    number = world.ask(recipients=["ana"])
    assert SHORT not in world.card(number).words
    world.tango.balance = Decimal(20)
    world.tick("balance")
    world.until(lambda: SHORT in world.card(number).words)
    world.tango.balance = Decimal(1_000)
    world.tick("balance")
    world.until(lambda: SHORT not in world.card(number).words)
