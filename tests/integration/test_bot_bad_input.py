"""What people and forgers send by mistake or on purpose: each gets a clear answer, and changes nothing."""

import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from typing import Any, Final

import pytest

from bot.domain.request import RequestStatus
from bot.errors import AlreadyDecided, ChangedSince, NoRewards, Rule, SlackUnavailable
from bot.faults import Fault, FaultCode
from bot.sandbox.slack import Person, ShownMessage, people
from bot.sandbox.slack.people import User
from handlers.ids import Command
from handlers.views.faults import fault_text
from handlers.views.help import build_help
from handlers.views.messages import refusal_text, storage_text, unopened_text
from tests.kit import wording
from tests.kit.bot import CARD, FIXED, PATIENCE, WHOLE, World
from tests.kit.payloads import FORGED_IDS, a_click, a_command, a_reason, a_request_form, a_submission

_LIKE: Final = Fault(FaultCode.NOT_A_NUMBER)
_USD: Final = {"currency": "USD"}


def _requests(world: World) -> int:
    return len(world.rows("SELECT 1 FROM requests"))


# ------------------------------------------------------------------------------------------ amounts


@pytest.mark.parametrize(
    ("reward", "typed", "said"),
    [
        pytest.param(CARD, "   ", Fault(FaultCode.EMPTY, {"amounts": "$1 to $1,000"}), id="blank"),
        pytest.param(CARD, "-5", Fault(FaultCode.NEGATIVE), id="negative"),
        pytest.param(CARD, "0", Fault(FaultCode.ZERO), id="zero"),
        pytest.param(CARD, "1e9", _LIKE, id="1e9"),
        pytest.param(CARD, "12.345", Fault(FaultCode.FINER_THAN_CURRENCY, _USD), id="12.345"),
        pytest.param(CARD, "25,00", Fault(FaultCode.DECIMAL_COMMA), id="25,00"),
        pytest.param(CARD, "٢٥", _LIKE, id="arabic digits"),
        pytest.param(CARD, "NaN", _LIKE, id="NaN"),
        pytest.param(CARD, "Infinity", _LIKE, id="Infinity"),
        pytest.param(CARD, "twenty", _LIKE, id="words"),
        pytest.param(CARD, "25 EUR", Fault(FaultCode.OTHER_CURRENCY, _USD), id="another currency"),
        pytest.param(CARD, "1000000", Fault(FaultCode.TOO_LARGE), id="too large"),
        pytest.param(CARD, "0.99", Fault(FaultCode.BELOW_MINIMUM, {"bound": "$1.00"}), id="below the least"),
        pytest.param(CARD, "1000.01", Fault(FaultCode.ABOVE_MAXIMUM, {"bound": "$1,000.00"}), id="above the most"),
        pytest.param(FIXED, "26", Fault(FaultCode.NOT_THE_FIXED_VALUE, {"bound": "$25.00"}), id="not the fixed value"),
        pytest.param(WHOLE, "25.50", Fault(FaultCode.NOT_WHOLE), id="not whole"),
    ],
)
def test_an_amount_that_cannot_be_paid_is_said_under_its_field(calm: World, reward: str, typed: str, said: Fault):
    outcome = calm.fill_in(reward=reward, amount=typed)
    assert outcome.errors == {"amount": fault_text("amount", said)}
    assert outcome.modal is not None
    assert outcome.modal.callback_id == "request", "the form stays open with what was typed"
    assert _requests(calm) == 0


def test_an_amount_is_required_and_the_form_says_so(calm: World):
    assert calm.fill_in(amount=None).errors == {"amount": "Please complete this required field."}
    values = a_request_form([people.ROB], CARD, "")
    answer = calm.slack.deliver("interactive", a_submission(calm.slack, people.MAYA, "request", values))
    assert answer["errors"] == {"amount": wording.fault("amount", FaultCode.EMPTY, amounts="$1 to $1,000")}


def test_every_wrong_field_is_told_at_once(calm: World):
    outcome = calm.fill_in(recipients=["maya"], amount="-5")
    assert set(outcome.errors or {}) == {"recipients", "amount"}


def test_a_form_that_was_mended_is_taken(world: World):
    form = world.form()
    assert world.maya.submit(form, {"recipients": ["noemail"], "reward": CARD, "amount": "x"}).errors
    assert world.maya.submit(form, {"recipients": ["rob"], "amount": "25"}).closed
    assert _requests(world) == 1


# ------------------------------------------------------------------------------------------- people


@pytest.mark.parametrize(
    ("who", "said"),
    [
        ("maya", Fault(FaultCode.IS_ONESELF)),
        ("noemail", Fault(FaultCode.HAS_NO_EMAIL, {"name": "Noor Haddad"})),
        ("dora", Fault(FaultCode.IS_DEACTIVATED, {"name": "Dora Former"})),
        ("gus", Fault(FaultCode.IS_GUEST, {"name": "Gus Guest"})),
        ("gina", Fault(FaultCode.IS_GUEST, {"name": "Gina Visitor"})),
        ("lunchbot", Fault(FaultCode.IS_BOT, {"name": "Lunch Bot"})),
        ("kudos", Fault(FaultCode.IS_BOT, {"name": "Kudos"})),
        ("olga", Fault(FaultCode.IS_OUTSIDER, {"name": "Olga Petrova"})),
    ],
)
def test_who_cannot_be_given_a_reward_is_said_under_the_field(calm: World, who: str, said: Fault):
    outcome = calm.fill_in(recipients=["rob", who])
    assert outcome.errors == {"recipients": fault_text("recipients", said)}
    assert _requests(calm) == 0


def test_nobody_is_refused(calm: World):
    nobody = calm.slack.deliver(
        "interactive", a_submission(calm.slack, people.MAYA, "request", a_request_form([], CARD, "25"))
    )
    assert nobody == {
        "response_action": "errors",
        "errors": {"recipients": wording.fault("recipients", FaultCode.REQUIRED)},
    }
    assert _requests(calm) == 0


def test_a_crowd_that_somebody_made_up_becomes_no_batch(calm: World):
    crowd = [f"U0CROWD{n:03d}" for n in range(31)]
    many = a_submission(calm.slack, people.MAYA, "request", a_request_form(crowd, CARD, "25"))
    assert calm.slack.deliver("interactive", many)["response_action"] == "update"
    calm.settle()
    assert _requests(calm) == 0
    assert calm.rows("SELECT 1 FROM batches") == []


def test_an_id_that_somebody_made_up_is_nobody(calm: World):
    payload = a_submission(calm.slack, people.MAYA, "request", a_request_form(["U0MADEUP1"], CARD, "25"))
    assert calm.slack.deliver("interactive", payload)["errors"] == {
        "recipients": wording.fault("recipients", FaultCode.IS_OUTSIDER, name="U0MADEUP1")
    }


def test_names_that_tango_refuses_are_cleaned_and_the_requester_sees_how(world: World):
    request_id = world.ask(recipients=["ana"])
    receipt = world.receipt(request_id).words
    assert f"<@{people.ANA}>" in receipt
    assert "Ana Bo Ortiz Silva" in receipt
    world.alex.click(world.card(request_id), "approve")
    world.settle()
    (order,) = world.tango.orders
    assert (order.recipient["firstName"], order.recipient["lastName"]) == ("Ana", "Bo Ortiz Silva")


def test_a_name_of_which_nothing_is_left_is_asked_for(world: World):
    world.slack.change_user("kim", real_name="</>", display_name="<>")
    outcome = world.fill_in(recipients=["kim"])
    assert outcome.errors == {"recipients": wording.fault("recipients", FaultCode.NAME_UNUSABLE, name="</>")}


def test_an_address_that_tango_refuses_is_asked_for(world: World):
    world.slack.change_user("kim", email="kim park@acme")
    outcome = world.fill_in(recipients=["kim"])
    assert outcome.errors is not None
    assert "Kim Park" in outcome.errors["recipients"]
    assert "kim park@acme" not in outcome.errors["recipients"]


def test_a_sender_whose_name_tango_refuses_can_still_send(world: World):
    world.slack.change_user("maya", real_name="Maya <M> Lind/qvist")
    world.place()
    (order,) = world.tango.orders
    assert f"{order.sender['firstName']} {order.sender['lastName']}".strip() == "Maya M Lind qvist"


@pytest.mark.parametrize(
    "email", ["maya@b\u00fccher.example", "m\u00e4ya@acme.example", "x" * 90 + "@acme.example", None]
)
def test_a_sender_whose_address_tango_refuses_can_still_send(world: World, email: str | None):
    world.slack.change_user("maya", email=email)
    world.place()
    (order,) = world.tango.orders
    assert not order.sender.get("email")
    assert order.recipient["email"] == "rob@acme.example"


@pytest.mark.parametrize("email", ["rob@b\u00fccher.example", "r" * 90 + "@acme.example", None])
def test_by_direct_message_no_address_is_needed(world: World, email: str | None):
    world.slack.change_user("rob", email=email)
    world.place(delivery="message")
    (order,) = world.tango.orders
    assert not order.recipient.get("email")


@pytest.mark.parametrize("who", ["gus", "gina", "olga"])
def test_a_guest_cannot_open_the_form(calm: World, who: str):
    person = calm.slack.person(who)
    told = person.command("/kudos").ephemeral
    assert told is not None
    assert told.text == wording.not_allowed(Rule.GUESTS_MAY_NOT_SEND)
    assert person.modal is None


# ------------------------------------------------------------------------------------------- texts


def test_a_message_beyond_slacks_limit_is_refused(calm: World):
    values = a_request_form([people.ROB], CARD, "25", "x" * 3_001)
    answer = calm.slack.deliver("interactive", a_submission(calm.slack, people.MAYA, "request", values))
    assert answer["errors"] == {"message": wording.fault("message", FaultCode.TOO_LONG, limit=3_000, length=3_001)}
    assert _requests(calm) == 0


def test_a_message_at_the_limit_reaches_tango_whole(world: World):
    message = "&<>" * 1_000
    world.place(message=message)
    (order,) = world.tango.orders
    assert order.message == message


def test_a_reason_beyond_slacks_limit_is_refused(world: World):
    request_id = world.ask()
    payload = a_submission(
        world.slack,
        people.ALEX,
        "decline",
        a_reason("x" * 501),
        private_metadata=world.reference("requests", request_id),
    )
    assert world.slack.deliver("interactive", payload)["errors"] == {
        "reason": wording.fault("reason", FaultCode.TOO_LONG, limit=500, length=501)
    }
    assert world.one("SELECT status FROM requests")["status"] == "pending_approval"


def test_what_people_type_pings_nobody(world: World):
    hostile = "<!channel> <@U00ROB000> <https://evil.example|bank>"
    world.slack.change_user("kim", real_name=f"Kim {hostile}")
    request_id = world.ask(recipients=["kim"], message=hostile)
    for message in (world.card(request_id), world.receipt(request_id)):
        for block in message.blocks:
            formatted = [block.get("text") or {}, *(block.get("fields") or []), *(block.get("elements") or [])]
            shown = " ".join(text["text"] for text in formatted if text.get("type") == "mrkdwn")
            assert "<!channel>" not in shown
            assert "<https:" not in shown
        assert "<!channel>" not in message.text


# ------------------------------------------------------------------------------------------ rewards


def test_a_reward_that_is_not_on_offer_is_refused(calm: World):
    for utid, said in (
        ("", wording.fault("reward", FaultCode.REQUIRED)),
        ("U000000", wording.fault("reward", FaultCode.UNAVAILABLE)),
    ):
        values = a_request_form([people.ROB], utid, "25")
        answer = calm.slack.deliver("interactive", a_submission(calm.slack, people.MAYA, "request", values))
        assert answer["errors"] == {"reward": said}
    assert _requests(calm) == 0


def test_a_reward_that_left_the_catalog_cannot_be_approved_only_declined(world: World):
    request_id = world.ask()
    world.tango.catalog.remove(CARD)
    world.bot._catalog.refresh()
    card = world.card(request_id)
    refused = world.answer(world.alex, lambda: world.alex.click(card, "approve"))
    assert refused.text == refusal_text(ChangedSince([("reward_gone", "Marlow & Finch gift card")]))
    assert world.one("SELECT status FROM requests")["status"] == "pending_approval"
    assert world.rows("SELECT 1 FROM orders") == []
    form = world.alex.click(card, "decline").modal
    assert form is not None
    world.alex.submit(form, {"reason_choice": "other", "reason": "It is gone"})
    world.settle()
    assert f"{wording.decision(RequestStatus.DECLINED)} <@{people.ALEX}>" in world.card(request_id).words


def test_without_a_catalog_the_form_says_why_it_does_not_open(world: World):
    for item in (reward.utid for reward in world.bot._catalog.current.rewards):
        world.tango.catalog.remove(item)
    world.bot._catalog.refresh()
    told = world.maya.command("/kudos").ephemeral
    assert told is not None
    assert told.text == refusal_text(NoRewards())
    assert world.maya.modal is None


# -------------------------------------------------------------------------------- forgeries, replays


def _signed_submission(world: World) -> tuple[bytes, dict[str, str]]:
    world.fill_in()
    delivery = next(one for one in reversed(world.slack.deliveries) if one.type == "view_submission")
    return delivery.body, delivery.headers


def test_a_forged_signature_is_refused(world: World, caplog: pytest.LogCaptureFixture):
    body, headers = _signed_submission(world)
    before = _requests(world)
    unsigned = {name: value for name, value in headers.items() if not name.startswith("X-Slack")}
    forged = [
        unsigned,
        unsigned | world.slack.sign(body, secret="another secret"),
        unsigned | world.slack.sign(b"another body"),
        headers | {"X-Slack-Request-Timestamp": "soon"},
        headers | {"X-Slack-Request-Timestamp": "9" * 5_000},
        headers | {"X-Slack-Request-Timestamp": "-1"},
        headers | {"X-Slack-Signature": ""},
        unsigned | world.slack.sign(body, int(time.time()) - 301),
        # Beyond the five minutes by more than the request can take: they are counted when it arrives.
        unsigned | world.slack.sign(body, int(time.time()) + 330),
    ]
    changed = body.replace(b"view_submission", b"view_submissiom")
    assert [world.slack.deliver_raw(body, one).status_code for one in forged] == [401] * len(forged)
    assert world.slack.deliver_raw(changed, headers).status_code == 401
    assert world.slack.deliver_raw(b"\xff\xfe", headers).status_code == 401
    assert _requests(world) == before
    assert [one for one in caplog.records if one.levelname == "ERROR"] == [], "strangers cannot fill the log"


def test_a_replayed_submission_is_one_request(world: World):
    body, headers = _signed_submission(world)
    for _ in range(3):
        assert world.slack.deliver_raw(body, headers).status_code == 200
    world.settle()
    assert _requests(world) == 1
    assert len(world.alex.messages(people.APPROVALS)) == 1
    assert len(world.maya.dms()) == 1
    assert len(world.rows("SELECT 1 FROM audit WHERE event = 'request.filed'")) == 1


def test_a_replayed_approval_is_one_order(world: World):
    world.approve()
    delivery = world.slack.deliveries[-1]
    for _ in range(3):
        assert world.slack.deliver_raw(delivery.body, delivery.headers).status_code == 200
    world.settle()
    assert len(world.tango.orders) == len(world.tango.arrivals) == 1
    assert len(world.rows("SELECT 1 FROM audit WHERE event = 'request.approved'")) == 1


def test_a_hand_made_id_finds_nothing_and_changes_nothing(world: World):
    world.ask()
    # The job that looks for namesakes writes too, and must have written before the tables are read.
    world.until(lambda: world.rows("SELECT 1 FROM recipients WHERE has_namesake IS NOT NULL"))
    before = _everything(world)
    acts = [
        *(
            (world.alex, act)
            for act in ("approve", "decline", "withdraw", "order_details", "order_show", "order_resend")
        ),
        *((world.ada, act) for act in ("order_details", "order_retry", "order_cancel")),
    ]
    for value in FORGED_IDS:
        for who, act in acts:
            told = _pressed(world, who, act, value)
            assert wording.STALE in told.text, (act, value)
            assert "<!channel>" not in told.text
        submission = a_submission(world.slack, people.ALEX, "decline", a_reason("No"), private_metadata=value)
        answer = world.slack.deliver("interactive", submission)
        assert answer["response_action"] == "update"
        assert wording.STALE in str(answer["view"]), value
    refused = [
        (row["actor"], row["facts"])
        for row in world.rows("SELECT * FROM audit WHERE event = 'attempt.refused' ORDER BY id")
    ]
    assert refused == [
        (people.ALEX, '{"what": "approve", "why": "not_found"}'),
        (people.ADA, '{"what": "order_details", "why": "not_found"}'),
    ], "once for each person in an hour, however often they try"
    assert _everything(world) == before


_PAGES: Final = ["before=-1", f"before={'9' * 40}", "status=gone", "person=' OR 1=1 --", "before=1&before=2", "%00"]


def test_a_hand_made_page_shows_ones_own_orders_and_no_others(world: World):
    world.place()
    for value in [*FORGED_IDS, *_PAGES]:
        told = _pressed(world, world.slack.person("priya"), "orders_older", value, channel=people.GENERAL)
        assert told.text.strip(), value
        assert "Rob" not in told.words, value
        assert "Details" not in told.buttons, value


def _pressed(world: World, who: Person, action: str, value: str, **facts: Any) -> ShownMessage:
    payload = a_click(world.slack, who.id, action, value, **facts)
    return world.answer(who, lambda: world.slack.deliver("interactive", payload))


def _everything(world: World) -> list[Any]:
    """What the file holds, but for who was refused."""
    tables = ("requests", "recipients", "orders", "attempts", "resends", "audit WHERE event <> 'attempt.refused'")
    return [world.rows(f"SELECT * FROM {table}") for table in tables]  # noqa: S608 (fixed names)


# -------------------------------------------------------------------------------------- late clicks


@pytest.mark.parametrize("decision", ["approved", "declined", "withdrawn"])
@pytest.mark.parametrize("act", ["approve", "decline", "withdraw"])
def test_a_click_on_a_decided_card_says_who_decided_and_when(world: World, decision: str, act: str):
    request_id = world.ask()
    card, receipt = world.card(request_id), world.receipt(request_id)
    by = people.MAYA if decision == "withdrawn" else people.ALEX
    if decision == "approved":
        world.alex.click(card, "approve")
    elif decision == "declined":
        form = world.alex.click(card, "decline").modal
        assert form is not None
        world.alex.submit(form, {"reason_choice": "other", "reason": "No"})
    else:
        world.maya.click(receipt, "withdraw")
    before = world.one("SELECT status, decided_by, decided_at FROM requests")
    who, on = (world.maya, receipt) if act == "withdraw" else (world.sam, card)
    told = world.answer(who, lambda: who.click(on, act))
    at = datetime.fromtimestamp(before["decided_at"] / 1000, UTC)
    assert told.text == refusal_text(AlreadyDecided(status=decision, by=by, at=at))
    assert who.modal is None
    assert world.one("SELECT status, decided_by, decided_at FROM requests") == before


def test_a_reason_that_comes_too_late_says_who_decided(world: World):
    request_id = world.ask()
    form = world.sam.click(world.card(request_id), "decline").modal
    assert form is not None
    world.alex.click(world.card(request_id), "approve")
    shown = world.sam.submit(form, {"reason_choice": "other", "reason": "No"}).modal
    assert shown is not None
    decided = world.one("SELECT decided_at FROM requests")["decided_at"]
    at = datetime.fromtimestamp(decided / 1000, UTC)
    assert refusal_text(AlreadyDecided(status="approved", by=people.ALEX, at=at)) in shown.words
    assert world.one("SELECT status FROM requests")["status"] == "approved"


# ------------------------------------------------------------------------------------ lookups, words


@pytest.mark.parametrize("command", ["/orders", "/resend"])
@pytest.mark.parametrize(
    "reference", ["999", "#999", "0" * 32, "f" * 32, "RA180426-1401-64", "ra180426-1401-64"], ids=repr
)
def test_an_unknown_reference_is_not_found(calm: World, command: str, reference: str):
    told = calm.maya.command(command, reference).ephemeral
    assert told is not None
    assert told.text.lower() == wording.not_found(reference).lower()


@pytest.mark.parametrize(
    "words",
    ["xyzzy", "#", "-1", "1e9", "9" * 16, "g" * 32, "'; DROP TABLE orders; --", "x" * 1_900, "<b>&amp;"],
    ids=lambda words: repr(words[:20]),
)
def test_words_that_orders_does_not_know_are_answered_in_one_line(calm: World, words: str):
    told = calm.maya.command("/orders", words).ephemeral
    assert told is not None
    assert wording.UNKNOWN_WORD in told.text
    assert len(told.text.splitlines()) == 1
    assert f"{Command.ORDERS} help" in told.words
    assert "<b>" not in told.text


@pytest.mark.parametrize("text", ["abc", "1 2", "'; DROP TABLE orders; --", "٢٥", "9" * 40, "<!channel>"], ids=repr)
def test_words_that_resend_does_not_know_find_nothing(calm: World, text: str):
    told = calm.maya.command("/resend", text).ephemeral
    assert told is not None
    assert wording.NOT_FOUND in told.text or build_help(Command.RESEND).text in told.text
    assert "<!channel>" not in told.text


def test_a_command_without_a_person_or_with_a_made_up_one_still_answers(calm: World):
    for text in ("<@U0MADEUP1|nobody> 25", "<@U0MADEUP1> <@U0MADEUP2>", "25 " + "x" * 4_000):
        answer = calm.slack.deliver("slash_commands", a_command(calm.slack, people.MAYA, "/kudos", text))
        assert answer is None or "text" in answer


# ----------------------------------------------------------------------------------- Slack, the disk


def test_a_form_that_slack_does_not_open_is_said(world: World):
    world.slack.faults.set("internal_error", method="views.open")
    told = world.maya.command("/kudos").ephemeral
    assert told is not None
    assert told.text == unopened_text()


def test_a_submit_while_slack_tells_no_profiles_keeps_the_form(world: World):
    form = world.form()
    world.slack.faults.set("internal_error", method="users.info")
    values = {"recipients": ["li"], "reward": CARD, "amount": "25"}
    outcome = world.maya.submit(form, values)
    assert outcome.errors == {"recipients": refusal_text(SlackUnavailable())}
    world.slack.faults.clear()
    assert world.maya.submit(form, values).closed
    assert _requests(world) == 1


def _thirty(world: World) -> list[str]:
    ids = [f"U0CROWD{n:03d}" for n in range(30)]
    with world.slack.workspace.lock:
        for n, one in enumerate(ids):
            world.slack.workspace.users[one] = User(one, f"crowd{n}", f"Crowd {n}", email=f"crowd{n}@acme.example")
    return ids


def test_thirty_people_are_looked_up_side_by_side(world: World):
    form, crowd = world.form(), _thirty(world)
    world.slack.faults.set("slow", method="users.info", seconds=0.3)
    assert world.maya.submit(form, {"recipients": crowd, "reward": CARD, "amount": "25"}).closed
    assert len(world.rows("SELECT 1 FROM recipients")) == 30


def test_people_who_are_not_looked_up_in_time_are_refused_and_nothing_is_stored(world: World):
    form, crowd = world.form(), _thirty(world)
    world.clock.advance(700)
    world.slack.faults.set("slow", method="users.info", seconds=1.5)
    values = {"recipients": crowd, "reward": CARD, "amount": "25"}
    world.slack._courier.ack_seconds = PATIENCE  # the bot gives up by itself, however busy the machine is
    outcome = world.maya.submit(form, values)
    assert outcome.errors == {"recipients": refusal_text(SlackUnavailable())}
    assert _requests(world) == 0
    world.slack.faults.clear()
    world.until(lambda: world.maya.submit(form, values).closed, step=0)  # who was found meanwhile is remembered
    assert _requests(world) == 1


@pytest.mark.file
def test_a_submit_while_the_file_is_locked_keeps_the_form(world: World):
    form = world.form()
    values = {"recipients": ["rob"], "reward": CARD, "amount": "25"}
    with closing(sqlite3.connect(world.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        outcome = world.maya.submit(form, values)
        other.execute("ROLLBACK")
    assert outcome.errors == {"recipients": storage_text()}
    assert world.maya.submit(form, values).closed
    assert _requests(world) == 1


def test_a_subject_of_which_the_card_would_hide_a_part_is_refused_under_its_field(world: World):
    """Slack's field takes no more either; a payload made by hand may."""
    entered = a_request_form([people.ROB], CARD, "25") | {"subject": {"request_subject": {"value": "x" * 256}}}
    refused = world.slack.deliver("interactive", a_submission(world.slack, people.MAYA, "request", entered))
    said = fault_text("subject", Fault(FaultCode.TOO_LONG, {"limit": 255, "length": 256}))
    assert refused["errors"] == {"subject": said}
    assert _requests(world) == 0
