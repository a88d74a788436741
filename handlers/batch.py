"""`/kudos batch`: the form of a pasted list, its check, and the press that asks for approval."""

from bot.domain.batch import BatchAsked, InvalidBatch, UnreadableSheet
from bot.domain.batch_reader import read_pasted
from bot.domain.request import Delivery
from bot.errors import InvalidForm, NoRewards
from bot.usecases.batch_check import BatchForm
from handlers.bolt.answers import Done, FieldErrors, Open, Replace, Say, SayLater, Update, UpdateThen
from handlers.bolt.desk import Desk
from handlers.bolt.payloads import Click, SlashCommand, Submission
from handlers.ids import Block
from handlers.views.batch import (
    build_batch_asked,
    build_batch_form,
    build_batch_preview,
    build_batch_ready,
    build_batch_refused,
    build_batch_rows,
    refusal_lines,
)
from handlers.views.batch_receipt import build_canceled_rest
from handlers.views.blocks import Json, Message


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

    Raises:
        NotAllowed: the person is no sender.
    """
    desk.requests.check_may_send(desk.directory.person(submission.user_id))
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


def show_rows(desk: Desk, click: Click) -> Open:
    """Let an approver look through a batch, page by page."""
    request = desk.requests.find_to_review(click.reference, click.user_id)
    return Open(build_batch_rows(request, 0, desk.directory.home().team_id))


def show_next(desk: Desk, click: Click) -> Update | Done:
    """Show the next page in the place of this one."""
    return _turned(desk, click, 1)


def show_previous(desk: Desk, click: Click) -> Update | Done:
    """Show the page before in the place of this one."""
    return _turned(desk, click, -1)


def _turned(desk: Desk, click: Click, pages: int) -> Update | Done:
    request = desk.requests.find_to_review(click.reference, click.user_id)
    if click.modal is None:
        return Done()
    shown = click.modal.private_metadata
    page = int(shown) if shown.isdecimal() and shown.isascii() and len(shown) < 5 else 0  # it decides nothing
    return Update(click.modal, build_batch_rows(request, page + pages, desk.directory.home().team_id))


def cancel_rest(desk: Desk, click: Click) -> Say:
    """Cancel what of a batch hasn't been sent. The outbox rewrites card and receipt."""
    return Say(build_canceled_rest(desk.batch_progress.cancel_rest(click.reference, click.user_id)))


def try_again(desk: Desk, click: Click) -> SayLater:
    """Check those of a batch once more who got nothing, and show them alone what a new batch would ask for.

    Raises:
        NotFound: it is another's batch, or everybody in it got something.
    """
    request, sheet = desk.batch_progress.to_try_again(click.reference, click.user_id)

    def check() -> Message:
        requester = desk.directory.person(click.user_id)
        by_message = request.details.delivery is Delivery.MESSAGE
        form = BatchForm(requester=requester, sheet=sheet, utid=request.utid, by_message=by_message)
        return build_batch_ready(desk.batches.check(form, desk.members()))

    return SayLater(check)
