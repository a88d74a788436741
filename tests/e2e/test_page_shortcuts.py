"""The bot's shortcuts through the page: from a message's menu, and from anywhere."""

import re

import pytest
from playwright.sync_api import expect

from bot.sandbox.slack import people
from tests.kit import wording
from tests.kit.page import choose, messages, modal

pytestmark = pytest.mark.browser


def test_a_message_is_rewarded_by_its_menu_and_the_form_opens_from_anywhere(make_kudos):
    """Also in a channel where the bot isn't, and in a thread there."""
    site, stage = make_kudos()
    maya, alex = site.open("maya", "random"), site.open("alex", "rewards-approvals")
    rob = stage.slack.person("rob")
    root = rob.say("Who is on call?", channel="random")
    rob.say("I am. All quiet & well.", channel="random", thread_ts=root.ts)
    messages(maya).last.get_by_role("button", name="1 reply").click()
    reply = maya.get_by_role("complementary", name="Thread").locator("article").last
    reply.hover()
    reply.get_by_role("button", name="More actions").click()
    maya.get_by_role("menuitem", name="Reward this").click()
    form = modal(maya)
    expect(form.get_by_role("button", name="Remove Rob Hale")).to_be_visible()
    expect(form.get_by_label(re.compile("^Message"))).to_have_value("I am. All quiet & well.")
    choose(maya, "Reward", "link", "Reward Link")
    form.get_by_label(re.compile("^Amount")).fill("25")
    form.get_by_role("button", name=wording.SUBMIT).click()
    expect(form).to_have_count(0)
    expect(messages(alex).last).to_contain_text("All quiet & well.")
    expect(messages(alex).last.locator(f'a[href*="{people.RANDOM}"]')).to_have_count(1)
    maya.locator('[data-composer="channel"]').get_by_role("button", name="Shortcuts").click()
    maya.get_by_role("menuitem", name=re.compile("^Send a reward")).click()
    expect(form.get_by_role("combobox", name="Recipients")).to_be_focused()
    assert stage.tango.orders == []
