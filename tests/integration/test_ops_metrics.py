"""What whoever runs the bot looks at: /metrics, /healthz, /readyz and the dashboard."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.sandbox.serve import serve
from bot.sandbox.slack import people
from tests.kit.bot import APP_TOKEN, BOT_TOKEN, PLATFORM_KEY, SIGNING_SECRET, World

DASHBOARD: Final = Path(__file__).parents[2] / "deploy/grafana-dashboard.json"

#: What the bot measures, and what kind it is.
METRICS: Final = {
    "kudos_order_attempts": "counter",
    "kudos_pace_gap_seconds": "histogram",
    "kudos_pace_margin_seconds": "gauge",
    "kudos_ack_seconds": "histogram",
    "kudos_build_info": "gauge",
    "kudos_on_duty": "gauge",
    "kudos_duty_changes": "counter",
    "kudos_database_errors": "counter",
    "kudos_account_balance": "gauge",
    "kudos_budget_used_ratio": "gauge",
    "kudos_queue_orders": "gauge",
    "kudos_queue_oldest_seconds": "gauge",
    "kudos_queue_halted": "gauge",
    "kudos_requests_pending": "gauge",
    "kudos_outbox_notices": "gauge",
    "kudos_outbox_oldest_seconds": "gauge",
}

Samples = dict[tuple[str, str], float]


@pytest.fixture
def world(tmp_path: Path, database: Path | str) -> Iterator[World]:
    settings = {"budgets": [{"name": "Everyone", "amount": "1,000,000 USD", "per": "year"}]}
    with World(tmp_path, where=database, settings=settings) as world:
        yield world


def fetch(url: str) -> tuple[int, str]:
    """What is answered there."""
    try:
        with urlopen(url, timeout=10) as answer:  # noqa: S310 (loopback)
            return answer.status, answer.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()


def ask(world: World, path: str) -> tuple[int, str]:
    """What the bot's own server answers."""
    assert world._door is not None
    return fetch(f"{world._door.url}{path}")


def samples(world: World) -> Samples:
    """Each sample by its name and the value of its label."""
    status, text = ask(world, "/metrics")
    assert status == 200
    return {
        (sample.name, "".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_an_order_shows_in_every_figure(world: World):
    before = samples(world)
    world.place(recipients=["rob", "kim"])
    world.until(lambda: ("kudos_account_balance", "USD") in samples(world))
    after = samples(world)

    assert before["kudos_queue_orders", "queued"] == 0
    assert after["kudos_order_attempts_total", "accepted"] == 2
    assert after["kudos_pace_gap_seconds_count", ""] >= 1
    assert 0 < after["kudos_account_balance", "USD"] <= 1_000_000
    assert after["kudos_ack_seconds_count", "command"] == 1
    assert after["kudos_ack_seconds_count", "submission"] == 1
    assert after["kudos_ack_seconds_count", "click"] >= 1
    assert after["kudos_outbox_notices", ""] == after["kudos_outbox_oldest_seconds", ""] == 0
    assert [value for (name, _), value in after.items() if name == "kudos_build_info"] == [1]


def test_what_waits_is_counted_with_the_age_of_the_oldest(world: World):
    world.tango.faults.set("insufficient_funds")
    world.place_in_halt(recipients=["rob", "kim"])
    # An attempt is counted after it is recorded: the file may tell of the halt before the figures do.
    world.until(lambda: samples(world).get(("kudos_order_attempts_total", "halted")), step=0)
    world.clock.advance(100)
    found = samples(world)

    assert found["kudos_queue_orders", "queued"] + found["kudos_queue_orders", "submitting"] == 2
    assert found["kudos_queue_oldest_seconds", ""] >= 100
    assert found["kudos_queue_halted", "insufficient_funds"] == 1
    assert found["kudos_queue_halted", "paused"] == found["kudos_queue_halted", "account_frozen"] == 0
    assert found["kudos_order_attempts_total", "halted"] >= 1


def test_an_order_that_is_being_tried_waits_as_well(world: World):
    world.tango.faults.set("insufficient_funds")
    world.place_in_halt()
    world.until_none_is_tried()
    world.tango.faults.set("slow", seconds=1, times=1)
    world.clock.advance(100)  # so the next probe is due
    world.until(lambda: samples(world)["kudos_queue_orders", "submitting"], step=0)
    found = samples(world)

    assert found["kudos_queue_orders", "queued"] + found["kudos_queue_orders", "submitting"] == 1
    assert found["kudos_queue_oldest_seconds", ""] >= 100


def test_what_is_held_is_counted_apart(tmp_path: Path, database: Path | str):
    with World(tmp_path, where=database, settings={"approvals": {"hold_minutes": 10}}) as world:
        world.alex.click(world.card(world.ask(recipients=["rob", "kim"])), "approve")
        world.clock.advance(300)
        found = samples(world)
        assert found["kudos_queue_orders", "held"] == 2
        assert found["kudos_queue_orders", "queued"] == found["kudos_queue_oldest_seconds", ""] == 0
        world.tango.faults.set("insufficient_funds")
        world.clock.advance(301)
        world.until(lambda: samples(world)["kudos_queue_orders", "held"] == 0)
        assert 0 <= samples(world)["kudos_queue_oldest_seconds", ""] < 300, "they wait since the end of the hold"


def test_requests_that_wait_for_a_decision_are_counted_by_age(world: World):
    day = 86_400
    world.ask()
    world.clock.advance(2 * day)
    world.ask(recipients=["kim"])
    world.ask(recipients=["li"])
    world.place(recipients=["ana"])

    def pending() -> list[float]:
        found = samples(world)
        return [found["kudos_requests_pending", days] for days in ("0", "1", "2", "3+")]

    assert pending() == [2, 0, 1, 0]
    world.clock.advance(day)
    assert pending() == [0, 2, 0, 1]
    world.clock.advance(9 * day)
    assert pending() == [0, 0, 0, 3]
    world.clock.set(world.clock.now() - timedelta(days=100))
    assert pending() == [3, 0, 0, 0], "the clock was put back"


def test_notices_that_slack_does_not_take_are_counted(world: World):
    world.slack.faults.set("outage", method="chat.postMessage")
    world.fill_in()
    world.until(lambda: samples(world)["kudos_outbox_notices", ""] == 2)

    world.clock.advance(60)
    assert samples(world)["kudos_outbox_oldest_seconds", ""] >= 60


def test_a_balance_that_tango_does_not_tell_is_left_out(world: World):
    world.until(lambda: ("kudos_account_balance", "USD") in samples(world))
    world.tango.faults.set("unavailable_before", endpoint="accounts")
    world.tick("balance")

    assert ("kudos_account_balance", "USD") not in samples(world)


def test_the_metrics_tell_nothing_of_anybody(world: World):
    world.place(message="Thank you, recognisably")
    _, text = ask(world, "/metrics")
    told = text.lower()

    for order in world.rows("SELECT external_ref_id, reference_order_id, recipient_id, email FROM orders"):
        assert not [value for value in order.values() if value.lower() in told]
    for private in (BOT_TOKEN, APP_TOKEN, SIGNING_SECRET, PLATFORM_KEY, people.MAYA, "maya", "rob", "recognisabl", "@"):
        assert private.lower() not in told


def test_each_metric_is_there_with_its_kind(world: World):
    world.place()
    world.tick("budgets")
    world.until(lambda: ("kudos_account_balance", "USD") in samples(world))
    kinds = {family.name: family.type for family in text_string_to_metric_families(ask(world, "/metrics")[1])}

    ours = {name: kind for name, kind in kinds.items() if name.startswith("kudos_")}
    assert {name: kind for name, kind in ours.items() if not name.endswith("_created")} == METRICS


def test_the_dashboard_asks_for_each_metric_and_for_no_other():
    dashboard: dict[str, Any] = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    asked = {
        name.removesuffix("_total").removesuffix("_bucket")
        for panel in dashboard["panels"]
        for target in panel.get("targets", [])
        for name in re.findall(r"kudos_[a-z_]+", target["expr"])
    }

    assert asked == set(METRICS)
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])


# ----------------------------------------------------------------------------------- able to serve


def test_a_bot_that_serves_is_ready(world: World):
    assert ask(world, "/healthz") == (200, "ok")
    assert ask(world, "/readyz") == (200, "ok")


def test_a_bot_that_lost_its_connection_to_slack_is_not_ready(tmp_path: Path, database: Path | str):
    with World(tmp_path, where=database, mode="socket") as world, serve(world.bot.web_app()) as door:
        assert fetch(f"{door.url}/readyz") == (200, "ok")
        assert world.bot._door is not None
        world.bot._door._handler.client.auto_reconnect_enabled = False
        world.slack._sockets.disconnect()
        world.until(lambda: world.bot.unready() is not None, step=0)
        assert fetch(f"{door.url}/readyz") == (503, "not connected to Slack")


def test_a_connection_that_died_without_a_word_is_noticed_and_replaced(tmp_path: Path, database: Path | str):
    with World(tmp_path, where=database, mode="socket") as world:
        world.slack.faults.set("socket_drop")
        assert world.slack.mode is None
        world.until(lambda: world.bot.unready() == "not connected to Slack", step=0)
        world.until(lambda: world.slack.mode == "socket" and world.bot.unready() is None, step=0)
        told = world.maya.command("/kudos", "help").ephemeral
        assert told is not None


@pytest.mark.file
def test_a_bot_whose_database_does_not_answer_is_not_ready_and_still_measures(world: World):
    world.damage_file()
    world.until(lambda: ask(world, "/readyz") == (503, "the database does not answer"))

    found = samples(world)
    assert ("kudos_queue_orders", "queued") not in found
    assert ("process_open_fds", "") in found
    assert ask(world, "/healthz") == (200, "ok"), "a restart would not mend it"


def test_a_bot_whose_outbox_hangs_is_not_ready(world: World):
    world.slack.faults.set("slow", method="chat.postMessage", seconds=1, times=1)
    assert world.fill_in().closed
    world.until(lambda: world.rows("SELECT 1 FROM outbox WHERE status = 'sending'"), step=0)
    world.clock.advance(61)
    world.wake()
    world.until(lambda: world.bot.unready() == "the outbox's worker stands still", step=0)
    world.until(lambda: world.bot.unready() is None, step=0)


def test_a_bot_that_stops_is_not_ready(world: World):
    bot = world.bot
    world.stop()

    assert bot.unready() == "starting or stopping"
