"""The commands about the database as a whole, on a file and on PostgreSQL."""

import os
import re
import shlex
import subprocess
import threading
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from bot.__main__ import main
from bot.domain.audit import AuditEvent
from bot.errors import DatabaseInUse
from bot.sandbox.postgres import PostgresServer
from storage import Storage
from storage.migrations import STEPS
from storage.postgres_connection import DUTY_LOCK
from tests.kit.bot import World, environment
from tests.kit.console import refused, said, settings_file
from tests.kit.factories import again, claim, enqueue, file_request
from tests.kit.postgres import fresh_schema


@pytest.fixture
def empty(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """The settings over a database that nobody has made yet."""
    if engine == "sqlite":
        return settings_file(tmp_path, tmp_path / "kudos.db")
    server: PostgresServer = request.getfixturevalue("postgres")
    return settings_file(tmp_path, fresh_schema(server))


# ------------------------------------------------------------------------------------------ migrate


def test_migrate_makes_the_database_and_then_finds_nothing_to_do(empty: Path):
    assert ", ".join(STEPS) in said(empty, "migrate")
    assert said(empty, "migrate") == "The database was up to date already.\n"
    assert said(empty, "queue", "list").startswith("The queue runs.")


def test_a_file_is_not_migrated_under_a_bot_that_runs_on_it(database_path: Path, tmp_path: Path):
    config = settings_file(tmp_path, database_path)
    with closing(Storage.open_for_run(database_path)):
        assert "Another bot runs" in refused(config, "migrate")


# --------------------------------------------------------------------------- what was put back elsewhere


def test_what_waits_in_a_restored_database_counts_as_sent(storage: Storage, config: Path):
    now = datetime.now(UTC)
    waits, pending = enqueue(storage, now=now), file_request(storage, now=now)
    storage.audit.add(AuditEvent.REQUEST_APPROVED, now=now, request_id=1)
    told = said(config, "restored")

    assert again(storage, waits).outcome_unknown
    assert again(storage, waits).first_attempt_at is not None
    assert storage.inquiries.open_until(waits.id) is not None
    assert storage.backlog.size().notices == 2, "a card and a receipt of what waits for approval"
    assert storage.queue.state().halted_at is None
    assert f"{now:%Y-%m-%d %H:%M:%S} UTC" in told
    assert "under the same reference" in told
    assert "90 days" not in told
    assert pending.id


def test_a_restored_database_from_before_tangos_memory_is_paused(storage: Storage, config: Path):
    storage.audit.add(AuditEvent.REQUEST_APPROVED, now=datetime.now(UTC) - timedelta(days=90), request_id=1)

    assert "older than the 90 days" in said(config, "restored")
    assert storage.queue.state().is_paused


def test_a_fresh_database_has_nothing_in_doubt(storage: Storage, config: Path):
    assert "This database is new" in said(config, "restored")


def test_nothing_is_marked_while_a_bot_is_on_duty(storage: Storage, config: Path, database: Path | str):
    storage.close()
    running = Storage.open_for_run(database)
    duty, gained = running.duty("a bot"), threading.Event()
    duty.run(on_gain=lambda _: gained.set(), on_loss=lambda: None, on_news=lambda _: None)
    try:
        assert gained.wait(10)
        assert re.search("Another bot runs on|Stop all bots first", refused(config, "restored"))
    finally:
        duty.stop()
        running.close()
    said(config, "restored")


# ----------------------------------------------------------------------------------------- PostgreSQL's own


def test_nothing_is_marked_while_a_bot_serves_that_is_not_on_duty(postgres: PostgresServer, tmp_path: Path):
    """As at a change of duty: who was on duty has gone, and who stands by has not taken it yet."""
    url = fresh_schema(postgres)
    config = settings_file(tmp_path, url)
    running = Storage.open_for_run(url)
    duty = running.duty("stands by")
    with psycopg.connect(url, autocommit=True) as on_duty:
        on_duty.execute(f"SELECT pg_advisory_lock({DUTY_LOCK})".encode())
        duty.run(on_gain=lambda _: None, on_loss=lambda: None, on_news=lambda _: None)
        tries = "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_try_advisory_lock(%' AND pid <> pg_backend_pid()"
        while not on_duty.execute(tries).fetchall():
            time.sleep(0.02)
        goes = threading.Timer(0.4, on_duty.execute, ["SELECT pg_advisory_unlock_all()"])
        goes.start()
        try:
            assert "Stop all bots first" in refused(config, "restored")
        finally:
            goes.join()
            duty.stop()
            running.close()
    said(config, "restored")


def test_nothing_is_marked_beside_a_bot_of_the_version_before(postgres: PostgresServer, tmp_path: Path):
    """During an upgrade that one may be on duty: it has the lock of the duty, and doesn't share the one of all bots."""
    url = fresh_schema(postgres)
    Storage.open(url).close()
    with psycopg.connect(url, autocommit=True) as older:
        older.execute(f"SELECT pg_advisory_lock({DUTY_LOCK})".encode())
        assert "Stop all bots first" in refused(settings_file(tmp_path, url), "restored")


def test_no_bot_begins_while_a_database_is_marked(postgres: PostgresServer):
    url, gained = fresh_schema(postgres), threading.Event()
    with closing(Storage.open_for_run(url)) as storage:
        duty = storage.duty("was here before")
        with Storage.alone(url):
            with pytest.raises(DatabaseInUse, match="Try again when it has ended"):
                storage.duty("starts now")
            duty.run(on_gain=lambda _: gained.set(), on_loss=lambda: None, on_news=lambda _: None)
            assert not gained.wait(1)
        assert gained.wait(10)
        duty.stop()


def test_postgresql_is_backed_up_and_put_back_by_what_kudos_says(postgres: PostgresServer, tmp_path: Path):
    """The commands are typed as they are printed."""
    if not (postgres._programs / "pg_dump").exists():
        pytest.skip("this server comes without pg_dump")
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE dumped")
    url = postgres.url().replace("/postgres", "/dumped")
    config = settings_file(tmp_path, url)
    with closing(Storage.open(url)) as storage:
        waits = enqueue(storage, now=datetime.now(UTC))
        storage.audit.add(AuditEvent.REQUEST_APPROVED, now=datetime.now(UTC), request_id=1)
    dump = tmp_path / "a dump"
    type_first_command(postgres, refused(config, "backup", str(dump)))
    with closing(Storage.open(url)) as storage:
        claim(storage, waits, now=datetime.now(UTC))
        lost = enqueue(storage)
    type_first_command(postgres, refused(config, "restore", str(dump)))
    said(config, "restored")

    with closing(Storage.open(url)) as storage:
        assert storage.orders.get(lost.id) is None
        assert again(storage, waits).status == "queued"
        assert again(storage, waits).outcome_unknown
        with pytest.raises(psycopg.IntegrityError):
            storage._database.execute("DELETE FROM audit")


def test_an_approval_that_was_lost_and_is_made_again_pays_once(postgres: PostgresServer, tmp_path: Path):
    """As after a failover to a copy that lacks the last seconds."""
    if not (postgres._programs / "pg_dump").exists():
        pytest.skip("this server comes without pg_dump")
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE behind")
    with World(tmp_path, where=postgres.url().replace("/postgres", "/behind")) as world:
        config, dump = tmp_path / "app.yaml", tmp_path / "behind.dump"
        request_id = world.ask()
        world.settle()
        type_first_command(postgres, refused(config, "backup", str(dump)))
        world.alex.click(world.card(request_id), "approve")
        world.settle()
        assert len(world.tango.orders) == 1
        world.stop()
        type_first_command(postgres, refused(config, "restore", str(dump)))
        assert "approved again" in said(config, "restored")
        world.start()
        world.settle()
        world.alex.click(world.card(request_id), "approve")
        world.until(lambda: world.rows("SELECT 1 FROM orders WHERE status = 'accepted'"))

        assert len(world.tango.orders) == 1, "the same reference is the same order"


def type_first_command(server: PostgresServer, told: str) -> None:
    """Type the first command that a text names."""
    command = next(line for line in told.splitlines() if line.startswith("  "))
    subprocess.run(shlex.split(command), check=True, env={"PATH": f"{server._programs}:{os.environ['PATH']}"})


def test_what_is_told_of_backups_has_no_password(tmp_path: Path):
    config = settings_file(tmp_path, "postgresql://kudos@db.example/kudos")
    with environment({"KUDOS_STORAGE__URL": "postgresql://kudos:recognisable-7@db.example/kudos"}):
        for words in (("backup", "a.dump"), ("restore", "a.dump")):
            result = CliRunner().invoke(main, [*words, "--config", str(config)])
            assert result.exit_code == 2
            assert "postgresql://kudos@db.example/kudos" in result.output
            assert "recognisable" not in result.output
