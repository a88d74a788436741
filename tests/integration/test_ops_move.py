"""Moving house: from a file to PostgreSQL and back, all of it or nothing."""

import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest

from bot.domain.access import RoleName
from bot.domain.audit import AuditEvent
from bot.domain.balance import AccountBalance
from bot.domain.budget import Budget, Per
from bot.domain.email_failure import EmailFailure
from bot.domain.money import Money
from bot.domain.tango_account import TangoAccount
from bot.domain.template import Template
from bot.errors import DatabaseInUse, DatabaseUnreadable, DatabaseUnwritable
from storage import EmailPoll, Post, Storage, move
from storage.postgres_move import TABLES
from tests.integration.test_storage_plans import one_of_each
from tests.kit.bot import World
from tests.kit.console import refused, said, settings_file
from tests.kit.factories import CHANNEL, MAYA, NOON, a_reward, again, claim, enqueue, file_request

Rows = dict[str, list[tuple[Any, ...]]]

BUDGET: Final = Budget(name="All", senders=frozenset({"*"}), each=False, amount=Money(500_00, "USD"), per=Per.MONTH)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with a row in each table, and one more order."""
    path = tmp_path / "kudos.db"
    with closing(Storage.open(path)) as storage:
        one_of_each(storage)
        enqueue(storage, message="Grüße 🎉, and a\ttab\nand \\N")
        storage.timekeeper.set_seen(NOON)
        storage.tango_account.set(
            TangoAccount(host="tango.example", platform="01234567", customer="acme-hr", account="acme")
        )
        storage.catalog.replace([a_reward(utid=utid) for utid in ("U2", "u1", "U_1", "U-2", "u10")], NOON)
        storage.homes.open(MAYA, NOON, forget_before=NOON)
        storage.conversations.add("D0MAYA001")
        storage.absences.set(MAYA, NOON, NOON.date())
        storage.reminders.begin_digest(MAYA, NOON.date())
        storage.budgets.warn(BUDGET, 24_314, "", 80)
        storage.holds.set_post(MAYA, 1, Post(CHANNEL, "1.2"))
        storage.access.begin(RoleName.APPROVER, MAYA, NOON)
        held = Money(500_00, "USD")
        storage.balance.set(AccountBalance(held=held, told_at=NOON, spent=held, spent_at=NOON))
        storage.email_failures.add(1, EmailFailure.BOUNCE, NOON, sent_before=NOON)
        storage.email_failures.set_poll(EmailPoll(NOON, None))
        storage.templates.replace([Template(etid="E000001", name="Thanks")], NOON)
        storage.reconciliations.add(NOON, NOON, 0)
    return path


def rows_of(path: Path) -> Rows:
    """All that a file holds."""
    with closing(sqlite3.connect(path)) as db:
        return {table: sorted(db.execute(f"SELECT * FROM {table}"), key=repr) for table in TABLES}  # noqa: S608


def move_quietly(source: Path | str, target: Path | str) -> None:
    move(source, target, lambda *_: None)


def is_untouched(url: str) -> bool:
    """Whether the schema has no table."""
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()").fetchone()
    return found == (0,)


@contextmanager
def other_program(url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


# ------------------------------------------------------------------------------------------ all of it


def test_every_table_is_moved(path: Path):
    with closing(sqlite3.connect(path)) as db:
        tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}

    assert set(TABLES) == {name for name in tables if not name.startswith(("sqlite_", "_sqlite_"))}
    assert {table for table, rows in rows_of(path).items() if not rows} == set()


def test_there_and_back_again_each_row_is_the_same(path: Path, url: str, tmp_path: Path):
    before, back = rows_of(path), tmp_path / "back.db"
    there = settings_file(tmp_path, path)
    told = said(there, "move", "--to", url)

    assert f"2 requests, 2 orders, {sum(map(len, before.values())):,} rows in all" in told
    assert "KUDOS_STORAGE__URL" in told
    assert rows_of(path) == before
    here = settings_file(tmp_path, url)
    assert f"storage.path: {back}" in said(here, "move", "--to", str(back))
    assert rows_of(back) == before
    assert back.stat().st_mode & 0o777 == 0o600
    assert {file.name for file in tmp_path.iterdir()} == {
        *("app.yaml", "kudos.db", "kudos.db.lock", "back.db", "back.db.lock")
    }


def test_a_bot_goes_on_where_it_was(path: Path, url: str):
    with closing(Storage.open(path)) as storage:
        waits, pending = enqueue(storage), file_request(storage)
    move_quietly(path, url)

    with closing(Storage.open(url)) as storage:
        assert again(storage, waits) == waits
        assert storage.requests.get(pending.id) == pending
        assert claim(storage, storage.orders.get(2)).status == "submitting"  # type: ignore[arg-type]
        assert storage.timekeeper.seen_at() == NOON
        with pytest.raises(psycopg.IntegrityError):
            storage._database.execute("DELETE FROM audit")


@pytest.mark.parametrize("back", ["there", "back"])
def test_numbers_go_on_after_the_last_one_that_was_given(path: Path, url: str, tmp_path: Path, back: str):
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE sqlite_sequence SET seq = 700 WHERE name = 'requests'")
        db.execute("DELETE FROM sqlite_sequence WHERE name = 'orders'")
        db.commit()
    last = len(rows_of(path)["attempts"])
    move_quietly(path, url)
    if back == "back":
        move_quietly(url, tmp_path / "back.db")

    with closing(Storage.open(url if back == "there" else tmp_path / "back.db")) as storage:
        order = enqueue(storage)
        assert (order.request_id, order.id) == (701, 3)
        assert storage.attempts.start(order.id, NOON) == last + 1
        storage.audit.add(AuditEvent.REQUEST_FILED, now=NOON, actor=MAYA)


def test_a_nul_that_postgresql_cannot_keep_is_left_out(path: Path, url: str):
    with closing(Storage.open(path)) as storage:
        request = file_request(storage, message="a\x00b")
    move_quietly(path, url)

    with closing(Storage.open(url)) as storage:
        moved = storage.requests.get(request.id)
        assert moved is not None
        assert moved.message == "ab"


def test_a_database_that_was_made_and_never_used_is_empty(path: Path, url: str, tmp_path: Path):
    said(settings_file(tmp_path, url), "migrate")
    move_quietly(path, url)

    with closing(Storage.visit(url)) as storage:
        assert len(storage.orders.get(1).external_ref_id) > 0  # type: ignore[union-attr]


def test_the_progress_is_of_all_rows_and_ends(path: Path, url: str):
    seen: list[tuple[int, int]] = []
    move(path, url, lambda done, total: seen.append((done, total)))

    assert seen == sorted(seen)
    assert seen[-1] == (2 * sum(map(len, rows_of(path).values())),) * 2


def test_what_waited_is_sent_once_after_the_move_and_a_card_from_before_can_be_clicked(url: str, tmp_path: Path):
    with World(tmp_path) as world:
        config = tmp_path / "app.yaml"
        said(config, "queue", "pause")
        approved, asked = world.ask(), world.ask(recipients=["kim"])
        world.alex.click(world.card(approved), "approve")
        world.until(lambda: world.rows("SELECT 1 FROM orders"))
        world.stop()
        said(config, "move", "--to", url)
        world.where = url
        world.start()
        said(config, "queue", "resume")
        world.alex.click(world.card(asked), "approve")
        world.until(lambda: len(world.rows("SELECT 1 FROM orders WHERE status = 'accepted'")) == 2)

        assert len(world.tango.orders) == 2


# -------------------------------------------------------------------------------------------- or nothing


def test_a_move_that_is_cut_changes_nothing_and_can_be_made_again(path: Path, url: str, tmp_path: Path):
    before = rows_of(path)

    def cut(*_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        move(path, url, cut)
    assert rows_of(path) == before
    assert is_untouched(url)
    move_quietly(path, url)
    with pytest.raises(KeyboardInterrupt):
        move(url, tmp_path / "back.db", cut)
    assert not list(tmp_path.glob(".*")) + list(tmp_path.glob("back.db"))
    move_quietly(url, tmp_path / "back.db")
    assert rows_of(tmp_path / "back.db") == before


def test_a_move_that_is_killed_changes_nothing_and_can_be_made_again(path: Path, url: str, tmp_path: Path):
    config, before = settings_file(tmp_path, path), rows_of(path)
    Storage.open(url).close()
    with other_program(url) as other:
        other.execute(
            "CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS "
            "'BEGIN PERFORM pg_notify(''lingers'', ''''), pg_sleep(60); RETURN NEW; END'"
        )
        other.execute("CREATE TRIGGER lingers BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION linger()")
        command = [sys.executable, "-m", "bot", "move", "--to", url, "--config", str(config)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 30
        asleep = "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
        while other.execute(asleep).fetchone() is None:
            assert time.monotonic() < until
            time.sleep(0.02)
        process.kill()
        process.wait()
        other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
        other.execute("DROP TRIGGER lingers ON audit")
        assert other.execute("SELECT count(*) FROM requests").fetchone() == (0,)
    assert rows_of(path) == before
    said(config, "move", "--to", url)


def test_what_an_earlier_move_left_behind_is_removed(path: Path, url: str, tmp_path: Path):
    move_quietly(path, url)
    left = tmp_path / ".back.db.1.part"
    left.write_text("names and addresses")
    move_quietly(url, tmp_path / "back.db")

    assert not left.exists()


def test_a_copy_that_is_not_the_same_is_found_out(path: Path, url: str, tmp_path: Path):
    said(settings_file(tmp_path, url), "migrate")
    with other_program(url) as other:
        other.execute(
            "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS "
            "'BEGIN NEW.amount_minor = NEW.amount_minor + 1; RETURN NEW; END'"
        )
        other.execute("CREATE TRIGGER spoils BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION spoil()")
    with pytest.raises(DatabaseUnreadable, match="Row 1 of the table orders differs in the copy"):
        move_quietly(path, url)
    with other_program(url) as other:
        assert other.execute("SELECT count(*) FROM requests").fetchone() == (0,)


# ------------------------------------------------------------------------------------------- is refused


def test_a_bot_that_runs_on_the_file_is_not_moved_away_from_under(path: Path, url: str, tmp_path: Path):
    with closing(Storage.open_for_run(path)):
        assert "Another bot runs" in refused(settings_file(tmp_path, path), "move", "--to", url)
    assert is_untouched(url)


@contextmanager
def a_bot_on_duty(url: str) -> Iterator[None]:
    with closing(Storage.open_for_run(url)) as storage:
        duty, gained = storage.duty("a bot"), threading.Event()
        duty.run(on_gain=lambda _: gained.set(), on_loss=lambda: None, on_news=lambda _: None)
        try:
            assert gained.wait(10)
            yield
        finally:
            duty.stop()


def test_nothing_is_moved_from_or_to_a_database_with_a_bot_on_duty(path: Path, url: str, tmp_path: Path):
    with a_bot_on_duty(url):
        with pytest.raises(DatabaseInUse, match="Stop all bots first"):
            move_quietly(path, url)
        with pytest.raises(DatabaseInUse, match="Stop all bots first"):
            move_quietly(url, tmp_path / "back.db")
    assert not (tmp_path / "back.db").exists()


def test_a_target_that_holds_something_is_left_alone(path: Path, url: str):
    move_quietly(path, url)
    with pytest.raises(DatabaseUnwritable, match=r"isn.t empty.*Name an empty database"):
        move_quietly(path, url)
    with pytest.raises(DatabaseUnwritable, match="is there already"):
        move_quietly(url, path)
    with other_program(url) as other:
        assert other.execute("SELECT count(*) FROM requests").fetchone() == (2,)


def test_a_schema_of_another_program_is_left_alone(path: Path, url: str):
    with other_program(url) as other:
        other.execute("CREATE TABLE orders (x int)")
    with pytest.raises(DatabaseUnreadable, match="another program"):
        move_quietly(path, url)


def test_a_database_of_another_version_is_brought_up_to_date_first(path: Path, url: str, tmp_path: Path):
    with closing(sqlite3.connect(path)) as db:
        db.execute("DELETE FROM _sqlite_migrations WHERE name = 'm015_duty'")
        db.commit()
    with pytest.raises(DatabaseUnreadable, match="of another version"):
        move_quietly(path, url)
    Storage.open(url).close()
    with other_program(url) as other:
        other.execute("DELETE FROM kudos_migrations WHERE name = 'm015_duty'")
    with pytest.raises(DatabaseUnreadable, match="isn't up to date"):
        move_quietly(url, tmp_path / "back.db")


@pytest.mark.parametrize("is_file", ["file", "server"])
def test_a_move_is_from_one_engine_to_the_other(path: Path, url: str, tmp_path: Path, is_file: str):
    where: Path | str = path if is_file == "file" else url
    other = str(tmp_path / "other.db") if is_file == "file" else url

    assert "pg_dump" in refused(settings_file(tmp_path, where), "move", "--to", other)


def test_there_is_no_move_of_what_is_not_there(url: str, tmp_path: Path):
    config = settings_file(tmp_path, tmp_path / "lost.db")

    assert "There's no database" in refused(config, "move", "--to", url)
    assert is_untouched(url)
