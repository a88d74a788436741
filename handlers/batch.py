"""`/kudos batch`: the form of a pasted list, its check, and the press that asks for approval."""

from bot.domain.batch import BatchAsked, InvalidBatch, UnreadableSheet
from bot.domain.batch_reader import read_pasted
from bot.domain.request import Delivery
from bot.errors import InvalidForm, NoRewards
from bot.usecases.batch_check import BatchForm
from handlers.bolt.answers import Done, FieldErrors, Open, Replace, Say, UpdateThen
from handlers.bolt.desk import Desk
from handlers.bolt.payloads import Click, SlashCommand, Submission
from handlers.ids import Block
from handlers.views.batch import (
    build_batch_asked,
    build_batch_form,
    build_batch_preview,
    build_batch_refused,
    refusal_lines,
)
from handlers.views.blocks import Json


def open_form(desk: Desk, command: SlashCommand) -> Open:
    """Open the form of a pasted list.

    Raises:
        NoRewards: the catalog is empty.
        NotAllowed: the person is no sender.
    """
    desk.requests.check_may_send(desk.directory.person(command.user_id))
    if not len(desk.catalog.current):
        raise NoRewards
    return Open(build_batch_form(by_message=desk.requests.delivers_by_message))


def check_list(desk: Desk, submission: Submission) -> UpdateThen | FieldErrors:
    """Check the list when Slack has told who the members are: then show what it asks for, or what is wrong with it.

    What was typed stays in the form.
    """
    modal = submission.modal
    typed, utid = modal.entered.text(Block.LIST), modal.entered.option(Block.REWARD)
    by_message = modal.entered.option(Block.DELIVERY) == Delivery.MESSAGE
    try:
        sheet = read_pasted(typed, desk.catalog.current.currencies)
    except UnreadableSheet as refusal:
        return FieldErrors({Block.LIST: "\n".join(refusal_lines(refusal))})

    def check() -> Json:
        requester = desk.directory.person(submission.user_id)
        form = BatchForm(requester=requester, sheet=sheet, utid=utid, by_message=by_message)
        try:
            return build_batch_preview(desk.batches.check(form, desk.members()))
        except (InvalidBatch, BatchAsked) as refusal:
            reward = desk.catalog.current.get(utid)
            return build_batch_form(typed, reward, by_message=by_message, notes=refusal_lines(refusal))

    return UpdateThen(modal, check)


def ask_for_list(desk: Desk, submission: Submission) -> Done | Replace:
    """Ask for what the window shows. Card and receipt follow by the outbox."""
    try:
        desk.batches.ask(submission.modal.reference, desk.directory.person(submission.user_id))
    except InvalidForm as refusal:
        return Replace(build_batch_refused(refusal.faults))
    return Done()


def ask(desk: Desk, click: Click) -> Replace | Say:
    """Ask for the batch of the message in which the button is."""
    try:
        return Replace(build_batch_asked(desk.batches.ask(click.reference, desk.directory.person(click.user_id))))
    except InvalidForm as refusal:
        return Say(build_batch_refused(refusal.faults))
