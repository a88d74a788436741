"""PostgreSQL as the storage meets it: made, migrated, shared, cut off. What goes wrong is said with its remedy."""

import re
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from typing import Any

import psycopg
import pytest

from bot.errors import (
    DatabaseClosed,
    DatabaseTooNew,
    DatabaseUnavailable,
    DatabaseUnreadable,
    DatabaseUnwritable,
    StorageError,
)
from bot.sandbox.postgres import PostgresServer
from storage import Storage
from storage.database import from_ms
from storage.dialect import statement_of
from storage.migrations import known_migrations
from storage.postgres_connection import PostgresConnection
from storage.schema import needs_migration
from tests.integration.test_storage_plans import STATEMENTS
from tests.kit.factories import NOON, a_new_request, a_reward, claim, enqueue, file_request, together
from tests.kit.postgres import fresh_schema


@contextmanager
def other_program(url: str) -> Iterator[psycopg.Connection]:
    """Somebody else on the same schema, who commits each statement."""
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


# ----------------------------------------------------------------------------------------- the rules


@pytest.mark.parametrize(
    ("sql", "becomes"),
    [
        pytest.param("SELECT 1 WHERE id = :id", "SELECT 1 WHERE id = %(id)s", id="parameter"),
        pytest.param("SELECT ':id', '50%', 'it''s :x', :y", "SELECT ':id', '50%%', 'it''s :x', %(y)s", id="texts"),
        pytest.param("SELECT * FROM a INDEXED BY b WHERE c", "SELECT * FROM a WHERE c", id="index"),
        pytest.param("x IN (SELECT value FROM json_each(:xs))", "x = ANY(%(xs)s)", id="in a list"),
        pytest.param("x NOT IN (SELECT value FROM json_each(:xs))", "x <> ALL(%(xs)s)", id="not in a list"),
        pytest.param(
            "json_extract(CAST(body AS TEXT), '$.sender.email') = :x",
            "(convert_from(body, 'UTF8')::jsonb #>> '{sender,email}') = %(x)s",
            id="a fact of a body",
        ),
    ],
)
def test_a_statement_is_rewritten_by_rules_alone(sql: str, becomes: str):
    assert statement_of(sql).sql.decode() == becomes


@pytest.mark.parametrize("sql", ["\nUPDATE a SET b = 1 RETURNING *", "INSERT INTO a", "DELETE FROM a"])
def test_a_write_is_known(sql: str):
    assert statement_of(sql).is_write
    assert not statement_of(f"EXPLAIN {sql}").is_write


# ---------------------------------------------------------------------------------------- the schema


def test_a_fresh_schema_gets_every_migration_and_the_next_opening_finds_nothing_to_do(url: str):
    for _ in range(2):
        Storage.open(url).close()
        with other_program(url) as other:
            applied = other.execute("SELECT name FROM kudos_migrations").fetchall()
        assert sorted(name for (name,) in applied) == sorted(known_migrations())


def test_several_that_open_a_fresh_schema_at_once_all_can(url: str):
    assert together(4, lambda _: Storage.open(url).close()) == [None] * 4


class OvertakenConnection(PostgresConnection):
    """The connection of a bot that another one overtakes: it makes the tables after the first look at them."""

    url = ""

    def row(self, sql: str, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Look, and let the other bot start."""
        found = super().row(sql, params)
        if self.url and "schema() AS name" not in sql:
            Storage.open(self.url).close()
            self.url = ""
        return found


def test_tables_that_another_bot_makes_at_this_moment_are_no_other_programs(url: str):
    with closing(OvertakenConnection.open(url)) as connection:
        connection.url = url
        assert needs_migration(connection, "here")
        assert not needs_migration(connection, "here")


def test_a_visitor_finds_the_schema_or_is_told_what_to_do(url: str):
    with pytest.raises(DatabaseUnreadable, match="kudos migrate"):
        Storage.visit(url)
    Storage.open(url).close()
    with closing(Storage.visit(url)) as storage:
        assert storage.requests.get(1) is None


def test_two_schemas_of_a_server_know_nothing_of_each_other(postgres: PostgresServer):
    with closing(Storage.open(fresh_schema(postgres))) as one, closing(Storage.open(fresh_schema(postgres))) as other:
        with one.transaction():
            file_request(other)  # does not wait for the other's writer
        assert one.requests.count_pending() == 0
        assert other.requests.count_pending() == 1


def test_a_schema_of_another_program_is_left_alone(url: str):
    with other_program(url) as other:
        other.execute("CREATE TABLE orders (x int)")
    with pytest.raises(DatabaseUnreadable, match="another program"):
        Storage.open(url)
    with other_program(url) as other:
        assert other.execute("SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()").fetchone() == (1,)


def test_a_newer_step_stops_an_older_bot_only_where_it_removed_what_that_needs(url: str):
    Storage.open(url).close()
    with other_program(url) as other:
        other.execute("INSERT INTO kudos_migrations (name, floor) VALUES ('m998_budgets', 'm015_duty')")
        Storage.open(url).close()
        other.execute("INSERT INTO kudos_migrations (name, floor) VALUES ('m999_no_posts', 'm998_budgets')")
    with pytest.raises(DatabaseTooNew, match=r"knows m999_no_posts.*Install that version"):
        Storage.open(url)


def test_an_older_bot_goes_on_beside_a_newer_one_that_expanded_the_schema(url: str):
    """As in an upgrade: the newer version adds a table and a column that the older one passes over."""
    with closing(Storage.open(url)) as older:
        order = enqueue(older)
        older.catalog.replace([a_reward()], NOON)
        with other_program(url) as newer:
            newer.execute("CREATE TABLE budgets (id bigint PRIMARY KEY, per text NOT NULL)")
            newer.execute("ALTER TABLE orders ADD COLUMN budget_id bigint REFERENCES budgets (id)")
            newer.execute("ALTER TABLE catalog ADD COLUMN colour text NOT NULL DEFAULT ''")
            newer.execute("INSERT INTO kudos_migrations (name, floor) VALUES ('m998_budgets', 'm015_duty')")
        assert claim(older, order).status == "submitting"
        assert [reward.utid for reward in older.catalog.all()] == [a_reward().utid]
        with closing(Storage.open(url)) as restarted:
            assert enqueue(restarted).id > order.id


# ------------------------------------------------------------------------------------ what goes wrong


def test_nobody_there_is_told_without_the_password():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(DatabaseUnavailable, match=r"The database rewards on 127\.0\.0\.1 can't be reached") as told:
        Storage.open(f"postgresql://maya:hunter2@127.0.0.1:{port}/rewards")
    assert "hunter2" not in str(told.value)


def test_an_address_that_is_none_is_told_without_the_password():
    with pytest.raises(DatabaseUnreadable, match=r"postgresql://user@host/database") as told:
        Storage.open("postgresql://maya:hunter2@host/rewards?sslmod=require")
    assert "hunter2" not in str(told.value)
    assert told.value.__cause__ is None


def test_a_database_that_is_not_there_is_told_with_the_remedy(postgres: PostgresServer):
    with pytest.raises(DatabaseUnreadable, match=r"The database lost on .* does not exist\. Make it"):
        Storage.open(postgres.url().replace("/postgres", "/lost"))


def test_a_schema_that_is_not_there_is_told_with_the_remedy(postgres: PostgresServer):
    with pytest.raises(DatabaseUnreadable, match="CREATE SCHEMA"):
        Storage.open(postgres.url(schema="nowhere"))


def test_another_encoding_is_refused(postgres: PostgresServer):
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    with pytest.raises(DatabaseUnreadable, match=r"keeps texts as LATIN1\. Create a database with ENCODING 'UTF8'"):
        Storage.open(postgres.url().replace("/postgres", "/latin"))


def test_a_server_that_forgets_commits_is_refused(url: str):
    with pytest.raises(DatabaseUnreadable, match="synchronous_commit = on"):
        Storage.open(f"{url}%20-csynchronous_commit%3Doff")


def test_a_user_that_may_not_write_is_told_so(url: str):
    Storage.open(url).close()
    with other_program(url) as other:
        row = other.execute("SELECT current_schema()").fetchone()
        assert row is not None
        other.execute("CREATE ROLE reader LOGIN")
        other.execute(f"GRANT USAGE ON SCHEMA {row[0]} TO reader".encode())
        other.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA {row[0]} TO reader".encode())
    with closing(Storage.open(url.replace("kudos@", "reader@"))) as storage:
        with pytest.raises(DatabaseUnwritable, match="GRANT it"):
            file_request(storage)
        assert storage.requests.count_pending() == 0
    with other_program(url) as other:  # a role is the server's, and so there for all other tests
        other.execute("DROP OWNED BY reader; DROP ROLE reader")


def test_what_comes_after_the_end_is_told_apart_from_a_mistake(url: str):
    storage = Storage.open(url)
    storage.close()
    with pytest.raises(DatabaseClosed):
        storage.queue.state()
    with pytest.raises(DatabaseClosed), storage.transaction():
        pass


def test_a_statement_that_failed_inside_a_transaction_takes_all_with_it(url: str):
    def fail_in_silence() -> None:
        with storage.transaction():
            storage.requests.add(a_new_request(), NOON)
            with suppress(psycopg.Error):
                storage._database.query("SELECT nothing FROM nowhere")

    with closing(Storage.open(url)) as storage:
        with pytest.raises(StorageError, match="nothing was stored"):
            fail_in_silence()
        assert storage.requests.count_pending() == 0


def test_a_transaction_inside_another_is_a_mistake_that_changes_nothing(url: str):
    def nested() -> None:
        with storage.transaction():
            storage.queue.set_next_start(NOON)
            with storage.transaction():
                pass

    with closing(Storage.open(url)) as storage:
        with pytest.raises(RuntimeError, match="within a transaction"):
            nested()
        assert storage.queue.state().next_start_at == from_ms(0)
        assert enqueue(storage).id == 1


def test_texts_lose_the_nul_that_postgresql_cannot_keep(url: str):
    with closing(Storage.open(url)) as storage:
        assert file_request(storage, message="a\x00b").message == "ab"


def test_what_a_failing_statement_is_about_is_not_in_the_servers_log(url: str, postgres: PostgresServer):
    with closing(Storage.open(url)) as storage, pytest.raises(psycopg.Error):
        storage._database.query("SELECT 1 / 0 FROM requests WHERE message = :message", {"message": "Recognisable"})
    assert "WHERE message = $1" in postgres.said()
    assert "Recognisable" not in postgres.said()


@pytest.mark.parametrize("verbosity", ["default", "terse"])
def test_only_a_terse_log_of_the_server_leaves_out_a_row_that_breaks_a_rule(
    url: str, postgres: PostgresServer, verbosity: str
):
    name = f"Recognisable-{verbosity}"
    with closing(Storage.open(f"{url}%20-clog_error_verbosity%3D{verbosity}")) as storage:
        file_request(storage, message=name)
        with pytest.raises(psycopg.IntegrityError):
            storage._database.execute("UPDATE requests SET amount_minor = 0")
    assert "violates check constraint" in postgres.said()
    assert (name in postgres.said()) == (verbosity == "default")


# ------------------------------------------------------------------------------------------- writers


def test_writers_take_their_turn_also_without_a_transaction(url: str):
    with closing(Storage.open(url)) as storage, closing(Storage.open(url)) as other:

        def count_up(number: int) -> None:
            database = (storage, other)[number % 2]._database
            for _ in range(10):
                with database.transaction():
                    row = database.one("SELECT probes FROM queue WHERE id = 1")
                    assert row is not None
                    database.execute("UPDATE queue SET probes = :probes WHERE id = 1", {"probes": row["probes"] + 1})

        together(6, count_up)
        assert storage.queue.state().probes == 60


def test_a_writer_that_falls_silent_is_ended_and_the_others_go_on(url: str):
    with closing(Storage.open(url)) as storage, closing(Storage.open(url)) as other:
        begun = threading.Event()

        def fall_silent() -> None:
            with storage.transaction():
                storage.requests.add(a_new_request(), NOON)
                begun.set()
                time.sleep(1.3)  # longer than the server waits
                storage.requests.count_pending()

        with ThreadPoolExecutor(1) as pool:
            silent = pool.submit(fall_silent)
            begun.wait(10)
            assert file_request(other).id
            with pytest.raises(DatabaseUnavailable):
                silent.result()
        assert storage.requests.count_pending() == 1, "and the silent one serves again"


def test_a_line_that_swallows_everything_is_given_up(postgres: PostgresServer):
    with swallowing(postgres.port) as (port, swallow):
        connection = PostgresConnection.open(postgres.url().replace(str(postgres.port), str(port)))
        connection.patience = 0.2
        connection.execute("SELECT 1")
        swallow.set()
        with pytest.raises(psycopg.OperationalError, match="no answer within"):
            connection.execute("SELECT 1")
        assert connection.closed


@contextmanager
def swallowing(to: int) -> Iterator[tuple[int, threading.Event]]:
    """A way to `to` that lets everything pass until it is told to swallow."""
    swallow = threading.Event()
    door = socket.create_server(("127.0.0.1", 0))

    def pass_on(source: socket.socket, target: socket.socket) -> None:
        while data := source.recv(65_536):
            if not swallow.is_set():
                target.sendall(data)

    def serve() -> None:
        near, _ = door.accept()
        far = socket.create_connection(("127.0.0.1", to))
        back = threading.Thread(target=pass_on, args=(far, near), daemon=True)
        back.start()
        with near, far:
            pass_on(near, far)
            far.shutdown(socket.SHUT_RDWR)
            back.join()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    with door:
        yield door.getsockname()[1], swallow
        thread.join(10)


def test_a_server_that_was_killed_serves_again_when_it_is_back(postgres: PostgresServer):
    with postgres.another() as server, closing(Storage.open(server.url())) as storage:
        before = file_request(storage)
        server.kill()
        with pytest.raises(DatabaseUnavailable):
            file_request(storage)
        server.start()
        assert storage.requests.get(before.id) == before
        assert file_request(storage).id > before.id


# --------------------------------------------------------------------------------- the same statements


def test_postgresql_understands_every_statement_of_the_stores(url: str):
    """Each is explained, which finds a word, a column or a type that PostgreSQL does not know."""
    on_file = {"backup._NUMBERS", "backup._GO_ON_FROM", "backup._BEGIN_AFTER"}
    Storage.open(url).close()
    with closing(PostgresConnection.open(url)) as connection:
        for name, sql in STATEMENTS.items():
            if name not in on_file:
                given: dict[str, list[str] | None] = dict.fromkeys(re.findall(r":([a-z_0-9]+)", sql))
                given |= {key: [] for key in re.findall(r"json_each\(:(\w+)\)", sql)}
                connection.execute(b"EXPLAIN " + statement_of(sql).sql, given)
