"""How SQLite carries out every statement of the storage: by an index, never by passing over a whole table.

The statements are found, not listed, so that a new one is looked at from the day it is written.
"""

import ast
import importlib
import pkgutil
import re
import sqlite3
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, cast

import pytest

import storage as package
from bot.domain.audit import AuditEvent
from bot.domain.batch import Batch
from bot.domain.budget import Budget, Per, Room
from bot.domain.money import Money
from bot.domain.notices import Decided
from bot.domain.resend import RESEND_COOLDOWN
from bot.domain.search import OrderSearch, SearchStatus
from bot.domain.workflow import NewWorkflowRun
from storage import Post, Storage
from storage.database import Row
from storage.search import SearchStore
from storage.sqlite import SqliteDatabase
from tests.kit.engines import file_of
from tests.kit.factories import CHANNEL, MAYA, NOON, ROB, a_batch, a_new_request, accept, enqueue

ORDERS: Final = 20_000

#: What may be passed over whole, and why.
PASSED_OVER: Final = {
    "catalog": "read and replaced whole: searching it is done in memory, on a few hundred rewards",
    "json_each": "a list that is handed in",
    "CONSTANT": "a row that a statement brings along",
    "months": "the months of a year at the most",
    "found": "what a statement itself has found, up to its limit, or of one order",
    "budget_sets": "a row for each combination of budgets that named somebody",
    "sqlite_sequence": "a row for each table with numbers of its own",
    "outbox_turns": "an index of the notices that wait and of no others",
    "outbox_lanes": "an index of the notices that wait or are being sent and of no others",
    "outbox_deliveries": "an index of the rewards that wait for the deliverer and of no others",
    "outbox_sending": "an index of the notices that are being sent and of no others",
    "requests_pending": "an index of the requests that wait for a decision and of no others",
    "orders_held": "an index of the orders that are held and of no others",
    "orders_scheduled": "an index of the orders that are held until a date and of no others",
    "absences": "a row for each approver who is away",
    "templates": "as many as somebody made in the Tango portal",
    "access": "a row for each time that somebody got a role",
    "access_held": "an index of the roles that somebody has and of no others",
    "requests_untold": "an index of the batches whose messages are to be rewritten and of no others",
    "batches_unasked": "an index of the batches that nobody has asked for and of no others",
}
#: The modules that speak to PostgreSQL alone, or that copy all there is.
POSTGRES: Final = {
    module.name
    for module in pkgutil.iter_modules(package.__path__)
    if module.name.startswith("postgres") or module.name in ("dialect", "schema")
}
STATEMENT: Final = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b")
PASS: Final = re.compile(r"^SCAN (?P<table>\w+)(?: USING (?:COVERING )?INDEX (?P<index>\w+))?")

FILTERS: Final = [
    OrderSearch(requester_id=requester, recipient_id=recipient, status=status)
    for requester in (None, MAYA)
    for recipient in (None, ROB)
    for status in (None, SearchStatus.QUEUED, SearchStatus.FAILED)
] + [OrderSearch(requester_id=MAYA, campaign="launch", min_amount=Decimal(5), since=NOON.date(), send_email=True)]


def statements() -> dict[str, str]:
    """Every SQL statement that a module of the storage has as a constant, by its name."""
    return {
        f"{module.name}.{name}": value
        for module in pkgutil.iter_modules(package.__path__)
        if module.name not in POSTGRES
        for name, value in vars(importlib.import_module(f"storage.{module.name}")).items()
        if isinstance(value, str) and name.isupper() and STATEMENT.match(value)
    }


STATEMENTS: Final = statements()


@pytest.fixture(scope="module", params=["as the bot leaves it", "with statistics"])
def full(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    """A storage with a long history: most is done, a little waits, one manager asked for half of it."""
    storage = Storage.open(tmp_path_factory.mktemp("plans") / "kudos.db")
    connection = file_of(storage).connection
    assert isinstance(connection, sqlite3.Connection)
    one_of_each(storage)
    connection.execute("BEGIN")
    fill(connection)
    connection.execute("COMMIT")
    if request.param == "with statistics":
        connection.execute("ANALYZE")
    yield storage
    storage.close()


def one_of_each(storage: Storage) -> None:
    """A row of every table that grows, by the storage's own hand: what the others are copied from."""
    order = accept(storage, enqueue(storage))
    later = NOON + RESEND_COOLDOWN
    budget = Budget(name="All", senders=frozenset({"*"}), each=False, amount=Money(500_00, "USD"), per=Per.MONTH)
    room = Room(budget=budget, period=budget.period(24_314), used=Money(0, "USD"))
    storage.budgets.reserve(order.request_id, [room], order.amount, 24_314)
    storage.budgets.warn(budget, 24_314, "", 80)
    storage.attempts.start(order.id, NOON)
    storage.inquiries.open(order.id, now=NOON)
    assert storage.resends.claim(order, requested_by=MAYA, sent_before=NOON, now=later)
    storage.outbox.add(Decided(order.request_id), MAYA, NOON)
    storage.outbox.set_post("approval_card", order.request_id, Post(CHANNEL, "1.1"))
    storage.copies.set_post(order.request_id, MAYA, Post(CHANNEL, "1.1"))
    storage.reminders.tell(order.request_id, MAYA, 1)
    storage.batches.add(Batch(reference="f" * 32, digest="d", new=a_new_request(**a_batch())), NOON)
    storage.audit.add(AuditEvent.REQUEST_FILED, now=NOON, request_id=order.request_id)
    storage.gift_log.record(order.id, NOON)
    asked = NewWorkflowRun(execution_id="Fx1", recipient_id=ROB, utid="U561593", amount="25", message="Thank you")
    assert storage.workflows.add(asked, NOON)


def fill(connection: sqlite3.Connection) -> None:
    """Many more rows of the same, as years of use leave them."""
    now = int(NOON.timestamp() * 1000)
    numbers = range(2, ORDERS + 1)

    def copy(table: str, changed: list[dict[str, Any]]) -> None:
        cursor = connection.execute(f"SELECT * FROM {table} LIMIT 1")  # noqa: S608 (the names below)
        names = [column[0] for column in cursor.description]
        first = dict(zip(names, cursor.fetchone(), strict=True))
        values = ", ".join(f":{name}" for name in names)
        sql = f"INSERT INTO {table} VALUES ({values})"  # noqa: S608 (the names below)
        connection.executemany(sql, ({**first, **facts} for facts in changed))

    def requester(number: int) -> str:
        return MAYA if number % 2 else f"U0M{number % 500:06d}"

    def state(number: int) -> dict[str, Any]:
        new = {"claimed_at": None, "finalized_at": None, "reference_order_id": None}
        if number > ORDERS - 100:
            held = {"is_held": 1, "not_before": now + number}
            return new | held | {"status": "queued", "first_attempt_at": None}
        if number > ORDERS - 200:
            return new | {"status": "queued", "first_attempt_at": None}
        if number % 5_000 == 1:
            return new | {"status": "submitting", "claimed_at": now}
        if number % 100 == 0:
            return new | {"status": "failed", "finalized_at": now}
        return new | {"status": "accepted", "finalized_at": now, "reference_order_id": f"RA{number}"}

    waiting = {"status": "pending_approval", "decided_by": None, "decided_at": None}
    copy(
        "requests",
        [
            {"id": n, "submission_id": f"V{n}", "reference": f"{n:032x}", "requester_id": requester(n)}
            | (waiting if n % 1_000 == 0 else {})
            for n in numbers
        ],
    )
    copy(
        "recipients",
        [
            {"request_id": n, "user_id": f"U0R{n % 900:06d}", "external_ref_id": f"{n:032x}", "requested_at": now + n}
            for n in numbers
        ],
    )
    copy(
        "orders",
        [
            {
                "id": n,
                "request_id": n,
                "requester_id": requester(n),
                "recipient_id": ROB if n % 3 == 0 else f"U0R{n % 900:06d}",
                "external_ref_id": f"{n:032x}",
                "available_at": now + n,
                "not_before": None,
                "is_held": 0,
                **state(n),
            }
            for n in numbers
        ],
    )
    copy("attempts", [{"id": n, "order_id": n} for n in numbers])
    copy("resends", [{"id": n, "order_id": n, "status": "sent" if n % 500 else "claimed"} for n in numbers])
    copy(
        "outbox",
        [{"id": n, "facts": f'{{"request_id": {n}}}', "status": "sent" if n % 200 else "pending"} for n in numbers],
    )
    copy("posts", [{"request_id": n} for n in numbers])
    copy("card_copies", [{"request_id": n} for n in numbers])
    copy("reminders", [{"request_id": n} for n in numbers])
    copy("gift_log", [{"id": n, "order_id": n, "at": now + n} for n in numbers])
    copy(
        "audit",
        [{"id": 2 * n + side, "request_id": n, "order_id": n if side else None} for n in numbers for side in (0, 1)],
    )


def plan_of(storage: Storage, sql: str, params: dict[str, Any] | None = None) -> list[str]:
    """What SQLite says it would do, a step a line."""
    given = dict.fromkeys(re.findall(r":([a-z_0-9]+)", sql), 1) | (params or {})
    connection: Any = file_of(storage).connection
    return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", given)]


class Noted:
    """A database that notes what it is asked."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database
        self.statements: list[tuple[str, Any]] = []

    def query(self, sql: str, params: Any) -> list[Row]:
        self.statements.append((sql, params))
        return self._database.query(sql, params)

    def one(self, sql: str, params: Any) -> Row | None:
        return self.query(sql, params)[0]


def passes(plan: list[str]) -> list[str]:
    """The steps that pass over a whole table which grows."""
    return [step for step in plan if (found := PASS.match(step)) and not PASSED_OVER.keys() & set(found.groups())]


def test_the_statements_are_found():
    modules = {name.split(".")[0] for name in STATEMENTS}

    assert modules == {
        *("requests", "orders", "attempts", "resends", "tango_status", "search", "outbox", "audit", "queue"),
        *("audit_chain", "audit_witness", "person", "access", "reconciliations", "balance"),
        *("email_failures", "templates"),
        *("probes", "holds", "undo", "homes", "inquiries", "deliveries", "copies", "conversations"),
        *("budgets", "reservations", "reminders", "absences", "batches", "progress", "approved", "workflows"),
        *("schedules",),
        *("duplicates", "onlookers", "insights", "gift_log"),
        *("catalog", "charges", "tango_account", "backlog", "backup", "retention", "timekeeper", "duty", "doubt"),
    }
    assert {"orders._CLAIM", "orders._AHEAD", "outbox._CLAIM", "audit._STORY", "requests._PENDING"} <= set(STATEMENTS)
    assert len(STATEMENTS) > 40


@pytest.mark.parametrize("name", STATEMENTS)
def test_no_statement_passes_over_a_table_that_grows(full: Storage, name: str):
    plan = plan_of(full, STATEMENTS[name])

    assert passes(plan) == [], plan


def test_a_statement_that_does_is_found_out(full: Storage):
    assert passes(plan_of(full, "SELECT * FROM orders WHERE problem = :x"))
    assert passes(plan_of(full, "SELECT count(*) FROM orders")), "the whole of an index is as long"
    assert passes(plan_of(full, "SELECT * FROM requests AS r, orders AS o WHERE o.request_id = r.id"))


def test_the_claim_and_all_that_look_at_the_queue_go_by_orders_due(full: Storage):
    for name in ("orders._CLAIM", "orders._NEXT_AVAILABLE", "orders._AHEAD"):
        plan = plan_of(full, STATEMENTS[name])
        assert any("USING COVERING INDEX orders_due (status=? AND is_held=?" in step for step in plan), plan
        assert not any("TEMP B-TREE" in step for step in plan), "nothing is sorted"


def test_a_probe_goes_by_the_places_in_the_queue_or_by_what_is_in_doubt(full: Storage):
    indexes = {
        "probes._NEXT_OF_OTHERS": "orders_due (status=? AND is_held=? AND ",
        "probes._WINDOW": "orders_due (status=? AND is_held=? AND ",
        "probes._OTHERS_WAIT": "orders_due (status=? AND is_held=?)",
        "probes._IN_DOUBT": "orders_in_doubt (available_at<?)",
        "probes._OTHERS_PASSED": "INTEGER PRIMARY KEY (rowid>? AND rowid<?)",
        "holds._NEXT_WAITING": "orders_by_status (status=? AND id>?)",
    }
    for name, index in indexes.items():
        plan = plan_of(full, STATEMENTS[name])
        assert any(index in step for step in plan), plan
        assert not any("TEMP B-TREE" in step for step in plan), "nothing is sorted"


def test_the_release_reads_what_can_be_undone_in_the_order_of_the_approvals_and_nothing_with_a_date(full: Storage):
    plan = plan_of(full, STATEMENTS["undo._HELD"])

    assert len(plan) == 1, "nothing is sorted"
    assert "USING INDEX orders_undoable (" in plan[0], plan


def test_what_else_was_asked_for_a_person_within_a_day_is_found_by_person_and_time(full: Storage):
    for name, span in (("_SAME", "requested_at>?"), ("_OTHERS", "requested_at>? AND requested_at<?")):
        plan = plan_of(full, STATEMENTS[f"duplicates.{name}"])
        assert any(f"USING COVERING INDEX recipients_by_time (user_id=? AND {span})" in step for step in plan), plan
        assert not any("TEMP B-TREE" in step for step in plan), "nothing is sorted"


def test_the_deliverer_looks_at_no_other_notices(full: Storage):
    plan = plan_of(full, STATEMENTS["outbox._CLAIM_DELIVERY"])

    assert any("SCAN outbox USING INDEX outbox_deliveries" in step for step in plan), plan
    assert not any("TEMP B-TREE" in step for step in plan), "nothing is sorted"


@pytest.mark.parametrize("wanted", FILTERS, ids=str)
@pytest.mark.parametrize("before", [None, 15_000])
def test_a_page_goes_by_the_index_of_what_is_wanted_and_sorts_nothing(
    full: Storage, wanted: OrderSearch, before: int | None
):
    noted = Noted(file_of(full))
    search = SearchStore(cast("Any", noted))
    search.page(wanted, before=before, most=11)
    search.counts(wanted, most=501)

    (sql, params), (counting, counted) = noted.statements
    plan = plan_of(full, sql, params)

    assert len(plan) == 1, plan
    assert passes(plan_of(full, counting, counted)) == []
    if wanted == OrderSearch():
        assert plan == ["SEARCH orders USING INTEGER PRIMARY KEY (rowid<?)"]
    else:
        assert re.fullmatch(r"SEARCH orders USING INDEX orders_by_\w+ \((\w+=\? AND ){1,2}(rowid|id)<\?\)", plan[0]), (
            plan
        )
        # Of a sender's own orders, however many, only those of the status or the recipient are looked at.
        assert ("AND" in plan[0].removesuffix("AND id<?)")) == (
            wanted.requester_id is not None and (wanted.status or wanted.recipient_id) is not None
        ), plan


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (OrderSearch(requester_id=MAYA), "orders_by_requester_status (requester_id=?"),
        (OrderSearch(recipient_id=ROB), "orders_by_recipient (recipient_id=? AND id<?)"),
    ],
    ids=("requester", "recipient"),
)
def test_somebodys_orders_are_counted_without_reading_them(full: Storage, wanted: OrderSearch, index: str):
    noted = Noted(file_of(full))
    SearchStore(cast("Any", noted)).counts(wanted, most=501)

    plan = plan_of(full, *noted.statements[0])

    assert any(f"USING COVERING INDEX {index}" in step for step in plan), plan


def test_what_needs_a_person_is_found_without_passing_over_all_that_somebody_received(full: Storage):
    noted = Noted(file_of(full))
    wanted = OrderSearch(recipient_id=ROB, status=SearchStatus.NEEDS_ATTENTION)
    SearchStore(cast("Any", noted)).page(wanted, before=None, most=5)

    plan = plan_of(full, *noted.statements[0])

    assert plan == ["SEARCH orders USING INDEX orders_by_status (status=? AND id<?)"]


def test_what_could_not_be_delivered_is_counted_by_its_own_index(full: Storage):
    noted = Noted(file_of(full))
    SearchStore(cast("Any", noted)).undelivered(OrderSearch(requester_id=MAYA))

    plan = plan_of(full, *noted.statements[0])

    assert plan == ["SEARCH orders USING INDEX orders_undelivered (id<?)"]


def test_every_statement_that_is_run_is_a_constant_or_a_page():
    """What is put together at run time would not be looked at above: of that there are four, with their own tests."""
    put_together = set()
    for path in map(Path, (path for folder in package.__path__ for path in Path(folder).glob("*.py"))):
        if path.stem in {"database", "sqlite"} | POSTGRES:
            continue  # runs what it is given
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(function, ast.FunctionDef):
                continue
            for call in ast.walk(function):
                if (
                    isinstance(call, ast.Call)
                    and isinstance(call.func, ast.Attribute)
                    and call.func.attr in ("query", "one", "each", "execute")
                    and ast.unparse(call.func.value) == "self._db"
                    and f"{path.stem}.{ast.unparse(call.args[0])}" not in STATEMENTS
                ):
                    put_together.add(f"{path.stem}.{function.name}")

    assert put_together == {"search.page", "search.counts", "search.undelivered", "person._of_table"}
