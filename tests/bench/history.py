"""Files with a thousand and with a million orders, alike in all but their size.

The thousand are made by the stores, as the bot makes them; the million are these a thousand times over, under other ids
and later times, copied by SQL.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import uuid4

import psycopg

from bot.domain.attempt import AttemptOutcome
from bot.domain.audit import AuditEvent
from bot.domain.notices import ApprovalCard, Decided, Receipt
from bot.domain.order import OrderMove
from bot.domain.problem import TangoKey
from bot.domain.request import Request
from storage import Post, Storage
from tests.bench.cast import CHANNEL, MANAGERS, RECIPIENTS
from tests.kit.factories import a_recipient, a_reward, approve, file_request

#: Orders in the small file; half as many requests.
ORDERS: Final = 1_000
_REQUESTS: Final = ORDERS // 2

#: Of the orders: this part still waits, and of the others one in so many failed.
_QUEUED: Final = 0.1
_FAILED_IS_ONE_IN: Final = 50

#: Managers who filed them and people who were given them: as many in both files.
PEOPLE: Final = 20
PENDING: Final = 20
REWARDS: Final = 5_000

#: Each copy of the thousand is this much later.
_STEP: Final = timedelta(days=1)

#: Tables that grow with the orders, each with the columns that count up with it, and by the rows of which table.
_GROWING: Final[Mapping[str, Mapping[str, str]]] = {
    "requests": {"id": "requests"},
    "recipients": {"request_id": "requests"},
    "orders": {"id": "orders", "request_id": "requests"},
    "attempts": {"id": "attempts", "order_id": "orders"},
    "audit": {"id": "audit", "request_id": "requests", "order_id": "orders"},
    "outbox": {"id": "outbox"},
    "posts": {"request_id": "requests"},
    "card_copies": {"request_id": "requests"},
    "gift_log": {"id": "gift_log", "order_id": "orders"},
}
#: The civil time of a date is no moment.
_CIVIL: Final = "send_at"

#: Columns whose values are each there once.
_UNIQUE: Final = frozenset({"submission_id", "reference", "external_ref_id", "reference_order_id"})


def build(where: Path | str, copies: int) -> None:
    """Make a thousand orders times `copies`, and some requests that wait for a decision, in a file or in PostgreSQL."""
    began = datetime.now(UTC) - _STEP * (copies + 1)
    storage = Storage.open(where)
    _thousand(storage, began)
    storage.close()
    if isinstance(where, str):
        with psycopg.connect(where, autocommit=True) as server:
            _multiply_on_postgres(server, copies)
    elif copies > 1:
        with closing(sqlite3.connect(where, isolation_level=None)) as connection:
            _multiply(connection, copies)
    storage = Storage.open(where)
    for number in range(PENDING):
        file_request(storage, now=datetime.now(UTC), **_facts(number))
    with storage.transaction():
        rewards = [
            a_reward(utid=f"U{number:06d}", name=f"Reward {number % 97} of brand {number}", brand=f"Brand {number}")
            for number in range(REWARDS)
        ]
        storage.catalog.replace(rewards, datetime.now(UTC))
    storage.close()


def _thousand(storage: Storage, began: datetime) -> None:
    for number in range(_REQUESTS):
        now = began + timedelta(minutes=number)
        request = file_request(storage, now=now, **_facts(number))
        approve(storage, request, now=now)
        _tell(storage, request, now)
    now = began + timedelta(minutes=_REQUESTS)
    for number in range(int(ORDERS * (1 - _QUEUED))):
        with storage.transaction():
            order = storage.orders.claim(now)
            assert order is not None
            attempt = storage.attempts.start(order.id, now)
            failed = number % _FAILED_IS_ONE_IN == 0
            storage.attempts.finish(
                attempt,
                now=now,
                outcome=AttemptOutcome.REJECTED if failed else AttemptOutcome.ACCEPTED,
                http_status=400 if failed else 201,
                i18n_key=None,
                tango_request_id=uuid4().hex,
                detail=None,
            )
            if failed:
                storage.orders.move(order, OrderMove.FAIL, now=now, problem=TangoKey("422.025"))
            else:
                reference = f"RA260314-{order.id}-42"
                storage.orders.move(
                    order, OrderMove.ACCEPT, now=now, reference_order_id=reference, tango_status="COMPLETE"
                )
                storage.gift_log.record(order.id, now)
            storage.audit.add(AuditEvent.ORDER_ACCEPTED, now=now, request_id=order.request_id, order_id=order.id)


def _tell(storage: Storage, request: Request, now: datetime) -> None:
    """What is written down beside a request."""
    with storage.transaction():
        storage.audit.add(AuditEvent.REQUEST_FILED, now=now, actor=request.requester_id, request_id=request.id)
        storage.audit.add(AuditEvent.REQUEST_APPROVED, now=now, actor=request.requester_id, request_id=request.id)
        for notice, audience in (
            (ApprovalCard(request.id), CHANNEL),
            (Receipt(request.id), request.requester_id),
            (Decided(request.id), request.requester_id),
        ):
            storage.outbox.add(notice, audience, now)
            delivery = storage.outbox.claim()
            assert delivery is not None
            storage.outbox.mark_sent(delivery, now)
        for kind in (ApprovalCard.kind, Receipt.kind):
            storage.outbox.set_post(kind, request.id, Post(CHANNEL, f"{request.id}.000100"))


def _facts(number: int) -> dict[str, object]:
    people = (RECIPIENTS[number % PEOPLE], RECIPIENTS[(number + 7) % PEOPLE])
    return {"requester_id": MANAGERS[number % PEOPLE], "recipients": tuple(map(a_recipient, people))}


def _multiply(connection: sqlite3.Connection, copies: int) -> None:
    # Nothing of this is measured, and a file that is half made is thrown away.
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "foreign_keys = OFF", "cache_size = -1000000"):
        connection.execute(f"PRAGMA {pragma}")
    rows = {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in _GROWING}  # noqa: S608
    columns = {table: [row[1] for row in connection.execute(f"PRAGMA table_info({table})")] for table in _GROWING}
    statements = [_copy(table, columns[table], rows) for table in _GROWING]
    connection.execute("BEGIN")
    for copy in range(1, copies):
        later = copy * (_STEP // timedelta(milliseconds=1))
        for statement in statements:
            connection.execute(statement, {"copy": copy, "later": later})
    connection.execute("COMMIT")


def _multiply_on_postgres(server: psycopg.Connection, copies: int) -> None:
    rows = {table: _number(server, f"SELECT count(*) FROM {table}") for table in _GROWING}  # noqa: S608
    for table in _GROWING:
        columns = [column.name for column in server.execute(f"TABLE {table} LIMIT 0".encode()).description or ()]
        sql = _copy(table, columns, rows, of=f"{table}, generate_series(1::bigint, {copies - 1}) AS copy")
        later = _STEP // timedelta(milliseconds=1)
        server.execute(sql.replace(":copy", "copy").replace(":later", f"copy * {later}").encode())
        if "id" in _GROWING[table]:
            server.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}".encode())  # noqa: S608
    server.execute("VACUUM ANALYZE")


def _number(server: psycopg.Connection, sql: str) -> int:
    row = server.execute(sql.encode()).fetchone()
    return int(row[0]) if row else 0


def _copy(table: str, columns: Sequence[str], rows: Mapping[str, int], *, of: str | None = None) -> str:
    """The statement that adds one more copy of a table's first rows."""
    counted = _GROWING[table]
    values = []
    for column in columns:
        if column in counted:
            values.append(f"{column} + :copy * {rows[counted[column]]}")
        elif column in _UNIQUE:
            values.append(f"{column} || 'x' || :copy")
        elif column == "at" or (column.endswith("_at") and column != _CIVIL):
            values.append(f"{column} + :later")
        else:
            values.append(column)
    first = next(iter(counted))
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} FROM {of or table} "  # noqa: S608
        f"WHERE {first} <= {rows[counted[first]]} ORDER BY {first}"
    )
