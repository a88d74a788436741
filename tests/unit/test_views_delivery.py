"""A reward on the screen: each credential as what it is, whatever Tango calls it and whatever is in it."""

from typing import Any, Final

import pytest

from bot.sandbox.slack.blockkit import BLOCKS_TEXT, length_of, message_problems, view_problems
from bot.sandbox.slack.snapshots import texts
from bot.tango.models import TangoReward
from bot.usecases.delivery import Gift
from handlers.views.delivery import build_reward, build_shown_reward
from tests.kit.factories import a_request, an_order
from tests.kit.wording import words_in

Json = dict[str, Any]

_URL: Final = "https://sandbox.rewardlink.example/r/1/abc-DEF_123"


def _gift(*credentials: Json, instructions: str = "", message: str = "") -> Gift:
    reward = TangoReward.model_validate({"credentialList": list(credentials), "redemptionInstructions": instructions})
    return Gift(look=None, order=an_order(), request=a_request(message=message), reward=reward)


def _credential(value: str, kind: str | None = "text", label: str | None = "Claim Code") -> Json:
    return {"label": label, "value": value, "type": kind, "credentialType": "x"}


def _blocks(*credentials: Json, **facts: Any) -> list[Json]:
    """What is between the first line and the buttons."""
    blocks = list(build_reward(_gift(*credentials, **facts)).blocks)
    return blocks[1:-2]


def _marked(text: str) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _titled(title: str, label: str, url: str) -> Json:
    shown = {"type": "plain_text", "text": label, "emoji": False}
    return {
        "type": "section",
        "text": {"type": "mrkdwn", "text": f"*{title}*", "verbatim": True},
        "accessory": {"type": "button", "text": shown, "action_id": "reward_link", "url": url},
    }


SHOWN: Final = {
    "a code": (_credential("AQ-1234"), [_marked("*Claim Code*\n`AQ-1234`")]),
    "a type in capitals": (_credential(_URL, "URL", "Link"), [_titled("Link", "Link", _URL)]),
    "a link": (_credential(_URL, "url", "Redemption Link"), [_titled("Redemption Link", "Redemption Link", _URL)]),
    "a link without a label": (_credential(_URL, "url", None), [_titled("Reward", "Open the reward", _URL)]),
    "a link that is none": (
        _credential("javascript:alert(1)", "url"),
        [_marked("*Claim Code*\n`javascript:alert(1)`")],
    ),
    "a link in a text": (_credential(_URL), [_marked(f"*Claim Code*\n`{_URL}`")]),
    "a picture": (
        _credential("https://x.example/b.png", "barcode", "Barcode"),
        [{"type": "image", "image_url": "https://x.example/b.png", "alt_text": "Barcode"}],
    ),
    "a picture without a label": (
        _credential("https://x.example/b.png", "barcode", None),
        [{"type": "image", "image_url": "https://x.example/b.png", "alt_text": "Barcode"}],
    ),
    "a picture that everyone on the way sees": (
        _credential("http://x.example/b.png", "barcode", "Barcode"),
        [_titled("Barcode", "Barcode", "http://x.example/b.png")],
    ),
    "the number of a barcode": (_credential("9771234567003", "barcode", "EAN"), [_marked("*EAN*\n`9771234567003`")]),
    "a moment": (
        _credential("2024-12-31T06:59:59Z", "date", "Expires"),
        [_marked("*Expires*\n<!date^1735628399^{date_long} at {time}|2024-12-31 06:59 UTC>")],
    ),
    "a day": (_credential("2024-12-31", "date", "Expires"), [_marked("*Expires*\n2024-12-31")]),
    "a date that is none": (_credential("never", "date", "Expires"), [_marked("*Expires*\n`never`")]),
    "a type of another year": (_credential("42", "hologram", "Hologram"), [_marked("*Hologram*\n`42`")]),
    "no type": (_credential("42", None), [_marked("*Claim Code*\n`42`")]),
    "no value": (_credential(""), []),
    "signs that Slack would act on": (
        _credential("<!channel>&", "text", "<@U1> *now*"),
        [_marked("*&lt;@U1&gt; *now**\n`&lt;!channel&gt;&amp;`")],
    ),
    "signs that would end the code": (
        _credential("a`b"),
        [
            {"type": "section", "text": {"type": "mrkdwn", "text": "*Claim Code*", "verbatim": True}},
            {"type": "section", "text": {"type": "plain_text", "text": "a`b", "emoji": False}},
        ],
    ),
}


@pytest.mark.parametrize(("credential", "blocks"), SHOWN.values(), ids=SHOWN)
def test_a_credential_is_shown_as_what_it_is(credential: Json, blocks: list[Json]):
    assert _blocks(credential) == blocks


def test_a_value_is_shown_whole_however_long():
    value = "x" * 7_000
    assert "".join(block["text"]["text"] for block in _blocks(_credential(value))[1:]) == value


def test_what_goes_with_it_is_between_the_giver_and_the_reward():
    blocks = _blocks(_credential("AQ"), message="Well <done>", instructions="<p>Enter it.</p>")
    assert "".join(texts(blocks[:1])) == "Well <done>"
    assert [block["text"]["text"] for block in blocks[1:]] == ["*Claim Code*\n`AQ`", "Enter it."]


def test_the_text_for_notifications_holds_none_of_it():
    message = build_reward(_gift(_credential("AQ-1234"), _credential(_URL, "url"), instructions="AQ-1234"))
    assert "AQ-1234" not in message.text
    assert _URL not in message.text


def test_its_value_is_in_no_repr():
    assert "AQ-1234" not in repr(_gift(_credential("AQ-1234"), instructions="AQ-1234"))


def test_slack_takes_it_at_its_longest():
    kinds = ("text", "url", "barcode", "date")
    many = [_credential(f"https://x.example/{'y' * 2_900}{n}", kinds[n % 4], "&" * 400) for n in range(60)]
    gift = _gift(*many, instructions="<p>&amp; word</p>" * 3_000, message="&" * 3_000)
    message = build_reward(gift)
    assert message_problems(list(message.blocks), message.text) == []
    assert length_of(list(message.blocks)) <= BLOCKS_TEXT
    assert view_problems(build_shown_reward(gift)) == []
    shown = sum("y" * 2_900 in str(block) for block in message.blocks)
    assert 0 < shown < len(many)
    assert f" {len(many) - shown} " in words_in(list(message.blocks)), "it is said, not cut"
