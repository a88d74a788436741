"""`/resend`: send a reward e-mail again, at most once in 30 seconds; also the buttons that do."""

from collections.abc import Callable
from functools import partial

from bot.domain.resend import AS_BEFORE, ResendChanges
from bot.errors import NotFound, NotMailed, ResendTooSoon, WrongState
from handlers.bolt.binding import Answer, AskAgain, Desk, Open, Replace, Say, respond
from handlers.bolt.countdown import AT_THE_END
from handlers.bolt.payloads import Click, SlashCommand, Submission, an_id
from handlers.ids import Block, Command
from handlers.views.blocks import Message, escape
from handlers.views.help import build_help
from handlers.views.messages import refusal_text
from handlers.views.orders import build_order_detail
from handlers.views.resend import (
    build_not_mailed_any_more,
    build_on_its_way,
    build_resend_form,
    build_resend_list,
    build_resending,
    build_too_soon,
    build_which,
    mine_resending_text,
    mine_text,
)

#: What a message with a "Send again" button is by now, and the seconds left that it tells of.
Look = Callable[[], tuple[Message, int]]


def resend(desk: Desk, command: SlashCommand) -> Answer:
    """`/resend` offers the recent ones; `/resend <id> [template <etid>] [<new address>]` sends one again."""
    words = command.words()
    if not words and not command.mentions():
        return Say(build_resend_list(desk.resends.recent(command.user_id)))
    if [word.lower() for word in words] == ["help"]:
        return Say(build_help(Command.RESEND))
    changes = None if command.mentions() else _changes(words[1:])
    if changes is None:
        return Say(build_help(Command.RESEND, f"Kudos does not know what `{escape(command.text[:100])}` is."))
    reference = words[0].removeprefix("#")
    if (in_doubt := _which(desk, command.user_id, reference, changes)) is not None:
        return Say(in_doubt)
    try:
        order = desk.resends.send_again(command.user_id, reference, changes)
    except ResendTooSoon as refusal:
        if changes:  # its button would send it without them
            raise
        look = partial(_refusal, desk, command.user_id, refusal.order_id)
        tell = partial(_tell_at_the_end, look, command.response_url)
        desk.countdown.begin((command.user_id, refusal.order_id), refusal.seconds_left, tell, marks=AT_THE_END)
        return Say(look()[0])
    return Say(build_resending(order, command.user_id))


def resend_from_detail(desk: Desk, click: Click) -> Answer:
    """The button in an order's detail."""
    return _resend(desk, click, partial(_detail, desk, click.user_id, click.id))


def resend_from_list(desk: Desk, click: Click) -> Answer:
    """The button in the list that `/resend` offers."""
    return _resend(desk, click, partial(_list, desk, click.user_id, click.id))


def resend_after_refusal(desk: Desk, click: Click) -> Answer:
    """The button under a refusal."""
    return _resend(desk, click, partial(_refusal, desk, click.user_id, click.id))


def resend_mine(desk: Desk, click: Click) -> Answer:
    """A recipient did not get theirs: to the original address, under the same cooldown."""
    try:
        order = desk.resends.send_again(click.user_id, str(click.id))
    except ResendTooSoon as refusal:
        return _count_down(desk, click, refusal, partial(_mine, desk, click.user_id, click.id))
    except (WrongState, NotMailed):
        return Say(build_not_mailed_any_more())
    return Replace(build_on_its_way(order, mine_resending_text(order)))


def ask_for_changes(desk: Desk, click: Click) -> Answer:
    """Open the form for what is to be otherwise; refused here already if it could not be sent again at all."""
    return Open(build_resend_form(desk.resends.look_up(click.user_id, str(click.id))))


def resend_with_changes(desk: Desk, submission: Submission) -> Answer:
    """The form was submitted."""
    modal = submission.modal
    changes = ResendChanges(
        email=modal.entered.text(Block.NEW_EMAIL).strip() or None,
        template=modal.entered.text(Block.NEW_TEMPLATE).strip() or None,
    )
    try:
        order = desk.resends.send_again(submission.user_id, str(an_id(modal.private_metadata)), changes)
    except ResendTooSoon as refusal:
        return AskAgain(Message(refusal_text(refusal)))
    return Say(build_resending(order, submission.user_id))


def _which(desk: Desk, actor_id: str, reference: str, changes: ResendChanges) -> Message | None:
    """What to ask first: the number is that of a request of theirs as well, whose orders have others.

    What people are told of first is the request's number, and an e-mail to somebody else cannot be taken back.
    """
    own = desk.orders.own_request(actor_id, reference)
    if own is None:
        return None
    request, orders = own
    if any(order.id == request.id for order in orders):
        return None
    try:
        named = desk.resends.find(actor_id, reference, changes)
    except NotFound:
        return build_which(request, orders, None)
    return build_which(request, orders, named) if orders and named.can_be_mailed_again else None


def _resend(desk: Desk, click: Click, look: Look) -> Answer:
    try:
        order = desk.resends.send_again(click.user_id, str(click.id))
    except ResendTooSoon as refusal:
        return _count_down(desk, click, refusal, look)
    return Say(build_resending(order, click.user_id))


def _count_down(desk: Desk, click: Click, refusal: ResendTooSoon, look: Look) -> Answer:
    """Say in the message itself how long it takes, and go on saying it."""
    message, seconds_left = look()  # refused where the message is not theirs to see: then nothing counts
    desk.countdown.begin((click.user_id, refusal.order_id), seconds_left, partial(_show, look, click.response_url))
    return Replace(message)


def _show(look: Look, url: str | None) -> int:
    message, seconds_left = look()
    if url is not None:
        respond(url, Replace(message))
    return seconds_left


def _tell_at_the_end(look: Look, url: str) -> int:
    message, seconds_left = look()
    if seconds_left == 0:  # else somebody else has sent it in the meantime
        respond(url, Say(message))
    return 0


def _refusal(desk: Desk, actor_id: str, order_id: int) -> tuple[Message, int]:
    seconds_left = desk.resends.look_up(actor_id, str(order_id)).seconds_left
    return build_too_soon(order_id, seconds_left), seconds_left


def _detail(desk: Desk, actor_id: str, order_id: int) -> tuple[Message, int]:
    story = desk.orders.story(actor_id, str(order_id))
    return build_order_detail(story), story.seconds_to_resend


def _list(desk: Desk, actor_id: str, order_id: int) -> tuple[Message, int]:
    mailed = desk.resends.recent(actor_id)
    return build_resend_list(mailed), max((one.seconds_left for one in mailed if one.order.id == order_id), default=0)


def _mine(desk: Desk, actor_id: str, order_id: int) -> tuple[Message, int]:
    mine = desk.resends.look_up(actor_id, str(order_id))
    return build_on_its_way(mine.order, mine_text(mine.order, mine.seconds_left)), mine.seconds_left


def _changes(words: list[str]) -> ResendChanges | None:
    """What is typed after the order's number; None where it is not understood."""
    changes = AS_BEFORE
    while words:
        match words:
            case [word, etid, *rest] if word.lower() == "template" and changes.template is None:
                changes, words = ResendChanges(email=changes.email, template=etid), rest
            case [address, *rest] if "@" in address and changes.email is None:
                changes, words = ResendChanges(email=address, template=changes.template), rest
            case _:
                return None
    return changes
