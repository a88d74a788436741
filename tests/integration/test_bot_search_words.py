"""`/orders` as people type it: what waits, names, references of any form, typos; recipients, guests, and whose days."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from bot.errors import NotFound, SearchNotUnderstood, TangoUnavailable
from bot.faults import SearchFault
from bot.sandbox.slack import ShownMessage, ShownView, people
from bot.usecases.present import find_present
from handlers.views.catalog import build_refreshed
from handlers.views.delivery import build_on_its_way
from handlers.views.messages import asking_text, refusal_text, trouble_text
from tests.integration.test_bot_search import found_in, look, place_elsewhere, press, shown
from tests.kit import wording
from tests.kit.bot import PATIENCE, World


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Request 1: orders 1 and 2, for Rob and Kim; request 2 declined; 3 waits, for Li; 4: order 3, on hold.

    Another order was placed elsewhere.
    """
    path = tmp_path_factory.mktemp("desk")
    with World(path) as world:
        world.place(recipients=["rob", "kim"], amount="25")
        world.stop()
        world.write("UPDATE orders SET reference_order_id = '114-01234567-89' WHERE id = 2")  # of Tango's older form
    with World(path) as world:
        world.ask(amount="70")
        form = world.alex.click(world.card(2), "decline").modal
        assert form is not None
        world.alex.submit(form, {"reason_choice": "other", "reason": "Over budget"})
        world.ask(recipients=["li"], amount="30")
        place_elsewhere(world)
        world.tango.faults.set("insufficient_funds")
        world.place_in_halt(amount="40")
        yield world


#: What is typed: the orders that are found, and the requests.
FOUND: Final[dict[str, tuple[list[str], list[str]]]] = {
    "": (["R-4", "1.2", "1.1"], ["R-3"]),
    "all": (["R-4", "1.2", "1.1"], ["R-3"]),
    "pending li": ([], ["R-3"]),
    "waiting for approval": ([], ["R-3"]),
    "waiting": (["R-4"], ["R-3"]),
    "queued": (["R-4"], []),
    "on hold": (["R-4"], []),
    "approved": (["R-4", "1.2", "1.1"], []),
    "declined": ([], ["R-2"]),
    "declined over 100": ([], []),
    "declined 50+": ([], ["R-2"]),
    "withdrawn": ([], []),
    "li": ([], ["R-3"]),
    "rob": (["R-4", "1.1"], []),
    "rob sent": (["1.1"], []),
    "Kim Park": (["1.2"], []),
    "25+ <=30 usd": (["1.2", "1.1"], ["R-3"]),
    ">30": (["R-4"], ["R-3"]),
    "reward:marlow & finch": (["R-4", "1.2", "1.1"], ["R-3"]),
}


def requests_on(page: ShownMessage | ShownView) -> list[str]:
    """The numbers of the requests on a page."""
    return wording.listed_requests(page.words)


@pytest.mark.parametrize("who", ["maya", "ada"])
@pytest.mark.parametrize(("text", "found"), FOUND.items(), ids=FOUND)
def test_the_same_words_find_the_same_for_a_sender_and_an_admin(
    desk: World, who: str, text: str, found: tuple[list[str], list[str]]
):
    asked = len(desk.tango.requests)
    page = look(desk, desk.slack.person(who), text)
    assert (shown(page), requests_on(page)) == found
    listed = [one for one in desk.tango.requests[asked:] if (one.method, one.path) == ("GET", "/orders")]
    assert listed == [], "Tango is asked by a button"


def test_tango_is_a_button(desk: World):
    page = look(desk, desk.ada, "40 usd")
    assert shown(page) == ["R-4"]
    at_tango = press(desk, desk.ada, page, "orders_at_tango")
    assert [one[:2] for one in shown(at_tango)] == ["RA"]
    assert at_tango.words.startswith(wording.ALL_AT_TANGO)
    assert "orders_at_tango" not in look(desk, desk.maya, "40 usd").action_ids


def test_mine_are_ones_own_also_to_an_admin(desk: World):
    assert shown(look(desk, desk.ada, "mine")) == []
    assert shown(look(desk, desk.maya, "mine rob")) == ["R-4", "1.1"]


def test_a_decision_is_told_with_its_reason(desk: World):
    page = look(desk, desk.maya, "declined")
    assert f"<@{people.ALEX}>" in page.words
    assert "Over budget" in page.words
    assert "card_again" not in page.action_ids


def test_pending_shows_an_approver_what_to_decide_and_others_what_of_theirs_waits(desk: World):
    assert requests_on(look(desk, desk.maya, "pending")) == ["R-3"]
    assert requests_on(look(desk, desk.ada, "pending")) == ["R-3"]
    assert wording.card_title(3) in look(desk, desk.alex, "pending").words


# --------------------------------------------------------------------------------------- references


def test_an_exact_reference_of_any_form_is_found_first(desk: World):
    first = desk.one("SELECT * FROM orders WHERE id = 1")
    second = desk.one("SELECT * FROM orders WHERE id = 2")
    forms = {
        first["reference_order_id"]: "1.1",
        first["external_ref_id"]: "1.1",
        first["external_ref_id"].upper(): "1.1",
        "1.1": "1.1",
        "1.2": "1.2",
        "R-1.2": "1.2",
        "r1.2": "1.2",
        "#1.2": "1.2",
        "4": "4",
        "#4": "4",
        "R-4": "4",
        "4.1": "4",
        second["reference_order_id"]: "1.2",
    }
    for typed, number in forms.items():
        for who in (desk.maya, desk.ada):
            assert wording.order_detail(number) in look(desk, who, typed).words, typed


def test_a_request_is_found_by_its_number(desk: World):
    for typed in ("1", "#1", "R-1", "r1"):
        page = look(desk, desk.maya, typed)
        assert "(R-1)" in page.text
        assert shown(page) == ["1.1", "1.2"]
    assert "Over budget" in look(desk, desk.ada, "r2").words
    assert refusal_text(NotFound("R-1")) in look(desk, desk.slack.person("priya"), "R-1").words, "it is not hers"
    assert refusal_text(NotFound("R-99")) in look(desk, desk.maya, "R-99").words
    for typed in ("R-1.3", "1.3", "#1.3", "4.2"):
        assert refusal_text(NotFound(typed)) in look(desk, desk.maya, typed).words


def test_a_number_with_a_point_that_names_no_order_is_an_amount(desk: World):
    assert shown(look(desk, desk.maya, "25.00")) == ["1.2", "1.1"]


def test_a_year_alone_is_a_year(desk: World):
    year = desk.clock.now().year
    assert shown(look(desk, desk.maya, f"{year}")) == ["R-4", "1.2", "1.1"]
    assert shown(look(desk, desk.maya, "2001")) == []
    assert refusal_text(NotFound("#2001")) in look(desk, desk.maya, "#2001").words


# -------------------------------------------------------------------------------------------- typos


def test_a_typo_is_asked_about_in_one_line_with_a_button(desk: World):
    told = look(desk, desk.maya, "declind over 50")
    assert told.text == refusal_text(SearchNotUnderstood(SearchFault.UNKNOWN, "declind", known=["declined"]))
    assert len(told.text.splitlines()) == 1
    found = press(desk, desk.maya, told, "orders_meant")
    assert requests_on(found) == ["R-2"]


@pytest.mark.parametrize("text", ["gibberish", "faild placed", "faild gibberish"])
def test_where_nothing_is_meant_there_is_no_button(desk: World, text: str):
    told = look(desk, desk.maya, text)
    assert "orders_meant" not in told.action_ids
    assert len(told.text.splitlines()) == 1


def test_a_name_is_known_by_those_alone_who_see_the_order(desk: World):
    unknown = refusal_text(SearchNotUnderstood(SearchFault.UNKNOWN, "kim"))
    assert unknown in look(desk, desk.slack.person("priya"), "kim").words


# ------------------------------------------------------------------------------- recipients, guests


def test_recipients_see_what_they_received(desk: World):
    rob = desk.slack.person("rob")
    page = look(desk, rob, "")
    assert page.words.count("🎉") == 1, "what is on hold, they do not hear of"
    assert f"🎉 *<@{people.MAYA}>* · $25.00 Marlow &amp; Finch gift card" in page.words
    assert shown(page) == []
    assert "1.1" not in page.words
    assert look(desk, rob, "received").words.startswith(wording.RECEIVED)
    detail = desk.answer(rob, lambda: rob.click(page, "received_details"))
    order = desk.bot._storage.orders.get(1)
    assert order is not None
    assert detail.text == build_on_its_way(find_present(desk.bot._storage, order)).text
    assert "resend_mine" in detail.action_ids


@pytest.mark.parametrize("text", ["received", "received 25 usd", "received reward:marlow", "@rob"])
def test_recipients_find_it(desk: World, text: str):
    assert look(desk, desk.slack.person("rob"), text).words.count("🎉") == 1


@pytest.mark.parametrize("text", ["received over 30", "received mine", "received campaign:x", "received rob", "mine"])
def test_recipients_find_nothing_by_what_they_cannot_know(desk: World, text: str):
    assert "🎉" not in look(desk, desk.slack.person("rob"), text).words


def test_nobody_finds_what_somebody_else_received(desk: World):
    page = look(desk, desk.slack.person("kim"), "@rob")
    assert "🎉" not in page.words
    assert shown(page) == []


def test_guests_are_not_invited_to_send(desk: World):
    guest, member = desk.slack.person("gus"), desk.slack.person("priya")
    assert wording.NO_ORDERS_TO_GUESTS in look(desk, guest, "").words
    assert "/kudos" not in look(desk, guest, "").words
    assert wording.NO_ORDERS in look(desk, member, "").words


# --------------------------------------------------------------------------------------------- days


def test_days_are_days_where_the_person_is_from_the_first_search_on(tmp_path: Path):
    late = datetime(2026, 3, 14, 23, 30, tzinfo=UTC)  # in Kolkata it is the 15th
    with World(tmp_path) as world:
        world.place()
        world.stop()
        world.write("UPDATE orders SET created_at = :at", at=int(late.timestamp() * 1000))
    with World(tmp_path) as world:
        world.slack.change_user("maya", tz="Asia/Kolkata")
        world.slack.faults.set("slow", method="users.info", seconds=0.5)  # or the page may be there before we look
        told = world.maya.command("/orders", "2026-03-15").ephemeral
        assert told is not None
        assert told.text == asking_text(), "Slack is asked where she is, and nobody waits for it"
        page = world.maya.wait_for(
            lambda: next((one for one in world.maya.ephemerals() if one.text != asking_text()), None), PATIENCE
        )
        assert shown(page) == ["R-1"]
        assert "(Asia/Kolkata)" in page.words


def test_so_are_those_of_the_first_filter(tmp_path: Path):
    with World(tmp_path) as world:
        world.slack.change_user("maya", tz="Asia/Kolkata")
        form = world.maya.command("/orders", "filter").modal
        assert form is not None
        world.bot._directory._people.clear()
        world.maya.submit(form, {"since": "2026-03-15"})
        assert "(Asia/Kolkata)" in found_in(world.maya, wording.OWN_ORDERS).words


# ------------------------------------------------------------------------------------------- filter


def test_the_filter_has_five_fields_and_more_on_request(desk: World):
    form = desk.maya.command("/orders", "filter").modal
    assert form is not None
    assert len(form.entered) == 5
    desk.maya.click(form, "orders_more_filters")
    full = desk.maya.wait_for(lambda: _in_full(desk), PATIENCE)
    assert "orders_more_filters" not in full.action_ids
    outcome = desk.maya.submit(full, {"max_amount": "30", "status": "waiting"})
    assert outcome.modal is not None
    assert requests_on(outcome.modal) == ["R-3"]
    desk.maya.close(everything=True)


def _in_full(desk: World) -> ShownView | None:
    return desk.maya.modal if desk.maya.modal and "max_amount" in desk.maya.modal.entered else None


# ------------------------------------------------------------------------------------------ catalog


def test_a_refresh_of_the_catalog_comes_back_with_its_result(world: World):
    before = {one.ts for one in world.ada.ephemerals()}
    world.ada.command("/kudos", "catalog refresh")
    offered = len(world.bot._catalog.current)
    told = world.ada.wait_for(lambda: _answered(world, before), PATIENCE)
    assert told.text == build_refreshed(offered).text
    world.tango.faults.set("catalog_down")
    before |= {told.ts}
    world.ada.command("/kudos", "catalog refresh")
    assert world.ada.wait_for(lambda: _answered(world, before), PATIENCE).text == trouble_text(
        TangoUnavailable(reason="timeout")
    )


def _answered(world: World, before: set[str]) -> ShownMessage | None:
    told = (one for one in world.ada.ephemerals() if one.ts not in before and one.text != asking_text())
    return next(told, None)
