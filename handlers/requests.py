"""`/kudos`: the form, and filing what was filled in."""

import re
from typing import Final

from bot.domain.policy import Person
from bot.errors import NoRewards
from bot.filing import RequestForm
from handlers.binding import Answer, Desk, Done, Open, Options, Say
from handlers.ids import Block, Command
from handlers.payloads import Click, SlashCommand, Submission
from handlers.views.blocks import MOST_OPTIONS
from handlers.views.forms import Prefill, build_request_form, reward_options
from handlers.views.help import build_help

#: A word that is an amount: has a digit, and nothing but digits, points, commas and currency signs.
_AMOUNT: Final = re.compile(r"[$€£¥]?[0-9][0-9.,]*(?:zł|[$€£¥])?")


def open_form(desk: Desk, command: SlashCommand) -> Answer:
    """`/kudos [@people] [amount] [message]` opens the form, filled in with what was typed."""
    if command.text.lower() == "help":
        return Say(build_help(Command.KUDOS))
    desk.service.check_may_send(desk.directory.person(command.user_id))
    if not len(desk.service.catalog):
        raise NoRewards
    prefill = _prefill(command)
    if prefill.recipients:
        desk.background.submit(desk.directory.people, prefill.recipients)
    return Open(build_request_form(desk.service.catalog, desk.approvals_channel, prefill))


def look_up_recipients(desk: Desk, click: Click) -> Answer:
    """People were chosen: get to know them before the form is submitted."""
    desk.background.submit(desk.directory.people, click.selected_users)
    return Done()


def offer_rewards(desk: Desk, typed: str) -> Options:
    """Type-ahead over the catalog."""
    return Options(reward_options(desk.service.catalog.search(typed, MOST_OPTIONS)))


def file_request(desk: Desk, submission: Submission) -> Answer:
    """The form was submitted: store the request; its card and receipt follow by the outbox."""
    requester: Person = desk.directory.person(submission.user_id)
    desk.service.file_request(
        RequestForm(
            requester=requester,
            recipients=desk.directory.people(submission.users(Block.RECIPIENTS)),
            utid=submission.option(Block.REWARD),
            amount=submission.text(Block.AMOUNT),
            message=submission.text(Block.MESSAGE),
            submission_id=submission.view_id,
        )
    )
    return Done()


def _prefill(command: SlashCommand) -> Prefill:
    words = command.words()
    amount = words.pop(0) if words and _AMOUNT.fullmatch(words[0]) else ""
    return Prefill(recipients=command.mentions(), amount=amount, message=" ".join(words))
