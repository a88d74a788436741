"""`/kudos batch`: the form of a list or a file, its check, and the press that asks for approval."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.domain.batch import (
    MOST_BYTES,
    MOST_ROWS,
    BatchAsked,
    InvalidBatch,
    Sheet,
    UnreadableSheet,
    annotated,
    sheet_of,
)
from bot.domain.batch_reader import read_pasted
from bot.domain.request import Delivery
from bot.errors import InvalidForm, NoRewards
from bot.faults import Fault, FaultCode
from bot.sheets import read_file
from bot.usecases.batch_check import BatchForm, Members
from handlers.bolt.answers import Done, FieldErrors, Open, Options, Replace, Say, SayLater, UpdateLater, UpdateThen
from handlers.bolt.desk import Desk
from handlers.bolt.form import entered_date, repeated_texts
from handlers.bolt.payloads import Click, Modal, SlashCommand, Submission
from handlers.ids import Block
from handlers.views.batch import (
    batch_refusal_text,
    build_batch_asked,
    build_batch_back,
    build_batch_form,
    build_batch_preview,
    build_batch_ready,
    build_batch_refused,
    either_text,
    field_faults,
    problems_of,
    refusal_lines,
)
from handlers.views.batch_receipt import build_canceled_rest
from handlers.views.batch_rows import build_batch_rows
from handlers.views.blocks import Json, Message
from handlers.views.faults import faults_text
from handlers.views.form_notes import date_notes, dropped_notes
from handlers.views.forms import FormState
from handlers.views.groups import group_choices, group_left_out_text
from handlers.views.schedule import SendOn

#: The name of the file that comes back.
_PROBLEMS: Final = "problems.csv"

#: Neither people nor a group with anybody else in it.
_NOBODY: Final = Fault(FaultCode.REQUIRED)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """What the form was submitted with.

    Attributes:
        user_id: who submitted it.
        typed: the pasted list; may be empty.
        file_id: Slack's id of the chosen file; may be empty.
        utid: of the chosen reward.
        by_message: whether the bot delivers the rewards.
        send: the date on which they are sent.
        occasion: the name of the chosen one; may be empty.
    """

    user_id: str
    typed: str
    file_id: str
    utid: str
    by_message: bool
    send: SendOn
    occasion: str

    @classmethod
    def of(cls, modal: Modal, user_id: str, *, takes_files: bool) -> "_Given":
        """Read the fields."""
        entered = modal.entered
        files = entered.files(Block.FILE) if takes_files else ()
        return cls(
            user_id=user_id,
            typed=entered.text(Block.LIST),
            file_id=files[0] if files else "",
            utid=entered.option(Block.REWARD),
            by_message=entered.option(Block.DELIVERY) == Delivery.MESSAGE,
            send=entered_date(entered),
            occasion=entered.option(Block.OCCASION),
        )


def open_form(desk: Desk, command: SlashCommand) -> Open:
    """Open the form.

    Raises:
        NoRewards: the catalog is empty.
        NotAllowed: the person is no sender.
    """
    desk.requests.check_may_send(desk.directory.person(command.user_id))
    if not len(desk.catalog.current):
        raise NoRewards
    return Open(
        build_batch_form(
            by_message=desk.requests.delivers_by_message,
            takes_files=desk.files is not None,
            occasions=desk.requests.occasions,
        )
    )


def reshape_form(desk: Desk, click: Click) -> UpdateLater | Done:
    """Show the fields for the time once there is a date, with all that was typed."""
    if click.modal is None:
        return Done()
    return UpdateLater(click.modal, lambda modal: _form(desk, _Given.of(modal, click.user_id, takes_files=False)))


def check_list(desk: Desk, submission: Submission) -> UpdateThen | FieldErrors:
    """Check the list when Slack has told who the members are: then show what it asks for, or what is wrong with it.

    What was typed stays in the form.

    Raises:
        NotAllowed: the person is no sender.
    """
    desk.requests.check_may_send(desk.directory.person(submission.user_id))
    given = _Given.of(submission.modal, submission.user_id, takes_files=desk.files is not None)
    if given.file_id and given.typed.strip():
        return FieldErrors({Block.FILE: either_text()})
    if not given.file_id:
        try:
            _sheet(desk, given)
        except UnreadableSheet as refusal:
            return FieldErrors({Block.LIST: "\n".join(refusal_lines(refusal))})
    return UpdateThen(submission.modal, lambda: _checked(desk, given))


def offer_groups(desk: Desk, typed: str) -> Options:
    """Offer the user groups that match the typed text."""
    return Options(group_choices(desk.groups.find(typed)))


def check_people(desk: Desk, submission: Submission, state: FormState, show: Callable[[FormState], Json]) -> UpdateThen:
    """Check a form for many people, or for user groups, when Slack has told who they are: they become a batch.

    Args:
        desk: what listeners use.
        submission: of the form.
        state: of the form.
        show: builds the form in a state.
    """
    entered = submission.modal.entered

    def check() -> Json:
        members = desk.members()
        people, left_out, is_left_out = _people_of(desk, state, submission.user_id, members)
        if not people:
            return show(state.with_faults({Block.RECIPIENTS: faults_text(Block.RECIPIENTS, [_NOBODY])}))
        sheet = sheet_of([(one, entered.text(Block.AMOUNT), state.message) for one in people], most=MOST_ROWS)
        requester = desk.directory.person(submission.user_id)
        form = BatchForm(
            requester=requester,
            sheet=sheet,
            utid=entered.option(Block.REWARD),
            by_message=state.by_message,
            texts=state.texts,
            expires_on=state.expires_on,
            schedule=state.send.schedule(requester.zone),
            occasion=state.occasion,
        )
        try:
            notes = [group_left_out_text(left_out, you_too=is_left_out)] if left_out or is_left_out else []
            return build_batch_preview(desk.batches.check(form, members), notes)
        except InvalidBatch as refusal:
            return show(state.with_faults(field_faults(refusal)))
        except BatchAsked as refusal:
            return show(replace(state, notes=[batch_refusal_text(refusal)]))

    return UpdateThen(submission.modal, check)


def _people_of(
    desk: Desk, state: FormState, requester_id: str, members: Members
) -> tuple[Sequence[str], Sequence[str], bool]:
    """Return who gets a reward by Slack id, who of the groups can't by name, and whether the requester is in one."""
    people, left_out, is_left_out = dict.fromkeys(state.recipients), dict[str, str](), False
    for group in state.groups:
        for user_id in desk.directory.members(group.id):
            person = members.by_id(user_id)
            if user_id == requester_id:
                is_left_out = True
            elif person is None or not person.is_colleague:
                left_out[user_id] = person.name if person else user_id
            else:
                people[user_id] = None
    return list(people), list(left_out.values()), is_left_out


def _checked(desk: Desk, given: _Given) -> Json:
    """Return what the window shows after the check."""
    try:
        sheet = _sheet(desk, given)
        requester = desk.directory.person(given.user_id)
        form = BatchForm(
            requester=requester,
            sheet=sheet,
            utid=given.utid,
            by_message=given.by_message,
            schedule=given.send.schedule(requester.zone),
            occasion=given.occasion,
        )
        return build_batch_preview(desk.batches.check(form, desk.members()))
    except InvalidBatch as refusal:
        return _form(desk, given, refusal, is_sent_back=_given_back(desk, given, sheet, refusal))
    except (UnreadableSheet, BatchAsked) as refusal:
        return _form(desk, given, refusal)


def _form(
    desk: Desk,
    given: _Given,
    refusal: InvalidBatch | UnreadableSheet | BatchAsked | None = None,
    *,
    is_sent_back: bool = False,
) -> Json:
    """Return the form as it is filled in; Slack keeps the chosen file."""
    return build_batch_form(
        given.typed,
        desk.catalog.current.get(given.utid),
        by_message=given.by_message,
        takes_files=desk.files is not None,
        occasions=desk.requests.occasions,
        occasion=given.occasion,
        send=given.send,
        refusal=refusal,
        is_sent_back=is_sent_back,
    )


def _sheet(desk: Desk, given: _Given) -> Sheet:
    """Return the list. Of a file, this waits for the network.

    Raises:
        UnreadableSheet: it can't be read.
        NotFound: the file is somebody else's.
        SlackUnavailable: Slack did not give the file.
    """
    if given.file_id and desk.files is not None:
        return read_file(desk.files.read(given.file_id, given.user_id, MOST_BYTES))
    return read_pasted(given.typed, desk.catalog.current.currencies)


def _given_back(desk: Desk, given: _Given, sheet: Sheet, refusal: InvalidBatch) -> bool:
    """Send a file back with what is wrong in it, and return whether it was sent."""
    if not given.file_id or desk.files is None or not refusal.faults:
        return False
    content = annotated(sheet, problems_of(refusal.faults)).encode("utf-8-sig")
    return desk.files.send(given.user_id, build_batch_back(refusal), _PROBLEMS, content)


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


def show_next(desk: Desk, click: Click) -> UpdateLater | Done:
    """Show the next page in the place of this one."""
    return _turned(desk, click, 1)


def show_previous(desk: Desk, click: Click) -> UpdateLater | Done:
    """Show the page before in the place of this one."""
    return _turned(desk, click, -1)


def _turned(desk: Desk, click: Click, pages: int) -> UpdateLater | Done:
    request = desk.requests.find_to_review(click.reference, click.user_id)

    def turned(modal: Modal) -> Json:
        shown = modal.private_metadata
        page = int(shown) if shown.isdecimal() and shown.isascii() and len(shown) < 5 else 0  # it decides nothing
        return build_batch_rows(request, page + pages, desk.directory.home().team_id)

    return UpdateLater(click.modal, turned) if click.modal is not None else Done()


def cancel_rest(desk: Desk, click: Click) -> Say:
    """Cancel what of a batch hasn't been sent. The outbox rewrites card and receipt."""
    return Say(build_canceled_rest(desk.batch_progress.cancel_rest(click.reference, click.user_id)))


def try_again(desk: Desk, click: Click) -> SayLater:
    """Check those of a batch once more who got nothing, and show them alone what a new batch would ask for.

    Raises:
        NotFound: it is another's batch, or everybody in it got something.
    """
    request, sheet = desk.batch_progress.to_try_again(click.reference, click.user_id)
    people = {row.person for row in sheet.rows}
    passed = desk.schedules.passed_for(request, people)
    # No form opens here to change these in: each press would end at the same date or template.
    details = replace(
        request.details,
        schedule=None if passed else request.details.schedule,
        expires_on=desk.schedules.last_day_ahead(request, people),
        template="" if desk.templates.is_gone(request.details.template) else request.details.template,
    )
    notes = [*date_notes(len(passed), len(people)), *dropped_notes(request.details, details)]

    def check() -> Message:
        requester = desk.directory.person(click.user_id)
        form = BatchForm(
            requester=requester,
            sheet=sheet,
            utid=request.utid,
            by_message=details.delivery is Delivery.MESSAGE,
            texts=repeated_texts(details),
            expires_on=details.expires_on,
            schedule=details.schedule,
            occasion=request.occasion.name if request.occasion else None,
        )
        return build_batch_ready(desk.batches.check(form, desk.members()), notes)

    return SayLater(check)
