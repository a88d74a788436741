"""`/kudos`: the request form, and its submit."""

from bot.errors import NoRewards
from bot.usecases.form import RequestForm
from handlers.bolt.answers import Done, Open, Options, Update
from handlers.bolt.desk import Desk
from handlers.bolt.form import entered_state, shows_more, typed_state
from handlers.bolt.payloads import Click, SlashCommand, Submission
from handlers.bolt.replies import run_job
from handlers.ids import Block
from handlers.views.forms import FormState, build_request_form, country_options


def open_form(desk: Desk, command: SlashCommand) -> Open:
    """Open the form, filled in with `[@people] [amount] [message]`."""
    desk.requests.check_may_send(desk.directory.person(command.user_id))
    return open_filled_form(desk, typed_state(command, by_message=desk.requests.delivers_by_message))


def open_filled_form(desk: Desk, state: FormState) -> Open:
    """Open the form with what is known already, and look up its people before it is submitted.

    Raises:
        NoRewards: the catalog is empty.
    """
    if not len(desk.catalog.current):
        raise NoRewards
    desk.background.submit(desk.directory.people, state.recipients)
    return Open(build_request_form(state, desk.catalog.current, desk.approvals_channel))


def look_up_recipients(desk: Desk, click: Click) -> Done:
    """Look up the chosen people before the form is submitted."""
    desk.background.submit(desk.directory.people, click.selected_users)
    return Done()


def reshape_form(desk: Desk, click: Click) -> Update | Done:
    """Show the fields that the form has after a change of reward or a fold, with all that was typed."""
    modal, catalog = click.modal, desk.catalog.current
    if modal is None:
        return Done()
    by_message, more = desk.requests.delivers_by_message, shows_more(click, modal)
    state = entered_state(modal, catalog, by_message=by_message, more=more)
    return Update(modal, build_request_form(state, catalog, desk.approvals_channel))


def offer_countries(_desk: Desk, typed: str) -> Options:
    """Offer the countries of ISO 3166 that match the typed text."""
    return Options(country_options(typed))


def file_request(desk: Desk, submission: Submission) -> Done:
    """Store the request of a submitted form; its card and receipt follow by the outbox."""
    modal = submission.modal
    state = entered_state(modal, desk.catalog.current, by_message=desk.requests.delivers_by_message)
    desk.requests.file(
        RequestForm(
            requester=desk.directory.person(submission.user_id),
            recipients=desk.directory.people(state.recipients),
            utid=modal.entered.option(Block.REWARD),
            amount=state.amount,
            message=state.message,
            by_message=state.by_message,
            texts={**state.texts, Block.COUNTRY: state.country},
            expires_on=state.expires_on,
            submission_id=modal.id,
        )
    )
    run_job(desk.background, desk.namesakes.compare)
    return Done()
