"""Block Kit's limits, each at its edge: what is at the limit passes, what is one beyond does not."""

from typing import Any

import pytest

from bot.sandbox.slack.blockkit import message_problems, view_problems
from tests.kit.slack import actions, button, field, modal, section, text


def mrkdwn(words: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": words}


def option(words: str = "a", value: str = "a", **more: Any) -> dict[str, Any]:
    return {"text": text(words), "value": value, **more}


def select(count: int = 1, **more: Any) -> dict[str, Any]:
    options = [option(str(n), str(n)) for n in range(count)]
    return {"type": "static_select", "action_id": "s", "options": options, **more}


def confirm(title: int = 5, words: int = 5, yes: int = 5, no: int = 5) -> dict[str, Any]:
    return {"title": text("t" * title), "text": text("x" * words), "confirm": text("y" * yes), "deny": text("n" * no)}


def context(count: int) -> dict[str, Any]:
    return {"type": "context", "elements": [mrkdwn("x")] * count}


def image(alt: str = "a picture") -> dict[str, Any]:
    return {"type": "image", "image_url": "https://acme.example/a.png", "alt_text": alt}


def header(length: int) -> dict[str, Any]:
    return {"type": "header", "text": text("h" * length)}


def data_table(rows: int = 2, cells: int = 2, words: int = 1, **more: Any) -> dict[str, Any]:
    cell = {"type": "raw_text", "text": "x" * words}
    return {"type": "data_table", "caption": "Sums", "rows": [[cell] * cells] * rows, **more}


def chart(bars: int = 2, label: int = 3, title: int = 5, value: Any = 1.5) -> dict[str, Any]:
    labels = [f"{number:0{label}}" for number in range(bars)]
    series = {"name": "USD", "data": [{"label": one, "value": value} for one in labels]}
    drawn = {"type": "bar", "series": [series], "axis_config": {"categories": labels}}
    return {"type": "data_visualization", "title": "t" * title, "chart": drawn}


def many_buttons(count: int) -> dict[str, Any]:
    return actions(*(button(str(n), "B") for n in range(count)))


@pytest.mark.parametrize(
    ("allowed", "refused"),
    [
        (section("x" * 3000), section("x" * 3001)),
        (section("x"), section("")),
        (section("x"), {"type": "section"}),
        (section("x", block_id="b" * 255), section("x", block_id="b" * 256)),
        ({"type": "section", "fields": [mrkdwn("x" * 2000)] * 10}, {"type": "section", "fields": [mrkdwn("x")] * 11}),
        ({"type": "section", "fields": [mrkdwn("x" * 2000)]}, {"type": "section", "fields": [mrkdwn("x" * 2001)]}),
        (header(150), header(151)),
        ({"type": "header", "text": text("x")}, {"type": "header", "text": mrkdwn("x")}),
        (context(10), context(11)),
        (context(1), context(0)),
        (many_buttons(25), many_buttons(26)),
        (many_buttons(1), many_buttons(0)),
        (actions(button("a", "A"), button("b", "B")), actions(button("a", "A"), button("a", "B"))),
        (actions(button("a", "x" * 75)), actions(button("a", "x" * 76))),
        (actions(button("a", "x")), actions(button("a", ""))),
        (actions(button("a" * 255, "x")), actions(button("a" * 256, "x"))),
        (actions(button("a", "x", "v" * 2000)), actions(button("a", "x", "v" * 2001))),
        (actions(button("a", "x", style="danger")), actions(button("a", "x", style="default"))),
        (
            actions(button("a", "x", accessibility_label="l" * 75)),
            actions(button("a", "x", accessibility_label="l" * 76)),
        ),
        (actions(button("a", "x", confirm=confirm(title=100))), actions(button("a", "x", confirm=confirm(title=101)))),
        (actions(button("a", "x", confirm=confirm(words=300))), actions(button("a", "x", confirm=confirm(words=301)))),
        (actions(button("a", "x", confirm=confirm(yes=30))), actions(button("a", "x", confirm=confirm(yes=31)))),
        (actions(button("a", "x", confirm=confirm(no=30))), actions(button("a", "x", confirm=confirm(no=31)))),
        (actions(select(100)), actions(select(101))),
        (actions(select(1)), actions(select(0))),
        (
            actions(select(2, initial_option=option("1", "1"))),
            actions(select(2, initial_option=option("one", "1"))),
        ),
        (actions(select(placeholder=text("p" * 150))), actions(select(placeholder=text("p" * 151)))),
        (actions(select(options=[option("x" * 75)])), actions(select(options=[option("x" * 76)]))),
        (actions(select(options=[option(value="v" * 150)])), actions(select(options=[option(value="v" * 151)]))),
        (
            actions(select(options=[option(description=text("d" * 75))])),
            actions(select(options=[option(description=text("d" * 76))])),
        ),
        (
            actions(select(options=None, option_groups=[{"label": text("g"), "options": [option()]}])),
            actions(select(options=None, option_groups=[{"label": text("g" * 76), "options": [option()]}])),
        ),
        (
            actions({"type": "overflow", "action_id": "o", "options": [option(value=str(n)) for n in range(5)]}),
            actions({"type": "overflow", "action_id": "o", "options": [option(value=str(n)) for n in range(6)]}),
        ),
        (image(), image("")),
        (section("x", accessory=image()), section("x", accessory={"type": "plain_text_input", "action_id": "a"})),
        (data_table(101), data_table(102)),
        (data_table(2), data_table(1)),
        (data_table(cells=20), data_table(cells=21)),
        (data_table(100, 10, 10), data_table(100, 10, 11)),
        (data_table(), data_table(caption="")),
        (data_table(), data_table(title="t")),
        (chart(20), chart(21)),
        (chart(label=20), chart(label=21)),
        (chart(title=50), chart(title=51)),
        (chart(value=-1), chart(value="1")),
        ({"type": "divider"}, {"type": "dividers"}),
        ({"type": "divider"}, field("a", {"type": "plain_text_input"})),
    ],
)
def test_a_message_passes_at_the_limit_and_not_beyond(allowed: dict[str, Any], refused: dict[str, Any]):
    assert message_problems([allowed], "text") == []
    assert message_problems([refused], "text") != []


def test_a_message_has_one_data_table_and_two_charts_and_a_modal_none():
    assert message_problems([chart(), chart(), data_table()], "text") == []
    assert message_problems([chart(), chart(), chart()], "text") != []
    assert message_problems([data_table(), data_table()], "text") != []
    for block in (chart(), data_table()):
        assert view_problems(modal(block)) != []


def test_a_message_has_fifty_blocks_and_forty_thousand_characters():
    assert message_problems([{"type": "divider"}] * 50, "x" * 40_000) == []
    assert message_problems([{"type": "divider"}] * 51) == ["no more than 50 items allowed [json-pointer:/blocks]"]
    assert message_problems([], "x" * 40_001) == ["must be less than 40001 characters [json-pointer:/text]"]


def test_properties_that_slack_does_not_know_are_refused():
    assert message_problems([section("x", colour="red")]) == [
        "invalid additional property: colour [json-pointer:/blocks/0]"
    ]
    assert message_problems([actions(button("a", "A", focus_on_load=True))]) == [
        "invalid additional property: focus_on_load [json-pointer:/blocks/0/elements/0]"
    ]


def test_block_ids_are_unique_in_a_message():
    assert message_problems([section("x", block_id="a"), section("x", block_id="b")]) == []
    assert len(message_problems([section("x", block_id="a"), section("x", block_id="a")])) == 1


def entry(**more: Any) -> dict[str, Any]:
    return {"type": "plain_text_input", **more}


@pytest.mark.parametrize(
    ("allowed", "refused"),
    [
        (modal(title=text("t" * 24)), modal(title=text("t" * 25))),
        (modal(title=text("t")), modal(title=None)),
        (modal(submit=text("s" * 24)), modal(submit=text("s" * 25))),
        (modal(close=text("c" * 24)), modal(close=text("c" * 25))),
        (modal(private_metadata="m" * 3000), modal(private_metadata="m" * 3001)),
        (modal(callback_id="c" * 255), modal(callback_id="c" * 256)),
        (modal(*[{"type": "divider"}] * 100), modal(*[{"type": "divider"}] * 101)),
        (modal(field("a", entry())), modal(field("a", entry()), submit=None)),
        (modal(field("a", entry(), label=text("l" * 2000))), modal(field("a", entry(), label=text("l" * 2001)))),
        (modal(field("a", entry(), hint=text("h" * 2000))), modal(field("a", entry(), hint=text("h" * 2001)))),
        (modal(field("a", entry(max_length=3000))), modal(field("a", entry(max_length=3001)))),
        (modal(field("a", entry(min_length=3, max_length=3))), modal(field("a", entry(min_length=4, max_length=3)))),
        (
            modal(field("a", entry(initial_value="x" * 5, max_length=5))),
            modal(field("a", entry(initial_value="x" * 6, max_length=5))),
        ),
        (
            modal(field("a", {"type": "number_input", "is_decimal_allowed": True})),
            modal(field("a", {"type": "number_input"})),
        ),
        (
            modal(field("a", {"type": "datepicker", "initial_date": "2026-02-28"})),
            modal(field("a", {"type": "datepicker", "initial_date": "2026-02-30"})),
        ),
        (
            modal(field("a", {"type": "timepicker", "initial_time": "09:30"})),
            modal(field("a", {"type": "timepicker", "initial_time": "9:30"})),
        ),
        (
            modal(field("a", {"type": "file_input", "max_files": 10})),
            modal(field("a", {"type": "file_input", "max_files": 11})),
        ),
        (modal(field("a", {"type": "multi_users_select"})), modal(field("a", button("b", "B")))),
        (
            modal(field("a", entry(focus_on_load=True))),
            modal(field("a", entry(focus_on_load=True)), field("b", entry(focus_on_load=True))),
        ),
        ({"type": "home", "blocks": []}, {"type": "home"}),
        (
            {"type": "home", "blocks": [field("a", entry())]},
            {"type": "home", "blocks": [field("a", {"type": "file_input"})]},
        ),
        (modal(), modal() | {"type": "dialog"}),
    ],
)
def test_a_view_passes_at_the_limit_and_not_beyond(allowed: dict[str, Any], refused: dict[str, Any]):
    assert view_problems(allowed) == []
    assert view_problems(refused) != []
