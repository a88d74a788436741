"""A batch on the screen: what is wrong with a list, row by row, and what a list asks for before anybody is asked."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final, assert_never

from bot.domain.batch import (
    MOST_BYTES,
    MOST_PASTED,
    MOST_ROWS,
    BatchAsked,
    Column,
    InvalidBatch,
    RowFault,
    SheetFault,
    UnreadableSheet,
)
from bot.domain.catalog import Reward
from bot.domain.lengths import cut
from bot.domain.occasion import Occasion
from bot.domain.people import visible_name
from bot.domain.request import Delivery, NewRequest, Request
from bot.faults import Fault
from bot.usecases.batches import Preview
from handlers.ids import Action, Block, View
from handlers.views.blocks import (
    Json,
    Message,
    actions,
    button,
    confirm,
    context,
    escape,
    input_block,
    name_text,
    option,
    plain,
    section,
)
from handlers.views.choices import reward_option
from handlers.views.faults import fault_text, faults_text
from handlers.views.occasions import occasion_block
from handlers.views.people import few_of
from handlers.views.schedule import NO_DATE, SendOn, schedule_text, send_on_blocks

#: The rows that a message names: they fit on a screen. The file that comes back has all of them.
MOST_ROWS_NAMED: Final = 10

#: The characters of a text field (Slack docs, plain-text input).
_MOST_IN_LIST: Final = 3_000

_SENT_BACK: Final = "I sent you the list in a direct message, with a column “problem”."
_BACK: Final = "The same list, with a column “problem”, is in this thread."

#: A million bytes.
_MB: Final = 1_000_000

_UNREADABLE: Final[Mapping[SheetFault, str]] = {
    SheetFault.EMPTY: "I can't find any rows. Put an email address, an amount and a message into each.",
    SheetFault.TOO_BIG: "That file is too big: {megabytes} MB is the limit. Please split it.",
    SheetFault.TOO_MANY_ROWS: "That's too many rows: {limit} is the limit. Please split the list.",
    SheetFault.ONE_COLUMN: "I can't find columns in it. Please save it as CSV, or as an Excel workbook.",
    SheetFault.NO_PERSON: "I can't find the column with the people. Please call it email.",
    SheetFault.TWICE: "Two columns are for the same, and one of them is “{heading}”. Please remove one.",
    SheetFault.NOT_TEXT: "That's neither a CSV nor an Excel workbook. Please save the list as one of these.",
    SheetFault.QUOTES: "A quotation mark in row {row} isn't closed, or more text follows it. Please correct the row.",
    SheetFault.OLD_WORKBOOK: "I can't open that workbook. Please save it as .xlsx, without a password.",
    SheetFault.NOT_A_WORKBOOK: "That workbook is damaged. Please save it again as .xlsx.",
    SheetFault.TOO_LARGE_INSIDE: "That workbook holds far more than a list. Please copy the rows into a new one.",
}

#: The field of the form that words a fault of each column.
_FIELDS: Final[Mapping[Column, str]] = {Column.PERSON: "person", Column.AMOUNT: "amount", Column.MESSAGE: "message"}

_DELIVERED: Final[Mapping[Delivery, str]] = {
    Delivery.EMAIL: "{reward}, by email",
    Delivery.MESSAGE: "{reward}, by direct message",
    Delivery.POST: "{reward}, by post",
}


# ---------------------------------------------------------------------------------------- what is wrong


def batch_refusal_text(refusal: UnreadableSheet | InvalidBatch | BatchAsked) -> str:
    """Say what is wrong with a list, in formatted text: of several lines the first is the gist."""
    first, *rest = map(escape, refusal_lines(refusal))
    return "\n".join([f"⚠️ *{first}*", *(f"• {line}" for line in rest)]) if rest else f"⚠️ {first}"


def refusal_lines(refusal: UnreadableSheet | InvalidBatch | BatchAsked) -> Sequence[str]:
    """Say what is wrong with a list, in plain lines: of the whole first, then the first rows, then how many more."""
    match refusal:
        case UnreadableSheet(fault=fault, facts=facts):
            limit = facts.get("limit", 0)
            known = {"limit": f"{limit:,}", "megabytes": f"{int(str(limit)) // _MB}"}
            return [_UNREADABLE[fault].format(**{**facts, **known})]
        case BatchAsked(number=number):
            return [f"You already asked for this list in the last 24 hours ({number}), so I didn't ask again."]
        case InvalidBatch():
            rows = problems_of(refusal.faults)
            named = [f"Row {number}: {text}" for number, text in list(rows.items())[:MOST_ROWS_NAMED]]
            left = len(rows) - len(named)
            more = [f"{left:,} more rows have a problem." if left > 1 else "1 more row has a problem."] if left else []
            return [_gist_of(len(rows), refusal.rows), *_of_whole(refusal.of_whole), *named, *more]
        case _:
            assert_never(refusal)


def problems_of(faults: Sequence[RowFault]) -> Mapping[int, str]:
    """Return what is wrong with each row, by its number."""
    found: dict[int, list[str]] = defaultdict(list)
    for one in faults:
        text = fault_text(_FIELDS.get(one.column, one.column), one.fault)
        if text not in found[one.number]:
            found[one.number].append(text)
    return {number: " ".join(texts) for number, texts in found.items()}


def _gist_of(faulty: int, rows: int) -> str:
    match faulty:
        case 0:
            return "Nobody was asked, and nothing was saved."
        case 1:
            return f"1 of {rows:,} rows has a problem, so nothing was saved."
        case _:
            return f"{faulty:,} of {rows:,} rows have a problem, so nothing was saved."


def _of_whole(found: Sequence[tuple[str, Fault]]) -> Sequence[str]:
    return [faults_text(name, [fault]) for name, fault in found]


# ------------------------------------------------------------------------------------------ the preview


def preview_lines(preview: Preview) -> Sequence[str]:
    """Say what a batch asks for, in plain lines."""
    new = preview.batch.new
    delivered = _DELIVERED[new.details.delivery].format(reward=new.reward_name)
    lines = [
        f"✅ {_rewards(len(new.recipients))} ready, {new.total} in all",
        f"{delivered}. The largest is {new.amount}. {_sending_text(new, preview.lasts)}",
    ]
    if preview.twice:
        names = few_of([visible_name(name) or "someone" for name in preview.twice])
        lines.append(f"⚠️ Someone already asked for this reward in the last 24 hours for {names}.")
    if preview.batch.is_guessed:
        lines.append(
            "⚠️ The file doesn't say how its letters are stored, so I read it as Windows-1252. Please check letters "
            "like é and ß."
        )
    return lines


def _sending_text(new: NewRequest, lasts: timedelta) -> str:
    """Say when a batch is sent, and how long that takes."""
    if new.details.schedule is None:
        return f"Once approved, sending lasts {lasts_text(lasts)}."
    return f"Once approved, it's sent {schedule_text(new.details.schedule)}. That lasts {lasts_text(lasts)}."


def _rewards(count: int) -> str:
    return "1 reward is" if count == 1 else f"{count:,} rewards are"


def lasts_text(lasts: timedelta) -> str:
    """Say how long sending takes at the pace, as a fact of a sentence."""
    minutes = minutes_of(lasts)
    return "about a minute" if minutes == 1 else f"about {minutes:,} minutes"


def minutes_of(lasts: timedelta) -> int:
    """Return how many minutes that is, rounded; at least one."""
    return max(1, round(lasts / timedelta(minutes=1)))


def _preview_blocks(preview: Preview) -> list[Json]:
    first, second, *warnings = preview_lines(preview)
    return [section(f"*{escape(first)}*"), section(escape(second)), *(section(name_text(one)) for one in warnings)]


def build_batch_ready(preview: Preview, notes: Sequence[str] = ()) -> Message:
    """Tell the requester that a list was checked and is right, with notes on it and the button that asks for it."""
    new = preview.batch.new
    question = confirm(
        title="Ask for approval?",
        text=f"Ask for {new.total} in all for {len(new.recipients):,} people? Nothing is sent until it's approved.",
        yes="Ask for approval",
    )
    asking = button("Ask for approval", Action.BATCH_ASK, preview.batch.reference, style="primary", confirm=question)
    kept = context("I keep this list for a day. Nobody is asked before you press the button.")
    return Message(
        escape(preview_lines(preview)[0]), [*_preview_blocks(preview), *map(section, notes), actions(asking), kept]
    )


def build_batch_preview(preview: Preview, notes: Sequence[str] = ()) -> Json:
    """Build the modal that shows what a list asks for, with notes on it in formatted text; its submit asks."""
    return {
        "type": "modal",
        "callback_id": View.BATCH_ASK.value,
        "title": plain("Send many rewards", 24),
        "submit": plain("Ask for approval", 24),
        "close": plain("Cancel", 24),
        "private_metadata": preview.batch.reference,
        "blocks": [
            *_preview_blocks(preview),
            *map(section, notes),
            context("Nothing is sent until it's approved."),
        ],
    }


def build_batch_asked(request: Request) -> Message:
    """Say, in the place of the button, that the batch was asked for."""
    text = f"⏳ You asked for {_people(len(request.recipients))} ({request.number}). I'll let you know."
    return Message(text, [section(text)])


def _people(count: int) -> str:
    return "a reward for 1 person" if count == 1 else f"rewards for {count:,} people"


def field_faults(refusal: InvalidBatch) -> Mapping[str, str]:
    """Return what is wrong with a batch of people, by the field of a request's form; of many people, the first."""
    found: dict[str, list[str]] = defaultdict(list)
    for field, fault in refusal.of_whole:
        found[field].append(faults_text(field, [fault]))
    for one in refusal.faults:
        field = Block.RECIPIENTS.value if one.column is Column.PERSON else _FIELDS.get(one.column, one.column)
        text = fault_text(field, one.fault)
        if text not in found[field]:
            found[field].append(text)
    return {field: " ".join(texts[:MOST_ROWS_NAMED]) for field, texts in found.items()}


def build_batch_back(refusal: InvalidBatch) -> Message:
    """Say what is wrong with a file; the same file, with a column more, is in the thread."""
    text = batch_refusal_text(refusal)
    return Message(f"{text}\n{_BACK}", [section(text), section(_BACK)])


def either_text() -> str:
    """Say that a list and a file are two."""
    return "Please use either the list or the file, not both."


def build_batch_refused(found: Mapping[str, Sequence[Fault]]) -> Message:
    """Say what is against a batch by now."""
    text = escape(" ".join(faults_text(name, faults) for name, faults in found.items()))
    return Message(text, [section(text)])


# --------------------------------------------------------------------------------------------- the form


def build_batch_form(
    typed: str = "",
    reward: Reward | None = None,
    *,
    by_message: bool = False,
    takes_files: bool = False,
    occasions: Sequence[Occasion] = (),
    occasion: str = "",
    send: SendOn = NO_DATE,
    refusal: UnreadableSheet | InvalidBatch | BatchAsked | None = None,
    is_sent_back: bool = False,
) -> Json:
    """Build the form of a list, with what was typed and what is wrong with it.

    Args:
        typed: the list.
        reward: the chosen one.
        by_message: whether the bot delivers the rewards.
        takes_files: whether there is a field for a file as well.
        occasions: of the settings.
        occasion: the name of the chosen one; empty where there is none.
        send: the date on which they are sent.
        refusal: what is wrong with the list.
        is_sent_back: whether it was a file, which came back with what is wrong in it.
    """
    return {
        "type": "modal",
        "callback_id": View.BATCH.value,
        "title": plain("Send many rewards", 24),
        "submit": plain("Check the list", 24),
        "close": plain("Cancel", 24),
        "blocks": [
            *([section(batch_refusal_text(refusal))] if refusal else []),
            *([section(_SENT_BACK)] if is_sent_back else []),
            _reward_block(reward),
            *([occasion_block(occasions, occasion)] if occasions else []),
            _list_block(typed, optional=takes_files),
            *([_file_block()] if takes_files else []),
            _delivery_block(by_message=by_message),
            *send_on_blocks(send, Action.BATCH_SEND_ON),
            context("I check the whole list first. Nobody is asked before you've seen what's in it."),
        ],
    }


def _list_block(typed: str, *, optional: bool) -> Json:
    pasted: Json = {
        "type": "plain_text_input",
        "action_id": Action.BATCH_LIST.value,
        "multiline": True,
        "max_length": _MOST_IN_LIST,
        "placeholder": plain("rob@example.com, 25, Thanks for the launch", 150),
    }
    if typed:
        pasted["initial_value"] = cut(typed, _MOST_IN_LIST)
    return input_block(
        Block.LIST,
        "List",
        pasted,
        hint=(
            "One person on each line: email address or Slack ID, amount, message. You can paste cells of a "
            f"spreadsheet. Up to {MOST_PASTED} lines."
        ),
        optional=optional,
    )


def _reward_block(reward: Reward | None) -> Json:
    select: Json = {
        "type": "external_select",
        "action_id": Action.BATCH_REWARD.value,
        "placeholder": plain("Type a brand, a name or a currency", 150),
        "min_query_length": 0,
    }
    if reward is not None:
        select["initial_option"] = reward_option(reward)
    return input_block(Block.REWARD, "Reward", select)


def _delivery_block(*, by_message: bool) -> Json:
    by_mail = option("By email", Delivery.EMAIL.value)
    in_slack = option("By direct message", Delivery.MESSAGE.value)
    select: Json = {
        "type": "static_select",
        "action_id": Action.BATCH_DELIVERY.value,
        "options": [by_mail, in_slack],
        "initial_option": in_slack if by_message else by_mail,
    }
    return input_block(Block.DELIVERY, "Delivery", select)


def _file_block() -> Json:
    chooser: Json = {
        "type": "file_input",
        "action_id": Action.BATCH_FILE.value,
        "filetypes": ["csv", "xlsx", "tsv", "txt"],
        "max_files": 1,
    }
    hint = f"CSV or Excel (.xlsx), up to {MOST_ROWS:,} rows and {MOST_BYTES // _MB} MB."
    return input_block(Block.FILE, "Or a file", chooser, hint=hint, optional=True)
