"""What Slack sends, read."""

import pytest

from handlers.bolt.payloads import SlashCommand


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("12 rob@new.example", ["12", "rob@new.example"]),
        ("12 <mailto:rob@new.example|rob@new.example>", ["12", "rob@new.example"]),
        ("<mailto:rob@new.example>", ["rob@new.example"]),
        ("<@U024BE7LH|rob> 25 you &amp; me &lt;3", ["25", "you", "&", "me", "<3"]),
        ("&lt;mailto:rob@new.example&gt;", ["<mailto:rob@new.example>"]),
        ("", []),
    ],
    ids=["typed", "linked", "linked without a label", "mention and entities", "typed brackets", "nothing"],
)
def test_the_words_of_a_command(text: str, words: list[str]):
    facts = {"command": "/kudos", "user_id": "U0MAYA001", "trigger_id": "1.2"}
    body = {**facts, "text": text, "response_url": "https://slack.example/r"}
    assert SlashCommand.of(body).words() == words


@pytest.mark.parametrize("part", ["<mailto:", "<mailto:a|", "<@U1|", "<@U1"])
def test_what_only_begins_like_an_address_is_read_in_one_go(part: str):
    typed = part * 50_000  # where each beginning is followed to the end, it takes an hour
    command = SlashCommand(name="/kudos", user_id="U1", text=typed, trigger_id="", response_url="")
    assert command.rest() == typed
    assert command.mentions() == []


@pytest.mark.parametrize(
    ("text", "sub_command"),
    [
        ("Catalog   Refresh", "catalog refresh"),
        ("report", "report"),
        ("Report last quarter by team", "report"),
        ("reports", "reports"),
        ("@rob 25 report", "@rob 25 report"),
        ("", ""),
    ],
)
def test_a_sub_command_is_the_whole_text_or_the_first_word_of_one_that_has_words_after_it(text: str, sub_command: str):
    command = SlashCommand(name="/kudos", user_id="U1", text=text, trigger_id="", response_url="")
    assert command.sub_command == sub_command
