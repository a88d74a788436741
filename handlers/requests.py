"""`/kudos`: the form, and filing what was filled in."""

from bot.domain.money import leading_amount
from bot.domain.request import Delivery
from bot.errors import NoRewards
from bot.usecases.form import RequestForm
from handlers.bolt.binding import Answer, Desk, Done, Open, Options, Say, Update
from handlers.bolt.payloads import Click, Modal, SlashCommand, Submission
from handlers.ids import Action, Block, Command
from handlers.views.blocks import MOST_OPTIONS, Message
from handlers.views.forms import (
    TEXTS,
    FormState,
    build_request_form,
    country_options,
    reward_options,
    unfolded,
)
from handlers.views.help import build_help


def open_form(desk: Desk, command: SlashCommand) -> Answer:
    """`/kudos [@people] [amount] [message]` opens the form, filled in with what was typed."""
    match command.text.lower().split():
        case ["help"]:
            return Say(build_help(Command.KUDOS))
        case ["catalog", "refresh"]:
            return _refresh_catalog(desk, command)
    desk.requests.check_may_send(desk.directory.person(command.user_id))
    rest = command.rest()
    amount = leading_amount(rest)
    state = FormState(
        recipients=command.mentions(),
        amount=amount,
        message=rest.removeprefix(amount).strip(),
        by_message=desk.requests.delivers_by_message,
    )
    return open_filled_form(desk, state)


def open_filled_form(desk: Desk, state: FormState) -> Answer:
    """The form with what is known already."""
    if not len(desk.catalog.current):
        raise NoRewards
    desk.background.submit(desk.directory.people, state.recipients)
    return Open(build_request_form(state, desk.catalog.current, desk.approvals_channel))


def look_up_recipients(desk: Desk, click: Click) -> Answer:
    """People were chosen: get to know them before the form is submitted."""
    desk.background.submit(desk.directory.people, click.selected_users)
    return Done()


def reshape_form(desk: Desk, click: Click) -> Answer:
    """A reward was chosen, or options folded: the form with the fields that it now has, and all that was typed."""
    if click.modal is None:
        return Done()
    state = _state(desk, click.modal, more=_shows_more(click.modal, click.action_id))
    return Update(click.modal, build_request_form(state, desk.catalog.current, desk.approvals_channel))


def offer_rewards(desk: Desk, typed: str) -> Options:
    """Type-ahead over the catalog."""
    return Options(reward_options(desk.catalog.current.search(typed, MOST_OPTIONS)))


def offer_countries(_desk: Desk, typed: str) -> Options:
    """Type-ahead over ISO 3166."""
    return Options(country_options(typed))


def file_request(desk: Desk, submission: Submission) -> Answer:
    """The form was submitted: store the request; its card and receipt follow by the outbox."""
    modal = submission.modal
    state = _state(desk, modal, more=False)
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
    return Done()


def _state(desk: Desk, modal: Modal, *, more: bool) -> FormState:
    """What is in the form: in its fields, and in those that are folded away."""
    entered = modal.entered
    kept = unfolded(modal.private_metadata)
    texts = {block.value: entered.text(block) if block in entered else kept.get(block, "") for block in TEXTS}
    by_message = entered.option(Block.DELIVERY) == Delivery.MESSAGE
    return FormState(
        recipients=entered.users(Block.RECIPIENTS),
        reward=desk.catalog.current.get(entered.option(Block.REWARD)),
        amount=entered.text(Block.AMOUNT),
        message=entered.text(Block.MESSAGE),
        by_message=by_message if Block.DELIVERY in entered else desk.requests.delivers_by_message,
        expires_on=entered.day(Block.EXPIRES_ON),
        country=entered.option(Block.COUNTRY),
        texts=texts,
        more=more,
    )


def _shows_more(modal: Modal, action_id: str) -> bool:
    if action_id in (Action.MORE, Action.FEWER):
        return action_id == Action.MORE
    return Block.CAMPAIGN in modal.entered  # the reward changed: as it was


def _refresh_catalog(desk: Desk, command: SlashCommand) -> Answer:
    """`/kudos catalog refresh`: an admin has Tango asked now. The answer comes when Tango has answered."""
    desk.catalog.check_may_refresh(command.user_id)
    desk.background.submit(desk.catalog.refresh)
    return Say(Message("Asking Tango for the catalog. The form offers what it answers in a moment."))
