"""The Home tab: what each person sees there by their rights, what its buttons do, and that it keeps up with cards."""

import pytest

from bot.domain.request import RequestStatus
from bot.errors import AlreadyDecided
from bot.ops.check import run_checks
from bot.sandbox.slack import Person, ShownView, people
from handlers.ids import Action
from handlers.manifest import build_manifest
from handlers.views.messages import refusal_text
from storage.database import from_ms
from tests.kit import wording
from tests.kit.bot import SECRETS, World, environment


def _home(who: Person) -> ShownView:
    """Open Home, and return it as the bot has made it."""
    before = who.home
    who.open_home()

    def published() -> ShownView | None:
        home = who.home
        return home if home is not None and (before is None or home.data["hash"] != before.data["hash"]) else None

    return who.wait_for(published)


def _when(world: World, who: Person, action: Action, *, there: bool) -> ShownView:
    """Wait until the Home that a person has open has such a button, or has none any more; return it."""

    def look() -> ShownView | None:
        home = who.home
        return home if home is not None and (action in home.action_ids) is there else None

    return world.until(look)


@pytest.fixture
def asked(world: World) -> int:
    """A request of Maya's for Rob over 25 dollars, which waits."""
    return world.ask()


# ------------------------------------------------------------------------------- what waits, decided


def test_an_approver_approves_on_home_and_the_card_is_rewritten(world: World, asked: int):
    home = _home(world.alex)
    assert home.find(Action.APPROVE).element["confirm"] == world.card(asked).find(Action.APPROVE).element["confirm"]

    world.alex.click(home, Action.APPROVE)
    _when(world, world.alex, Action.APPROVE, there=False)
    world.settle()

    assert Action.APPROVE not in world.card(asked).action_ids
    assert world.one("SELECT decided_by FROM requests")["decided_by"] == people.ALEX
    assert len(world.tango.orders) == 1


def test_an_approver_declines_on_home_with_a_reason(world: World, asked: int):
    world.alex.click(_home(world.alex), Action.DECLINE)
    form = world.alex.modal
    assert form is not None
    world.alex.submit(form, {"reason_choice": "other", "reason": "Over budget"})

    _when(world, world.alex, Action.APPROVE, there=False)
    assert world.one("SELECT status FROM requests")["status"] == RequestStatus.DECLINED
    world.settle()
    assert Action.APPROVE not in world.card(asked).action_ids


def test_what_is_filed_and_decided_elsewhere_shows_on_every_home_that_is_open(world: World):
    assert Action.APPROVE not in _home(world.sam).action_ids
    assert Action.WITHDRAW not in _home(world.maya).action_ids

    asked = world.ask()
    _when(world, world.sam, Action.APPROVE, there=True)
    _when(world, world.maya, Action.WITHDRAW, there=True)
    world.alex.click(world.card(asked), Action.APPROVE)
    _when(world, world.sam, Action.APPROVE, there=False)
    _when(world, world.maya, Action.ORDER_LISTED, there=True)
    assert world.alex.home is None, "nobody who never opened Home is given one"


def test_a_home_that_slack_is_slow_to_take_does_not_replace_a_newer_one(world: World):
    _home(world.sam)
    world.slack.faults.set("slow", method="views.publish", times=1, seconds=0.5)
    world.sam.open_home()  # made before the request, and shown late
    world.ask()
    _when(world, world.sam, Action.APPROVE, there=True)
    world.await_answers()
    assert world.sam.home is not None
    assert Action.APPROVE in world.sam.home.action_ids


def test_a_home_that_is_out_of_date_decides_nothing_twice(world: World, asked: int):
    late = _home(world.sam)
    world.alex.click(world.card(asked), Action.APPROVE)
    world.sam.click(late, Action.APPROVE)

    row = world.one("SELECT decided_at FROM requests")
    late_to = AlreadyDecided(status=RequestStatus.APPROVED, by=people.ALEX, at=from_ms(row["decided_at"]))
    window = world.sam.modal
    assert window is not None
    assert window.words == refusal_text(late_to)
    world.settle()
    assert len(world.tango.orders) == 1
    assert world.one("SELECT decided_by FROM requests")["decided_by"] == people.ALEX


def test_nobody_finds_their_own_request_or_reward_to_approve_on_home(world: World):
    world.ask(world.sam)
    world.ask(recipients=["sam"])
    assert Action.APPROVE not in _home(world.sam).action_ids
    assert _home(world.alex).action_ids.count(Action.APPROVE) == 2


# ------------------------------------------------------------------------------------- one's own


def test_a_sender_opens_the_form_and_withdraws_on_home(world: World, asked: int):
    home = _home(world.maya)
    world.maya.click(home, Action.HOME_SEND)
    assert world.maya.modal is not None
    assert world.maya.modal.title == wording.FORM_TITLE
    world.maya.close()

    world.maya.click(home, Action.WITHDRAW)
    _when(world, world.maya, Action.WITHDRAW, there=False)
    assert world.one("SELECT status FROM requests")["status"] == RequestStatus.WITHDRAWN


def test_a_recipient_finds_a_reward_once_they_were_told_of_it_and_has_it_mailed_again(world: World, asked: int):
    rob = world.slack.person("rob")
    assert Action.RESEND_MINE not in _home(rob).action_ids
    world.alex.click(world.card(asked), Action.APPROVE)
    world.settle()
    home = _when(world, rob, Action.RESEND_MINE, there=True)

    world.clock.advance(40)
    rob.click(home, Action.RESEND_MINE)
    world.settle_resends()
    assert world.one("SELECT requested_by, status FROM resends") == {"requested_by": people.ROB, "status": "sent"}


def test_a_recipient_shows_a_reward_that_came_by_message(world: World):
    world.place(delivery="message")
    rob = world.slack.person("rob")
    rob.click(_home(rob), Action.REWARD_SHOW)
    assert rob.modal is not None


# ------------------------------------------------------------------------------------ by their rights


def test_who_may_do_nothing_is_told_whom_to_ask(world: World, asked: int):
    gus = world.slack.person("gus")
    home = _home(gus)
    assert home.action_ids == []
    assert people.ADA in str(home.data["blocks"])


def test_nobody_without_the_right_sees_anything_of_others(world: World):
    world.place()
    world.ask(message="Between us")
    for handle in ("priya", "gus", "kim"):
        words = str(_home(world.slack.person(handle)).data["blocks"])
        for private in ("25.00", "Rob", people.ROB, people.MAYA, "Between us"):
            assert private not in words, (handle, private)


def test_an_admin_who_is_no_approver_finds_nothing_to_approve(world: World, asked: int):
    home = _home(world.ada)
    assert {Action.APPROVE, Action.DECLINE}.isdisjoint(home.action_ids)
    assert "25.00" not in str(home.data["blocks"])


def test_an_admin_finds_why_the_queue_is_halted_and_tries_now(world: World):
    assert Action.QUEUE_RESUME not in _home(world.ada).action_ids
    world.tick("balance")
    assert "1,000,000" in _home(world.ada).words
    world.tango.faults.set("insufficient_funds")
    world.place_in_halt()
    home = _when(world, world.ada, Action.QUEUE_RESUME, there=True)

    world.tango.faults.clear()
    world.ada.click(home, Action.QUEUE_RESUME)
    _when(world, world.ada, Action.QUEUE_RESUME, there=False)
    world.settle()
    assert len(world.tango.orders) == 1


# ------------------------------------------------------------------------------------- Slack's side


def test_a_home_that_is_off_holds_up_nothing_and_is_found(world: World, capsys: pytest.CaptureFixture[str]):
    _home(world.alex)
    manifest = build_manifest()
    manifest["features"]["app_home"]["home_tab_enabled"] = False
    world.slack.manifest(manifest)
    world.place()
    assert world.rows("SELECT kind FROM outbox WHERE status <> 'sent'") == []
    assert _checked(world, capsys).startswith("warn")

    world.slack.manifest(build_manifest())
    shown = _home(world.alex)
    assert _checked(world, capsys).startswith("ok")
    assert world.alex.home is not None
    assert world.alex.home.data == shown.data, "who has a Home keeps it"


def _checked(world: World, capsys: pytest.CaptureFixture[str]) -> str:
    """Return what `kudos check` says of Home."""
    with environment(SECRETS):
        run_checks(world.folder / "app.yaml")
    (line,) = [line for line in capsys.readouterr().out.splitlines() if " Home tab: " in line]
    return line


def test_a_home_that_slack_does_not_take_now_is_rewritten_later(world: World):
    _home(world.alex)
    world.slack.faults.set("rate_limited", method="views.publish", times=2)
    world.ask()
    _when(world, world.alex, Action.APPROVE, there=True)


def test_the_messages_tab_is_no_home(world: World):
    world.alex._events.open_home(people.ALEX, "messages")
    assert world.rows("SELECT 1 FROM homes") == []
    _home(world.alex)
    assert [row["user_id"] for row in world.rows("SELECT user_id FROM homes")] == [people.ALEX]
