"""What stops the queue and what doesn't: one bad order harms nobody else, and a hold is told once, to who can act."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Final

import pytest

from bot.domain.audit import AuditEvent
from bot.domain.notices import AttentionEnded
from bot.domain.problem import Problem
from bot.domain.queue import PAUSED, ProbeAnswer
from bot.sandbox.slack import people
from bot.usecases.holds import Holds
from bot.usecases.queue import CONSOLE
from handlers.ids import Action
from handlers.views.queue import build_hold
from handlers.views.states import ON_HOLD
from tests.kit import wording
from tests.kit.bot import World, tellers_of
from tests.kit.tango_answers import Answers, answer_first, refusal

#: A message that a firewall, or a rule at Tango, does not like.
BAD: Final = "Have a smashing day"


@pytest.fixture
def odd(tmp_path: Path, database: Path | str) -> Iterator[tuple[World, Answers]]:
    """A bot whose Tango can be told what to answer to which order."""
    world = World(tmp_path, where=database)
    answers = answer_first(world)
    with world:
        yield world, answers


def _approve_together(world: World, *requests: dict[str, Any]) -> list[int]:
    """Approve several requests while nothing is sent, so that all wait in the queue when it begins."""
    with world.bot._storage.transaction():
        world.bot._storage.queue.pause(world.clock.now())
        world.bot._storage.holds.tell_anew(world.clock.now())  # nobody hears of this pause
    ids = [world.approve(**values) for values in requests]
    world.until(lambda: _told_all(world))
    world.bot._storage.queue.unpause()
    return ids


def _statuses(world: World) -> Counter[str]:
    return Counter(row["status"] for row in world.rows("SELECT status FROM orders"))


def _is_halted(world: World) -> bool:
    return world.one("SELECT halted_at FROM queue")["halted_at"] is not None


def _told_all(world: World) -> bool:
    return not world.rows("SELECT 1 FROM outbox WHERE status IN ('pending', 'sending')")


# ------------------------------------------------------------------------- one order, and all others


def test_an_order_that_is_refused_while_others_pass_is_set_aside(odd: tuple[World, Answers]):
    world, answers = odd
    answers.orders_with(BAD, 403, refusal("403.099", "Not with these words."))
    bad, *good = _approve_together(
        world, {"message": BAD}, *({"recipients": [who], "message": "Thank you"} for who in ("kim", "li", "rob"))
    )
    world.until(lambda: _statuses(world) == {"needs_attention": 1, "accepted": 3}, step=0.05)
    world.until(lambda: _told_all(world))
    order = world.one("SELECT status, problem FROM orders WHERE request_id = :id", id=bad)
    assert order == {"status": "needs_attention", "problem": "refused_alone"}
    assert "403.099" in world.said(world.ada, wording.NEEDS_A_PERSON).words
    assert "403.099" not in world.said(world.maya, wording.HELD_UP).words
    assert len(world.tango.orders) == len(good)
    assert not _is_halted(world)
    assert len(world.ada.dms()) == 1, "nothing was on hold, so nobody is told of it"


@pytest.mark.file  # the look takes half a second of real time, and the engine has no part in it
@pytest.mark.parametrize("look_begins", ["before the refusal", "after it"])
def test_while_the_only_other_order_is_looked_at_the_suspect_waits(odd: tuple[World, Answers], look_begins: str):
    world, answers = odd
    answers.orders_with(BAD, 403, refusal("403.099", "Not with these words."))
    with world.bot._storage.transaction():
        world.bot._storage.queue.pause(world.clock.now())
        world.bot._storage.holds.tell_anew(world.clock.now())  # nobody hears of this pause
    world.approve(message=BAD)
    other = world.approve(recipients=["kim"])
    world.until(lambda: _told_all(world))
    world.clock.advance(3_601)
    world.slack.faults.set("slow", method="users.info", seconds=0.5)
    with answers.held() if look_begins == "before the refusal" else nullcontext():
        world.bot._storage.queue.unpause()
        if look_begins == "before the refusal":
            due = world.one("SELECT available_at FROM orders WHERE request_id = :id", id=other)
            put_off = "SELECT 1 FROM orders WHERE request_id = :id AND available_at > :available_at"
            world.until(lambda: world.rows(put_off, id=other, **due), step=0.02)
    world.until(lambda: _statuses(world) == {"needs_attention": 1, "accepted": 1}, step=0.02)
    assert world.rows("SELECT 1 FROM audit WHERE event = 'queue.halted'") == []


def test_a_whole_request_of_refused_orders_harms_no_other(odd: tuple[World, Answers]):
    world, answers = odd
    answers.orders_with(BAD, 403, refusal("403.099", "Not with these words."))
    _approve_together(
        world,
        {"recipients": ["rob", "kim", "li"], "message": BAD},
        *({"recipients": [who], "message": "Thank you"} for who in ("kim", "li", "rob")),
    )
    world.until(lambda: _statuses(world) == {"needs_attention": 3, "accepted": 3}, step=0.05)
    assert len(world.tango.arrivals) <= 8, "the first bad one twice, the others of its request once"
    assert world.rows("SELECT 1 FROM audit WHERE event = 'queue.halted'") == [], "no probe was waited for"


def test_where_funds_are_short_the_orders_that_they_cover_go(world: World):
    world.tango.balance = "100"
    big, *_ = _approve_together(
        world, {"amount": "500"}, *({"amount": "10", "recipients": [who]} for who in ("kim", "li", "rob"))
    )
    world.until(lambda: _statuses(world) == {"queued": 1, "accepted": 3})
    order = world.one("SELECT status, problem FROM orders WHERE request_id = :id", id=big)
    assert order["status"] in ("queued", "submitting"), "it waits, or is being tried once more"
    assert order["problem"] is None
    told = world.said(world.ada, wording.ON_HOLD)
    assert wording.cause("402.001") in told.text
    # One that comes later is covered too, and needs no funds to be added.
    world.approve(amount="20", recipients=["kim"])
    world.until(lambda: _statuses(world) == {"queued": 1, "accepted": 4}, step=30)
    assert world.one("SELECT halt_cause FROM queue")["halt_cause"] == "insufficient_funds"
    world.tango.balance = "1000"
    world.settle(step=30)
    assert _statuses(world) == {"accepted": 5}
    assert not _is_halted(world)


def test_an_order_that_alone_comes_too_early_for_ever_is_set_aside(odd: tuple[World, Answers]):
    world, answers = odd
    answers.orders_with(BAD, 429, refusal("429.008", "Too many of these."))
    _approve_together(world, {"message": BAD}, *({"recipients": [who]} for who in ("kim", "li", "rob")))
    world.until(lambda: _statuses(world)["accepted"] == 3)
    # The good ones may pass before the bad one is refused for the tenth time. Then no other is left to tell that it
    # is refused alone: the queue halts, and the next order tells. One that came sooner might pass too early as well.
    world.until(lambda: _statuses(world)["needs_attention"] or _is_halted(world))
    world.approve(recipients=["kim"])
    world.until(lambda: _statuses(world) == {"needs_attention": 1, "accepted": 4}, step=30)
    assert wording.NEEDS_A_PERSON in world.said(world.ada, wording.NEEDS_A_PERSON).text
    assert world.said(world.maya, wording.HELD_UP)


def test_an_order_that_alone_meets_a_firewall_is_no_outage_and_is_left_to_a_person(odd: tuple[World, Answers]):
    world, answers = odd
    answers.orders_with(BAD, 403, "<html><body>Forbidden</body></html>")
    bad, *_ = _approve_together(world, {"message": BAD}, *({"recipients": [who]} for who in ("kim", "li", "rob")))
    world.until(lambda: _statuses(world)["accepted"] == 3, step=0.05)
    world.until(lambda: _statuses(world) == {"needs_attention": 1, "accepted": 3}, step=30)
    assert world.rows("SELECT 1 FROM audit WHERE event = 'queue.halted'") == [], "others passed, so there is no outage"
    world.until(lambda: world.rows("SELECT 1 FROM orders WHERE problem IS NOT NULL AND outcome_unknown = 0"), step=60)
    order = world.one("SELECT id, problem FROM orders WHERE request_id = :id", id=bad)
    assert order["problem"] == "unclear_alone"
    assert wording.found(Problem.UNCLEAR_ALONE) in world.said(world.ada, wording.NEEDS_A_PERSON).words
    world.said(world.maya, wording.HELD_UP)
    world.until(lambda: _told_all(world))
    detail = world.ada.command("/orders", str(bad), channel="general").ephemeral
    assert detail is not None
    world.ada.click(detail, Action.ORDER_CLOSE)
    world.settle()
    assert world.one("SELECT status FROM orders WHERE id = :id", id=order["id"])["status"] == "failed"


def test_where_all_orders_come_too_early_for_ever_admins_hear_of_it(world: World):
    world.tango.faults.set("too_many")
    _approve_together(world, *({"recipients": [who]} for who in ("kim", "li", "rob")))
    world.said(world.ada, wording.ON_HOLD)
    assert world.one("SELECT halt_cause FROM queue")["halt_cause"] == "throttled"
    world.tango.faults.clear()
    world.settle(step=30)
    assert _statuses(world) == {"accepted": 3}


# -------------------------------------------------------------------------------- the account, outages


def test_an_account_that_is_not_active_halts_and_fails_nobody(world: World):
    world.tango.close_account()
    _approve_together(world, *({"recipients": [who]} for who in ("kim", "li", "rob")))
    told = world.said(world.ada, wording.ON_HOLD)
    assert wording.cause("422.053") in told.text
    assert set(_statuses(world)) <= {"queued", "submitting"}  # one may be tried at this moment
    world.tango.close_account(closed=False)
    world.settle(step=30)
    assert _statuses(world) == {"accepted": 3}


def test_in_an_outage_fresh_orders_wait_behind_the_breaker_and_one_notice_tells(world: World):
    world.tango.faults.set("unavailable_before")
    _approve_together(world, *({"recipients": [who]} for who in ("rob", "kim", "li", "rob", "kim", "li") * 2))
    world.until(lambda: world.one("SELECT halt_cause FROM queue")["halt_cause"])
    world.said(world.ada, wording.ON_HOLD)
    for _ in range(20):
        world.clock.advance(30)
        world.wake()
        world.until(lambda: not world.rows("SELECT 1 FROM orders WHERE status = 'submitting'"), step=0)
    unknown = world.one("SELECT count(*) AS n FROM orders WHERE outcome_unknown = 1")["n"]
    assert 5 <= unknown <= 8, "the five, and now and then a fresh one as the probe"
    assert len(world.ada.dms()) == 1, "one notice for the outage, and none for an order"
    world.tango.faults.clear()
    world.settle(step=30)
    assert _statuses(world) == {"accepted": 12}
    assert len(world.tango.orders) == 12


# ------------------------------------------------------------------------------------- what is told


def test_causes_that_take_turns_rewrite_one_message(world: World):
    world.tango.faults.set("insufficient_funds")
    world.place_in_halt()
    world.said(world.ada, wording.cause("402.001"))
    for fault, key in (("forbidden", "403.020"), ("insufficient_funds", "402.001")) * 3:
        world.tango.faults.clear()
        world.tango.faults.set(fault)
        world.until(lambda key=key: any(wording.cause(key) in m.text for m in world.ada.dms()), step=30)  # type: ignore[misc]
    assert len(world.ada.dms()) == 1


def test_a_halt_that_comes_and_goes_waits_longer_and_rewrites_one_message(world: World):
    waits = []
    for _ in range(4):
        world.tango.faults.set("forbidden")
        world.approve()
        halted = world.until(
            lambda: world.rows("SELECT halted_at, probe_at FROM queue WHERE halted_at IS NOT NULL"), step=0
        )[0]
        waits.append((halted["probe_at"] - halted["halted_at"]) // 1_000)
        world.said(world.ada, wording.ON_HOLD)
        world.tango.faults.clear()
        world.settle(step=30)
    assert waits[0] == 30
    assert waits[0] < waits[1] < waits[2] == waits[3], "each waits longer, up to the longest wait"
    assert len(world.ada.dms()) == 1
    world.said(world.ada, wording.RESUMED)


def test_cards_and_receipts_of_what_waits_say_so_and_why(world: World):
    world.tango.faults.set("insufficient_funds")
    waiting = [world.approve(), world.place_in_halt(recipients=["kim"])]
    world.until(lambda: _told_all(world))
    because = wording.on_hold_because("insufficient_funds")
    goes_on = wording.waits_because("insufficient_funds", admins_know=True)
    world.said(world.ada, wording.ON_HOLD)
    world.until(lambda: world.rows("SELECT 1 FROM hold_posts"))  # the bot knows a moment later that Ada was told
    world.until_none_is_tried()  # the order of a probe is being placed for a moment
    world.tick("holds")  # a receipt may have been written just before the admins heard of it
    world.until_none_is_tried()
    for request_id in waiting:
        for place, said in ((world.card, because), (world.receipt, goes_on)):
            # Little time passes: a message a second goes to a channel, and no probe is due so soon.
            world.until(lambda: said in place(request_id).words, step=0.01)  # noqa: B023
            assert said in place(request_id).text, "who reads no blocks reads it too"
    listed = world.answer(world.maya, lambda: world.maya.command("/orders", "1"))
    assert wording.WAITS_FOR_TANGO in listed.words
    later = world.approve(recipients=["li"])
    world.said(world.maya, wording.waits_because("insufficient_funds", admins_know=True))
    world.until(lambda: because in world.card(later).words, step=0.01)
    pending = world.ask(recipients=["rob"])
    assert because not in world.card(pending).words, "nothing of it waits for Tango"

    world.tango.faults.clear()
    world.settle(step=30)
    for request_id in (*waiting, later):
        assert "⏸" not in world.card(request_id).words + world.receipt(request_id).words


def test_a_receipt_that_was_written_before_the_admins_heard_says_later_that_they_know(world: World):
    world.slack.faults.set("refused", method="chat.postMessage", channel=world.ada.dm_channel, code="restricted_action")
    world.tango.faults.set("insufficient_funds")
    waiting = world.place_in_halt()
    unknown, known = (wording.waits_because("insufficient_funds", admins_know=know) for know in (False, True))
    world.until(lambda: unknown in world.receipt(waiting).words, step=0.01)
    world.slack.faults.clear()
    world.said(world.ada, wording.ON_HOLD)
    world.until(lambda: world.rows("SELECT 1 FROM hold_posts"))
    world.until_none_is_tried()
    world.tick("holds")
    world.until(lambda: known in world.receipt(waiting).words, step=0.01)


def test_what_is_tried_just_then_says_that_it_is_on_hold_and_why(odd: tuple[World, Answers]):
    world, answers = odd
    world.slack.faults.set("refused", method="chat.postMessage", channel=world.ada.dm_channel, code="restricted_action")
    world.tango.faults.set("frozen")
    waiting = world.place_in_halt()
    unknown, known = (wording.waits_because("account_frozen", admins_know=know) for know in (False, True))
    world.until(lambda: unknown in world.receipt(waiting).words, step=0.01)
    with answers.held():
        world.until(lambda: _statuses(world) == {"submitting": 1}, step=5)
        world.slack.faults.clear()
        world.said(world.ada, wording.ON_HOLD)
        world.until(lambda: world.rows("SELECT 1 FROM hold_posts"), step=0)
        world.tick("holds")
        world.until(lambda: _told_all(world), step=0.01)
        assert known in world.receipt(waiting).words
        assert wording.on_hold_because("account_frozen") in world.card(waiting).words
    world.until(lambda: _statuses(world) == {"queued": 1}, step=0)
    world.until(lambda: _told_all(world), step=0)
    assert known in world.receipt(waiting).words
    assert wording.on_hold_because("account_frozen") in world.card(waiting).words


def test_a_request_that_is_looked_up_says_that_it_is_on_hold_and_why(world: World):
    world.bot._orders._queue.pause_queue("console")
    number = world.approve(recipients=["kim", "li"])
    found = world.answer(world.maya, lambda: world.maya.command("/orders", f"R-{number}"))
    assert wording.on_hold_because("paused") in found.words
    assert found.words.count(ON_HOLD.word) == 1 + 2, "the heading, and each order"


def test_cards_are_rewritten_when_a_hold_ends_although_their_orders_still_wait(world: World):
    world.bot._orders._queue.pause_queue("console")
    waiting = [world.approve(), world.approve(recipients=["kim"])]
    world.until(lambda: _told_all(world))
    world.stop()
    world.write("UPDATE orders SET available_at = available_at + 500000")
    world.start()
    world.until(lambda: _told_all(world))  # what is tried before the workspace is known waits for its next turn
    assert all(wording.on_hold_because("paused") in world.card(number).words for number in waiting)
    world.bot._orders._queue.resume_queue("console")
    world.until(lambda: _told_all(world), step=0)
    assert _statuses(world) == {"queued": 2}
    for number in waiting:
        assert "⏸" not in world.card(number).words + world.receipt(number).words


def test_thousands_of_waiting_orders_flood_nobody(world: World):
    """Four requests at a time, and none while notices wait: other people's notices never stand behind them."""
    world.bot._orders._queue.pause_queue("console")
    world.approve()
    world.until(lambda: _told_all(world))
    world.stop()
    _copy(world, range(2, 1_002))
    world.start()
    holds = Holds(storage=world.bot._storage, clock=world.clock)
    waiting = "SELECT count(*) AS n FROM outbox WHERE kind IN ('approval_card', 'receipt') AND status = 'pending'"
    tellers_of(world.bot)[0].stop()
    for _ in range(20):
        holds.look()
    assert world.one(waiting)["n"] <= 2 * 4 + 20, "Slack takes nothing, so nothing more is added"
    with world.bot._storage.transaction():
        holds.tell(world.clock.now())
    assert world.one(waiting)["n"] <= 2 * 4 + 20


def _copy(world: World, numbers: Sequence[int]) -> None:
    """More approved requests like the first, each with an order in the queue."""
    for table in ("requests", "orders"):
        first = world.one(f"SELECT * FROM {table} WHERE id = 1")  # noqa: S608 (fixed words)
        names, values = ", ".join(first), ", ".join(f":{name}" for name in first)
        rows = [first | {"id": number} | _unique(table, number) for number in numbers]
        world.write_each(f"INSERT INTO {table} ({names}) VALUES ({values})", rows)  # noqa: S608 (fixed words)


def _unique(table: str, number: int) -> dict[str, Any]:
    """Return what no two rows of a table share, besides their ids."""
    if table == "requests":
        return {"submission_id": f"V{number}", "reference": f"{number:032x}"}
    return {"request_id": number, "external_ref_id": f"{number:032x}"}


def test_admins_are_reminded_daily_of_how_many_wait_and_since_when(world: World):
    world.tango.faults.set("frozen")
    world.place_in_halt()
    told = world.said(world.ada, wording.ON_HOLD)
    world.tick("holds")
    for day in (1, 2):
        world.clock.advance(86_400)
        world.tick("holds")
        world.tick("holds")
        world.until(lambda day=day: len(world.ada.dms()) == 1 + day)  # type: ignore[misc]
    assert told.ts != world.ada.dms()[-1].ts
    assert [message.text for message in world.ada.dms()[:-1]] == [wording.PAST_HOLD] * 2
    assert [message.action_ids for message in world.ada.dms()[:-1]] == [[], []], "one button is enough"
    assert world.ada.dms()[-1].text == build_hold(world.bot._storage.queue.state(), 1).text


def test_admins_are_not_reminded_of_a_halt_for_which_nothing_waits_any_more(world: World):
    world.tango.balance = "100"
    request_id = world.approve(amount="500")
    world.said(world.ada, wording.ON_HOLD)
    world.until(lambda: Action.RECEIPT_CANCEL in world.receipt(request_id).action_ids)
    world.until_none_is_tried()
    world.maya.click(world.receipt(request_id), Action.RECEIPT_CANCEL)
    world.clock.advance(86_401)
    world.tick("holds")
    world.settle()
    assert len(world.ada.dms()) == 1


def test_a_pause_is_told_as_a_pause(world: World):
    world.bot._orders._queue.pause_queue("console")
    told = world.said(world.ada, wording.ON_HOLD)
    assert told.text == build_hold(world.bot._storage.queue.state(), 0).text
    assert not told.buttons, "a probe would not end it"
    request_id = world.approve()
    world.said(world.maya, wording.waits_because("paused", admins_know=True))
    world.until(lambda: wording.on_hold_because("paused") in world.card(request_id).words, step=0)
    world.bot._orders._queue.resume_queue("console")
    world.said(world.ada, wording.RESUMED)
    assert len(world.ada.dms()) == 1


def test_without_an_admin_the_start_warns_and_nobody_is_said_to_know(
    tmp_path: Path, database: Path | str, caplog: pytest.LogCaptureFixture
):
    with World(tmp_path, where=database, settings={"roles": {"admins": []}}) as world:
        assert any("roles.admins" in line for line in caplog.messages)
        world.tango.faults.set("insufficient_funds")
        world.place_in_halt()
        world.approve(recipients=["kim"])
        world.said(world.maya, wording.waits_because("insufficient_funds", admins_know=False))
        world.until(lambda: _told_all(world))
        assert not any("admins know" in message.words for message in world.maya.dms())


def test_an_admin_whom_slack_keeps_the_message_from_is_not_said_to_know(world: World):
    world.slack.faults.set("refused", method="chat.postMessage", channel=world.ada.dm_channel, code="restricted_action")
    world.tango.faults.set("insufficient_funds")
    world.place_in_halt()
    world.until(lambda: world.rows("SELECT 1 FROM outbox WHERE kind = 'queue_hold' AND problem IS NOT NULL"))
    world.approve(recipients=["kim"])
    world.said(world.maya, wording.waits_because("insufficient_funds", admins_know=False))
    assert not any("admins know" in message.words for message in world.maya.dms())


def test_everybody_who_asked_for_a_probe_hears_what_came_of_it(tmp_path: Path, database: Path | str):
    admins = {"admins": [people.ADA, people.SAM]}
    with World(tmp_path, where=database, settings={"roles": admins}) as world:
        control = world.bot._orders._queue
        world.tango.faults.set("frozen")
        world.place_in_halt()
        world.until_none_is_tried()
        control.cancel_order(1, CONSOLE)
        for actor in (*admins["admins"], CONSOLE):
            assert control.probe_queue(actor) is ProbeAnswer.NOTHING_WAITS
        world.approve(recipients=["kim"])
        for who in (world.ada, world.sam):
            world.said(who, wording.STILL_ON_HOLD)
        world.until_none_is_tried()
        control.cancel_order(2, CONSOLE)
        control.probe_queue(people.SAM)
        control.pause_queue(CONSOLE)
        world.said(world.sam, wording.still_on_hold(PAUSED))


def test_notices_that_nobody_takes_keep_no_card_from_saying_that_it_is_on_hold(world: World):
    order_id = world.place()
    world.slack.faults.set(
        "refused", method="chat.postMessage", channel=world.slack.person("rob").dm_channel, code="restricted_action"
    )
    with world.bot._storage.transaction():
        for number in range(30):
            one = AttentionEnded(order_id, AuditEvent.ORDER_RETRIED, f"U0000000{number}")
            world.bot._storage.outbox.add(one, people.ROB, world.clock.now())
    world.until(lambda: len(world.rows("SELECT 1 FROM outbox WHERE status = 'pending' AND problem IS NOT NULL")) == 30)
    world.tango.faults.set("frozen")
    request_id = world.place_in_halt(recipients=["kim"])
    world.tick("holds")
    world.until(lambda: wording.on_hold_because("account_frozen") in world.card(request_id).words, step=0)


def test_a_probe_with_nothing_to_try_says_so(world: World):
    world.tango.faults.set("frozen")
    world.place_in_halt()
    told = world.said(world.ada, wording.ON_HOLD)
    world.until(lambda: world.rows("SELECT 1 FROM orders WHERE status = 'queued'"), step=0)
    world.stop()
    world.write("UPDATE orders SET available_at = available_at + 500000")
    world.start()
    answer = world.answer(world.ada, lambda: world.ada.click(told, "queue_resume"))
    assert answer.text == wording.NOTHING_WAITS


def test_who_asks_for_a_probe_while_the_only_order_is_tried_hears_what_comes_of_that(odd: tuple[World, Answers]):
    world, answers = odd
    world.tango.faults.set("frozen")
    world.place_in_halt()
    told = world.said(world.ada, wording.ON_HOLD)
    with answers.held():
        world.until(lambda: _statuses(world) == {"submitting": 1}, step=5)
        answer = world.answer(world.ada, lambda: world.ada.click(told, "queue_resume"))
        assert answer.text == wording.PROBING
    world.said(world.ada, wording.STILL_ON_HOLD)
