"""`kudos check` before real servers of PostgreSQL, each with a trap of its own."""

import logging
import traceback
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
import yaml
from click.testing import CliRunner

from bot.__main__ import main
from bot.errors import DatabaseUnavailable
from bot.ops.check_postgres import check_postgres
from bot.sandbox.postgres import PostgresServer
from handlers.check import Finding
from storage import Storage
from tests.kit.bot import SECRETS, environment
from tests.kit.console import settings_file
from tests.kit.pooler import pooled


def findings(url: str) -> dict[str, Finding]:
    """What is found at an address, by what it says; but for the tests' own server, which forgets at a power cut."""
    return {
        found.text: found
        for found in check_postgres(url)
        if "fsync" not in found.text and "full_page_writes" not in found.text
    }


def fault(url: str) -> Finding:
    """The one fault that is found there."""
    [found] = [finding for finding in findings(url).values() if not finding.good and not finding.is_warning]
    return found


def sql(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


# ---------------------------------------------------------------------------------------- the server


def test_a_fresh_schema_and_one_that_is_up_to_date_will_do(url: str):
    assert all(finding.good for finding in findings(url).values())
    Storage.open(url).close()
    assert all(finding.good for finding in findings(url).values())


def test_what_a_power_cut_would_damage_is_told(url: str):
    assert {found.text.rsplit(" ", 3)[1:][0] for found in check_postgres(url) if not found.good} == {
        "fsync",
        "full_page_writes",
    }


def test_commits_that_are_not_waited_for_are_told(url: str):
    assert "synchronous_commit = off" in fault(f"{url}%20-csynchronous_commit%3Doff").text


def test_another_encoding_is_told(postgres: PostgresServer):
    sql(postgres.url(), "CREATE DATABASE latin1 ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")

    assert "keeps texts as LATIN1" in fault(postgres.url().replace("/postgres", "/latin1")).text


def test_a_pooler_that_hands_out_a_connection_for_each_transaction_is_told(url: str, postgres: PostgresServer):
    Storage.open(url).close()
    with pooled(postgres.port) as port:
        found = fault(url.replace(str(postgres.port), str(port)))

    assert "behind a pooler" in found.text


def test_a_schema_of_another_program_is_told(url: str):
    sql(url, "CREATE TABLE orders (x int)")

    assert "another program" in fault(url).text


# ------------------------------------------------------------------------------------------- the user


@pytest.fixture
def poor(url: str, postgres: PostgresServer) -> Iterator[str]:
    """The schema, as a user that may only see that it is there."""
    schema = url.rpartition("%3D")[2]
    sql(url, "CREATE ROLE poor LOGIN", f"GRANT USAGE ON SCHEMA {schema} TO poor")
    yield url.replace("kudos@", "poor@")
    sql(postgres.url(), "DROP OWNED BY poor", "DROP ROLE poor")


def granted(url: str, poor: str) -> None:
    """Do as the one fault says."""
    remedy = fault(poor).remedy
    sql(url, *remedy.removeprefix("As the owner, type: ").removesuffix(";").split("; "))


def test_who_may_make_no_tables_is_told_how_to_be_let(url: str, poor: str):
    granted(url, poor)

    assert all(finding.good for finding in findings(poor).values())
    Storage.open(poor).close()


def test_who_may_not_work_on_the_tables_is_told_how_to_be_let_and_needs_no_more(url: str, poor: str):
    Storage.open(url).close()
    granted(url, poor)

    assert all(finding.good for finding in findings(poor).values())


def test_who_may_not_change_the_tables_of_an_older_version_is_told_how_to_be_let(url: str, poor: str):
    Storage.open(url).close()
    granted(url, poor)
    sql(url, "DELETE FROM kudos_migrations WHERE name = 'm015_duty'")

    assert "GRANT CREATE ON SCHEMA" in fault(poor).remedy
    assert 'GRANT "kudos" TO "poor"' in fault(poor).remedy


# ------------------------------------------------------------------------------------- who lets nobody in


@pytest.fixture(scope="module")
def guarded(postgres: PostgresServer) -> Iterator[PostgresServer]:
    """A server that lets in only who has a password, and into one database."""
    with postgres.another() as server:
        sql(
            server.url(),
            "CREATE ROLE maya LOGIN PASSWORD 'recognisable-7'",
            "ALTER ROLE kudos PASSWORD 'recognisable-8'",
            "CREATE DATABASE rewards OWNER maya",
        )
        (server._folder / "data" / "pg_hba.conf").write_text(
            "host all,lost all 127.0.0.1/32 scram-sha-256\n", encoding="utf-8"
        )
        sql(server.url(), "SELECT pg_reload_conf()")
        yield server


def address(server: PostgresServer, *, user: str = "maya", password: str = ":recognisable-7", name: str) -> str:
    return f"postgresql://{user}{password}@127.0.0.1:{server.port}/{name}"


def test_each_reason_why_nobody_gets_in_is_told_apart(guarded: PostgresServer):
    assert all(finding.good for finding in findings(address(guarded, name="rewards")).values())
    told = {
        "wrong password": fault(address(guarded, password=":recognisable-9", name="rewards")).text,
        "no password": fault(address(guarded, password="", name="rewards")).text,
        "unknown user": fault(address(guarded, user="rob", name="rewards")).text,
        "no database": fault(address(guarded, name="lost")).text,
        "no server": fault("postgresql://maya:recognisable-7@127.0.0.1:1/rewards").text,
        "no host": fault("postgresql://maya:recognisable-7@nowhere.invalid/rewards").text,
    }

    for reason in ("wrong password", "no password", "unknown user"):
        assert "refuses the user or the password" in told[reason]
    assert "does not exist. Make it: CREATE DATABASE" in told["no database"]
    assert "can't be reached" in told["no server"]
    assert "on a host that isn't found" in told["no host"]
    assert "recognisable" not in "".join(told.values())


def test_the_password_is_in_no_line_of_the_check(guarded: PostgresServer, tmp_path: Path):
    config = settings_file(tmp_path, address(guarded, password="", name="rewards"))
    written = yaml.safe_load(config.read_text())
    written["slack"] = {"api_url": "http://127.0.0.1:1/api/"}
    written["tango"]["base_url"] = "http://127.0.0.1:1/raas/v2"
    config.write_text(yaml.safe_dump(written))
    for password, text in ((":recognisable-7", "runs with fsync = off"), (":recognisable-9", "refuses the user")):
        given = {"KUDOS_STORAGE__URL": address(guarded, password=password, name="rewards")}
        with environment({**SECRETS, **given}):
            output = CliRunner().invoke(main, ["check", "--config", str(config)]).output
        assert f"FAIL Database: The database rewards on 127.0.0.1 {text}" in output
        assert "recognisable" not in output


def test_the_password_is_in_no_log_and_no_error_when_the_server_goes(
    guarded: PostgresServer, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    with closing(Storage.open(address(guarded, name="rewards"))) as storage:
        guarded.kill()
        with pytest.raises(DatabaseUnavailable) as told:
            storage.queue.state()
        guarded.start()
        assert storage.queue.state().halted_at is None
    assert "psycopg" in caplog.text
    assert "recognisable" not in caplog.text + "".join(traceback.format_exception(told.value)) + repr(told.value)
