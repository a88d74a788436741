"""A limit of Tango's is one number: the form, the settings and the rules have the same."""

import pytest
from pydantic import ValidationError

from bot.domain.catalog import Catalog, RewardKind
from bot.settings import DefaultsSettings
from bot.tango import limits
from handlers.ids import Block
from handlers.views.forms import FormFacts, FormState, build_request_form
from tests.kit.factories import a_reward

TYPED = {
    Block.MESSAGE: limits.MESSAGE_LIMIT,
    Block.SUBJECT: limits.SUBJECT_LIMIT,
    Block.CAMPAIGN: limits.CAMPAIGN_LIMIT,
    Block.PURCHASE_ORDER: limits.PURCHASE_ORDER_LIMIT,
    Block.NOTES: limits.NOTES_LIMIT,
    Block.STREET_LINE1: limits.STREET_LIMIT,
    Block.STREET_LINE2: limits.STREET_LIMIT,
    Block.CITY: limits.CITY_LIMIT,
    Block.STATE_OR_PROVINCE: limits.REGION_LIMIT,
}

SET = {
    "sender_first_name": limits.NAME_LIMIT,
    "sender_last_name": limits.NAME_LIMIT,
    "email_subject": limits.SUBJECT_LIMIT,
    "campaign": limits.CAMPAIGN_LIMIT,
    "purchase_order": limits.PURCHASE_ORDER_LIMIT,
    "notes": limits.NOTES_LIMIT,
}


@pytest.mark.parametrize("block", TYPED)
def test_a_field_of_the_form_takes_what_tango_takes(block: Block):
    forms = [
        build_request_form(FormState(reward=a_reward(kind=kind), more=True), FormFacts(catalog=Catalog([])))
        for kind in (RewardKind.DIGITAL, RewardKind.PHYSICAL)
    ]
    most = {one["element"]["max_length"] for form in forms for one in form["blocks"] if one.get("block_id") == block}
    assert most == {TYPED[block]}


def test_the_senders_address_takes_what_tango_takes():
    longest = f"{'x' * 60}@{'a' * 31}.example"
    assert len(longest) == limits.EMAIL_LIMIT
    assert DefaultsSettings.model_validate({"sender_email": longest}).sender_email == longest
    with pytest.raises(ValidationError):
        DefaultsSettings.model_validate({"sender_email": f"x{longest}"})


def test_a_setting_is_counted_as_tango_may_count():
    with pytest.raises(ValidationError):
        DefaultsSettings.model_validate({"notes": "🎉" * 76})


@pytest.mark.parametrize("name", SET)
def test_a_setting_takes_what_tango_takes(name: str):
    begin, end = (f"{'x' * 60}@", ".example") if name == "sender_email" else ("", "")
    longest = begin + "x" * (SET[name] - len(begin + end)) + end
    assert getattr(DefaultsSettings.model_validate({name: longest}), name) == longest
    with pytest.raises(ValidationError, match="at most"):
        DefaultsSettings.model_validate({name: longest.replace("x", "xx", 1)})
