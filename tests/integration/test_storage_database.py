"""The database file: made, migrated, held, shared, full, damaged. What goes wrong is said with its remedy."""

import errno
import fcntl
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

from bot.domain.audit import AuditEvent
from bot.domain.queue import HaltCause
from bot.domain.search import OrderSearch
from bot.errors import (
    DatabaseClosed,
    DatabaseInUse,
    DatabaseTooNew,
    DatabaseUnreadable,
    DatabaseUnwritable,
    StorageError,
)
from storage import Storage, back_up, restore
from storage.database import from_ms, from_ms_or_none, to_ms
from storage.lock import RunLock
from storage.migrations import known_migrations
from storage.modes import open_to_others
from tests.kit.engines import file_of
from tests.kit.factories import MAYA, NOON, a_new_request, enqueue, file_request, together

pytestmark = pytest.mark.file

ROOT: Final = Path(__file__).parents[2]


def number_of_orders(path: Path) -> int:
    """As another program reads it from the disk."""
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT count(*) FROM orders").fetchone()[0])


def in_another_process(code: str, path: Path) -> subprocess.Popen[str]:
    """Run `code` in a process of its own, with `path` as its only argument."""
    return subprocess.Popen(
        [sys.executable, "-c", code, str(path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def connection_of(storage: Storage) -> sqlite3.Connection:
    connection = file_of(storage).connection
    assert isinstance(connection, sqlite3.Connection)
    return connection


# -------------------------------------------------------------------------------------------- opening


def test_a_fresh_file_gets_every_migration_and_the_next_opening_finds_nothing_to_do(database_path: Path):
    for _ in range(2):
        Storage.open(database_path).close()
        with closing(sqlite3.connect(database_path)) as connection:
            applied = connection.execute("SELECT name FROM _sqlite_migrations").fetchall()
        assert sorted(name for (name,) in applied) == sorted(known_migrations())


def test_every_table_is_strict(storage: Storage):
    tables = connection_of(storage).execute("PRAGMA table_list").fetchall()

    own = {
        name: strict
        for _, name, kind, _, _, strict in tables
        if kind == "table" and not name.startswith(("sqlite_", "_"))
    }
    assert {"requests", "orders", "attempts", "resends", "outbox", "audit", "queue", "posts", "catalog"} <= set(own)
    assert set(own.values()) == {1}


def test_a_commit_is_on_the_disk_and_readers_do_not_wait(database_path: Path):
    with closing(Storage.open(database_path)) as storage:
        connection = connection_of(storage)

        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,), "FULL"
        assert connection.execute("PRAGMA foreign_keys").fetchone() == (1,)


def test_the_file_and_all_beside_it_is_readable_by_its_owner_alone(database_path: Path):
    before = os.umask(0)
    try:
        with closing(Storage.open_for_run(database_path)) as storage:
            enqueue(storage)
            modes = {path.name: path.stat().st_mode & 0o777 for path in database_path.parent.iterdir()}
    finally:
        os.umask(before)

    assert modes == dict.fromkeys(("kudos.db", "kudos.db-wal", "kudos.db-shm", "kudos.db.lock"), 0o600)


def test_files_that_others_could_read_are_private_from_the_next_start_on(database_path: Path):
    held = in_another_process(HOLD, database_path)
    try:
        assert first_line(held) == "held"
    finally:
        held.kill()  # the log and its index stay
        held.communicate()
    replaced = database_path.with_name("kudos.db.replaced-20260314T120000.000000Z")
    replaced.touch()
    for path in database_path.parent.iterdir():
        path.chmod(0o666)
    with closing(Storage.visit(database_path)):
        assert len(open_to_others(database_path)) == 5, "a visitor leaves the files as they are"
    with closing(Storage.open_for_run(database_path)):
        modes = {path.name: path.stat().st_mode & 0o777 for path in database_path.parent.iterdir()}
    names = ("kudos.db", "kudos.db-wal", "kudos.db-shm", "kudos.db.lock", replaced.name)
    assert modes == dict.fromkeys(names, 0o600)
    assert open_to_others(database_path) == {}


def test_a_file_whose_mode_cannot_be_changed_serves_and_is_told_of(
    database_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def refuse(path: Path, mode: int) -> None:
        raise PermissionError(1, "Operation not permitted", str(path))

    database_path.touch(0o644)
    database_path.chmod(0o644)
    monkeypatch.setattr(os, "chmod", refuse)
    with closing(Storage.open(database_path)) as storage:
        assert enqueue(storage).id == 1
    assert open_to_others(database_path) == {database_path: 0o644}
    assert "kudos.db" in caplog.text


def test_the_log_does_not_stay_as_long_as_it_once_was(storage: Storage, database_path: Path):
    log = database_path.with_name("kudos.db-wal")
    with closing(sqlite3.connect(database_path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM orders").fetchone()  # while somebody reads, the log grows
        for _ in range(20):
            with storage.transaction():
                for _ in range(100):
                    storage.requests.add(a_new_request(message="x" * 3_000), NOON)
        reader.execute("ROLLBACK")
    grown = log.stat().st_size
    enqueue(storage)  # a commit takes the log over, and the next one begins it anew
    enqueue(storage)
    assert log.stat().st_size <= 8 * 1024 * 1024 < grown


def test_what_was_stored_is_there_after_a_restart(database_path: Path):
    with closing(Storage.open(database_path)) as storage:
        order = enqueue(storage)
    with closing(Storage.open(database_path)) as storage:
        assert storage.orders.get(order.id) == order


def test_an_empty_file_is_a_fresh_one(database_path: Path):
    database_path.touch()

    with closing(Storage.open(database_path)) as storage:
        assert enqueue(storage).id == 1


def test_a_file_of_a_newer_version_is_left_as_it_is(database_path: Path):
    Storage.open(database_path).close()
    with closing(sqlite3.connect(database_path)) as connection, connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('kudos', 'm999_budgets', 'now')"
        )
    before = database_path.read_bytes()

    with pytest.raises(DatabaseTooNew, match=r"newer version of Kudos \(it knows m999_budgets\).*restore a backup"):
        Storage.open(database_path)

    assert database_path.read_bytes() == before


@pytest.mark.parametrize("content", [b"not a database, but long enough to look at " * 100, os.urandom(8192)])
def test_garbage_is_no_database_and_is_left_as_it_is(database_path: Path, content: bytes):
    database_path.write_bytes(content)

    with pytest.raises(DatabaseUnreadable, match=r"kudos\.db isn.t a Kudos database, or is damaged\. Restore"):
        Storage.open(database_path)

    assert database_path.read_bytes() == content


def test_a_damaged_page_is_told_when_it_is_met(database_path: Path):
    with closing(Storage.open(database_path)) as storage:
        for _ in range(40):
            enqueue(storage, message="x" * 3_000)
    whole = database_path.read_bytes()
    database_path.write_bytes(whole[: 4096 * 24] + b"\xee" * (len(whole) - 4096 * 24))

    def read_all() -> None:
        with closing(Storage.open(database_path)) as storage:
            for number in range(1, 41):
                storage.requests.get(number)
                storage.orders.get(number)

    with pytest.raises(DatabaseUnreadable, match="is damaged"):
        read_all()


@pytest.mark.parametrize(
    ("where", "reason"),
    [
        pytest.param("nowhere/kudos.db", "No such file or directory", id="no such folder"),
        pytest.param("a file/kudos.db", "Not a directory", id="below a file"),
        pytest.param(".", "rights", id="a folder"),
    ],
)
def test_a_path_that_cannot_be_a_file_is_told_with_the_setting(tmp_path: Path, where: str, reason: str):
    (tmp_path / "a file").touch()

    with pytest.raises(DatabaseUnreadable, match=rf"can.t be opened.*{reason}|can.t be opened.*storage\.path"):
        Storage.open(tmp_path / where)


def test_a_folder_in_which_no_wal_can_be_made_is_no_reason_to_restore_a_backup(database_path: Path):
    Storage.open(database_path).close()
    database_path.with_name("kudos.db-wal").mkdir()  # as a read-only folder is, also for root

    with pytest.raises(DatabaseUnreadable, match=r"can.t be opened.*the rights of the file and its folder"):
        Storage.open(database_path)


@contextmanager
def as_nobody() -> Iterator[None]:
    """With the rights of another user, if this one has all: modes mean nothing to root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_read_only_file_in_a_read_only_folder_is_told_with_the_remedy(tmp_path: Path):
    # Below a folder that anybody may pass: pytest's own are closed to all but their owner.
    path = tmp_path / "kudos.db"
    with closing(Storage.open(path)) as storage:
        enqueue(storage)
    closed = [folder for folder in (tmp_path, *tmp_path.parents) if not folder.stat().st_mode & 0o001]
    modes = {folder: folder.stat().st_mode for folder in closed}
    try:
        for folder in closed:
            folder.chmod(0o711)
        path.chmod(0o444)
        tmp_path.chmod(0o555)
        with as_nobody(), pytest.raises(StorageError, match="rights of the file and its folder"):
            Storage.open(path)
    finally:
        tmp_path.chmod(0o700)
        for folder, mode in modes.items():
            folder.chmod(mode)
    path.chmod(0o600)
    assert number_of_orders(path) == 1


# -------------------------------------------------------------------------------- two in one process


def test_what_is_committed_stays_although_the_file_was_opened_twice_and_another_process_came_and_went(
    database_path: Path,
):
    """SQLite's locks belong to the process: whoever closes a descriptor of the file lets go of all of them."""
    with closing(Storage.open(database_path)) as storage, closing(Storage.open(database_path)):
        enqueue(storage)
        visitor = in_another_process(
            "import sys; from storage import Storage; s = Storage.open(sys.argv[1]); s.orders.get(1); s.close()",
            database_path,
        )
        assert visitor.communicate(timeout=60)[1] == ""
        for _ in range(5):
            enqueue(storage)

        assert len(storage.search.page(OrderSearch(), before=None, most=10)) == 6
        assert number_of_orders(database_path) == 6


# --------------------------------------------------------------------------------- one bot on one file

HOLD: Final = """
import sys
from storage import Storage, back_up, restore
storage = Storage.open_for_run(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
"""

#: Opens the file beside the bot, counts the orders, and closes it.
VISIT: Final = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
print(db.execute("SELECT count(*) FROM orders").fetchone()[0])
db.close()
"""


def test_a_second_bot_on_the_file_is_told_so_and_a_killed_one_leaves_no_lock(database_path: Path):
    first = in_another_process(HOLD, database_path)
    try:
        assert first_line(first) == "held"
        with pytest.raises(DatabaseInUse, match=r"Another bot runs on .*kudos\.db\. Stop it first"):
            Storage.open_for_run(database_path)
        with closing(Storage.open(database_path)) as storage:
            assert storage.orders.get(1) is None, "reading needs no hold"

        first.send_signal(signal.SIGKILL)
        first.wait()
        Storage.open_for_run(database_path).close()
    finally:
        first.kill()
        first.communicate()


def test_the_hold_ends_with_the_storage_and_is_refused_within_one_process_too(database_path: Path):
    with closing(Storage.open_for_run(database_path)), pytest.raises(DatabaseInUse):
        Storage.open_for_run(database_path)
    Storage.open_for_run(database_path).close()


def test_a_file_that_is_held_is_neither_made_nor_migrated(database_path: Path):
    lock = RunLock(database_path, make=False)
    try:
        with pytest.raises(DatabaseInUse):
            Storage.open_for_run(database_path)
    finally:
        lock.release()
    assert not database_path.exists()


def by_a_link(path: Path) -> Path:
    """Name the file by a symbolic link."""
    link = path.with_name("link.db")
    link.symlink_to(path)
    return link


def by_a_linked_folder(path: Path) -> Path:
    """Name the file by a symbolic link to its folder."""
    folder = path.parent / "linked"
    folder.symlink_to(path.parent)
    return folder / path.name


def by_a_hard_link(path: Path) -> Path:
    """Name the file by a second name of its own."""
    link = path.with_name("hard.db")
    link.hardlink_to(path)
    return link


def without_its_lock_file(path: Path) -> Path:
    """Delete the lock file, as somebody who tidies up does."""
    path.with_name(f"{path.name}.lock").unlink()
    return path


by_another_name = pytest.mark.parametrize(
    "other_name", [by_a_link, by_a_linked_folder, by_a_hard_link, without_its_lock_file], ids=lambda one: one.__name__
)


@by_another_name
def test_a_second_bot_on_the_file_is_told_so_whatever_it_calls_the_file(
    database_path: Path, other_name: Callable[[Path], Path]
):
    first = in_another_process(HOLD, database_path)
    try:
        assert first_line(first) == "held"
        named = other_name(database_path)
        with pytest.raises(DatabaseInUse):
            Storage.open_for_run(named)
    finally:
        first.kill()
        first.communicate()
    Storage.open_for_run(named).close()


@by_another_name
def test_a_refusal_within_the_process_leaves_sqlites_locks_alone(
    database_path: Path, other_name: Callable[[Path], Path]
):
    with closing(Storage.open_for_run(database_path)) as storage:
        enqueue(storage)
        named = other_name(database_path)
        with pytest.raises(DatabaseInUse):
            Storage.open_for_run(named)
        # Without these locks, the last one to close the file would take it for theirs alone, and remove the log.
        visitor = in_another_process(VISIT, database_path)
        assert visitor.communicate()[0].strip() == "1"
        assert database_path.with_name("kudos.db-wal").exists()
        enqueue(storage)


def test_a_restore_by_a_link_replaces_the_file_and_not_the_link(database_path: Path, tmp_path: Path):
    with closing(Storage.open(database_path)) as storage:
        back_up(database_path, tmp_path / "backup.db")
        enqueue(storage)
    link = by_a_link(database_path)
    restore(link, tmp_path / "backup.db", now=NOON, known_since=NOON - timedelta(days=90), actor="console")
    assert link.is_symlink()
    with closing(Storage.open(database_path)) as storage:
        assert storage.orders.get(1) is None


def test_nothing_is_restored_by_another_name_while_a_bot_runs(database_path: Path, tmp_path: Path):
    with closing(Storage.open(database_path)):
        back_up(database_path, tmp_path / "backup.db")
    first = in_another_process(HOLD, database_path)
    try:
        assert first_line(first) == "held"
        for named in (by_a_link(database_path), by_a_hard_link(database_path)):
            with pytest.raises(DatabaseInUse):
                restore(named, tmp_path / "backup.db", now=NOON, known_since=NOON - timedelta(days=90), actor="console")
    finally:
        first.kill()
        first.communicate()


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.EBADF, errno.ENOSYS])
def test_a_file_system_without_locks_is_named(database_path: Path, monkeypatch: pytest.MonkeyPatch, number: int):
    def refuse(descriptor: int, operation: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(DatabaseUnwritable) as refusal:
        Storage.open_for_run(database_path)
    text = str(refusal.value)
    assert os.strerror(number) in text
    assert "Another bot" not in text
    named = re.search(r"The file system \((.+), mounted at (.+)\) has no locks", text)
    assert named is not None, text
    kind, mounted_at = named.groups()
    assert database_path.resolve().is_relative_to(mounted_at)
    assert any(line.split()[1:3] == [mounted_at, kind] for line in Path("/proc/self/mounts").read_text().splitlines())


def test_a_lock_that_another_bot_holds_is_told_apart(database_path: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(descriptor: int, operation: int) -> None:
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(DatabaseInUse):
        Storage.open_for_run(database_path)


def test_a_start_that_fails_lets_go_of_the_file(database_path: Path):
    database_path.write_text("not a database, and long enough to be looked at " * 20)
    with pytest.raises(DatabaseUnreadable):
        Storage.open_for_run(database_path)
    database_path.unlink()
    Storage.open_for_run(database_path).close()


# ------------------------------------------------------------------------------------- transactions


def test_rows_are_read_a_page_at_a_time_and_each_once(storage: Storage):
    ids = [file_request(storage).id for _ in range(5)]
    by_id = "SELECT id FROM requests WHERE id > :id AND requester_id = :who ORDER BY id LIMIT :most"
    by_time = """
        SELECT id, created_at FROM requests WHERE (created_at, id) > (:created_at, :id)
        ORDER BY created_at, id LIMIT :most
    """
    for most in (1, 2, 5, 9):
        assert [row["id"] for row in storage._database.each(by_id, {"who": MAYA}, most=most)] == ids
        begin = {"created_at": 0, "id": 0}
        assert [row["id"] for row in storage._database.each(by_time, behind=begin, most=most)] == ids
    rest = storage._database.each(by_id, {"who": MAYA}, behind={"id": ids[1]}, most=2)

    assert [row["id"] for row in rest] == ids[2:]


def test_an_exception_takes_back_all_that_the_transaction_wrote(storage: Storage):
    kept = enqueue(storage)

    def half() -> None:
        with storage.transaction():
            storage.queue.halt(HaltCause.ACCOUNT_FROZEN, now=NOON, probe_at=NOON)
            storage.audit.add(AuditEvent.QUEUE_HALTED, now=NOON, request_id=kept.request_id, order_id=kept.id)
            assert storage.orders.claim(NOON) is not None
            raise RuntimeError("on the way")

    with pytest.raises(RuntimeError, match="on the way"):
        half()

    assert storage.orders.get(kept.id) == kept
    assert storage.queue.state().halted_at is None
    assert storage.audit.story(request_id=kept.request_id, order_id=kept.id) == []


def test_a_statement_that_fails_takes_the_whole_transaction_with_it(storage: Storage):
    request = file_request(storage)

    def half() -> None:
        with storage.transaction():
            storage.queue.set_next_start(NOON)
            storage._database.execute("UPDATE requests SET status = 'lost' WHERE id = :id", {"id": request.id})

    with pytest.raises(sqlite3.IntegrityError):
        half()

    assert storage.queue.state().next_start_at == from_ms(0)
    assert storage.requests.get(request.id) == request


def test_a_transaction_inside_another_is_a_mistake_that_changes_nothing(storage: Storage):
    def nested() -> None:
        with storage.transaction():
            storage.queue.set_next_start(NOON)
            with storage.transaction():
                pass

    with pytest.raises(RuntimeError, match="within a transaction"):
        nested()

    assert storage.queue.state().next_start_at == from_ms(0)
    assert enqueue(storage).id == 1


def test_threads_take_turns_and_nobody_sees_half_a_transaction(storage: Storage):
    started, seen = threading.Event(), []

    def look() -> None:
        started.wait()
        seen.append(storage.queue.state().next_start_at)

    reader = threading.Thread(target=look)
    reader.start()
    with storage.transaction():
        storage.queue.set_next_start(from_ms(1))
        started.set()
        reader.join(0.05)
        storage.queue.set_next_start(from_ms(2))
    reader.join()

    assert seen == [from_ms(2)]


WRITE: Final = """
import sys
from storage import Storage, back_up, restore
from tests.kit.engines import file_of
from tests.kit.factories import enqueue
storage = Storage.open(sys.argv[1])
connection = file_of(storage).connection
assert connection.execute("PRAGMA busy_timeout").fetchone()[0] > 0, "it waits for nobody"
# SQLite gives nobody a turn: who writes without a rest may leave the other waiting for longer than the bot does.
connection.execute("PRAGMA busy_timeout = 60000")
print("ready", flush=True)
sys.stdin.readline()
for _ in range(30):
    enqueue(storage)
storage.close()
"""


def test_two_processes_that_write_wait_for_each_other_and_lose_nothing(database_path: Path):
    Storage.open(database_path).close()
    writers = [in_another_process(WRITE, database_path) for _ in range(2)]
    try:
        assert [first_line(writer) for writer in writers] == ["ready", "ready"]
        for writer in writers:
            assert writer.stdin is not None
            writer.stdin.write("\n")
            writer.stdin.flush()
        assert [writer.communicate(timeout=90)[1] for writer in writers] == ["", ""]
    finally:
        for writer in writers:
            writer.kill()

    assert number_of_orders(database_path) == 60


def test_a_file_that_another_program_keeps_locked_is_told_so_and_serves_again_after(storage: Storage):
    connection_of(storage).execute("PRAGMA busy_timeout = 10")
    with closing(sqlite3.connect(file_of(storage).path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseUnwritable, match=r"locked by another program\. Close it"):
            file_request(storage)
        other.execute("ROLLBACK")

    assert file_request(storage).requester_id == MAYA


# --------------------------------------------------------------------------------------- a full disk


def test_a_full_disk_is_told_so_and_loses_nothing(storage: Storage):
    connection = connection_of(storage)
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages + 8}")
    stored = []

    def fill() -> None:
        while True:
            stored.append(enqueue(storage, message="x" * 3_000))

    with pytest.raises(
        DatabaseUnwritable, match=r"The disk of .*kudos\.db is full\. Free some space; nothing was lost"
    ):
        fill()

    assert [storage.orders.get(order.id) for order in stored] == stored
    connection.execute("PRAGMA max_page_count = 1000000")
    assert enqueue(storage).id > len(stored), "it goes on once there is space"


FILL: Final = """
import resource, sys
from bot.errors import DatabaseUnwritable
from storage import Storage, back_up, restore
from tests.kit.engines import file_of
from tests.kit.factories import enqueue
storage = Storage.open(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, resource.RLIM_INFINITY))
stored = 0
try:
    while stored < 1_000:
        enqueue(storage, message="x" * 3_000)
        stored += 1
except DatabaseUnwritable as error:
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    enqueue(storage)
    print(stored + 1, error)
"""


def test_a_file_that_the_system_lets_grow_no_further_loses_nothing_either(database_path: Path):
    writer = in_another_process(FILL, database_path)
    told, errors = writer.communicate(timeout=90)

    assert errors == ""
    stored, _, message = told.partition(" ")
    assert number_of_orders(database_path) == int(stored) > 1
    assert "kudos.db" in message


# --------------------------------------------------------------------------------------------- times


def test_times_are_whole_milliseconds_and_never_later_than_they_were():
    assert from_ms(to_ms(NOON)) == NOON
    assert from_ms(to_ms(NOON.replace(microsecond=123_999))) == NOON
    assert to_ms(from_ms(0).replace(year=1969)) < 0
    assert from_ms_or_none(None) is None
    assert from_ms_or_none(0) == from_ms(0)


@pytest.mark.parametrize("table", ["requests", "bookmarks"])
def test_a_file_of_another_program_is_left_alone(tmp_path: Path, table: str):
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as theirs:
        theirs.execute(f"CREATE TABLE {table} (x)")
        theirs.commit()

    with pytest.raises(DatabaseUnreadable, match="another program"):
        Storage.open(path)

    with closing(sqlite3.connect(path)) as theirs:
        assert theirs.execute("SELECT name FROM sqlite_master").fetchall() == [(table,)]


def test_several_that_open_a_fresh_file_at_once_all_can(tmp_path: Path):
    def open_it(_: int) -> None:
        Storage.open(tmp_path / "fresh.db").close()

    assert together(4, open_it) == [None] * 4


def test_what_comes_after_the_end_is_told_apart_from_a_mistake(storage: Storage):
    storage.close()

    with pytest.raises(DatabaseClosed):
        storage.queue.state()
    with pytest.raises(DatabaseClosed), storage.transaction():
        pass
