"""The page as a workspace, with a small app in the bot's place."""

import json
import re
import time
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, expect
from slack_sdk.web import WebClient

from bot.domain.days import Period
from bot.domain.money import Money
from bot.domain.report import Report, ReportBy, ReportRow
from bot.sandbox.slack import SlackSandbox
from bot.sandbox.slack.model import Message
from bot.sandbox.slack.people import GENERAL, MAYA, ROB, TEAM_ID
from handlers.views.report import FileSent, build_report
from tests.kit.page import act_as, audit, choose, composer, go, messages, modal, say, settled

pytestmark = pytest.mark.browser

NASTY = "<img src=x onerror=\"document.title='broken'\"><script>document.title='broken'</script>"


def app_said(page: Page) -> dict[str, Any]:
    """Return what the form's submit carried, as the app wrote it to the person."""
    go(page, "Kudos")
    found: dict[str, Any] = json.loads(messages(page).last.locator("pre").inner_text())
    return found


def open_form(page: Page, text: str = "/form hello") -> None:
    say(page, text)
    expect(modal(page).get_by_role("heading", name="Every field")).to_be_visible()


# Messages


def test_what_is_typed_is_text_and_nothing_else(site):
    page = site.open()
    say(page, NASTY)
    expect(messages(page).last).to_contain_text(NASTY)
    site.slack.person("rob").say(
        "*bold* _it_ ~no~ `code` :tada: @maya #general https://acme.example/x", channel="general"
    )
    last = messages(page).last
    for tag, words in {
        "strong": "bold",
        "em": "it",
        "s": "no",
        "code": "code",
        ".mention-me": "@Maya",
        "a.mention": "#general",
    }.items():
        expect(last.locator(tag)).to_have_text(words)
    expect(last.get_by_role("img", name="tada")).to_have_text("🎉")
    expect(last.locator("a[target=_blank]")).to_have_attribute("rel", "noopener noreferrer")
    assert page.locator("img").count() == 0
    assert "broken" not in page.title()


def test_a_link_that_is_a_script_goes_nowhere(site):
    page = site.open()
    site.slack.person("rob").say("javascript:alert(1)", channel="general")
    expect(messages(page).last).to_contain_text("javascript:alert(1)")
    assert page.locator("a[href^='javascript']").count() == 0


def test_a_link_to_a_profile_is_drawn_as_one_and_leads_nowhere(site):
    app = WebClient(token="xoxb-demo", base_url=f"{site.slack.url}/api/")
    text = f"requested by <slack://user?team={TEAM_ID}&amp;id={MAYA}|Maya>, <javascript:alert(1)|not a link>"
    app.chat_postMessage(channel=GENERAL, text=text)
    page = site.open()
    expect(messages(page).last.get_by_role("link", name="Maya")).to_have_attribute("href", "#")
    expect(messages(page).last).not_to_contain_text("slack:")
    assert page.locator("a[href^='javascript']").count() == 0


def test_dates_are_in_the_zone_of_who_reads(site):
    page = site.open("maya")
    say(page, "/card")
    expect(messages(page).last.locator("time[datetime='2027-01-15T08:00:00.000Z']")).to_contain_text("3:00")
    act_as(page, "Alex")
    expect(messages(page).last.locator("time[datetime='2027-01-15T08:00:00.000Z']")).to_contain_text("9:00")


def test_a_message_of_the_app_is_drawn_and_acted_on(site):
    page = site.open()
    say(page, "/card")
    card = messages(page).last
    expect(card.get_by_role("heading", name="A request")).to_be_visible()
    expect(card.locator(".badge")).to_have_text("App")
    card.get_by_role("button", name="Approve").click()
    question = page.get_by_role("alertdialog", name="Approve $25?")
    expect(question.locator(".mention")).to_have_text("@Rob")
    question.get_by_role("button", name="Back").click()
    expect(card).to_contain_text("waiting")
    card.get_by_role("button", name="More options").click()
    page.get_by_role("menuitem", name="Later").click()
    expect(messages(page).last).to_contain_text("You chose Later")
    card = page.locator("#main article", has_text="A request")
    card.get_by_role("button", name="Approve").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Approve").click()
    expect(card).to_contain_text("approved by @Maya")
    expect(card).to_contain_text("(edited)")
    expect(card.get_by_role("button", name="Approve")).to_have_count(0)


def test_a_report_has_its_bars_and_amounts_also_on_a_phone(site):
    page = site.open("fiona", reduced_motion="reduce", viewport={"width": 360, "height": 780})
    rows = [
        ReportRow(key="U1", name="Kim Park", rewards=2, face=Money(80_00, "USD"), charged=[Money(80_00, "USD")]),
        ReportRow(key="U2", name="Rob Hale", rewards=1, face=Money(20_00, "USD"), charged=[Money(20_00, "USD")]),
    ]
    october = Period(date(2026, 10, 1), date(2026, 10, 31))
    report = Report(period=october, zone="UTC", by=ReportBy.RECIPIENT, rows=rows, everyone=True, is_over=True)
    shown = build_report(report, FileSent.OFF)
    WebClient(token="xoxb-demo", base_url=f"{site.slack.url}/api/").chat_postMessage(
        channel=GENERAL, text=shown.text, blocks=shown.blocks
    )
    message = messages(page).last
    share = "(bars) => bars.map((bar) => [bar.value / bar.max, bar.parentElement.textContent.trim()])"
    expect(message.get_by_role("meter")).to_have_count(2)
    assert message.get_by_role("meter").evaluate_all(share) == [[1, "Kim Park: 80"], [0.25, "Rob Hale: 20"]]
    expect(message.get_by_role("row").nth(1)).to_have_text("Kim Park2$80.00$80.00USD")
    lines = "(cells) => cells.map((cell) => cell.getClientRects()[0].height)"
    assert max(message.get_by_role("columnheader").evaluate_all(lines)) < 50, "no word is cut into letters"
    assert audit(page, "a report") == ""


def test_a_click_that_comes_too_late_is_answered(site):
    maya, rob = site.open("maya"), site.open("rob")
    say(maya, "/card")
    for page in (maya, rob):
        messages(page).last.get_by_role("button", name="Approve").click()
    rob.get_by_role("alertdialog").get_by_role("button", name="Approve").click()
    expect(maya.locator("#main article", has_text="A request")).to_contain_text("approved by @Rob")
    maya.get_by_role("alertdialog").get_by_role("button", name="Approve").click()
    expect(messages(maya).last).to_contain_text("Somebody approved it before you.")
    expect(messages(maya).last).to_contain_text("Only visible to you")
    expect(maya.get_by_role("alert").filter(has_text=re.compile("."))).to_have_count(0)


def test_a_long_text_is_folded_until_more_is_wanted(site):
    page = site.open()
    site.slack.person("rob").say("\n".join(f"line {number}" for number in range(40)), channel="general")
    more = messages(page).last.get_by_role("button", name="Show more")
    folded = messages(page).last.evaluate("(message) => message.offsetHeight")
    assert folded < 400
    more.focus()
    more.press("Enter")
    expect(messages(page).last.get_by_role("button", name="Show less")).to_be_focused()
    assert messages(page).last.evaluate("(message) => message.offsetHeight") > 2 * folded
    say(page, "short")
    expect(messages(page).last.get_by_role("button", name="Show more")).to_have_count(0)


def test_what_one_says_oneself_is_followed_and_what_others_say_is_announced(site):
    fill_general(site.slack, 120)
    page = site.open()
    up = "document.querySelector('#main .scroller').scrollTop -= 1500"
    for text in ("my own words", "/whisper an answer"):
        page.evaluate(up)
        expect(messages(page).last).not_to_be_in_viewport()
        site.slack.person("rob").say(f"before {text}", channel="general")
        expect(page.get_by_role("button", name="New messages")).to_be_visible()
        say(page, text)
        expect(messages(page).last).to_contain_text(text.removeprefix("/whisper "))
        expect(messages(page).last).to_be_in_viewport()
        expect(page.get_by_role("button", name="New messages")).to_have_count(0)


def test_a_private_channel_has_no_name_for_who_is_not_in_it(site):
    alex, maya = site.open("alex"), site.open("maya")
    say(alex, "see #rewards-approvals and #random")
    expect(messages(alex).last.locator(".mention")).to_have_text(["#rewards-approvals", "#random"])
    expect(messages(maya).last.locator(".mention")).to_have_text(["private channel", "#random"])


def test_an_answer_that_fails_is_told_where_it_was_asked(site):
    page = site.open()
    say(page, "/card")
    messages(page).last.get_by_role("button", name="Fail").click()
    expect(messages(page).last.get_by_role("alert")).to_contain_text("didn't respond")
    say(page, "/silent please")
    expect(page.locator(".composer-notice")).to_contain_text('/silent failed with the error "dispatch_failed"')
    expect(composer(page)).to_have_value("/silent please")
    say(page, "/nonsense")
    expect(page.locator(".composer-notice")).to_contain_text("/nonsense is not a valid command")


def test_an_ephemeral_is_marked_kept_and_dismissed(site):
    page = site.open()
    say(page, "/whisper psst")
    expect(messages(page).last).to_contain_text("Only visible to you")
    expect(messages(page).last).to_contain_text("You said: psst")
    other = site.open("rob")
    expect(other.locator("#main")).not_to_contain_text("psst")
    page.reload()
    settled(page)
    expect(messages(page).last).to_contain_text("You said: psst")
    messages(page).last.get_by_role("button", name="Dismiss message").click()
    expect(page.locator("#main")).not_to_contain_text("psst")


def test_a_click_on_what_changes_under_it_is_not_lost(site):
    maya, rob, alex = site.open("maya"), site.open("rob", "random"), site.open("alex", "random")
    rob.locator('.channel[data-name="general"]').hover()
    rob.mouse.down()
    say(maya, "hello all")
    expect(alex.locator('.channel[data-name="general"]')).to_have_class(re.compile("unread"))
    rob.evaluate("new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    rob.mouse.up()
    expect(messages(rob).last).to_contain_text("hello all")


def test_windows_of_several_people_are_live(site):
    maya, rob = site.open("maya"), site.open("rob", "random")
    say(maya, "hello @rob")
    entry = rob.locator('.channel[data-name="general"]')
    expect(entry).to_have_class(re.compile("unread"))
    expect(entry.locator(".count")).to_have_text("1")
    go(rob, "general")
    expect(rob.get_by_role("separator", name="New")).to_be_visible()
    expect(entry).not_to_have_class(re.compile("unread"))
    say(rob, "hello yourself")
    expect(messages(maya).last).to_contain_text("hello yourself")
    maya.reload()
    settled(maya)
    expect(messages(maya).last).to_contain_text("hello yourself")


def test_a_thread_beside_its_channel(site):
    page = site.open()
    say(page, "the root")
    messages(page).last.hover()
    messages(page).last.get_by_role("button", name="Reply in thread").click()
    thread = page.get_by_role("complementary", name="Thread")
    thread.get_by_role("textbox").fill("a reply")
    thread.get_by_role("textbox").press("Enter")
    expect(thread.locator("article").last).to_contain_text("a reply")
    expect(messages(page).last.get_by_role("button", name="1 reply")).to_be_visible()
    thread.get_by_role("textbox").fill("/form")
    thread.get_by_role("textbox").press("Enter")
    expect(thread).to_contain_text("/form is not supported in threads")
    page.reload()
    expect(page.get_by_role("complementary", name="Thread").locator("article").last).to_contain_text("a reply")
    page.keyboard.press("Escape")
    expect(page.get_by_role("complementary", name="Thread")).to_be_hidden()


def test_shortcuts_of_a_message_and_of_the_workspace(site):
    page = site.open()
    say(page, "well done")
    messages(page).last.hover()
    messages(page).last.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Thank the author").click()
    expect(modal(page)).to_contain_text("thanks for: well done")
    page.keyboard.press("Escape")
    expect(modal(page)).to_have_count(0)
    page.get_by_role("button", name="Shortcuts").click()
    page.get_by_role("menuitem", name="Open a form").click()
    expect(modal(page)).to_contain_text("a shortcut")


def test_the_home_tab(site):
    page = site.open("maya", site.slack.person("maya").dm_channel, query="&tab=home")
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
    page.get_by_role("button", name="Messages").click()
    expect(page.get_by_role("log", name="Messages with Kudos")).to_be_visible()


# Writing


def test_commands_and_people_are_completed(site):
    page = site.open()
    composer(page).press_sequentially("/f")
    expect(page.get_by_role("option", name="/form [anything] Open every kind of field")).to_be_visible()
    composer(page).press("Tab")
    expect(composer(page)).to_have_value("/form ")
    expect(page.locator(".composer-hint")).to_have_text("/form [anything] — Open every kind of field")
    composer(page).press_sequentially("@li")
    expect(page.get_by_role("option").first).to_contain_text("Li Wei")
    composer(page).press("Enter")
    expect(composer(page)).to_have_value("/form @li ")
    composer(page).press_sequentially("#tea")
    composer(page).press("Enter")
    composer(page).press("Enter")
    expect(modal(page)).to_contain_text("You typed: @Li #team-blue")


def test_what_is_written_in_a_hurry_arrives_in_its_order(site):
    page = site.open()
    words = [f"/whisper {number}" if number % 3 == 2 else f"number {number}" for number in range(9)]
    for text in words:
        say(page, text)
    expect(messages(page)).to_have_count(9)
    shown = [text.strip().splitlines()[-1] for text in messages(page).all_inner_texts()]
    assert [int(re.findall(r"\d+", text)[-1]) for text in shown] == list(range(9))


def test_a_draft_waits_where_it_was_written(site):
    page = site.open()
    composer(page).fill("not yet")
    go(page, "random")
    expect(composer(page)).to_have_value("")
    go(page, "general")
    expect(composer(page)).to_have_value("not yet")


# Modals


def test_every_field_reaches_the_app(site):
    page = site.open()
    open_form(page)
    form = modal(page)
    choose(page, "People", "rob", "Rob Hale")
    choose(page, "People", "kim", "Kim Park")
    choose(page, "Reward", "bean", "Bean & Leaf US")
    choose(page, "Reward", "page", "Page <Turner> EU")  # what is typed replaces the choice
    form.get_by_label("Amount").fill("25")
    form.get_by_label("Why").fill(f"Well <b>done</b>{'!' * 10}")
    form.get_by_label("Count").fill("3")
    form.get_by_label("E-mail (optional)").fill("rob@acme.example")
    choose(page, "Size", "la", "Large")
    form.get_by_label("By e-mail").check()
    form.get_by_label("Tell me").check()
    form.get_by_label("Day").fill("2026-12-24")
    form.get_by_label("Hour").fill("09:30")
    form.get_by_label("Moment").fill("2027-01-15T03:00")
    choose(page, "Channel", "gener", "general")
    form.get_by_label("File (optional)").set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": b"a,b"})
    expect(form.get_by_role("list", name="Chosen files")).to_contain_text("a.csv")
    form.get_by_role("button", name="Send").click()
    expect(form).to_have_count(0)

    said = app_said(page)
    assert said["people"]["selected_users"] == ["U00ROB000", "U00KIM000"]
    assert said["reward"]["selected_option"]["value"] == "Page <Turner> EU"
    assert said["amount"]["value"] == "25"
    assert said["why"]["value"] == "Well <b>done</b>!!!!!!!!!!"
    assert (said["count"]["value"], said["mail"]["value"]) == ("3", "rob@acme.example")
    assert said["size"]["selected_option"]["value"] == "Large"
    assert said["how"]["selected_option"]["value"] == "By e-mail"
    assert [one["value"] for one in said["also"]["selected_options"]] == ["Tell me"]
    assert (said["day"]["selected_date"], said["hour"]["selected_time"]) == ("2026-12-24", "09:30")
    assert said["moment"]["selected_date_time"] == 1_800_000_000  # three in the morning in New York, where Maya is
    assert said["room"]["selected_conversation"] == GENERAL
    assert len(said["file"]["files"]) == 1


def test_what_is_wrong_is_said_under_its_field(site):
    page = site.open()
    open_form(page)
    form = modal(page)
    form.get_by_role("button", name="Send").click()
    assert form.get_by_text("Please complete this required field.").count() == 3
    expect(form.get_by_role("combobox", name="People")).to_be_focused()
    choose(page, "People", "rob", "Rob Hale")
    choose(page, "Reward", "bean", "Bean & Leaf US")
    amount = form.get_by_label("Amount")
    amount.fill("0")
    form.get_by_label("Why").fill("x" * 41)
    form.get_by_label("Count").fill("1.5")
    form.get_by_role("button", name="Send").click()
    expect(form).to_contain_text("This is 1 characters too long: at most 40.")
    expect(form).to_contain_text("Please enter a whole number.")
    form.get_by_label("Why").fill("")
    form.get_by_label("Count").fill("")
    form.get_by_role("button", name="Send").click()
    expect(form.get_by_text("More than nothing, please.")).to_be_visible()
    expect(amount).to_be_focused()
    expect(amount).to_have_attribute("aria-invalid", "true")
    expect(amount).to_have_accessible_description("More than nothing, please. From 5 to 500.")
    amount.fill("5")
    amount.press("Enter")
    expect(form).to_have_count(0)


def test_views_are_stacked_and_remember_what_was_typed(site):
    page = site.open()
    open_form(page)
    modal(page).get_by_label("Amount").fill("12")
    modal(page).get_by_role("button", name="One more").click()
    expect(modal(page).get_by_role("heading", name="Second")).to_be_visible()
    page.reload()
    expect(modal(page).get_by_role("heading", name="Second")).to_be_visible()
    modal(page).get_by_role("button", name="Back").click()
    expect(modal(page).get_by_role("heading", name="Every field")).to_be_visible()
    expect(modal(page).get_by_label("Amount")).to_have_value("12")
    modal(page).get_by_role("button", name="One more").click()
    expect(modal(page).get_by_role("heading", name="Second")).to_be_visible()
    modal(page).get_by_role("button", name="Close").click()
    expect(modal(page)).to_have_count(0)
    # The app hears of it after the screen has changed.
    cleared = [False, True, True]
    site.slack.person("maya").wait_for(lambda: cleared == closings(site.slack))


def closings(slack: SlackSandbox) -> list[bool]:
    """Tell of each view that was closed whether its whole stack was."""
    return [entry.payload["is_cleared"] for entry in list(slack.deliveries) if entry.type == "view_closed"]


def test_a_modal_says_when_the_app_is_not_there(site):
    page = site.open()
    open_form(page)
    form = modal(page)
    choose(page, "People", "rob", "Rob Hale")
    choose(page, "Reward", "bean", "Bean & Leaf US")
    form.get_by_label("Amount").fill("5")
    site.slack.request_url = "http://127.0.0.1:9/nowhere"
    form.get_by_role("button", name="Send").click()
    expect(form.get_by_role("alert")).to_contain_text("We had some trouble connecting. Try again?")
    expect(form.get_by_label("Amount")).to_have_value("5")
    form.get_by_role("combobox", name="Reward").click()
    expect(page.get_by_text("The options could not be loaded.")).to_be_visible()


def test_focus_stays_in_a_modal_and_returns(site):
    page = site.open()
    open_form(page)
    inside = "() => document.activeElement === document.body || document.activeElement.closest('dialog.modal') !== null"
    for _ in range(40):
        page.keyboard.press("Tab")
        assert page.evaluate(inside)
    page.keyboard.press("Escape")
    expect(modal(page)).to_have_count(0)
    expect(composer(page)).to_be_focused()


# As a whole


def fill_general(slack: SlackSandbox, count: int) -> None:
    began = time.time() - count * 60
    for number in range(count):
        author = (MAYA, ROB)[number // 3 % 2]
        slack.workspace.post(
            Message(GENERAL, f"{began + number * 60:.6f}", author, f"Message {number} " + "word " * (number % 40))
        )


SCROLL_UP = """
async (step) => {
  const box = document.querySelector("#main .scroller");
  let frames = 0;
  while (!document.querySelector("#main .beginning")) {
    box.scrollTop -= step;
    await new Promise(requestAnimationFrame);
    frames += 1;
  }
  return frames;
}
"""


def cpu_seconds(session: CDPSession) -> float:
    """Return the seconds that the page's main thread has used."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))


def test_two_thousand_messages_scroll(site):
    fill_general(site.slack, 2000)
    page = site.open()
    expect(messages(page).last).to_contain_text("Message 1999")
    assert messages(page).count() < 100
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    before = cpu_seconds(session)
    frames = page.evaluate(SCROLL_UP, 400)
    used = cpu_seconds(session) - before
    expect(messages(page).first).to_contain_text("Message 0")
    assert messages(page).count() == 2000
    # What a frame costs in the processor's own time, so that a busy machine does not count: not all of its 16 ms.
    assert used / frames < 0.014
    site.slack.person("rob").say("news", channel="general")
    page.get_by_role("button", name="New messages").click()
    expect(messages(page).last).to_be_in_viewport()


def test_nothing_is_asked_while_nothing_happens(site):
    page = site.open()
    site.open("alex")
    page.wait_for_timeout(500)
    before = len(site.requests)
    page.wait_for_timeout(3_000)
    assert site.requests[before:] == []


def test_more_windows_than_a_browser_has_connections(site):
    pages = [site.open(who) for who in ("maya", "priya", "alex", "sam", "ada", "rob", "kim", "li")]
    say(pages[0], "to all")
    for page in pages:
        expect(messages(page).last).to_contain_text("to all")


def test_a_window_goes_on_after_the_connection_was_lost(site):
    page = site.open()
    page.evaluate("() => { window.kept = true; }")
    page.context.set_offline(True)
    site.complaints.clear()
    page.context.set_offline(False)
    say(page, "still here")
    expect(messages(page).last).to_contain_text("still here")


@pytest.mark.parametrize(
    "look", [{"color_scheme": "light"}, {"color_scheme": "dark"}, {"viewport": {"width": 400, "height": 780}}]
)
def test_nothing_serious_bars_anybody(site, look):
    site.tango.faults.set("frozen")
    page = site.open(reduced_motion="reduce", **look)
    for text in ("hello @maya", "long " * 300, "/card", "/whisper *words*"):
        say(page, text)
        expect(composer(page)).to_have_value("")
    expect(messages(page)).to_have_count(4)
    found = [audit(page, "a channel")]
    messages(page).first.hover()
    messages(page).first.get_by_role("button", name="More actions").click()
    found.append(audit(page, "a message's menu"))
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Shortcuts").click()
    found.append(audit(page, "the shortcuts"))
    page.keyboard.press("Escape")
    messages(page).nth(2).get_by_role("button", name="Approve").click()
    found.append(audit(page, "a question"))
    page.get_by_role("alertdialog").get_by_role("button", name="Back").click()
    open_form(page)
    modal(page).get_by_role("button", name="Send").click()
    found.append(audit(page, "a modal"))
    modal(page).get_by_role("button", name="Close").click()
    expect(modal(page)).to_have_count(0)
    if page.viewport_size == {"width": 400, "height": 780}:
        page.get_by_role("button", name="Channels").click()
        page.wait_for_timeout(300)
        found.append(audit(page, "the drawer"))
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Tango").click()
    page.get_by_role("tab", name="Faults").click()
    found.append(audit(page, "the faults"))
    page.goto(f"{site.url}/?as={MAYA}&in={site.slack.person('maya').dm_channel}&tab=home")
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
    found.append(audit(page, "Home"))
    assert found == [""] * len(found)
