"""Everything that knows Slack. The table of contents: which listener answers to what."""

import re
from collections.abc import Callable, Iterable, Mapping
from re import Pattern
from typing import Any, Final

from slack_bolt import Ack, App
from slack_sdk.web import WebClient

from bot.metrics import Metrics
from handlers import approvals, cards, catalog, delivery, entries, home, orders, requests, resend, search, shortcuts
from handlers.bolt.binding import (
    Binding,
    Bound,
    ClickListener,
    CommandListener,
    EventListener,
    OptionsListener,
    ShortcutListener,
    SubmissionListener,
)
from handlers.bolt.desk import Desk
from handlers.help import show as show_help
from handlers.ids import Action, Block, Command, Event, Shortcut, View

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
    Action.MORE: requests.reshape_form,
    Action.FEWER: requests.reshape_form,
    Action.APPROVE: approvals.approve,
    Action.APPROVE_LISTED: cards.approve_listed,
    Action.CARD_AGAIN: cards.post_again,
    Action.PENDING_MORE: cards.show_more,
    Action.DECLINE: approvals.ask_for_reason,
    Action.WHO: approvals.tell_who,
    Action.WITHDRAW: approvals.withdraw,
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
}

#: The listener, and the field under which stands what belongs to no field.
SUBMISSIONS: Final[Mapping[View, tuple[SubmissionListener, Block]]] = {
    View.REQUEST: (requests.file_request, Block.RECIPIENTS),
    View.DECLINE: (approvals.decline, Block.REASON),
    View.RESEND: (resend.resend_with_changes, Block.NEW_TEMPLATE),
    View.SENT_AS: (orders.say_sent_as, Block.SENT_AS),
    View.SEARCH: (search.apply_filter, Block.FOUND_FOR),
}

OPTIONS: Final[Mapping[Action, OptionsListener]] = {
    Action.REWARD: catalog.offer_rewards,
    Action.COUNTRY: requests.offer_countries,
}

SHORTCUTS: Final[Mapping[Shortcut, ShortcutListener]] = {
    Shortcut.SEND: shortcuts.send,
    Shortcut.REWARD_THIS: shortcuts.reward_this,
}

EVENTS: Final[Mapping[Event, EventListener]] = {
    Event.HOME_OPENED: home.show,
}


def register_listeners(app: App, desk: Desk, metrics: Metrics) -> None:
    """Bind every listener to what it answers to.

    Bolt has one listener for each door, which finds ours by name: Bolt asks its listeners one after another whether a
    payload is theirs, which takes 25 µs for each.
    """
    bind = Binding(desk, metrics)
    submissions: dict[str, Bound] = {
        view: bind.submission(listen, main_block=main) for view, (listen, main) in SUBMISSIONS.items()
    }
    app.view_submission(_one_of(submissions))(_by_name(submissions, lambda body: body["view"]["callback_id"]))
    clicks: dict[str, Bound] = {action: bind.click(listen) for action, listen in CLICKS.items()}
    app.block_action(_one_of(clicks))(_by_name(clicks, lambda body: body["actions"][0]["action_id"]))
    commands: dict[str, Bound] = {command: bind.command(listeners) for command, listeners in COMMANDS.items()}
    app.command(_one_of(commands))(_by_name(commands, lambda body: body["command"]))
    options: dict[str, Bound] = {action: bind.options(listen) for action, listen in OPTIONS.items()}
    app.options(_one_of(options))(_by_name(options, lambda body: body["action_id"]))
    chosen: dict[str, Bound] = {shortcut: bind.shortcut(listen) for shortcut, listen in SHORTCUTS.items()}
    app.shortcut(_one_of(chosen))(_by_name(chosen, lambda body: body["callback_id"]))
    for event, listen in EVENTS.items():
        app.event(event.value)(bind.event(listen))


def _one_of(names: Iterable[str]) -> Pattern[str]:
    """Return what matches each of the names, and nothing else."""
    return re.compile(rf"\A(?:{'|'.join(map(re.escape, names))})\Z")


def _by_name(bound: Mapping[str, Bound], name_of: Callable[[Mapping[str, Any]], str]) -> Bound:
    """Return the listener that passes a payload on to the one of its name."""

    def pass_on(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        bound[name_of(body)](ack, body, client)

    return pass_on
