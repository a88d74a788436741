"""The step for workflows through the page: its list is searched, it is run, and the card waits for an approver."""

import re

import pytest
from playwright.sync_api import expect

from bot.domain.numbers import request_number
from bot.errors import InvalidForm
from handlers.views.workflows import refused_text
from tests.kit.page import audit, choose, messages

pytestmark = pytest.mark.browser


def test_a_workflow_is_run_from_the_menu_and_asks_for_a_reward(make_kudos):
    site, stage = make_kudos()
    maya, alex = site.open("maya", "general"), site.open("alex", "rewards-approvals")
    maya.locator('[data-composer="channel"]').get_by_role("button", name="Shortcuts").click()
    maya.get_by_role("menuitem", name=re.compile("^Ask for a reward")).click()
    step = maya.get_by_role("dialog", name="Ask for a reward")
    step.get_by_role("button", name="Run").click()
    expect(step.get_by_role("alert")).to_contain_text("Recipient, Reward, Amount")
    choose(maya, "Recipient", "rob", "Rob Hale")
    choose(maya, "Reward", "link", "Reward Link")
    step.get_by_label(re.compile("^Amount")).fill("lots")
    step.get_by_role("button", name="Run").click()
    expect(step.get_by_role("alert")).to_contain_text(refused_text(InvalidForm({})).strip())

    step.get_by_label(re.compile("^Amount")).fill("25")
    step.get_by_label(re.compile("^Message")).fill("Five years!")
    step.get_by_role("button", name="Run").click()
    expect(step.get_by_role("status")).to_contain_text(request_number(1))
    assert audit(maya, "step") == ""
    expect(messages(alex).last).to_contain_text("Five years!")
    assert stage.tango.orders == []
