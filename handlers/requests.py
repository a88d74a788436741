"""`/kudos`: the request form, and its submit."""

from dataclasses import replace

from bot.errors import AlreadyAsked, NoRewards
from bot.usecases.form import MOST_RECIPIENTS, RequestForm
from handlers.bolt.answers import Done, Open, OpenThen, Options, Update
from handlers.bolt.desk import Desk
from handlers.bolt.form import entered_state, looked_up_state, repeated_state, shows_more, typed_state
from handlers.bolt.payloads import Click, SlashCommand, Submission
from handlers.bolt.typed import read_typed
from handlers.ids import Block
from handlers.views.blocks import Json
from handlers.views.decisions import build_notice
from handlers.views.form_notes import looking_up_text
from handlers.views.forms import FormState, build_request_form, country_options
from handlers.views.messages import refusal_text


def open_form(desk: Desk, command: SlashCommand) -> Open | OpenThen:
    """Open the form, filled in with `[@people] [amount] [message]`; typed names and groups are looked up first."""
    desk.requests.check_may_send(desk.directory.person(command.user_id))
    catalog, directory = desk.catalog.current, desk.directory
    typed = read_typed(command.text, catalog.currencies, directory.remembered_name)
    state = typed_state(typed, by_message=desk.requests.delivers_by_message)
    opened = open_filled_form(desk, state)
    if not (typed.groups or typed.names):
        return opened

    def look_up() -> Json:
        return open_filled_form(desk, looked_up_state(desk, command.user_id, typed, state)).view

    return OpenThen(build_notice(looking_up_text()), look_up)


def open_filled_form(desk: Desk, state: FormState) -> Open:
    """Open the form with what is known already, and look up its people before it is submitted.

    Raises:
        NoRewards: the catalog is empty.
    """
    if not len(desk.catalog.current):
        raise NoRewards
    desk.background.submit(desk.directory.people, state.recipients)
    return Open(build_request_form(state, desk.catalog.current, desk.approvals_channel))


def ask_again(desk: Desk, click: Click) -> Open:
    """Open the form, filled in as an own request that came to nothing: a new request, a new decision."""
    request = desk.requests.find_to_repeat(click.reference, click.user_id)
    desk.requests.check_may_send(desk.directory.person(click.user_id))
    recipients = [recipient.user_id for recipient in request.recipients]
    return open_filled_form(desk, repeated_state(request, recipients, desk.catalog.current.get(request.utid)))


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


def file_request(desk: Desk, submission: Submission) -> Update | Done:
    """Store the request of a submitted form; its card and receipt follow by the outbox.

    A form that has made a request stays where the answer was lost. What is new in it is kept, and asked for by the next
    submit.
    """
    modal, catalog = submission.modal, desk.catalog.current
    more = Block.CAMPAIGN in modal.entered
    state = entered_state(modal, catalog, by_message=desk.requests.delivers_by_message, more=more)
    try:
        _file(desk, submission, state)
    except AlreadyAsked as refusal:
        again = replace(state, notes=[refusal_text(refusal)], asked=state.asked + 1)
        return Update(modal, build_request_form(again, catalog, desk.approvals_channel))
    return Done()


def _file(desk: Desk, submission: Submission, state: FormState) -> None:
    modal = submission.modal
    # One more than a request takes is enough to refuse it.
    requester, *recipients = desk.directory.people([submission.user_id, *state.recipients[: MOST_RECIPIENTS + 1]])
    desk.requests.file(
        RequestForm(
            requester=requester,
            recipients=recipients,
            utid=modal.entered.option(Block.REWARD),
            amount=state.amount,
            message=state.message,
            by_message=state.by_message,
            texts={**state.texts, Block.COUNTRY: state.country},
            expires_on=state.expires_on,
            submission_id=f"{modal.id}/{state.asked}" if state.asked else modal.id,
        )
    )
