"""What is typed after `/kudos` opens the form as it was meant: people, user groups, amounts, the message."""

from typing import Any, Final

import pytest

from bot.faults import Fault, FaultCode
from bot.sandbox.slack import ShownView, people
from bot.sandbox.slack.people import User, UserGroup
from handlers.ids import Action
from handlers.views import form_notes as notes
from handlers.views.faults import fault_text
from handlers.views.groups import MOST_CHOSEN, group_left_out_text, many_text
from tests.kit.bot import CARD, World
from tests.kit.payloads import a_command

#: What is typed has nothing to do with the engine.
pytestmark = pytest.mark.file

DESIGN: Final = "S0DESIGN1"


def _typed(form: ShownView) -> tuple[list[str], str, str]:
    people_chosen, amount, message = (
        form.entered[name][f"request_{name}"] for name in ("recipients", "amount", "message")
    )
    return list(people_chosen or []), amount or "", message or ""


def _filled(world: World, text: str, who: Any = None) -> ShownView:
    """The form, once the people who were typed are looked up."""
    who = who or world.maya
    if who.modal is not None:
        who.close(everything=True)
    who.command("/kudos", text)
    form: ShownView = who.wait_for(lambda: next((m for m in who.modals if m.callback_id == "request"), None))
    return form


def _group(world: World, members: list[str]) -> None:
    with world.slack.workspace.lock:
        world.slack.workspace.usergroups[DESIGN] = UserGroup(DESIGN, "design", "Design", members)


def _crowd(world: World, count: int) -> list[str]:
    """Add people to the workspace; return their ids."""
    ids = [f"U0CROWD{n:03d}" for n in range(count)]
    with world.slack.workspace.lock:
        for n, one in enumerate(ids):
            world.slack.workspace.users[one] = User(one, f"crowd{n}", f"Crowd {n}", email=f"crowd{n}@acme.example")
    return ids


# --------------------------------------------------------------------------------------- recipients


@pytest.mark.parametrize(
    ("text", "recipients", "amount", "message"),
    [
        ("@rob 25 Thank you", [people.ROB], "25", "Thank you"),
        ("@rob and @kim 25", [people.ROB, people.KIM], "25", ""),
        ("@rob, @kim 25", [people.ROB, people.KIM], "25", ""),
        ("@rob, @kim and @li: 25, well done", [people.ROB, people.KIM, people.LI], "25", "well done"),
        ("@rob & @kim 25", [people.ROB, people.KIM], "25", ""),
        ("@rob @rob 25", [people.ROB], "25", ""),
        ("@rob and thanks again", [people.ROB], "", "and thanks again"),
        ("25 @rob Thank you", [people.ROB], "25", "Thank you"),
        ("@rob @kim", [people.ROB, people.KIM], "", ""),
    ],
)
def test_recipients_stand_before_the_amount(world: World, text: str, recipients: list[str], amount: str, message: str):
    assert _typed(world.form(text=text)) == (recipients, amount, message)


def test_who_is_mentioned_in_the_message_is_named_and_gets_nothing(world: World):
    world.bot._directory.person(people.KIM)
    form = world.form(text="@rob 25 Thanks for helping @kim with the launch")
    assert _typed(form) == ([people.ROB], "25", "Thanks for helping @Kim Park with the launch")
    assert world.maya.submit(form, {"reward": "U666425"}).closed
    world.settle()
    (request,) = world.rows("SELECT id, message FROM requests")
    assert request["message"] == "Thanks for helping @Kim Park with the launch"
    assert [row["user_id"] for row in world.rows("SELECT user_id FROM recipients")] == [people.ROB]
    assert f"<@{people.KIM}>" not in str(world.card(request["id"]).blocks)


def test_who_is_not_known_yet_keeps_the_handle_in_the_message(world: World):
    assert _typed(world.form(text="Thanks @kim")) == ([], "", "Thanks @kim")
    answer = world.slack.deliver("slash_commands", a_command(world.slack, people.MAYA, "/kudos", "Hi <@U0NOBODY1>"))
    assert answer is None
    assert world.maya.modal is not None
    assert _typed(world.maya.modal) == ([], "", "Hi @someone")


def test_of_more_people_than_the_form_has_room_for_it_is_said_who_is_left_out(world: World):
    crowd = _crowd(world, MOST_CHOSEN + 2)
    form = world.form(text=" ".join(f"@crowd{n}" for n in range(len(crowd))) + " 25")
    assert _typed(form) == (crowd[:MOST_CHOSEN], "25", "")
    assert notes.left_out_text(crowd[MOST_CHOSEN:]) in form.words


# ---------------------------------------------------------------------------------- people by name


@pytest.mark.parametrize(
    ("text", "recipients", "message"),
    [
        ("rob 25", [people.ROB], ""),
        ("Rob Hale $25 thank you", [people.ROB], "thank you"),
        ("rob and kim 25", [people.ROB, people.KIM], ""),
    ],
)
def test_people_are_found_by_name(world: World, text: str, recipients: list[str], message: str):
    form = _filled(world, text)
    assert (_typed(form)[0], _typed(form)[2]) == (recipients, message)
    assert notes.found_text("Rob Hale" if "Hale" in text else "rob", people.ROB) in form.words


def test_of_several_people_of_one_name_none_is_chosen(world: World):
    world.slack.change_user("li", real_name="Rób Stone")
    form = _filled(world, "rob 25 thank you")
    assert _typed(form) == ([], "25", "thank you")
    assert notes.several_text("rob", [people.ROB, people.LI]) in form.words


def test_the_name_as_it_was_typed_hides_those_that_look_like_it(world: World):
    world.slack.change_user("li", real_name="Ian Stone", display_name="")
    world.slack.change_user("kim", real_name="Lan Park", display_name="")
    assert _typed(_filled(world, "Ian 25"))[0] == [people.LI]
    assert _typed(_filled(world, "ían 25"))[0] == [people.LI]
    assert _typed(_filled(world, "Lan 25"))[0] == [people.KIM]
    world.slack.change_user("kim", real_name="Rob Hale")
    assert _typed(_filled(world, "Ian 25"))[0] == [people.LI]
    assert _typed(_filled(world, "Lan 25"))[0] == [people.LI], "nobody else looks like it"


def test_words_that_are_nobody_are_the_message(world: World):
    form = _filled(world, "nobody 25 times")
    assert _typed(form) == ([], "", "nobody 25 times")
    assert notes.nobody_text("nobody") in form.words


@pytest.mark.parametrize("name", ["gus", "dora", "lunchbot", "olga", "maya"])
def test_who_cannot_be_given_a_reward_is_not_found(world: World, name: str):
    assert _typed(_filled(world, f"{name} 25"))[0] == []


def test_while_slack_does_not_tell_names_the_form_opens_with_what_was_typed(world: World):
    world.slack.faults.set("internal_error", method="users.list")
    form = _filled(world, "rob 25 thank you")
    assert _typed(form) == ([], "25", "thank you")
    assert notes.names_unknown_text() in form.words


# ------------------------------------------------------------------------------------- Slack's markup


def test_the_message_is_as_a_reader_would_write_it(world: World):
    typed = "@rob 25 See https://acme.example/launch?a=1&b=2 in #general with @design, mail rob@acme.example & @here <3"
    _group(world, [people.KIM])
    assert _typed(world.form(text=typed))[2] == typed.removeprefix("@rob 25 ")
    assert _typed(world.form(text="@rob 25 acme.example rocks"))[2] == "acme.example rocks"


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("<https://acme.example/a|the launch>", "the launch (https://acme.example/a)"),
        ("<https://acme.example/a?x=1&amp;y=2>", "https://acme.example/a?x=1&y=2"),
        ("<#C0SECRET1|>", "#channel"),
        ("<!subteam^S0DESIGN1>", "@group"),
        ("<!channel|channel>", "@channel"),
        ("<!date^1392734382^{date}|Feb 18>", "Feb 18"),
        ("<mailto:rob@acme.example|Rob>", "rob@acme.example"),
        ("&lt;b&gt; &amp;amp;", "<b> &amp;"),
    ],
)
def test_markup_that_the_page_of_slack_makes_is_read(world: World, sent: str, read: str):
    command = a_command(world.slack, people.MAYA, "/kudos", f"<@{people.ROB}|rob> 25 Look: {sent}")
    assert world.slack.deliver("slash_commands", command) is None
    assert world.maya.modal is not None
    assert _typed(world.maya.modal)[2] == f"Look: {read}"


def test_a_user_group_is_expanded_to_its_members(world: World):
    _group(world, [people.KIM, people.MAYA, people.LI])
    form = _filled(world, "@rob @design 25 thank you")
    assert _typed(form) == ([people.ROB, people.KIM, people.LI], "25", "thank you")
    assert notes.oneself_text("@design") in form.words
    assert world.maya.submit(form, {"reward": "U666425"}).closed
    assert len(world.rows("SELECT 1 FROM recipients")) == 3


def _asked_for(world: World, form: ShownView, values: dict[str, Any]) -> tuple[ShownView, list[dict[str, Any]]]:
    """Submit the form, look at what it asks for, and ask for that; the window, and the recipients."""
    world.maya.submit(form, {"reward": CARD, **values})
    window = world.maya.wait_for(lambda: now if (now := world.maya.modal) and now.callback_id == "batch_ask" else None)
    assert world.rows("SELECT 1 FROM requests") == [], "nobody is asked before it was shown"
    assert world.maya.submit(window).closed
    assert world.one("SELECT batch FROM requests")["batch"] == 1
    sql = "SELECT user_id, own_minor, own_message FROM recipients ORDER BY position"
    return window, world.rows(sql)


def test_a_user_group_of_many_becomes_a_batch(world: World):
    crowd = _crowd(world, 40)
    _group(world, [*crowd, people.MAYA, people.GUS, people.ROB])
    form = _filled(world, "@rob @design 25 thank you")
    assert _typed(form) == ([people.ROB], "25", "thank you")
    assert many_text(42) in form.words, "Rob once, and without Maya"
    window, gets = _asked_for(world, form, {})
    assert group_left_out_text(["you", "Gus Guest"]) in window.words
    assert {row["user_id"] for row in gets} == {*crowd, people.ROB}
    assert {(row["own_minor"], row["own_message"]) for row in gets} == {(25_00, "thank you")}


def test_a_chosen_user_group_becomes_a_batch(world: World):
    _group(world, [people.KIM, people.LI])
    world.maya.click(world.form(), Action.MORE)
    form = world.maya.wait_for(lambda: now if (now := world.maya.modal) and Action.GROUPS in now.action_ids else None)
    world.maya.wait_for(lambda: world.maya.options(form, Action.GROUPS, "desi"))
    _, gets = _asked_for(world, form, {"groups": [DESIGN], "amount": "25"})
    assert [row["user_id"] for row in gets] == [people.KIM, people.LI]


def test_more_than_thirty_people_become_a_batch(world: World):
    crowd = _crowd(world, 31)
    _, gets = _asked_for(world, world.form(), {"recipients": crowd, "amount": "25"})
    assert [row["user_id"] for row in gets] == crowd


def test_what_is_wrong_with_a_user_group_is_said_under_the_fields(world: World):
    _group(world, [*_crowd(world, 31), people.NOEMAIL])
    form = _filled(world, "@design 25,50")
    world.maya.submit(form, {"reward": CARD})
    no_email = fault_text("recipients", Fault(FaultCode.HAS_NO_EMAIL, {"name": "Noor Haddad"}))
    again = world.maya.wait_for(lambda: now if (now := world.maya.modal) and no_email in now.words else None)
    assert fault_text("amount", Fault(FaultCode.DECIMAL_COMMA)) in again.words
    assert world.rows("SELECT 1 FROM batches") == []


def test_a_user_group_that_slack_does_not_tell_is_said(world: World):
    _group(world, [people.KIM])
    world.slack.faults.set("internal_error", method="usergroups.users.list")
    form = _filled(world, "@rob @design 25")
    assert _typed(form) == ([people.ROB], "25", "")
    assert notes.group_text("@design") in form.words


@pytest.mark.parametrize("crowd", ["@here", "@channel", "@everyone", "#general"])
def test_a_crowd_is_refused_in_words(world: World, crowd: str):
    form = world.form(text=f"@rob {crowd} 25 thank you")
    assert _typed(form) == ([people.ROB], "25", "thank you")
    assert notes.crowd_text(crowd) in form.words


def test_a_message_that_is_too_long_is_not_cut_in_silence(world: World):
    form = world.form(text="@rob 25 " + "x" * 3_001)
    assert _typed(form)[2] == "x" * 3_000
    assert notes.cut_text(3_000) in form.words


# ------------------------------------------------------------------------------------------- amounts


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("EUR 25", "EUR 25"),
        ("25\u00a0€", "25 €"),
        ("25\u202f€", "25 €"),
        ("US$25", "US$25"),
        ("\u202a25.00\u202c", "25.00"),
        ("1'000", "1'000"),
    ],
)
def test_an_amount_is_taken_as_people_paste_it(world: World, typed: str, amount: str):
    assert _typed(world.form(text=f"@rob {typed} thank you")) == ([people.ROB], amount, "thank you")


@pytest.mark.parametrize(
    ("locale", "typed", "minor"),
    [
        ("de-DE", "1.000,00", 1_000_00),
        ("de-DE", "25,50", 25_50),
        ("de-DE", "25.50", 25_50),
        ("fr-FR", "1\u202f000", 1_000_00),
        ("en-GB", "1,000", 1_000_00),
    ],
)
def test_an_amount_is_read_as_the_requesters_locale_writes_it(world: World, locale: str, typed: str, minor: int):
    world.slack.change_user("maya", locale=locale)
    world.ask(amount=typed)
    assert world.one("SELECT amount_minor FROM requests")["amount_minor"] == minor


@pytest.mark.parametrize(("locale", "typed"), [("en-GB", "1.000,00"), ("en-GB", "25,50"), ("de-DE", "1,000")])
def test_an_amount_that_could_mean_two_is_asked_for_again(world: World, locale: str, typed: str):
    world.slack.change_user("maya", locale=locale)
    assert set(world.fill_in(amount=typed).errors or ()) == {"amount"}
