"""Everything that knows Slack. The table of contents: which listener answers to what."""

from collections.abc import Mapping
from typing import Final

from bot.metrics import Metrics
from handlers import (
    approvals,
    batch,
    cards,
    catalog,
    delivery,
    entries,
    home,
    orders,
    reminders,
    report,
    requests,
    resend,
    schedules,
    search,
    shortcuts,
    templates,
    workflows,
)
from handlers.bolt.binding import (
    Binding,
    Bound,
    ClickListener,
    CommandListener,
    EventListener,
    FunctionListener,
    OptionsListener,
    ShortcutListener,
    SubmissionListener,
)
from handlers.bolt.desk import Desk
from handlers.bolt.doors import Door, Doors
from handlers.help import show as show_help
from handlers.ids import Action, Block, Command, Event, Function, Shortcut, View

#: By what is typed after the command; `""` is everything that is no sub-command.
COMMANDS: Final[Mapping[Command, Mapping[str, CommandListener]]] = {
    Command.KUDOS: {
        "": requests.open_form,
        "batch": batch.open_form,
        "help": show_help,
        "catalog refresh": catalog.refresh,
        "report": report.show,
    },
    Command.ORDERS: {
        "": orders.look_up,
        "help": show_help,
        "filter": search.open_filter,
        "pending": cards.list_pending,
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
    Action.SEND_ON: requests.reshape_form,
    Action.MORE: requests.reshape_form,
    Action.FEWER: requests.reshape_form,
    Action.APPROVE: approvals.approve,
    Action.APPROVE_LISTED: cards.approve_listed,
    Action.CARD_AGAIN: cards.post_again,
    Action.PENDING_MORE: cards.show_more,
    Action.PENDING_SHOW: cards.show_pending,
    Action.ASK_ANOTHER: reminders.ask_another,
    Action.DECLINE: approvals.ask_for_reason,
    Action.CARD_DETAILS: approvals.show_card_details,
    Action.WITHDRAW: approvals.withdraw,
    Action.UNDO: approvals.undo,
    Action.REQUEST_AGAIN: requests.ask_again,
    Action.ADDRESS_SHOW: approvals.show_address,
    Action.REQUEST_DETAILS: entries.show_request,
    Action.REQUEST_LISTED: entries.choose_for_request,
    Action.ORDER_DETAILS: orders.show_details,
    Action.ORDER_LISTED: entries.choose_for_order,
    Action.ORDERS_NEWER: search.turn_page,
    Action.ORDERS_OLDER: search.turn_page,
    Action.ORDERS_FILTER: search.ask_for_filter,
    Action.ORDERS_AT_TANGO: search.turn_page,
    Action.ORDERS_MEANT: search.turn_page,
    Action.ORDERS_MORE_FILTERS: search.show_more_filters,
    Action.RECEIVED_DETAILS: resend.show_received,
    Action.ORDER_ELSEWHERE: search.show_elsewhere,
    Action.ORDER_SHOW: orders.show_in_channel,
    Action.ORDER_RESEND: resend.resend_from_detail,
    Action.RESEND_LISTED: resend.resend_from_list,
    Action.RESEND_REFUSED: resend.resend_after_refusal,
    Action.RESEND_MINE: resend.resend_mine,
    Action.RESEND_CHANGES: resend.ask_for_changes,
    Action.ORDER_RETRY: orders.retry,
    Action.ORDER_CANCEL: orders.cancel,
    Action.ORDER_INQUIRE: orders.inquire,
    Action.ORDER_SENT_AS: orders.ask_sent_as,
    Action.ORDER_CLOSE: orders.close,
    Action.RECEIPT_CANCEL: orders.cancel_from_receipt,
    Action.ORDER_ASK: delivery.ask_again,
    Action.ORDER_ANEW: delivery.order_anew,
    Action.REWARD_SHOW: delivery.show,
    Action.REWARD_LINK: delivery.follow_link,
    Action.REWARD_DELIVER: delivery.deliver_again,
    Action.ADDRESS_WRONG: delivery.dispute_address,
    Action.QUEUE_RESUME: orders.resume_queue,
    Action.HOME_SEND: home.send,
    Action.AWAY: reminders.ask_until_when,
    Action.BACK: reminders.come_back,
    Action.BATCH_ASK: batch.ask,
    Action.BATCH_CANCEL: batch.cancel_rest,
    Action.BATCH_AGAIN: batch.try_again,
    Action.BATCH_ROWS: batch.show_rows,
    Action.BATCH_NEXT: batch.show_next,
    Action.BATCH_PREVIOUS: batch.show_previous,
    Action.BATCH_SEND_ON: batch.reshape_form,
    Action.SCHEDULE_CHANGE: schedules.ask_for_date,
}

#: The listener, and the field under which stands what belongs to no field.
SUBMISSIONS: Final[Mapping[View, tuple[SubmissionListener, Block]]] = {
    View.REQUEST: (requests.file_request, Block.RECIPIENTS),
    View.DECLINE: (approvals.decline, Block.REASON),
    View.RESEND: (resend.resend_with_changes, Block.NEW_TEMPLATE),
    View.SENT_AS: (orders.say_sent_as, Block.SENT_AS),
    View.AWAY: (reminders.leave, Block.AWAY_UNTIL),
    View.SEARCH: (search.apply_filter, Block.FOUND_FOR),
    View.BATCH: (batch.check_list, Block.LIST),
    View.BATCH_ASK: (batch.ask_for_list, Block.LIST),
    View.SCHEDULE: (schedules.change_date, Block.SEND_ON),
}

OPTIONS: Final[Mapping[Action, OptionsListener]] = {
    Action.REWARD: catalog.offer_rewards,
    Action.BATCH_REWARD: catalog.offer_rewards,
    Action.COUNTRY: requests.offer_countries,
    Action.GROUPS: batch.offer_groups,
    Action.TEMPLATE: templates.offer_templates,
    Action.NEW_TEMPLATE: templates.offer_templates,
}

SHORTCUTS: Final[Mapping[Shortcut, ShortcutListener]] = {
    Shortcut.SEND: shortcuts.send,
    Shortcut.REWARD_THIS: shortcuts.reward_this,
}

EVENTS: Final[Mapping[Event, EventListener]] = {
    Event.HOME_OPENED: home.show,
}

FUNCTIONS: Final[Mapping[Function, FunctionListener]] = {
    Function.ASK_FOR_REWARD: workflows.ask_for_reward,
    Function.REWARDS_ON_OFFER: workflows.offer_rewards,
    Function.OCCASIONS_ON_OFFER: workflows.offer_occasions,
}


def build_doors(desk: Desk, metrics: Metrics) -> Doors:
    """Return the doors, with every listener bound to what it answers to."""
    bind = Binding(desk, metrics)
    chosen: dict[str, Bound] = {shortcut: bind.shortcut(listen) for shortcut, listen in SHORTCUTS.items()}
    doors: dict[Door, Mapping[str, Bound]] = {
        Door.COMMAND: {command: bind.command(listeners) for command, listeners in COMMANDS.items()},
        Door.CLICK: {action: bind.click(listen) for action, listen in CLICKS.items()},
        Door.SUBMISSION: {
            view: bind.submission(listen, main_block=main) for view, (listen, main) in SUBMISSIONS.items()
        },
        Door.OPTIONS: {action: bind.options(listen) for action, listen in OPTIONS.items()},
        Door.SHORTCUT: chosen,
        Door.MESSAGE_SHORTCUT: chosen,
        Door.EVENT: {event: bind.event(listen) for event, listen in EVENTS.items()},
        Door.FUNCTION: {function: bind.function(listen) for function, listen in FUNCTIONS.items()},
    }
    return Doors(doors)
