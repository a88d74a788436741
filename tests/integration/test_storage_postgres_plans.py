"""How PostgreSQL carries out every statement of the storage, over a long history: never by passing over a table."""

import re
from collections.abc import Iterator
from contextlib import closing
from typing import Any, Final

import pytest

from bot.sandbox.postgres import PostgresServer
from storage import Storage
from storage.dialect import statement_of
from storage.postgres_connection import PostgresConnection
from tests.integration.test_storage_plans import STATEMENTS, one_of_each
from tests.kit.factories import MAYA, NOON
from tests.kit.postgres import fresh_schema

#: Enough that PostgreSQL prefers an index.
ORDERS: Final = 12_000

#: Tables that stay small, however long Kudos runs.
SMALL: Final = {
    *("catalog", "catalog_refresh", "tango_account", "queue", "clock", "address_salt", "hold_posts"),
    "kudos_migrations",
    "conversations",  # one for each person
    "absences",  # one for each approver who is away
    "budget_sets",  # one for each combination of budgets that named somebody
    "access",  # one for each time that somebody got a role
    "balance",
    *("email_polls", "templates", "template_refresh"),
    "reconciliations",  # one a night
    "homes",  # of those who opened Home within the last working day
    "workflow_runs",  # of the last day
}

#: Statements that a file alone runs.
ON_FILE: Final = {"backup._NUMBERS", "backup._GO_ON_FROM", "backup._BEGIN_AFTER"}

#: A hundred rows are found as fast in a table of a few thousand by reading it whole; in a longer one, by the index.
BATCHES: Final = {"retention._FORGET_NOTICES", "gift_log._REMOVE_NAMES"}

#: The rows of each table by number `n`: what differs from the first. As years of use leave them.
HISTORY: Final = {
    "requests": """
        'submission_id', 'V' || n, 'reference', lpad(n::text, 32, '0'), 'requester_id', requester,
        'status', CASE WHEN n % 1000 = 0 THEN 'pending_approval' ELSE 'approved' END,
        'decided_by', CASE WHEN n % 1000 = 0 THEN NULL ELSE 'U0ALEX001' END,
        'decided_at', CASE WHEN n % 1000 = 0 THEN NULL ELSE now END
    """,
    "recipients": """
        'request_id', n, 'user_id', 'U0R' || n % 900, 'external_ref_id', lpad(n::text, 32, '0'), 'requested_at', now + n
    """,
    "orders": """
        'request_id', n, 'requester_id', requester, 'external_ref_id', lpad(n::text, 32, '0'), 'available_at', now + n,
        'recipient_id', CASE WHEN n % 3 = 0 THEN 'U0ROB0001' ELSE 'U0R' || n % 900 END,
        'status', state,
        'claimed_at', CASE WHEN state = 'submitting' THEN now END,
        'first_attempt_at', CASE WHEN state <> 'queued' THEN now END,
        'finalized_at', CASE WHEN state IN ('failed', 'accepted') THEN now END,
        'is_held', CASE WHEN dated THEN 1 ELSE 0 END, 'not_before', CASE WHEN dated THEN now + n END,
        'send_at', CASE WHEN dated THEN '2026-12-24T09:00' END, 'send_zone', CASE WHEN dated THEN 'UTC' END,
        'reference_order_id', CASE WHEN state = 'accepted' THEN 'RA' || n END
    """,
    "attempts": "'order_id', n",
    "resends": "'order_id', n, 'status', CASE WHEN n % 500 = 0 THEN 'claimed' ELSE 'sent' END",
    "inquiries": "'order_id', n",
    "outbox": """
        'facts', '{"request_id": ' || n || '}', 'status', CASE WHEN n % 200 = 0 THEN 'pending' ELSE 'sent' END
    """,
    "posts": "'request_id', n",
    "card_copies": "'request_id', n",
    "reminders": "'request_id', n",
    "batches": """
        'reference', lpad(n::text, 32, '0'), 'requester_id', requester, 'checked_at', now + n,
        'request_id', CASE WHEN n % 500 = 0 THEN NULL ELSE n END
    """,
    "gift_log": "'order_id', n, 'at', now + n",
    "budget_warnings": "'first_month', n",
    "audit": "'request_id', n, 'order_id', CASE WHEN n % 2 = 0 THEN n END",
}
FILL: Final = """
INSERT INTO {table} SELECT (row).* FROM (
    SELECT jsonb_populate_record(first, {id} jsonb_build_object({changes})) AS row
    FROM (SELECT whole AS first FROM {table} AS whole LIMIT 1) AS one, (
        SELECT n, {now}::bigint AS now, CASE WHEN n % 2 = 0 THEN 'U0M' || n % 500 ELSE '{maya}' END AS requester,
            CASE WHEN n > {orders} - 200 THEN 'queued' WHEN n % 5000 = 1 THEN 'submitting'
                WHEN n % 100 = 0 THEN 'failed' ELSE 'accepted' END AS state,
            n > {orders} - 200 AND n % 2 = 0 AS dated
        FROM generate_series(2, {orders}) AS n
    ) AS numbers
) AS rows
"""


@pytest.fixture(scope="module")
def full(postgres: PostgresServer) -> Iterator[PostgresConnection]:
    """A schema with a long history: most is done, a little waits, one manager asked for half of it."""
    url = fresh_schema(postgres)
    with closing(Storage.open(url)) as storage:
        one_of_each(storage)
    with closing(PostgresConnection.open(url)) as connection:
        connection.patience = None
        for table, changes in HISTORY.items():
            has_id = table not in ("recipients", "posts", "card_copies", "budget_warnings")
            id_too = "jsonb_build_object('id', n) ||" if has_id else ""
            now = int(NOON.timestamp() * 1000)
            sql = FILL.format(table=table, changes=changes, id=id_too, now=now, maya=MAYA, orders=ORDERS)
            connection.execute(sql.encode())
        connection.execute("VACUUM ANALYZE")
        # The plan for any values, which is the worst that a statement may meet.
        connection.execute("SET plan_cache_mode = force_generic_plan")
        yield connection


def plan_of(connection: PostgresConnection, sql: str) -> list[dict[str, Any]]:
    """What PostgreSQL would do, step by step."""
    sql = sql.replace("LIMIT %(most)s", "LIMIT 100")  # how many are read at most says whether an index is worth it
    numbers = {name: f"${number}" for number, name in enumerate(dict.fromkeys(re.findall(r"%\((\w+)\)s", sql)), 1)}
    prepared = re.sub(r"%\((\w+)\)s", lambda found: numbers[found[1]], sql).replace("%%", "%")
    given = f"({', '.join(['NULL'] * len(numbers))})" if numbers else ""
    connection.execute(f"PREPARE looked_at AS {prepared}".encode())
    try:
        row = connection.execute(f"EXPLAIN (FORMAT JSON) EXECUTE looked_at{given}".encode()).fetchone()
    finally:
        connection.execute("DEALLOCATE looked_at")
    assert row is not None
    [plan] = row["QUERY PLAN"]
    return list(steps(plan["Plan"]))


def passes(connection: PostgresConnection, sql: str) -> list[str]:
    """The tables that grow and that PostgreSQL would pass over whole."""
    return [
        step["Relation Name"]
        for step in plan_of(connection, sql)
        if step["Node Type"] == "Seq Scan" and step["Relation Name"] not in SMALL
    ]


def steps(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from steps(part)


@pytest.mark.parametrize("name", sorted(STATEMENTS.keys() - ON_FILE - BATCHES))
def test_no_statement_passes_over_a_table_that_grows(full: PostgresConnection, name: str):
    assert passes(full, statement_of(STATEMENTS[name]).sql.decode()) == []


def test_a_statement_that_does_is_found_out(full: PostgresConnection):
    assert passes(full, "SELECT * FROM orders WHERE problem = %(x)s") == ["orders"]


def test_the_release_reads_no_order_that_waits_for_a_date(full: PostgresConnection):
    [step] = plan_of(full, statement_of(STATEMENTS["undo._HELD"]).sql.decode())

    assert step["Index Name"] == "orders_undoable"
