"""The audit log as proof: each way in which it can be changed is found, and its head leaves the file."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

from bot.domain.alerts import AuditHeadTold
from bot.domain.audit import AuditEvent, AuditHead
from bot.domain.notices import ADMINS
from bot.sandbox.slack import people
from bot.settings_hash import settings_hash
from bot.usecases.audit import AuditFaultKind, AuditHeads, begin_chain, verify
from bot.usecases.queue import CONSOLE
from handlers.views.alerts import build_audit_head
from storage import Storage
from storage.audit_chain import linked
from storage.database import Row
from tests.kit.bot import World
from tests.kit.console import kudos, said
from tests.kit.factories import ALEX, MAYA, NOON, FakeClock, approve, file_request

DAY: Final = timedelta(days=1)

#: The rows that each request of `written` has, by what they tell of.
FILED, APPROVED, QUEUED, PAUSED = range(4)


def written(storage: Storage, requests: int = 3) -> list[int]:
    """Write what a bot writes of approved requests, each followed by a pause of the queue; the numbers of the rows."""
    add = storage.audit.add
    for _ in range(requests):
        request = file_request(storage)
        add(
            AuditEvent.REQUEST_FILED,
            now=NOON,
            actor=MAYA,
            request_id=request.id,
            amount_minor=request.amount.minor,
            currency=request.amount.currency,
            utid=request.utid,
        )
        (order,) = approve(storage, request)
        add(AuditEvent.REQUEST_APPROVED, now=NOON, actor=ALEX, request_id=request.id)
        add(
            AuditEvent.ORDER_QUEUED,
            now=NOON,
            request_id=request.id,
            order_id=order.id,
            external_ref_id=order.external_ref_id,
            recipient_id=order.recipient.user_id,
            amount_minor=order.amount.minor,
            currency=order.amount.currency,
            utid=order.utid,
        )
        add(AuditEvent.QUEUE_PAUSED, now=NOON, actor=CONSOLE)
    return [row.entry_id for row in storage.audit_chain.rows()]


#: What refuses a change of the log or of an order, by its table.
_GUARDS: Final = {
    "audit_is_append_only_update": "audit",
    "audit_is_append_only_delete": "audit",
    "orders_body_is_frozen": "orders",
}


@pytest.fixture
def unguarded(storage: Storage, engine: str) -> Iterator[Storage]:
    """The stores, as somebody has them who may change the schema."""
    if engine == "sqlite":
        for name in _GUARDS:
            storage._database.execute(f"DROP TRIGGER {name}")
        yield storage
        return
    for name, table in _GUARDS.items():
        storage._database.execute(f"ALTER TABLE {table} DISABLE TRIGGER {name}")
    try:
        yield storage
    finally:  # the next test has the same database
        for name, table in _GUARDS.items():
            storage._database.execute(f"ALTER TABLE {table} ENABLE TRIGGER {name}")


def head_of(storage: Storage) -> AuditHead:
    head = storage.audit_chain.head()
    assert head is not None
    return head


def faults(storage: Storage, *heads: AuditHead) -> list[tuple[AuditFaultKind, int | None]]:
    """What is wrong, and the row in which that shows first."""
    return [(fault.kind, fault.entry_id) for fault in verify(storage, heads).faults]


def test_a_log_that_nobody_changed_is_sound(storage: Storage):
    rows = written(storage)
    found = verify(storage, [head_of(storage)])
    assert found.faults == []
    assert (found.rows, found.head) == (len(rows), head_of(storage))


def test_an_empty_log_has_no_head(storage: Storage):
    assert (verify(storage).rows, verify(storage).head, faults(storage)) == (0, None, [])


CHANGES: Final[dict[str, tuple[str, AuditFaultKind, int]]] = {
    "amount": (
        "UPDATE audit SET facts = replace(facts, '2500', '9900') WHERE id = :filed",
        AuditFaultKind.CHANGED,
        4 + FILED,
    ),
    "approver": ("UPDATE audit SET actor = 'U0SAM0001' WHERE id = :approved", AuditFaultKind.CHANGED, 4 + APPROVED),
    "time": ("UPDATE audit SET at = at + 1 WHERE id = :paused", AuditFaultKind.CHANGED, 4 + PAUSED),
    "removed": ("DELETE FROM audit WHERE id = :approved", AuditFaultKind.CHANGED, 4 + QUEUED),
    "amount of the request": (
        "UPDATE requests SET amount_minor = 9900 WHERE id = (SELECT min(id) + 1 FROM requests)",
        AuditFaultKind.DIFFERS,
        4 + FILED,
    ),
    "amount of the order": (
        "UPDATE orders SET amount_minor = 9900 WHERE id = (SELECT min(id) + 1 FROM orders)",
        AuditFaultKind.DIFFERS,
        4 + QUEUED,
    ),
    "recipient of the order": (
        "UPDATE orders SET recipient_id = 'U0SAM0001' WHERE id = (SELECT min(id) + 1 FROM orders)",
        AuditFaultKind.DIFFERS,
        4 + QUEUED,
    ),
    "approver of the request": (
        "UPDATE requests SET decided_by = 'U0SAM0001' WHERE id = (SELECT min(id) + 1 FROM requests)",
        AuditFaultKind.DIFFERS,
        4 + APPROVED,
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_the_first_row_that_shows_a_change_is_named(unguarded: Storage, name: str):
    sql, kind, place = CHANGES[name]
    rows = written(unguarded)
    params = {"filed": rows[4 + FILED], "approved": rows[4 + APPROVED], "paused": rows[4 + PAUSED]}
    used = {key: value for key, value in params.items() if f":{key}" in sql}
    unguarded._database.execute(sql, used)

    assert faults(unguarded)[0] == (kind, rows[place])


def test_a_cut_tail_is_found_by_the_head_that_left(unguarded: Storage):
    rows = written(unguarded)
    head = head_of(unguarded)
    unguarded._database.execute("DELETE FROM audit WHERE id = :last", {"last": rows[-1]})

    assert faults(unguarded) == [], "a pause is in no other table"
    assert faults(unguarded, head) == [(AuditFaultKind.CUT, rows[-1])]


def test_an_approval_that_the_log_lost_is_found_without_a_head(unguarded: Storage):
    rows = written(unguarded)
    unguarded._database.execute("DELETE FROM audit WHERE id > :last", {"last": rows[-4]})

    kinds = [kind for kind, _ in faults(unguarded)]
    assert kinds == [AuditFaultKind.UNHEARD, AuditFaultKind.UNHEARD], "the approval and the order"


def test_a_chain_that_was_made_again_is_found_by_the_head_that_left(unguarded: Storage):
    rows = written(unguarded)
    head = head_of(unguarded)
    unguarded._database.execute("UPDATE audit SET actor = 'U0SAM0001' WHERE id = :id", {"id": rows[PAUSED]})
    rehash(unguarded)

    assert faults(unguarded) == [], "every hash follows from the row before"
    assert faults(unguarded, head) == [(AuditFaultKind.REPLACED, head.entry_id)]


def rehash(storage: Storage) -> None:
    """Make every hash again, as somebody does who knows how."""
    previous = "0" * 64
    rows: list[Row] = storage._database.query("SELECT * FROM audit ORDER BY id")
    for row in rows:
        previous = linked(previous, row)
        storage._database.execute("UPDATE audit SET hash = :hash WHERE id = :id", {"hash": previous, "id": row["id"]})


# -------------------------------------------------------------------------------- an upgrade


def write_as_before(storage: Storage) -> None:
    """Write a row as a bot of the version before does."""
    sql = "INSERT INTO audit (at, event, actor, facts) VALUES (:at, 'queue.paused', 'console', '{}')"
    storage._database.execute(sql, {"at": 1})


def test_what_an_earlier_version_wrote_is_chained_at_the_start(unguarded: Storage):
    storage = unguarded
    write_as_before(storage)
    assert [kind for kind, _ in faults(storage)] == [AuditFaultKind.UNCHAINED]
    begin_chain(storage, NOON)
    begin_chain(storage, NOON)
    rows = written(storage, requests=1)

    assert faults(storage) == []
    assert verify(storage).rows == len(rows) == 2 + 4, "it is chained once"
    storage._database.execute("UPDATE audit SET actor = 'U0SAM0001' WHERE id = :id", {"id": rows[0]})
    assert faults(storage) == [(AuditFaultKind.CHANGED, rows[1])], "the row that covers it"


def test_a_row_of_an_older_bot_beside_is_covered_by_the_next(storage: Storage):
    written(storage, requests=1)
    write_as_before(storage)
    storage.audit.add(AuditEvent.QUEUE_UNPAUSED, now=NOON, actor=CONSOLE)

    assert faults(storage, head_of(storage)) == []


# -------------------------------------------------------------------------------- the head leaves


@pytest.fixture
def heads(storage: Storage, clock: FakeClock) -> Callable[[], list[str]]:
    """Looks whether a head is due; returns those that left so far."""
    leaving = AuditHeads(storage=storage, clock=clock, audience=ADMINS)

    def look() -> list[str]:
        leaving.tell()
        sql = "SELECT facts FROM outbox WHERE kind = :kind AND audience = :audience ORDER BY id"
        rows = storage._database.query(sql, {"kind": AuditHeadTold.kind, "audience": ADMINS})
        return [json.loads(row["facts"])["head"] for row in rows]

    return look


def test_every_row_is_behind_a_head_that_left_within_a_day(
    storage: Storage, clock: FakeClock, heads: Callable[[], list[str]]
):
    assert heads() == [], "there is nothing to prove"
    written(storage, requests=1)
    clock.advance(DAY.total_seconds() - 1)
    assert heads() == []
    clock.advance(1)
    first = str(head_of(storage))
    assert heads() == [first]
    assert heads() == [first], "once"
    assert faults(storage, AuditHead.read(first)) == []


def test_an_idle_log_is_not_told_again(storage: Storage, clock: FakeClock, heads: Callable[[], list[str]]):
    written(storage, requests=1)
    for _ in range(5):
        clock.advance(DAY.total_seconds())
        told = heads()
    assert len(told) == 1, "what says that a head left needs no head of its own"
    storage.audit.add(AuditEvent.QUEUE_PAUSED, now=clock.now(), actor=CONSOLE)
    clock.advance(DAY.total_seconds())
    assert len(heads()) == 2


def test_a_row_that_a_clock_ahead_wrote_keeps_no_head_back(
    storage: Storage, clock: FakeClock, heads: Callable[[], list[str]]
):
    storage.audit.add(AuditEvent.QUEUE_PAUSED, now=clock.now() + 800 * DAY, actor=CONSOLE)
    head = str(head_of(storage))
    assert heads() == [head]


def test_a_head_reads_as_it_is_written():
    head = AuditHead(1234, "0f" * 32)
    assert AuditHead.read(f" {head}\n") == head
    for wrong in ("", "1234", f"1234:{'0f' * 31}", f"x:{'0f' * 32}", f"1:{'0F' * 32}"):
        with pytest.raises(ValueError, match="no head"):
            AuditHead.read(wrong)


# ------------------------------------------------------------------------------------- the commands


def test_verify_says_whether_the_log_is_sound_and_fails_where_it_is_not(unguarded: Storage, config: Path):
    rows = written(unguarded)
    head = head_of(unguarded)
    assert str(head) in said(config, "audit", "verify", "--head", str(head))
    unguarded._database.execute("UPDATE audit SET actor = 'U0SAM0001' WHERE id = :id", {"id": rows[5]})
    changed = kudos(config, "audit", "verify")

    assert changed.exit_code == 1
    assert f"Row {rows[5]} was changed." in changed.output


def test_a_head_that_is_none_is_refused(storage: Storage, config: Path):
    result = kudos(config, "audit", "verify", "--head", "1234")
    assert result.exit_code == 2
    assert "--head: '1234'" in result.output


def test_the_log_is_written_out_as_csv_and_as_json(storage: Storage, config: Path):
    rows = written(storage)
    head = head_of(storage)
    as_csv, as_json = (kudos(config, "audit", "export", form) for form in ("--csv", "--jsonl"))
    listed = list(csv.DictReader(io.StringIO(as_csv.stdout)))
    objects = [json.loads(line) for line in as_json.stdout.splitlines()]

    assert [int(row["id"]) for row in listed] == [one["id"] for one in objects] == rows
    assert [row["order"] for row in listed] == ["" if one["order"] is None else str(one["order"]) for one in objects]
    assert listed[-1]["hash"] == objects[-1]["hash"] == head.hash
    assert objects[FILED]["facts"]["amount_minor"] == 2500
    assert json.loads(listed[FILED]["facts"]) == objects[FILED]["facts"]
    assert objects[FILED]["actor"] == MAYA
    for result in (as_csv, as_json):
        assert str(head) in result.stderr, "apart from the file"
        assert str(head) not in result.stdout


def test_an_export_begins_with_a_day(storage: Storage, config: Path):
    rows = written(storage, requests=1)
    storage.audit.add(AuditEvent.QUEUE_UNPAUSED, now=NOON + DAY, actor=CONSOLE)
    day = f"{NOON + DAY:%Y-%m-%d}"

    (line,) = kudos(config, "audit", "export", "--since", day, "--jsonl").stdout.splitlines()
    assert json.loads(line)["id"] > rows[-1]


# ------------------------------------------------------------------------------------- at the wire


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory, module_database: Path | str) -> Iterator[World]:
    """A bot whose settings name a channel for alerts."""
    settings = {"alerts": {"channel": people.TEAM_BLUE}}
    with World(tmp_path_factory.mktemp("audit"), where=module_database, settings=settings) as world:
        yield world


def test_what_people_do_is_chained_and_the_head_leaves_the_file(watched: World):
    watched.place()
    watched.alex.click(watched.card(watched.ask(recipients=["kim"])), "approve")
    watched.settle()
    watched.clock.advance(DAY.total_seconds() + 1)
    watched.tick("audit")
    watched.settle()
    (told,) = watched.rows("SELECT facts FROM outbox WHERE kind = 'audit_head'")
    head = json.loads(told["facts"])["head"]
    posted = [message for message in watched.maya.messages(people.TEAM_BLUE) if head in message.words]

    assert [message.text for message in posted] == [build_audit_head(AuditHeadTold(head)).text]
    assert not any(head in message.words for message in watched.ada.dms()), "the channel has it"
    assert "as it was written" in said(watched.folder / "app.yaml", "audit", "verify", "--head", head)


def test_a_decision_keeps_the_hash_of_its_settings(watched: World):
    watched.place(recipients=["ana"])
    rows = watched.rows("SELECT facts ->> 'settings' AS hash FROM audit WHERE event = 'request.approved'")
    assert {row["hash"] for row in rows} == {watched.bot._settings.hash}


def test_the_hash_of_settings_is_of_their_values_and_of_no_secret():
    one = {"roles": {"admins": frozenset({"U1", "U2", "U3"})}, "timezone": "UTC"}
    same = {"timezone": "UTC", "roles": {"admins": frozenset({"U3", "U2", "U1"})}}
    assert settings_hash(one) == settings_hash(same)
    assert settings_hash(one) != settings_hash({**one, "timezone": "Europe/Berlin"})
