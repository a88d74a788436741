"""Who is shown which orders by what lists and finds them; and that nothing the bot listens to is left out.

Admins are shown everyone's, everybody else their own, whatever a search says and whoever made it.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

from bot.errors import AlreadyDecided, NotAllowed, NotFound, Refusal, Rule, StaleReference
from bot.sandbox.slack import Person, people
from bot.usecases.search_pages import PAGE
from handlers import CLICKS, COMMANDS, EVENTS, FUNCTIONS, OPTIONS, SHORTCUTS, SUBMISSIONS
from handlers.ids import Action, Block, Command, Event, Function, View
from handlers.views.forms import REPEATS
from handlers.views.messages import asking_text, refusal_text
from storage.database import from_ms
from tests.integration.test_bot_search import look, place_elsewhere
from tests.kit import wording
from tests.kit.bot import CARD, World
from tests.kit.payloads import a_request_form, a_submission
from tests.kit.rights import Go, approvers, forge, of_answer, seen_by
from tests.kit.rights_table import MATRIX, MAY, NEWCOMERS, NONE, ROLES, RULES, SECOND_ACCOUNTS, Role
from tests.kit.rights_world import StillWorld, still_world

each_role = pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StillWorld]:
    """Orders of Maya's and Sam's, and one that was placed elsewhere. Nothing is changed in it."""
    with still_world(tmp_path_factory.mktemp("lists")) as still:
        place_elsewhere(still.world)
        yield still


# -------------------------------------------------------------------------------------------- lists


@dataclass(frozen=True, kw_only=True)
class Way:
    """A way to a list.

    Attributes:
        by: what is typed, pressed or submitted.
        carried: the command's text, or what the button carries.
        values: what is entered.
        finds: which orders of those that the person may see: a condition on them.
        anyones: the same for admins, who may name somebody.
        elsewhere: whether Tango's list is shown, which has others' orders for admins.
    """

    by: Command | Action | View
    carried: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    finds: str = "TRUE"
    anyones: str = "TRUE"
    elsewhere: bool = False


_MAYAS: Final = f"requester_id = '{people.MAYA}'"


def _turn(after: int | None = None, **wanted: Any) -> str:
    """What a button carries."""
    return json.dumps({"wanted": wanted} | ({"after": after} if after is not None else {}))


_WAYS: Final = (
    Way(by=Command.ORDERS),
    Way(by=Command.ORDERS, carried="mailed", finds="delivery = 'email'"),
    Way(by=Command.ORDERS, carried="item:COMPLETE", elsewhere=True),
    Way(by=Command.ORDERS, carried="tango", elsewhere=True),
    Way(by=Command.RESEND, finds="delivery = 'email'"),
    Way(by=Action.ORDERS_NEWER, carried=_turn()),
    Way(by=Action.ORDERS_NEWER, carried=_turn(requester_id=people.MAYA), anyones=_MAYAS),
    Way(by=Action.ORDERS_MEANT, carried=_turn()),
    Way(by=Action.ORDERS_OLDER, carried=_turn(after=4), finds="id < 4"),
    Way(by=Action.ORDERS_OLDER, carried=_turn(after=4, requester_id=people.MAYA), finds="id < 4", anyones=_MAYAS),
    Way(by=Action.ORDERS_AT_TANGO, carried=_turn(at_tango=True), elsewhere=True),
    Way(by=Action.ORDERS_AT_TANGO, carried=_turn(at_tango=True, requester_id=people.MAYA), anyones=_MAYAS),
    Way(by=Action.ORDERS_AT_TANGO, carried=_turn(line_item_status="COMPLETE"), elsewhere=True),
    Way(by=View.SEARCH),
    Way(by=View.SEARCH, values={"requester_id": people.MAYA}, anyones=_MAYAS),
    Way(by=View.SEARCH, values={"at_tango": "true"}, elsewhere=True),
)


@each_role
def test_everybody_is_shown_their_own_orders_and_admins_all(still: StillWorld, role: Role):
    who = still.world.slack.person(role.who)
    before = still.tables()
    for way in _WAYS:
        if way.by is View.SEARCH and way.elsewhere and role.rights["mend"] == MAY:
            continue  # shown in the form's place, once Tango has answered: for that there must be a form
        forged = _shown(still, who, partial(forge, still.world.slack, who, way.by, way.carried, way.values))
        assert forged == _wanted(still, role, way), way
        if isinstance(way.by, Command):
            typed = _shown(still, who, partial(who.command, way.by.value, way.carried))
            assert typed == forged, way
    assert still.tables() == before


@each_role
def test_so_does_the_filter_form_which_asks_admins_alone_whose_they_are(still: StillWorld, role: Role):
    who = still.world.slack.person(role.who)
    admin = role.rights["mend"] == MAY
    page = look(still.world, who, "")
    assert ("orders_at_tango" in page.action_ids) == admin
    opened = (
        partial(forge, still.world.slack, who, Action.ORDERS_FILTER, _turn()),
        partial(forge, still.world.slack, who, Command.ORDERS, "filter"),
        partial(who.click, page, "orders_filter"),
    )
    wanted: tuple[dict[str, str], ...] = (
        ({}, {"requester_id": people.MAYA}, {"at_tango": "true"}) if admin else ({},) * 3
    )
    for press, values in zip(opened, wanted, strict=True):
        press()
        form = who.modal
        assert form is not None
        assert form.callback_id == View.SEARCH
        who.click(form, "orders_more_filters")
        form = who.wait_for(lambda: who.modal if who.modal and "utid" in who.modal.entered else None)
        assert ("requester_id" in form.entered) == ("at_tango" in form.entered) == admin
        way = Way(
            by=View.SEARCH, anyones=_MAYAS if "requester_id" in values else "TRUE", elsewhere="at_tango" in values
        )
        assert _shown(still, who, partial(who.submit, form, values)) == _wanted(still, role, way)


@each_role
def test_approvers_are_shown_what_they_may_decide_and_others_what_of_theirs_waits(still: StillWorld, role: Role):
    who, slack = still.world.slack.person(role.who), still.world.slack
    may, rule = _may_decide(still, role)
    first = still.rows("SELECT min(id) AS id FROM requests WHERE status = 'pending_approval'")[0]["id"]
    ways: tuple[tuple[Command | Action, str], ...] = (
        (Command.ORDERS, "pending"),
        (Action.PENDING_SHOW, "pending"),
        (Action.PENDING_MORE, still.world.reference("requests", first)),
    )
    for by, carried in ways:
        told = _told(still, who, partial(forge, slack, who, by, carried))
        if rule is Rule.APPROVERS_ONLY and by is Command.ORDERS:
            assert set(wording.listed_requests(told)) == {f"R-{number}" for number in _own_pending(still, role)}
            continue
        if rule is not None:
            everyone = sorted([*approvers(slack), NEWCOMERS["nora"].id])
            assert told == wording.not_allowed(rule, *everyone)
            continue
        shown = {number for number in may if wording.card_title(number) in told}
        wanted = [number for number in sorted(may) if by is not Action.PENDING_MORE or number > first]
        assert shown == set(wanted[: len(shown)])
        assert shown


def _own_pending(still: StillWorld, role: Role) -> list[int]:
    """Return the requests that wait, of theirs, for admins of all: those of the first page."""
    who = still.world.slack.person(role.who).id if role.rights["mend"] != MAY else None
    sql = """
    SELECT id FROM requests WHERE status = 'pending_approval' AND (requester_id = :who OR :who IS NULL)
    ORDER BY id DESC LIMIT 10
    """
    return [row["id"] for row in still.rows(sql, who=who)]


def _may_decide(still: StillWorld, role: Role) -> tuple[set[int], Rule | None]:
    """Return the requests that somebody may decide, by the columns of the file; the rule where they may none."""
    if role.rights["routed"] == MAY:
        return {still.routed}, None
    if role.rights["review"] != MAY:
        return set(), RULES[role.rights["review"]]
    who = still.world.slack.person(role.who)
    sql = """
    SELECT id FROM requests WHERE status = 'pending_approval' AND requester_id NOT IN (SELECT value FROM json_each(:me))
      AND NOT EXISTS (SELECT 1 FROM recipients WHERE request_id = requests.id AND user_id IN
          (SELECT value FROM json_each(:me)))
    """
    me = json.dumps([who.id, SECOND_ACCOUNTS.get(role.who, who.id)])
    return {row["id"] for row in still.rows(sql, me=me)} - {still.routed}, None


@each_role
def test_a_form_asks_again_for_what_is_ones_own_alone(still: StillWorld, role: Role):
    """What was sent is not asked for again; whoever did not ask for it does not hear that it was."""
    who, sent = still.world.slack.person(role.who), still.case(role).mailed
    row = still.row("requests", still.row("orders", sent)["request_id"])
    refusals = {
        MAY: AlreadyDecided(status=row["status"], by=row["decided_by"], at=from_ms(row["decided_at"])),
        NONE: StaleReference(),
    }
    right = role.rights["send"] if role.rights["send"] != MAY else role.rights["repeat"]
    refusal = refusals[right] if right in refusals else NotAllowed(RULES[right])
    entered: dict[str, Any] = {Block.RECIPIENTS: [people.KIM], Block.REWARD: CARD, Block.AMOUNT: "5"}
    before = still.tables()
    metadata = json.dumps({REPEATS: row["reference"]})
    told = _told(still, who, partial(forge, still.world.slack, who, View.REQUEST, metadata, entered))
    assert told == refusal_text(refusal)
    assert still.tables() == before


@each_role
def test_what_was_placed_elsewhere_is_shown_to_admins(still: StillWorld, role: Role):
    who = still.world.slack.person(role.who)
    number = _elsewhere(still)
    refusals: tuple[tuple[Command | Action, Refusal], ...] = (
        (Action.ORDER_ELSEWHERE, NotAllowed(RULES.get(role.rights["mend"], Rule.ADMINS_ONLY), who_may=[people.ADA])),
        (Command.ORDERS, NotFound(number)),
    )
    for by, refusal in refusals:
        told = _told(still, who, partial(forge, still.world.slack, who, by, number))
        if role.rights["mend"] == MAY:
            assert "ordered elsewhere" in told
        else:
            assert told == refusal_text(refusal)


def _shown(still: StillWorld, who: Person, go: Go) -> set[str]:
    """The orders in the list that comes of it, by their numbers: ours, or Tango's."""
    return set(wording.listed_orders(_told(still, who, go)))


def _told(still: StillWorld, who: Person, go: Go) -> str:
    """What is told in the end; Tango is waited for."""
    slack = still.world.slack
    since = slack.workspace.event_log.seq
    answer = go()

    def told() -> str | None:
        screens = [*of_answer(answer), *seen_by(slack, who, since, others=False)]
        return next((screen[1] for screen in screens if asking_text() not in screen[1]), None)

    words = who.wait_for(told)
    if who.modal is not None:
        who.close(everything=True)
    return words


def _wanted(still: StillWorld, role: Role, way: Way) -> set[str]:
    admin = role.rights["mend"] == MAY
    who = still.world.slack.person(role.who)
    condition = f"{way.finds} AND {way.anyones}" if admin else f"{way.finds} AND requester_id = :who"
    rows = still.rows(f"SELECT request_id, place FROM orders WHERE {condition} ORDER BY id DESC", who=who.id)  # noqa: S608
    others = [_elsewhere(still)] if way.elsewhere and admin else []
    return set([*others, *(_number(**row) for row in rows)][:PAGE])  # the first page, newest first


def _number(request_id: int, place: int) -> str:
    return f"{request_id}.{place}" if place else f"R-{request_id}"


def _elsewhere(still: StillWorld) -> str:
    return still.world.tango.orders[-1].reference_order_id


# --------------------------------------------------------------------------------------- references


@each_role
def test_what_one_may_not_see_reads_like_what_is_not_there_however_it_is_named(still: StillWorld, role: Role):
    """Whoever could tell them apart could find out which numbers there are, and which of ours is which of Tango's."""
    who, slack = still.world.slack.person(role.who), still.world.slack
    order = still.row("orders", still.case(role).mailed)
    there = (order["id"], f"00{order['id']}", order["external_ref_id"], order["reference_order_id"])
    not_there = (99_999, "0099999", "0" * 32, "RA260314-9999-99")
    acts = (
        (Command.ORDERS, "{}", "see"),
        (Command.RESEND, "{}", "resend"),
        (Command.RESEND, "{} template E000002", "see"),
    )
    for command, text, right in acts:
        for named in (*not_there, *(there if role.rights[right] == NONE else ())):
            if command is Command.ORDERS and role.rights["mend"] == MAY and len(str(named)) > 10:
                continue  # Tango is asked
            told = _told(still, who, partial(forge, slack, who, command, text.format(named)))
            assert told == refusal_text(NotFound(str(named)))


# ------------------------------------------------------------------------------------- what is left

#: What takes no right, and why.
_FOR_ALL: Final = {
    Action.RECIPIENTS: "who was chosen in a form is looked up; of a parcel's recipient the name is shown",
    Action.REWARD: "changes the form that is open; what can be given is no secret",
    Action.BATCH_REWARD: "offers the rewards; what can be given is no secret",
    Action.COUNTRY: "offers the countries of the world",
    Action.GROUPS: "offers the user groups by their handles; Slack shows these to every member",
    Action.TEMPLATE: "offers the names of email templates, which are no secret",
    Action.NEW_TEMPLATE: "the same",
    Action.DELIVERY: "changes the form that is open",
    Action.SEND_ON: "changes the form that is open",
    Action.BATCH_SEND_ON: "changes the form that is open",
    Action.MORE: "changes the form that is open",
    Action.FEWER: "changes the form that is open",
    Action.REWARD_LINK: "Slack opens the page by itself",
}

#: The sub-command that takes no right: it says how the command is typed.
_HELP: Final = "help"


def test_nothing_that_the_bot_listens_to_is_left_out(still: StillWorld):
    acts = [act for acts, _ in MATRIX.values() for act in acts]
    held = {act.by for act in acts} | {way.by for way in _WAYS}
    held |= {Action.ORDERS_FILTER, Action.ORDERS_MORE_FILTERS, Action.ORDER_ELSEWHERE, Action.PENDING_MORE}  # above
    assert held.isdisjoint(_FOR_ALL)
    assert held | set(_FOR_ALL) == {*COMMANDS, *CLICKS, *SUBMISSIONS, *OPTIONS, *SHORTCUTS}
    assert list(EVENTS) == [Event.HOME_OPENED], "what Home shows is held by who opens it: test_bot_home.py"
    assert list(FUNCTIONS) == list(Function), "in whose name a workflow asks: test_bot_workflows.py"
    assert not still.world.bot._bolt._listeners, "nothing is listened to beside the doors"


def test_no_sub_command_is_left_out():
    typed = [(act.by, act.text) for acts, _ in MATRIX.values() for act in acts]
    typed += [(way.by, way.carried) for way in _WAYS]
    held = {(by, text if text in COMMANDS[by] else "") for by, text in typed if isinstance(by, Command)}
    held |= {(Command.ORDERS, "filter"), (Command.ORDERS, "pending")}  # above
    listened = {(command, sub) for command, listeners in COMMANDS.items() for sub in listeners}
    assert listened - held == {(command, _HELP) for command in COMMANDS}


@each_role
def test_what_takes_no_right_shows_and_changes_nothing(still: StillWorld, role: Role):
    who, slack = still.world.slack.person(role.who), still.world.slack
    before, since = still.tables(), slack.workspace.event_log.seq
    for action in _FOR_ALL.keys() & CLICKS.keys():
        assert forge(slack, who, action, str(still.case(role).mailed)) is None
    assert still.changes(before, who, 0) == []
    assert seen_by(slack, who, since, others=False) == []


def test_every_refusing_rule_is_met_by_somebody():
    met = {RULES[cell] for role in ROLES for cell in role.rights.values() if cell in RULES}
    assert met == set(Rule) - {Rule.SENDERS_ONLY, Rule.MEMBERSHIP_UNKNOWN}, "SENDERS_ONLY is met below"


def test_with_named_senders_nobody_else_may_send(tmp_path: Path, database: Path | str):
    with World(tmp_path, where=database) as world:
        world.place()
        world.stop()
        world.write("UPDATE orders SET status = 'failed', problem = 'http_400'")
    with World(tmp_path, where=database, settings={"roles": {"senders": [people.PRIYA]}}) as world:
        words = wording.not_allowed(Rule.SENDERS_ONLY, people.ADA)
        told = world.maya.command("/kudos").ephemeral
        assert told is not None
        assert told.text == words
        form = a_submission(world.slack, people.MAYA, "request", a_request_form([people.ROB], CARD, "5"))
        assert words in str(world.slack.deliver("interactive", form))
        detail = world.maya.command("/orders", "1").ephemeral
        assert detail is not None, "what she sent before is hers to see"
        assert world.answer(world.maya, lambda: world.maya.click(detail, "order_anew")).text == words
        assert len(world.rows("SELECT 1 FROM requests")) == 1
        world.fill_in(world.slack.person("priya"))
        assert len(world.rows("SELECT 1 FROM requests")) == 2
