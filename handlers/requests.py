"""`/kudos`: the request form, and its submit."""

from contextlib import suppress
from dataclasses import replace

from bot.domain.duplicate import DuplicateRequest
from bot.errors import AlreadyAsked, InvalidForm, NoRewards, NotFound, SlackUnavailable
from bot.usecases.form import MOST_RECIPIENTS, RequestForm
from handlers.batch import check_people
from handlers.bolt.answers import Done, Open, OpenThen, Options, Update, UpdateLater, UpdateThen
from handlers.bolt.desk import Desk
from handlers.bolt.form import (
    entered_state,
    looked_up_state,
    repeated_state,
    shows_more,
    typed_state,
    unnamed,
    with_names,
)
from handlers.bolt.payloads import Click, Modal, SlashCommand, Submission
from handlers.bolt.replies import run_job
from handlers.bolt.typed import read_typed
from handlers.ids import Block
from handlers.views.blocks import Json
from handlers.views.choices import country_choices
from handlers.views.decisions import build_notice
from handlers.views.faults import faults_text
from handlers.views.form_notes import looking_up_text, review_text
from handlers.views.forms import FormFacts, FormState, build_request_form
from handlers.views.messages import refusal_text


def open_form(desk: Desk, command: SlashCommand) -> Open | OpenThen:
    """Open the form, filled in with `[@people] [amount] [message]`; typed names and groups are looked up first."""
    desk.requests.check_may_send(desk.directory.person(command.user_id))
    catalog, directory = desk.catalog.current, desk.directory
    typed = read_typed(command.text, catalog.currencies, directory.remembered_name)
    state = typed_state(typed, by_message=desk.requests.delivers_by_message)
    opened = open_filled_form(desk, state, command.user_id)
    if not (typed.groups or typed.names):
        return opened

    def look_up() -> Json:
        return open_filled_form(desk, looked_up_state(desk, command.user_id, typed, state), command.user_id).view

    return OpenThen(build_notice(looking_up_text()), look_up)


def open_filled_form(desk: Desk, state: FormState, requester_id: str) -> Open:
    """Open the form with what is known already, and look up its people before it is submitted.

    Raises:
        NoRewards: the catalog is empty.
    """
    if not len(desk.catalog.current):
        raise NoRewards
    desk.background.submit(desk.directory.people, state.recipients)
    desk.background.submit(desk.groups.ask)
    return Open(_view(desk, state, requester_id))


def ask_again(desk: Desk, click: Click) -> Open:
    """Open the form, filled in as an own request that came to nothing: a new request, a new decision."""
    request = desk.requests.find_to_repeat(click.reference, click.user_id)
    if request.is_batch:  # its own button checks the list again
        raise NotFound(click.reference)
    desk.requests.check_may_send(desk.directory.person(click.user_id))
    recipients = [recipient.user_id for recipient in request.recipients]
    state = repeated_state(desk, request, recipients, click.user_id)
    return open_filled_form(desk, state, click.user_id)


def look_up_recipients(desk: Desk, click: Click) -> UpdateLater | Done:
    """Look up the chosen people before the form is submitted; a parcel goes to the chosen person's names."""
    desk.background.submit(desk.directory.people, click.selected_users)
    if click.modal is None or unnamed(_state(desk, click.modal, shows_more(click, click.modal))) is None:
        return Done()
    return reshape_form(desk, click)


def reshape_form(desk: Desk, click: Click) -> UpdateLater | Done:
    """Show the fields that the form has after a change of reward, delivery or fold, with all that was typed."""

    def reshaped(modal: Modal) -> Json:
        state = _state(desk, modal, shows_more(click, modal))
        user_id = unnamed(state)
        if user_id is not None:
            with suppress(SlackUnavailable):  # then the names are typed
                state = with_names(state, desk.directory.person(user_id))
        return _view(desk, state, click.user_id)

    return UpdateLater(click.modal, reshaped) if click.modal is not None else Done()


def _state(desk: Desk, modal: Modal, more: bool) -> FormState:  # noqa: FBT001 (of the form, as its other states)
    return entered_state(modal, desk.catalog.current, by_message=desk.requests.delivers_by_message, more=more)


def _view(desk: Desk, state: FormState, requester_id: str) -> Json:
    currency, reward = desk.requests.usual_currency(), state.reward
    try:
        expected = desk.approvals.expected(
            requester_id,
            reward.currency if reward else currency,
            is_posted=reward is not None and reward.kind.is_posted,
        )
        approvers = desk.directory.approvers_but(expected.route, requester_id, *state.recipients)
        review = review_text(desk.absences.here(approvers, expected.most_needed), expected)
    except SlackUnavailable:  # who decides depends on a group; the submit asks once more
        review = ""
    facts = FormFacts(
        catalog=desk.catalog.current,
        review=review,
        currency=currency,
        thanks_channel=desk.thanks_channel,
        rooms=desk.budgets.rooms(requester_id),
        limits=desk.budgets.limits,
        templates=desk.templates.offered() if state.more else (),
        occasions=desk.requests.occasions,
    )
    return build_request_form(state, facts)


def offer_countries(_desk: Desk, typed: str) -> Options:
    """Offer the countries of ISO 3166 that match the typed text."""
    return Options(country_choices(typed))


def file_request(desk: Desk, submission: Submission) -> Update | UpdateThen | Done:
    """Store the request of a submitted form; its card and receipt follow by the outbox.

    A form that has made a request stays where the answer was lost. What is new in it is kept, and asked for by the next
    submit. A form for a second reward within a day stays as well: the requester is asked once whether it is meant.
    A form for many people, or for user groups, becomes a batch, which is shown first.

    Raises:
        InvalidForm: it has faults, and shows every field that has one.
    """
    modal = submission.modal
    state = _state(desk, modal, Block.CAMPAIGN in modal.entered)
    if state.groups or len(state.recipients) > MOST_RECIPIENTS:
        desk.requests.check_may_send(desk.directory.person(submission.user_id))
        return check_people(desk, submission, state, lambda shown: _view(desk, shown, submission.user_id))
    requester, *recipients = desk.directory.people([submission.user_id, *state.recipients])
    if unnamed(state) is not None and len(recipients) == 1:
        state = with_names(state, recipients[0])
    form = RequestForm(
        requester=requester,
        recipients=recipients,
        utid=modal.entered.option(Block.REWARD),
        amount=modal.entered.text(Block.AMOUNT),
        message=state.message,
        by_message=state.by_message,
        texts={**state.texts, Block.COUNTRY: state.country},
        occasion=state.occasion,
        expires_on=state.expires_on,
        in_public=state.in_public and desk.thanks_channel is not None,
        tell_delivered=state.tell_delivered,
        schedule=state.send.schedule(requester.zone),
        permalink=desk.permalinks.checked(state.permalink),
        repeats=state.repeats,
        asked_about=_asked_about(state, modal.entered.option(Block.REWARD)),
        submission_id=f"{modal.id}/{state.asked}" if state.asked else modal.id,
    )
    try:
        desk.requests.file(form)
    except InvalidForm as refusal:
        if all(name in modal.entered for name in refusal.faults):
            raise
        return _with_faults(desk, submission, state, refusal)
    except AlreadyAsked as refusal:
        again = replace(state, notes=[refusal_text(refusal)], asked=state.asked + 1)
        return Update(modal, _view(desk, again, submission.user_id))
    except DuplicateRequest as refusal:
        asked = [form.utid, *form.asked_about, *refusal.recipient_ids]
        again = replace(state, notes=[*state.notes, refusal_text(refusal)], asked_about=asked)
        return Update(modal, _view(desk, again, submission.user_id))
    run_job(desk.background, desk.namesakes.compare)
    run_job(desk.background, desk.onlookers.look)
    return Done()


def _asked_about(state: FormState, utid: str) -> frozenset[str]:
    """Return the recipients about whom the requester was asked whether a second reward of this kind is meant."""
    return frozenset(state.asked_about[1:]) if utid in state.asked_about[:1] else frozenset()


def _with_faults(desk: Desk, submission: Submission, state: FormState, refusal: InvalidForm) -> Update:
    """Show the form with the fields that have a fault: Slack shows its own errors only under fields that are there."""
    faults = {name: faults_text(name, found) for name, found in refusal.faults.items()}
    return Update(submission.modal, _view(desk, state.with_faults(faults), submission.user_id))
