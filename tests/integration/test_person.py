"""People's rights: all that names a person is written out for them, and what is private is removed for good."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from bot.domain.batch import Batch
from bot.domain.money import Money
from bot.domain.occasion import Occasion
from bot.domain.order import Order, OrderStatus
from bot.domain.request import Address, Delivery, Details, Request, RequestMove
from bot.domain.workflow import NewWorkflowRun, WorkflowRunMove
from bot.usecases.person import erase_person, export_person
from bot.usecases.queue import CONSOLE
from storage import Storage
from storage.person import ID_COLUMNS, JSON_COLUMNS
from tests.kit.console import kudos, said
from tests.kit.factories import (
    ALEX,
    MAYA,
    NOON,
    ROB,
    a_new_request,
    a_recipient,
    accept,
    again,
    approve,
    enqueue,
    file_request,
)

KIM: Final = "U0KIM0001"


def private_order(storage: Storage, **facts: Any) -> Order:
    """Rob's order, done, in which everything that is private of him or of Maya can be recognised."""
    order = enqueue(
        storage,
        requester_name="Recognisable Lopez",
        requester_email="recognisable.maya@example.com",
        message="Recognisable thanks",
        details=Details(campaign="launch", notes="Recognisable notes", sender_email="recognisable.maya@example.com"),
        recipients=(a_recipient(first_name="Findable", last_name="Hale", email="findable@example.com"),),
        **facts,
    )
    return accept(storage, order)


def request_of(storage: Storage, order: Order) -> Request:
    request = storage.requests.get(order.request_id)
    assert request is not None
    return request


def sums(storage: Storage) -> list[dict[str, Any]]:
    """What every report adds up."""
    sql = "SELECT requester_id, recipient_id, currency, status, sum(amount_minor) AS sum, count(*) AS n FROM orders "
    rows = storage._database.query(sql + "GROUP BY requester_id, recipient_id, currency, status ORDER BY 1, 2, 3, 4")
    return [dict(row) for row in rows]


# ------------------------------------------------------------------------------------------ export


def test_a_person_is_given_what_names_them_and_nothing_private_of_others(storage: Storage):
    order = private_order(storage)
    for_rob = export_person(storage, ROB, NOON, CONSOLE)
    for_maya = export_person(storage, MAYA, NOON, CONSOLE)
    texts = json.dumps(for_rob), json.dumps(for_maya)

    assert "findable@example.com" in texts[0]
    assert "Recognisable thanks" in texts[0], "it was written to him"
    assert "recognisable.maya@example.com" not in texts[0]
    assert "recognisable.maya@example.com" in texts[1]
    assert "findable@example.com" not in texts[1]
    assert for_rob["tables"]["orders"][0]["id"] == order.id
    assert for_rob["tables"]["orders"][0]["created_at"].startswith("2026-03-14T12:00:00")


def test_an_approver_is_given_what_they_decided_without_the_words_of_others(storage: Storage):
    private_order(storage)
    [row] = export_person(storage, ALEX, NOON, CONSOLE)["tables"]["requests"]
    assert row["decided_by"] == ALEX
    assert "Recognisable" not in json.dumps(row)


def test_who_is_nowhere_is_given_nothing(storage: Storage):
    private_order(storage)
    assert export_person(storage, KIM, NOON, CONSOLE)["tables"] == {}


def test_every_column_with_a_persons_id_is_looked_at(storage: Storage, engine: str):
    """A table that is added later is covered, or this test names its column."""
    if engine == "sqlite":
        tables = [row["name"] for row in storage._database.query("SELECT name FROM sqlite_master WHERE type = 'table'")]
        columns = {name: storage._database.query(f"PRAGMA table_info({name})") for name in tables}
        found = {(table, column["name"]) for table, listed in columns.items() for column in listed}
    else:
        sql = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema() "
        sql += r"AND table_name NOT LIKE 'first\_%'"  # the tests' own: what the first row of each table was
        found = {(row["table_name"], row["column_name"]) for row in storage._database.query(sql)}
    named = re.compile(r"user_id|requester_id|recipient_id|approver_id|actor|audience|\w+_by")
    covered = {(table, column) for listed in (ID_COLUMNS, JSON_COLUMNS) for table in listed for column in listed[table]}
    transient = {("queue", "asked_by")}

    assert {(t, c) for t, c in found if named.fullmatch(c)} - covered == transient
    assert covered <= found


# ------------------------------------------------------------------------------------------- erase


def test_of_a_recipient_name_address_and_the_words_to_them_go(storage: Storage):
    order = private_order(storage)
    before = sums(storage)
    erased = erase_person(storage, ROB, NOON, CONSOLE)
    after, request = again(storage, order), request_of(storage, order)

    assert (erased.requests, list(erased.open)) == (1, [])
    assert (after.recipient.name, after.recipient.email, after.body) == ("", "", b"{}")
    assert (request.recipients[0].name, request.message, request.details.notes) == ("", "", "")
    assert request.requester_name == "Recognisable Lopez", "she is another person"
    assert request.details.campaign == "launch", "for reports"
    assert (after.recipient.user_id, after.amount, after.status) == (ROB, order.amount, OrderStatus.ACCEPTED)
    assert sums(storage) == before


def test_of_a_requester_name_address_and_words_go(storage: Storage):
    order = private_order(storage)
    before = sums(storage)
    erase_person(storage, MAYA, NOON, CONSOLE)
    after, request = again(storage, order), request_of(storage, order)

    assert (request.requester_name, request.requester_email, request.message) == ("", "", "")
    assert request.details.sender_email == ""
    assert after.body == b"{}", "it names the sender"
    assert after.recipient.email == "findable@example.com", "he is another person"
    assert sums(storage) == before


def test_of_a_batch_the_messages_of_their_own_go(storage: Storage):
    each = Money(25_00, "USD")
    told = (
        a_recipient(amount=each, message="Recognisable one"),
        a_recipient(KIM, amount=each, message="Recognisable two"),
    )
    orders = [accept(storage, one) for one in approve(storage, file_request(storage, recipients=told, is_batch=True))]
    order = orders[0]
    assert "Recognisable one" in json.dumps(export_person(storage, ROB, NOON, CONSOLE)["tables"]["messages"])
    erase_person(storage, ROB, NOON, CONSOLE)
    assert [one.message for one in request_of(storage, order).recipients] == [None, "Recognisable two"]
    erase_person(storage, MAYA, NOON, CONSOLE)
    assert [one.message for one in request_of(storage, order).recipients] == [None, None]


def test_lists_that_nobody_asked_for_and_answered_runs_go(storage: Storage):
    each = Money(25_00, "USD")
    told = (a_recipient(amount=each, message="Recognisable one"), a_recipient(KIM, amount=each, message=""))
    new = a_new_request(recipients=told, is_batch=True)
    with storage.transaction():
        storage.batches.add(Batch(reference="f" * 32, digest="d", new=new), NOON)
        for name, person in (("Fx1", ROB), ("Fx2", KIM)):
            storage.workflows.add(
                NewWorkflowRun(execution_id=name, recipient_id=person, utid="U561593", amount="25", message="Hi"), NOON
            )
            storage.workflows.move(name, WorkflowRunMove.REFUSE, refusal="Recognisable")
            storage.workflows.mark_answered(name, NOON)
    assert "Recognisable one" not in json.dumps(export_person(storage, ROB, NOON, CONSOLE)), "it is Maya's list"
    assert "Recognisable one" in json.dumps(export_person(storage, MAYA, NOON, CONSOLE))
    erase_person(storage, ROB, NOON, CONSOLE)

    assert storage.batches.by_reference("f" * 32) is None
    assert storage.workflows.get("Fx1") is None
    assert storage.workflows.get("Fx2") is not None


def test_of_several_recipients_one_is_removed(storage: Storage):
    request = file_request(storage, recipients=(a_recipient(), a_recipient(KIM, first_name="Kim")))
    for order in approve(storage, request):
        accept(storage, order)
    erase_person(storage, ROB, NOON, CONSOLE)
    rob, kim = storage.orders.of_request(request.id)

    assert (rob.recipient.name, kim.recipient.first_name) == ("", "Kim")
    assert kim.body != b"{}"


def test_the_postal_address_goes(storage: Storage):
    address = Address(
        street_line1="1 Recognisable Street",
        street_line2="",
        city="Kiel",
        state_or_province="",
        postal_code="24103",
        country="DE",
    )
    details = Details(delivery=Delivery.POST, address=address)
    order = accept(storage, enqueue(storage, delivery=Delivery.POST, details=details))
    erase_person(storage, ROB, NOON, CONSOLE)
    assert request_of(storage, order).details == Details(delivery=Delivery.POST)


def test_an_approvers_reason_goes(storage: Storage):
    request = file_request(storage)
    with storage.transaction():
        storage.requests.move(request.id, RequestMove.DECLINE, by=ALEX, now=NOON, reason="Recognisable reason")
    erase_person(storage, ALEX, NOON, CONSOLE)
    stored = storage.requests.get(request.id)
    assert stored is not None
    assert (stored.reason, stored.decided_by, stored.message) == (None, ALEX, request.message)


def test_the_gift_log_keeps_names_for_its_years_and_shows_them_to_their_own(storage: Storage):
    order = private_order(storage, occasion=Occasion("Recognisable day", is_taxable=True))
    with storage.transaction():
        storage.gift_log.record(order.id, NOON)
    for person, knows in ((ROB, True), (MAYA, False), (ALEX, False)):
        [row] = export_person(storage, person, NOON, CONSOLE)["tables"]["gift_log"]
        assert ("recipient_name" in row) == knows
    erase_person(storage, ROB, NOON, CONSOLE)

    [logged] = storage.gift_log.rows(NOON - timedelta(days=1), NOON + timedelta(days=1))
    assert (logged.recipient_name, logged.occasion) == ("Findable Hale", "Recognisable day")
    assert request_of(storage, order).occasion is None


def test_what_is_still_under_way_keeps_its_names(storage: Storage):
    pending, queued = file_request(storage), enqueue(storage)
    erased = erase_person(storage, ROB, NOON, CONSOLE)
    assert (erased.requests, list(erased.open)) == (0, [pending.id, queued.request_id])
    assert again(storage, queued).recipient.email


def test_the_log_says_who_was_removed_and_is_sound(storage: Storage):
    private_order(storage)
    erase_person(storage, ROB, NOON, CONSOLE)
    *_, last = storage.audit_chain.rows()
    assert (last.event, last.actor, json.loads(last.facts)) == (
        "person.erased",
        CONSOLE,
        {"person": ROB, "requests": 1},
    )
    assert last.stored == last.computed


def test_nothing_of_them_is_left_in_the_bytes_of_the_file(storage: Storage, database_path: Path):
    private_order(storage)
    erase_person(storage, ROB, NOON, CONSOLE)
    erase_person(storage, MAYA, NOON, CONSOLE)
    storage.close()
    held = database_path.read_bytes()
    assert [word for word in (b"Findable", b"findable@", b"Recognisable", b"recognisable") if word in held] == []


# ------------------------------------------------------------------------------------- the commands


def test_the_commands_write_out_ask_and_remove(storage: Storage, config: Path):
    order = private_order(storage)
    assert json.loads(said(config, "person", "export", ROB))["person"] == ROB
    assert kudos(config, "person", "erase", ROB).exit_code == 1, "nobody said yes"
    assert again(storage, order).recipient.email
    told = said(config, "person", "erase", ROB, "--yes")
    assert "1 request" in told
    assert "Art. 17" in told, "the reason why the rest stays"
    assert not again(storage, order).recipient.email


def test_what_is_no_persons_id_is_refused(storage: Storage, config: Path):
    for words in (("export", "rob"), ("erase", "S0GROUP001", "--yes")):
        result = kudos(config, "person", *words)
        assert result.exit_code == 2
        assert words[1] in result.output
