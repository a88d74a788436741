"""Backups of the file while the bot writes to it, and putting one back."""

import os
import sqlite3
import stat
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.audit import AuditEvent
from bot.domain.queue import PAUSED
from bot.errors import DatabaseInUse, DatabaseTooNew, DatabaseUnreadable, DatabaseUnwritable, StorageError
from storage import Restored, Storage, back_up, restore
from tests.kit.factories import MAYA, NOON, again, claim, enqueue, file_request


def orders_in(path: Path) -> int:
    """How many orders the file has."""
    with closing(sqlite3.connect(path)) as db:
        (count,) = db.execute("SELECT count(*) FROM orders").fetchone()
    return int(count)


def put_back(path: Path, backup: Path) -> Restored:
    """Restore it an hour after noon, when Tango still knows what was sent in the 90 days before."""
    now = NOON + timedelta(hours=1)
    return restore(path, backup, now=now, known_since=now - timedelta(days=90), actor="console")


def files_in(folder: Path) -> set[str]:
    """The names of what is in the folder."""
    return {path.name for path in folder.iterdir()}


# ------------------------------------------------------------------------------------------- backup


def test_a_backup_holds_what_was_committed_also_what_is_in_the_log(
    storage: Storage, database_path: Path, tmp_path: Path
):
    enqueue(storage)
    with storage.transaction():
        storage.audit.add(AuditEvent.REQUEST_FILED, now=NOON, actor=MAYA)
    to = tmp_path / "backup.db"
    contents = back_up(database_path, to)

    assert (contents.requests, contents.orders, contents.last_event_at) == (1, 1, NOON)
    assert orders_in(to) == 1
    assert stat.S_IMODE(to.stat().st_mode) == 0o600
    assert {name for name in files_in(tmp_path) if name.startswith((".", "backup"))} == {"backup.db"}


def test_a_backup_of_a_busy_file_is_whole_and_holds_up_nobody(storage: Storage, database_path: Path, tmp_path: Path):
    done = threading.Event()

    def be_busy() -> None:
        while not done.is_set():
            enqueue(storage)

    busy = threading.Thread(target=be_busy)
    busy.start()
    try:
        seen = [back_up(database_path, tmp_path / f"backup-{number}.db").orders for number in range(5)]
    finally:
        done.set()
        busy.join()

    assert seen == sorted(seen)
    for number, orders in enumerate(seen):
        with closing(sqlite3.connect(tmp_path / f"backup-{number}.db")) as db:
            assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            # A request, its recipient and its order are one transaction each: what is there is whole.
            assert db.execute("SELECT count(*) FROM orders").fetchone() == (orders,)
            assert db.execute("PRAGMA foreign_key_check").fetchall() == []


def test_what_is_there_is_not_written_over(storage: Storage, database_path: Path, tmp_path: Path):
    precious = tmp_path / "precious"
    precious.write_text("dear")

    with pytest.raises(DatabaseUnwritable, match="is there already"):
        back_up(database_path, precious)
    with pytest.raises(DatabaseUnwritable, match="is there already"):
        back_up(database_path, database_path)
    assert precious.read_text() == "dear"


def test_a_backup_into_a_folder_that_is_not_there_says_so(storage: Storage, database_path: Path, tmp_path: Path):
    with pytest.raises(DatabaseUnwritable, match="can't be written"):
        back_up(database_path, tmp_path / "nowhere" / "backup.db")


def damage(path: Path) -> None:
    """Overwrite the middle of the file."""
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(os.urandom(8192))


def a_text(path: Path) -> None:
    """No database at all."""
    path.write_text("not a database, and long enough to be looked at " * 20)


def empty(path: Path) -> None:
    """Nothing."""
    path.write_bytes(b"")


def another_program(path: Path) -> None:
    """Somebody else's database."""
    path.unlink()
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE t (x)")


@pytest.mark.parametrize("spoil", [damage, a_text, empty, another_program], ids=lambda spoil: spoil.__name__)
def test_what_is_not_sound_makes_no_backup_and_is_not_restored(tmp_path: Path, spoil: Callable[[Path], None]):
    (tmp_path / "a").mkdir()
    source = tmp_path / "a" / "source.db"
    storage = Storage.open(source)
    for _ in range(5):
        enqueue(storage)
    storage.close()
    spoil(source)
    target = tmp_path / "kudos.db"

    with pytest.raises(DatabaseUnreadable) as refused:
        back_up(source, target)
    assert "(ok)" not in str(refused.value)
    with pytest.raises(DatabaseUnreadable):
        put_back(target, source)
    assert files_in(tmp_path) == {"a", "kudos.db.lock"}


def test_there_is_no_backup_of_what_is_not_there(tmp_path: Path):
    with pytest.raises(DatabaseUnreadable, match="no file"):
        back_up(tmp_path / "kudos.db", tmp_path / "backup.db")
    with pytest.raises(DatabaseUnreadable, match="no file"):
        put_back(tmp_path / "kudos.db", tmp_path / "backup.db")
    assert files_in(tmp_path) == set()


# ------------------------------------------------------------------------------------------ restore


@pytest.fixture
def backup(storage: Storage, database_path: Path, tmp_path: Path) -> Path:
    """A backup with one order. The file it was made of has two by now, and nobody has it open."""
    enqueue(storage)
    back_up(database_path, tmp_path / "backup.db")
    enqueue(storage)
    storage.close()
    return tmp_path / "backup.db"


def test_a_restore_puts_the_backup_there_and_keeps_the_file(backup: Path, database_path: Path):
    restored = put_back(database_path, backup)

    assert restored.contents.orders == 1
    assert orders_in(database_path) == 1
    assert orders_in(backup) == 1
    assert restored.kept_as is not None
    assert orders_in(restored.kept_as) == 2
    for path in (database_path, restored.kept_as):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = Storage.open(database_path)
    enqueue(again)
    again.close()


def test_a_restore_where_nothing_was_makes_the_file(backup: Path, tmp_path: Path):
    fresh = tmp_path / "fresh.db"

    assert put_back(fresh, backup).kept_as is None
    assert orders_in(fresh) == 1


def test_what_waits_in_a_backup_counts_as_sent_when_it_ends(storage: Storage, database_path: Path, tmp_path: Path):
    was_tried = claim(storage, enqueue(storage))
    waits = enqueue(storage)
    storage.audit.add(AuditEvent.REQUEST_APPROVED, now=NOON + timedelta(minutes=1), actor=MAYA)
    back_up(database_path, tmp_path / "backup.db")
    storage.close()
    put_back(database_path, tmp_path / "backup.db")
    restored = Storage.visit(database_path)
    try:
        assert again(restored, waits) == replace(
            waits, outcome_unknown=True, first_attempt_at=NOON + timedelta(minutes=1)
        )
        assert again(restored, was_tried) == replace(was_tried, outcome_unknown=True)
    finally:
        restored.close()


def test_a_backup_from_before_tangos_memory_is_paused_before_it_is_in_place(
    storage: Storage, database_path: Path, tmp_path: Path
):
    storage.audit.add(AuditEvent.REQUEST_APPROVED, now=NOON - timedelta(days=90), actor=MAYA)
    back_up(database_path, tmp_path / "backup.db")
    storage.close()

    assert put_back(database_path, tmp_path / "backup.db").is_paused
    with closing(sqlite3.connect(database_path)) as db:
        assert db.execute("SELECT halt_cause FROM queue").fetchone() == (PAUSED,)
        assert db.execute("SELECT event, actor FROM audit ORDER BY id DESC").fetchone() == ("queue.paused", "console")
    assert {name for name in files_in(tmp_path) if "replaced" not in name} == {
        "backup.db",
        "kudos.db",
        "kudos.db.lock",
    }


def test_the_log_of_a_file_that_was_moved_away_is_kept_and_not_taken_for_the_restored_ones(
    backup: Path, database_path: Path, tmp_path: Path
):
    storage = Storage.open(database_path)
    enqueue(storage)
    log = database_path.with_name("kudos.db-wal")
    left = log.read_bytes()
    storage.close()
    database_path.rename(tmp_path / "moved")
    log.write_bytes(left)  # as a kill leaves it
    database_path.with_name("kudos.db-shm").write_bytes(b"")
    kept_as = put_back(database_path, backup).kept_as

    assert kept_as is not None
    assert kept_as.name.endswith("-wal")
    assert kept_as.read_bytes() == left
    assert orders_in(database_path) == 1
    with closing(sqlite3.connect(database_path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_file_is_not_restored_over_itself(backup: Path, database_path: Path, tmp_path: Path):
    other_name = tmp_path / "other-name.db"
    other_name.symlink_to(database_path)
    for named in (database_path, other_name):
        with pytest.raises(DatabaseUnreadable, match="is the database itself"):
            put_back(database_path, named)
    assert orders_in(database_path) == 2
    assert not list(tmp_path.glob("*replaced*"))


def test_what_was_in_the_log_of_a_killed_bot_is_kept_as_well(database_path: Path, tmp_path: Path):
    (tmp_path / "killed").mkdir()
    storage = Storage.open(database_path)
    enqueue(storage)
    back_up(database_path, tmp_path / "backup.db")
    enqueue(storage)
    killed = tmp_path / "killed" / "kudos.db"  # as a kill leaves it: with its log
    for part in ("", "-wal"):
        killed.with_name(f"kudos.db{part}").write_bytes(database_path.with_name(f"kudos.db{part}").read_bytes())
    storage.close()
    assert killed.with_name("kudos.db-wal").stat().st_size
    kept_as = put_back(killed, tmp_path / "backup.db").kept_as

    assert kept_as is not None
    assert orders_in(kept_as) == 2
    assert orders_in(killed) == 1
    assert not killed.with_name("kudos.db-wal").exists()


def test_a_damaged_file_is_kept_with_its_log_and_replaced(backup: Path, database_path: Path):
    a_text(database_path)
    log = database_path.with_name("kudos.db-wal")
    log.write_text("a log that nobody can read")
    kept_as = put_back(database_path, backup).kept_as

    assert kept_as is not None
    assert kept_as.read_text().startswith("not a database")
    assert kept_as.with_name(f"{kept_as.name}-wal").read_text() == "a log that nobody can read"
    assert not log.exists()
    assert orders_in(database_path) == 1


def test_nothing_is_restored_while_a_bot_runs(backup: Path, database_path: Path):
    running = Storage.open_for_run(database_path)
    try:
        with pytest.raises(DatabaseInUse, match="Another bot runs"):
            put_back(database_path, backup)
    finally:
        running.close()
    assert orders_in(database_path) == 2


def test_nothing_is_restored_while_another_program_has_the_file_open(backup: Path, database_path: Path):
    with closing(sqlite3.connect(database_path)) as other:
        other.execute("SELECT * FROM orders").fetchall()
        with pytest.raises(DatabaseInUse, match="Another program"):
            put_back(database_path, backup)
    assert orders_in(database_path) == 2


def test_a_backup_of_a_newer_version_is_refused(backup: Path, database_path: Path):
    with closing(sqlite3.connect(backup)) as db:
        db.execute("UPDATE _sqlite_migrations SET name = 'm999_from_the_future' WHERE name LIKE 'm001%'")
        db.commit()

    with pytest.raises(DatabaseTooNew):
        put_back(database_path, backup)
    assert orders_in(database_path) == 2


# ---------------------------------------------------------------------------------- beside a bot


def test_a_visitor_neither_makes_nor_migrates_a_file(tmp_path: Path, database_path: Path):
    with pytest.raises(StorageError, match="no database"):
        Storage.visit(database_path)
    assert not database_path.exists()
    Storage.open(database_path).close()
    with closing(sqlite3.connect(database_path)) as db:
        db.execute("DELETE FROM _sqlite_migrations")
        db.commit()
    with pytest.raises(StorageError):
        Storage.visit(database_path)


def test_a_visitor_reads_beside_a_bot(storage: Storage, database_path: Path):
    request = file_request(storage)
    visitor = Storage.visit(database_path)
    try:
        assert visitor.requests.get(request.id) == request
    finally:
        visitor.close()
