"""A database belongs to one account at Tango: another one is refused at the start, before anything is sent."""

from collections.abc import Callable

import pytest

from bot.app import Kudos
from bot.errors import ConfigurationError
from bot.ops.check import run_checks
from tests.kit.bot import SECRETS, World, environment

ANOTHER = {"customer": "another", "account": "another-usd"}


def start(world: World, *, adopt: bool = False) -> None:
    """Start the bot, as `kudos run` does, and stop it."""
    Kudos(world._settings(), world.clock, adopt=adopt)._storage.close()


def move_to(world: World, **tango: str) -> None:
    """Name another account in the settings, which the bot has not been started with."""
    world.stop()
    world._more = {**world._more, "tango": tango}


@pytest.mark.parametrize(
    ("setting", "value"),
    [("customer", "another"), ("account", "another-usd"), ("base_url", "https://tango.example/v2")],
)
def test_another_account_is_refused_and_nothing_is_sent(world: World, setting: str, value: str):
    world.tango.faults.set("unavailable_after")
    world.ask()
    world.alex.click(world.card(1), "approve")
    world.until(lambda: world.rows("SELECT 1 FROM orders WHERE outcome_unknown = 1"))
    move_to(world, **{setting: value})
    arrived = len(world.tango.arrivals)
    with pytest.raises(ConfigurationError) as refused:
        start(world)
    assert world.tango.customer in str(refused.value)
    assert "--adopt" in str(refused.value)
    assert len(world.tango.arrivals) == arrived
    world._more = {}
    start(world)


def test_another_platform_is_refused(world: World):
    world.stop()
    settings = world._settings().model_copy(update={"tango_platform_name": "AnotherPlatform"})
    with pytest.raises(ConfigurationError, match="another platform"):
        Kudos(settings, world.clock)
    assert "KudosDemo" not in str(world.rows("SELECT * FROM tango_account"))


def test_a_file_that_was_never_bound_is_bound_at_its_next_start(world: World):
    world.stop()
    world.write("DELETE FROM tango_account")
    start(world)
    assert world.one("SELECT customer FROM tango_account")["customer"] == world.tango.customer


def waits_for_approval(world: World) -> None:
    world.ask()


def is_queued(world: World) -> None:
    world.tango.faults.set("insufficient_funds")
    world.place_in_halt()


def needs_attention(world: World) -> None:
    world.tango.faults.set("mismatch", field="amount")
    world.place()
    assert world.one("SELECT status FROM orders")["status"] == "needs_attention"


@pytest.mark.parametrize("opened", [waits_for_approval, is_queued, needs_attention], ids=lambda one: one.__name__)
def test_what_is_open_is_not_taken_to_another_account(world: World, opened: Callable[[World], None]):
    opened(world)
    move_to(world, **ANOTHER)
    with pytest.raises(ConfigurationError, match="Not yet"):
        start(world, adopt=True)
    assert world.one("SELECT customer FROM tango_account")["customer"] == world.tango.customer


def test_a_database_in_which_all_is_done_is_adopted(world: World):
    world.place()
    move_to(world, **ANOTHER)
    start(world, adopt=True)
    start(world)
    assert world.one("SELECT customer FROM tango_account")["customer"] == "another"
    assert world.rows("SELECT actor FROM audit WHERE event = 'tango_account.adopted'") == [{"actor": None}]


def test_the_check_says_whose_the_database_is(world: World, capsys: pytest.CaptureFixture[str]):
    move_to(world, **ANOTHER)
    world._settings()
    with environment(SECRETS):
        assert not run_checks(world.folder / "app.yaml")
    assert "--adopt" in capsys.readouterr().out
