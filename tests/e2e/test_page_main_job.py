"""The bot's main job through the page: the real bot, in its own process, between the stand-ins."""

import re
from typing import Final

import pytest
from playwright.sync_api import Locator, Page, expect

from bot.domain.request import RequestStatus
from bot.errors import Rule
from bot.faults import FaultCode
from handlers.views.decisions import reason_text
from tests.kit import wording
from tests.kit.asked import submit
from tests.kit.page import (
    PATIENCE,
    act_as,
    approve,
    ask_for_reward,
    audit,
    choose,
    composer,
    go,
    messages,
    modal,
    say,
    settled,
)

pytestmark = pytest.mark.browser

#: A gift card of the stand-in's catalog that takes any amount from 1 to 1,000 USD.
REWARD: Final = "U666425"

#: The number on the card of the first request, before and after the decision.
_CARD: Final = "R-1 ·"


def tango(page: Page, tab: str = "Orders") -> Locator:
    """Open a tab of the Tango pane; return its list."""
    page.get_by_role("tab", name=re.compile(tab)).click()
    return page.get_by_role("complementary", name="Tango").get_by_role("tabpanel").get_by_role("listitem")


def app_messages(page: Page) -> Locator:
    """Return the messages that the app wrote to this window's person."""
    go(page, "Kudos")
    return messages(page)


def tab_to(page: Page, there: str, *, key: str = "Tab") -> None:
    """Press a key until focus is where it should be; within as many steps as a person would take."""
    for _ in range(16):
        if page.evaluate(there):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{key} does not lead to where {there}")


def test_the_main_job_by_mouse(make_kudos):
    site, stage = make_kudos()
    maya, alex = site.open("maya"), site.open("alex")
    composer(maya).fill("/kudos @rob 25 Great <b>launch</b>!")
    maya.get_by_role("button", name="Send", exact=True).click()
    form = modal(maya)
    expect(form).to_contain_text("Rob Hale")
    expect(form.get_by_label(re.compile("^Amount"))).to_have_value("25")
    choose(maya, "Reward", "link", "Reward Link")
    form.get_by_role("button", name=wording.SUBMIT).click()
    expect(form).to_have_count(0)

    expect(alex.locator('.channel[data-name="rewards-approvals"]')).to_have_class(re.compile("unread"))
    go(alex, "rewards-approvals")
    card = messages(alex).last
    expect(card).to_contain_text("Great <b>launch</b>!")
    card.get_by_role("button", name="Approve").click()
    question = alex.get_by_role("alertdialog")
    expect(question).to_contain_text("Rob Hale")
    question.get_by_role("button", name="Approve").click()
    expect(card).to_contain_text(f"{wording.decision(RequestStatus.APPROVED)} @Alex")
    expect(card).to_contain_text(wording.ORDER_PLACED)
    expect(card.get_by_role("button", name=re.compile("Approve|Decline"))).to_have_count(0)

    order = tango(alex).first
    expect(alex.get_by_role("complementary", name="Tango")).to_contain_text(
        "Early: orders that came less than 1 second"
    )
    expect(order).to_contain_text("$25.00 to Rob Hale")
    expect(order).to_contain_text("complete")
    expect(app_messages(maya).last).to_contain_text(wording.SENT)
    assert [(str(one.amount), one.recipient_email) for one in stage.tango.orders] == [("25.00", "rob@acme.example")]

    tango(alex, "Emails").first.get_by_role("button").click()
    with alex.context.expect_page() as opening:
        alex.get_by_role("dialog").get_by_role("link", name="Open your reward").click()
    expect(opening.value.locator("main")).to_contain_text("25.00")
    expect(opening.value.locator("main")).to_contain_text("Great <b>launch</b>!")

    for page in (maya, alex):
        before = messages(page).all_inner_texts()
        page.reload()
        settled(page)
        assert messages(page).all_inner_texts() == before


def become(page: Page, name: str) -> None:
    """Act as somebody else, by keyboard; return once the page takes keys for them."""
    page.keyboard.press("Shift+F6")
    tab_to(page, "document.activeElement.id == 'acting-as'", key="Shift+Tab")
    page.keyboard.press("Enter")
    tab_to(page, f"document.activeElement.textContent.includes('{name}')", key=name[0].lower())
    page.keyboard.press("Enter")
    expect(page.locator("#acting-as")).to_have_accessible_name(re.compile(name))
    settled(page)
    expect(composer(page)).to_be_focused()


def test_the_main_job_by_keyboard_alone(make_kudos):
    site, stage = make_kudos()
    page = site.open("maya")
    keys = page.keyboard
    expect(composer(page)).to_be_focused()
    keys.type("/ku")
    expect(page.get_by_role("option", name="/kudos")).to_be_visible()
    keys.press("Tab")
    keys.type("@ro")
    expect(page.get_by_role("option", name=re.compile("^Rob"))).to_be_visible()
    keys.press("Enter")
    keys.type("25 Thank you!")
    keys.press("Enter")
    expect(modal(page).get_by_role("combobox", name="Reward")).to_be_focused()
    keys.type("reward link")
    expect(page.get_by_role("option", name=re.compile("^Reward Link")).first).to_be_visible()
    keys.press("Enter")
    tab_to(page, f"document.activeElement.textContent == '{wording.SUBMIT}'")
    keys.press("Enter")
    expect(modal(page)).to_have_count(0)
    expect(composer(page)).to_be_focused()

    become(page, "Alex")
    keys.press("Shift+F6")
    tab_to(page, "document.activeElement.dataset.name == 'rewards-approvals'")
    keys.press("Enter")
    settled(page)
    expect(messages(page).last).to_contain_text("Thank you!")
    expect(composer(page)).to_be_focused()
    keys.press("ArrowUp")
    expect(messages(page).last).to_be_focused()
    tab_to(page, "document.activeElement.textContent.startsWith('Approve')")
    keys.press("Enter")
    expect(page.get_by_role("alertdialog").get_by_role("button", name="Approve")).to_be_focused()
    keys.press("Enter")
    expect(messages(page).last).to_contain_text(f"{wording.decision(RequestStatus.APPROVED)} @Alex")
    expect(messages(page).last).to_contain_text(wording.ORDER_PLACED)
    assert len(stage.tango.orders) == 1

    keys.press("Escape")
    become(page, "Maya")
    keys.type("/resend 1")
    keys.press("Enter")
    expect(messages(page).last).to_contain_text(wording.TOO_SOON)


def test_a_request_is_declined_with_a_reason(make_kudos):
    site, stage = make_kudos()
    maya, alex = site.open("maya"), site.open("alex", "rewards-approvals")
    ask_for_reward(maya)
    messages(alex).last.get_by_role("button", name="Decline").click()
    form = modal(alex)
    form.get_by_role("button", name="Decline").click()
    expect(form).to_contain_text("Please complete this required field.")
    choose(alex, "Reason", "dup", reason_text("duplicate", ""))
    form.get_by_label("In your words").fill("He had one <yesterday> & *another* before")
    form.get_by_role("button", name="Decline").click()
    expect(form).to_have_count(0)
    expect(messages(alex).last).to_contain_text(f"{wording.decision(RequestStatus.DECLINED)} @Alex")
    expect(messages(alex).last.get_by_role("button", name=re.compile("Approve|Decline"))).to_have_count(0)
    expect(app_messages(maya).last).to_contain_text("He had one <yesterday> & *another* before")
    assert stage.tango.orders == []


def test_a_request_is_approved_on_home(make_kudos):
    site, stage = make_kudos()
    maya = site.open("maya", reduced_motion="reduce")
    say(maya, "/kudos @rob 25 Great launch!")
    choose(maya, "Reward", "link", "Reward Link")
    barred = [audit(maya, "the form")]
    modal(maya).get_by_role("button", name=wording.SUBMIT).click()
    expect(modal(maya)).to_have_count(0)
    query = "&tab=home"
    alex = site.open(
        "alex", site.slack.person("alex").dm_channel, query=query, color_scheme="dark", reduced_motion="reduce"
    )
    home = alex.locator(".home")
    expect(home.get_by_role("button", name="Approve")).to_be_visible()
    barred.append(audit(alex, "Home"))
    home.get_by_role("button", name="Approve").click()
    question = alex.get_by_role("alertdialog")
    expect(question).to_contain_text("Rob Hale")
    barred.append(audit(alex, "the question"))
    question.get_by_role("button", name="Approve").click()
    expect(home.get_by_role("button", name=re.compile("Approve|Decline"))).to_have_count(0)
    go(alex, "rewards-approvals")
    expect(messages(alex).last).to_contain_text(wording.ORDER_PLACED)
    barred.append(audit(alex, "the card"))
    assert len(stage.tango.orders) == 1
    assert barred == [""] * len(barred)


def test_what_cannot_be_is_said_in_the_form(make_kudos):
    site, stage = make_kudos()
    page = site.open("maya")
    say(page, "/kudos @noemail 12.345 Thanks")
    form = modal(page)
    choose(page, "Reward", "link", "Reward Link")
    form.get_by_role("button", name=wording.SUBMIT).click()
    expect(form).to_contain_text(wording.fault("recipients", FaultCode.HAS_NO_EMAIL, name="Noor Haddad"))
    expect(form).to_contain_text(wording.fault("amount", FaultCode.FINER_THAN_CURRENCY, currency="USD"))
    expect(form.get_by_role("combobox", name="Recipients")).to_be_focused()
    form.get_by_role("button", name="Remove Noor Haddad").click()
    choose(page, "Recipients", "rob", "Rob Hale")
    amount = form.get_by_label(re.compile("^Amount"))
    amount.fill("0")
    form.get_by_role("button", name=wording.SUBMIT).click()
    expect(form).to_contain_text(wording.fault("amount", FaultCode.ZERO))
    expect(amount).to_be_focused()
    expect(form).not_to_contain_text("Noor")
    amount.fill("$12.34")
    amount.press("Enter")
    expect(form).to_have_count(0)
    assert stage.tango.orders == []


def test_two_windows_approve_at_once(make_kudos):
    site, stage = make_kudos()
    maya = site.open("maya")
    alex, sam = site.open("alex", "rewards-approvals"), site.open("sam", "rewards-approvals")
    ask_for_reward(maya)
    for page in (alex, sam):
        messages(page).last.get_by_role("button", name="Approve").click()
        expect(page.get_by_role("alertdialog")).to_be_visible()
    stage.slack.faults.set("slow", method="chat.update", seconds=2)  # both click before the card changes
    for page in (alex, sam):
        page.evaluate("document.querySelector('dialog.confirm .primary').click()")
    for page in (alex, sam):
        expect(page.locator("#main article", has_text=_CARD)).to_contain_text(wording.ORDER_PLACED)
    windows = {"alex": alex, "sam": sam}

    def refused() -> list[str]:
        return [name for name in windows for _ in stage.slack.person(name).ephemerals()]

    # The refusal is told in the background: the card may have changed before.
    stage.slack.person("alex").wait_for(refused, PATIENCE / 1000)
    (name,) = refused()
    expect(messages(windows[name]).last).to_contain_text(wording.ALREADY_DECIDED)
    assert len(refused()) == 1
    assert len(stage.tango.orders) == 1


def test_a_click_comes_too_late(make_kudos):
    """The question is open in two windows, and on a Home, while somebody else approves: all hear that it was done."""
    site, stage = make_kudos()
    alex, sam = site.open("alex", "rewards-approvals"), site.open("sam", "rewards-approvals")
    home = site.open("sam", site.slack.person("sam").dm_channel, query="&tab=home")
    ask_for_reward(site.open("maya"))
    for page in (alex, sam, home):
        page.locator("#main").get_by_role("button", name=re.compile("^Approve")).last.click()
    alex.get_by_role("alertdialog").get_by_role("button", name="Approve").click()
    for page in (alex, sam):
        expect(page.locator("#main article", has_text=_CARD)).to_contain_text(wording.ORDER_PLACED)
    sam.get_by_role("alertdialog").get_by_role("button", name="Approve").click()
    expect(messages(sam).last).to_contain_text(wording.ALREADY_DECIDED)
    expect(messages(sam).last).to_contain_text("Only visible to you")
    expect(home.locator("#main").get_by_role("button", name=re.compile("^Approve"))).to_have_count(0)
    home.get_by_role("alertdialog").get_by_role("button", name="Approve").click()
    expect(modal(home)).to_contain_text(wording.ALREADY_DECIDED)
    assert len(stage.tango.orders) == 1


def test_orders_are_paged(make_kudos):
    site, stage = make_kudos(orders_per_second=20.0)
    maya, alex = stage.slack.person("maya"), stage.slack.person("alex")
    for names in ("@rob @kim @li", "@rob @kim @li", "@rob @kim @li", "@rob @kim @li"):
        form = maya.command("/kudos", f"{names} 5 Thanks", channel="general").modals[-1]
        assert submit(maya, form, {"reward": REWARD}).closed
    for number in range(1, 5):
        card = alex.wait_for(
            lambda number=number: next(
                (m for m in alex.messages("rewards-approvals") if wording.card(number) in m.text), None
            ),
            PATIENCE / 1000,
        )
        alex.click(card, "approve")
    alex.wait_for(lambda: len(stage.tango.orders) == 12, PATIENCE / 1000)
    page = site.open("maya")
    say(page, "/orders")
    shown = messages(page).last
    expect(shown).to_contain_text("Only visible to you")
    expect(shown.get_by_role("button", name="More options")).to_have_count(10)
    shown.get_by_role("button", name="Older").click()
    expect(shown.get_by_role("button", name="More options")).to_have_count(2)
    expect(shown).to_contain_text("1.1")
    shown.get_by_role("button", name="Newest").click()
    expect(shown.get_by_role("button", name="More options")).to_have_count(10)
    expect(messages(page)).to_have_count(1)
    shown.get_by_role("button", name="More options").first.click()
    page.get_by_role("menuitem", name="Details").click()
    expect(page.locator("#main")).to_contain_text(wording.order_detail("4.3"))
    expect(page.locator("#main")).to_contain_text("Timeline")


def test_resending_says_when_it_can_be_done(make_kudos):
    site, stage = make_kudos()
    maya, alex = site.open("maya"), site.open("alex", "rewards-approvals")
    ask_for_reward(maya)
    approve(alex)
    expect(messages(alex).last).to_contain_text(wording.ORDER_PLACED)
    said = set()
    for count in (1, 2):
        say(maya, "/resend 1")
        expect(messages(maya).filter(has_text=wording.TOO_SOON)).to_have_count(count)
        said.add(messages(maya).last.inner_text().partition(wording.TOO_SOON)[2])
    assert len(said) == 1, "the time by the clock"
    assert stage.tango.resends == []


def test_the_queue_halts_tells_and_goes_on(make_kudos):
    site, stage = make_kudos()
    maya, alex, ada = site.open("maya"), site.open("alex", "rewards-approvals"), site.open("ada")
    tango(ada, "Faults")
    ada.get_by_role("switch", name="Freeze the account").check()
    expect(ada.get_by_role("complementary", name="Tango")).to_contain_text("Frozen")
    ask_for_reward(maya)
    approve(alex)
    expect(ada.locator('.channel[data-name="Kudos"]')).to_have_class(re.compile("unread"))
    told = app_messages(ada).last
    expect(told).to_contain_text(wording.cause("404.142"))
    expect(tango(alex).first).to_contain_text("422")
    assert stage.tango.orders == []
    tango(ada, "Faults")
    ada.get_by_role("switch", name="Freeze the account").uncheck()
    expect(ada.get_by_role("complementary", name="Tango")).to_contain_text("Active")
    messages(ada).filter(has_text="on hold").first.get_by_role("button", name="Try now").click()
    expect(messages(alex).last).to_contain_text(wording.ORDER_PLACED)
    expect(messages(ada).filter(has_text=wording.RESUMED).first).to_be_visible()
    expect(messages(ada).last).to_contain_text(wording.WORKED)
    expect(tango(alex).first).to_contain_text("201")
    assert len(stage.tango.orders) == 1


def test_the_same_is_shown_after_the_bot_was_killed(make_kudos):
    site, stage = make_kudos()
    maya, alex = site.open("maya"), site.open("alex", "rewards-approvals")
    ask_for_reward(maya)
    expect(messages(alex).last).to_contain_text(wording.card_title(1))
    stage.kill_bot()
    expect(alex.get_by_role("img", name="not connected")).to_be_visible()
    approve(alex)
    expect(messages(alex).last.get_by_role("alert")).to_contain_text("This app didn't respond")
    stage.start_bot()
    expect(alex.get_by_role("img", name=re.compile("^connected"))).to_be_visible()
    alex.reload()
    settled(alex)
    expect(messages(alex).last).to_contain_text(wording.card_title(1))
    approve(alex)
    expect(messages(alex).last).to_contain_text(wording.ORDER_PLACED)
    assert len(stage.tango.orders) == 1


def _fill_in(page: Page) -> None:
    expect(modal(page)).to_be_visible()
    choose(page, "Reward", "link", "Reward Link")
    modal(page).get_by_role("button", name=wording.SUBMIT).click()
    expect(modal(page)).to_have_count(0)


#: The pixels of the control in question that the tour's card covers.
OVERLAP: Final = """
async () => {
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const [card, control] = ["#tour", ".tour-target"].map((one) => document.querySelector(one)?.getBoundingClientRect());
  if (!card || !control) return 0;
  const across = Math.min(card.right, control.right) - Math.max(card.left, control.left);
  const down = Math.min(card.bottom, control.bottom) - Math.max(card.top, control.top);
  return Math.max(across, 0) * Math.max(down, 0);
}
"""


def test_the_tour(make_kudos):
    site, stage = make_kudos()
    page = site.open("maya", tour=True)
    phone = site.open("maya", tour=True, viewport={"width": 360, "height": 720})
    tour = page.get_by_role("region", name="Guided tour")

    def step(title: str, *windows: Page) -> None:
        for window in (page, *windows):
            expect(window.get_by_role("region", name="Guided tour").get_by_role("heading", name=title)).to_be_visible()
            assert window.evaluate(OVERLAP) == 0, f"“{title}” covers what it points at"

    def typed() -> None:
        tour.get_by_role("button", name="Type it for me").click()
        composer(page).press("Enter")

    step("Ask for a reward", phone)
    typed()
    step("Fill in the form", phone)
    expect(modal(page).get_by_role("button", name=wording.SUBMIT)).to_have_class(re.compile("tour-target"))
    phone.close()
    expect(modal(page)).to_contain_text("$500.00 left")
    _fill_in(page)
    step("Approve it as someone else")
    tour.get_by_role("button", name="Act as Alex").click()
    expect(tour).to_contain_text("waiting in #rewards-approvals")
    go(page, "rewards-approvals")
    expect(messages(page).last).to_contain_text("$500.00 → $475.00")
    approve(page)
    step("What Tango received")
    tango(page, "Emails").first.get_by_role("button").click()
    expect(tour).to_contain_text("This is what Rob gets")
    page.keyboard.press("Escape")
    step("Where is it?")
    tour.get_by_role("button", name="Act as Maya").click()
    page.reload()
    settled(page)
    typed()
    step("Send the email again")
    typed()
    step("Thirty seconds between two")
    expect(tour).to_contain_text(re.compile(r"\d+ seconds to go"))
    expect(tour).not_to_contain_text("seconds to go", timeout=31_000)
    typed()
    step("Break Tango")
    tango(page, "Faults")
    page.get_by_role("switch", name="Unavailable after").check()
    step("Watch Kudos cope with that")
    typed()
    _fill_in(page)
    tour.get_by_role("button", name="Act as Alex").click()
    expect(page.locator("#acting-as")).to_have_accessible_name(re.compile("Alex"))
    go(page, "rewards-approvals")
    approve(page)
    step("That’s all")
    tour.get_by_role("button", name="Done").click()
    expect(tour).to_have_count(0)
    page.reload()
    settled(page)
    expect(tour).to_have_count(0)
    page.get_by_role("button", name="Guided tour").click()
    step("Ask for a reward")
    tour.get_by_role("button", name="End the tour").click()
    expect(tour).to_have_count(0)
    assert len(stage.tango.orders) == 2
    assert len(stage.tango.resends) == 1


def test_people_act_as_one_another_in_one_window(make_kudos):
    site, _ = make_kudos()
    page = site.open("maya")
    ask_for_reward(page)
    act_as(page, "Gus")
    say(page, "/kudos @rob 5")
    expect(messages(page).last).to_contain_text(wording.not_allowed(Rule.GUESTS_MAY_NOT_SEND))
    act_as(page, "Maya")
    expect(app_messages(page).last).to_contain_text(wording.WAITS_FOR_APPROVER)
