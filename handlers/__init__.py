"""Everything that knows Slack. The table of contents: which listener answers to what."""

from collections.abc import Mapping
from typing import Final

from slack_bolt import App

from bot.metrics import Metrics
from handlers import approvals, catalog, delivery, orders, requests, resend, search
from handlers.bolt.binding import Binding, ClickListener, CommandListener, OptionsListener, SubmissionListener
from handlers.bolt.desk import Desk
from handlers.help import show as show_help
from handlers.ids import Action, Block, Command, View

#: By what is typed after the command; `""` is everything that is no sub-command.
COMMANDS: Final[Mapping[Command, Mapping[str, CommandListener]]] = {
    Command.KUDOS: {
        "": requests.open_form,
        "help": show_help,
        "catalog refresh": catalog.refresh,
    },
    Command.ORDERS: {
        "": orders.look_up,
        "help": show_help,
        "filter": search.open_filter,
    },
    Command.RESEND: {
        "": resend.resend,
        "help": show_help,
    },
}

CLICKS: Final[Mapping[Action, ClickListener]] = {
    Action.RECIPIENTS: requests.look_up_recipients,
    Action.REWARD: requests.reshape_form,
    Action.DELIVERY: requests.reshape_form,
    Action.MORE: requests.reshape_form,
    Action.FEWER: requests.reshape_form,
    Action.APPROVE: approvals.approve,
    Action.DECLINE: approvals.ask_for_reason,
    Action.WHO: approvals.tell_who,
    Action.WITHDRAW: approvals.withdraw,
    Action.REQUEST_AGAIN: requests.ask_again,
    Action.ADDRESS_SHOW: approvals.show_address,
    Action.ORDER_DETAILS: orders.show_details,
    Action.ORDERS_NEWER: search.turn_page,
    Action.ORDERS_OLDER: search.turn_page,
    Action.ORDERS_FILTER: search.ask_for_filter,
    Action.ORDERS_AT_TANGO: search.turn_page,
    Action.ORDER_ELSEWHERE: search.show_elsewhere,
    Action.ORDER_SHOW: orders.show_in_channel,
    Action.ORDER_RESEND: resend.resend_from_detail,
    Action.RESEND_LISTED: resend.resend_from_list,
    Action.RESEND_REFUSED: resend.resend_after_refusal,
    Action.RESEND_MINE: resend.resend_mine,
    Action.RESEND_CHANGES: resend.ask_for_changes,
    Action.ORDER_RETRY: orders.retry,
    Action.ORDER_CANCEL: orders.cancel,
    Action.RECEIPT_CANCEL: orders.cancel_from_receipt,
    Action.ORDER_ASK: delivery.ask_again,
    Action.ORDER_ANEW: delivery.order_anew,
    Action.REWARD_SHOW: delivery.show,
    Action.REWARD_LINK: delivery.follow_link,
    Action.REWARD_DELIVER: delivery.deliver_again,
    Action.ADDRESS_WRONG: delivery.dispute_address,
    Action.QUEUE_RESUME: orders.resume_queue,
}

#: The listener, and the field under which stands what belongs to no field.
SUBMISSIONS: Final[Mapping[View, tuple[SubmissionListener, Block]]] = {
    View.REQUEST: (requests.file_request, Block.RECIPIENTS),
    View.DECLINE: (approvals.decline, Block.REASON),
    View.RESEND: (resend.resend_with_changes, Block.NEW_TEMPLATE),
    View.SEARCH: (search.apply_filter, Block.FOUND_FOR),
}

OPTIONS: Final[Mapping[Action, OptionsListener]] = {
    Action.REWARD: catalog.offer_rewards,
    Action.COUNTRY: requests.offer_countries,
}


def register_listeners(app: App, desk: Desk, metrics: Metrics) -> None:
    """Bind every listener to what it answers to.

    Submits first: Bolt asks listeners in this order whether a payload is theirs, and each asked takes 25 µs.
    """
    bind = Binding(desk, metrics)
    for view, (on_submit, main_block) in SUBMISSIONS.items():
        app.view_submission(view.value)(bind.submission(on_submit, main_block=main_block.value))
    for command, listeners in COMMANDS.items():
        app.command(command.value)(bind.command(listeners))
    for action, on_click in CLICKS.items():
        app.block_action(action.value)(bind.click(on_click))
    for action, offer in OPTIONS.items():
        app.options(action.value)(bind.options(offer))
