"""The shortcuts: *Send a reward*, and *Reward this* from a message's menu. Both open the request form."""

from contextlib import suppress

from bot.domain.lengths import cut, length
from bot.domain.policy import recipient_fault
from bot.errors import SlackUnavailable
from bot.tango.limits import MESSAGE_LIMIT
from handlers.bolt.answers import Open, OpenThen
from handlers.bolt.desk import Desk
from handlers.bolt.markup import as_written, people_in
from handlers.bolt.payloads import ChosenMessage, ShortcutChoice
from handlers.requests import open_filled_form
from handlers.views.blocks import Json
from handlers.views.decisions import build_notice
from handlers.views.forms import FormState
from handlers.views.shortcuts import app_wrote_text, linked_text, looking_at_text, refused_text, shortened_text


def send(desk: Desk, choice: ShortcutChoice) -> Open:
    """Open the form, empty."""
    desk.requests.check_may_send(desk.directory.person(choice.user_id))
    return open_filled_form(desk, FormState(by_message=desk.requests.delivers_by_message), choice.user_id)


def reward_this(desk: Desk, choice: ShortcutChoice) -> Open | OpenThen:
    """Open the form for who wrote the message, with its text, once Slack has told who that is."""
    desk.requests.check_may_send(desk.directory.person(choice.user_id))
    message = choice.message
    if message is None or not message.author_id:
        return Open(build_notice(app_wrote_text()))
    return OpenThen(build_notice(looking_at_text()), lambda: _form_about(desk, choice.user_id, message))


def _form_about(desk: Desk, requester_id: str, message: ChosenMessage) -> Json:
    """Return the form about a message, or why its author can't be given a reward."""
    requester, author = desk.directory.people([requester_id, message.author_id])
    # Without an email address they can be given one by direct message: the form says so once it is submitted.
    fault = recipient_fault(author, requester, mailed=False)
    if fault is not None:
        return build_notice(refused_text(fault.code, author.user_id))
    return open_filled_form(desk, _state_about(desk, message), requester_id).view


def _state_about(desk: Desk, message: ChosenMessage) -> FormState:
    with suppress(SlackUnavailable):  # then Slack's own label stands for a name
        desk.directory.people(people_in(message.text))
    text = as_written(message.text, desk.directory.remembered_name).strip()
    permalink = desk.permalinks.find(message.channel_id, message.ts)
    notes = [shortened_text(MESSAGE_LIMIT)] if length(text) > MESSAGE_LIMIT else []
    if permalink:
        notes.append(linked_text())
    return FormState(
        recipients=[message.author_id],
        message=cut(text, MESSAGE_LIMIT),
        by_message=desk.requests.delivers_by_message,
        notes=notes,
        permalink=permalink,
    )
