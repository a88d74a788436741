"""Several bots on PostgreSQL over an upgrade, and over a failover to a copy that lacks the last seconds."""

import subprocess
from pathlib import Path

import pytest

from bot.sandbox.postgres import PostgresServer, find_server
from tests.kit.asked import Asked
from tests.kit.several import Several, newer_copy

pytestmark = pytest.mark.timeout(300)  # the machine may be busy with the other tests

ROB = Asked("maya", ("rob",), 25, "Thank you for the launch")
KIM = Asked("maya", ("kim",), 40, "Thank you for the drawings")
ANA = Asked("maya", ("ana",), 55, "Thank you for the talk")


def test_a_bot_that_lacks_the_newest_step_goes_on_beside_one_that_brought_it(postgres: PostgresServer, tmp_path: Path):
    program, where = newer_copy(tmp_path / "newer", "m999_newer", "CREATE TABLE newer (id INTEGER PRIMARY KEY)")
    with Several(tmp_path, postgres) as play:
        [first] = play.start()
        play.approve(ROB)
        play.console("migrate", program=program, where=where)
        assert play.rows("SELECT name FROM kudos_migrations WHERE name = 'm999_newer'")

        play.approve(KIM)
        newer = play.wait_until_ready(play.begin(command=(*program, "run"), where=where))
        [second] = play.start()  # one of before may also be started again
        play.settle()
        first.kill()
        assert play.next_on_duty(first) in (newer, second)
        second.kill()
        assert play.on_duty() is newer
        play.approve(ANA)
        play.settle()
        play.check_the_end(ROB, KIM, ANA)
    assert len(play.tango.arrivals) == 3


def test_an_approval_that_the_copy_lacks_is_made_again_and_paid_once(postgres: PostgresServer, tmp_path: Path):
    with Several(tmp_path, postgres) as play, postgres.another() as standby:
        [bot] = play.start()
        play.approve(ROB)
        card = play.ask(KIM)
        play.settle()
        copy_moment = dump(play.url, tmp_path / "copy")
        play.alex.click(card, "approve")
        play.settle()
        assert len(play.tango.orders) == 2
        bot.kill()

        play.fail_over(restored(copy_moment, standby, play.url))
        assert "possibly sent" in play.console("restored")
        play.start(2)
        play.settle()
        shown = play.card(KIM)
        assert shown is not None
        play.alex.click(shown, "approve")
        play.until(lambda: play.statuses()["accepted"] == 2, "the order")
        play.settle()
        play.check_the_end(ROB, KIM)
        stored = play.rows("SELECT external_ref_id, reference_order_id FROM orders ORDER BY id")
    # Tango is asked for what may be there before anything is sent.
    assert len(play.tango.arrivals) == 2
    assert [(order.external_ref_id, order.reference_order_id) for order in play.tango.orders] == [
        tuple(row.values()) for row in stored
    ]


def dump(url: str, to: Path) -> Path:
    """Copy the database as it is at this moment."""
    subprocess.run([program("pg_dump"), "--format=custom", f"--file={to}", url], check=True)
    return to


def restored(copy: Path, server: PostgresServer, url: str) -> str:
    """Bring a copy up on another server; return the address there of what was at `url`."""
    subprocess.run([program("pg_restore"), f"--dbname={server.url()}", str(copy)], check=True)
    return server.url(schema=url.rpartition("%3D")[2])


def program(name: str) -> str:
    """Return the path of one of PostgreSQL's programs."""
    folder = find_server()
    assert folder is not None
    return str(folder / name)
