"""Every name that Slack sends back. Names never change: messages on people's screens carry them."""

from enum import StrEnum
from typing import Final


class Command(StrEnum):
    """Slash commands. Their sub-commands are in handlers/__init__.py."""

    KUDOS = "/kudos"
    ORDERS = "/orders"
    RESEND = "/resend"


#: The sub-commands that have words after them. Of all others the whole text is the sub-command.
WITH_WORDS: Final = frozenset({"report"})


class Shortcut(StrEnum):
    """The `callback_id` of each shortcut."""

    SEND = "send_reward"
    REWARD_THIS = "reward_this"


class Event(StrEnum):
    """The events that the app is subscribed to."""

    HOME_OPENED = "app_home_opened"


class Function(StrEnum):
    """The `callback_id` of each function that Workflow Builder calls: the step, and what fills its lists."""

    ASK_FOR_REWARD = "ask_for_reward"
    REWARDS_ON_OFFER = "rewards_on_offer"
    OCCASIONS_ON_OFFER = "occasions_on_offer"


class Input(StrEnum):
    """The inputs of the functions, by name."""

    RECIPIENT = "recipient"
    REWARD = "reward"
    AMOUNT = "amount"
    MESSAGE = "message"
    OCCASION = "occasion"
    QUERY = "query"


class Output(StrEnum):
    """The outputs of the functions, by name."""

    REQUEST_NUMBER = "request_number"
    OPTIONS = "options"


class View(StrEnum):
    """The `callback_id` of each modal."""

    REQUEST = "request"
    DECLINE = "decline"
    RESEND = "resend"
    SEARCH = "search"
    SENT_AS = "sent_as"
    AWAY = "away"
    BATCH = "batch"
    BATCH_ASK = "batch_ask"
    SCHEDULE = "schedule"


class Block(StrEnum):
    """The `block_id` of each input, under which Slack shows its error."""

    RECIPIENTS = "recipients"
    GROUPS = "groups"
    REWARD = "reward"
    AMOUNT = "amount"
    MESSAGE = "message"
    OCCASION = "occasion"
    DELIVERY = "delivery"
    EXPIRES_ON = "expires_on"
    IN_PUBLIC = "in_public"
    TELL_DELIVERED = "tell_delivered"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    STREET_LINE1 = "street_line1"
    STREET_LINE2 = "street_line2"
    CITY = "city"
    STATE_OR_PROVINCE = "state_or_province"
    POSTAL_CODE = "postal_code"
    COUNTRY = "country"
    PRINTED_TEMPLATE = "printed_template"
    SUBJECT = "subject"
    TEMPLATE = "template"
    CAMPAIGN = "campaign"
    PURCHASE_ORDER = "purchase_order"
    NOTES = "notes"
    REASON_CHOICE = "reason_choice"
    REASON = "reason"
    NEW_TEMPLATE = "new_template"
    NEW_EMAIL = "new_email"
    SENT_AS = "sent_as"
    FOUND_FOR = "recipient_id"
    AWAY_UNTIL = "away_until"
    LIST = "list"
    FILE = "file"
    SEND_ON = "send_on"
    SEND_AT = "send_at"
    SEND_ZONE = "send_zone"


class Listed(StrEnum):
    """What stands before the reference in a line of an entry's menu. Without one, the line shows the details."""

    MAIL = "mail"
    CANCEL = "cancel"
    CHECK = "check"
    AGAIN = "again"
    WITHDRAW = "withdraw"
    CARD = "card"
    DATE = "date"


class Action(StrEnum):
    """The `action_id` of each button and input."""

    RECIPIENTS = "request_recipients"
    GROUPS = "request_groups"
    REWARD = "request_reward"
    AMOUNT = "request_amount"
    MESSAGE = "request_message"
    OCCASION = "request_occasion"
    DELIVERY = "request_delivery"
    EXPIRES_ON = "request_expires_on"
    IN_PUBLIC = "request_in_public"
    TELL_DELIVERED = "request_tell_delivered"
    COUNTRY = "request_country"
    TEMPLATE = "request_template"
    MORE = "request_more"
    FEWER = "request_fewer"
    APPROVE = "approve"
    APPROVE_LISTED = "approve_listed"
    CARD_AGAIN = "card_again"
    PENDING_MORE = "pending_more"
    PENDING_SHOW = "pending_show"
    ASK_ANOTHER = "ask_another"
    DECLINE = "decline"
    CARD_DETAILS = "who_is_this"
    REASON_CHOICE = "decline_reason_choice"
    REASON = "decline_reason"
    WITHDRAW = "withdraw"
    UNDO = "undo"
    REQUEST_AGAIN = "request_again"
    ADDRESS_SHOW = "address_show"
    REQUEST_DETAILS = "request_details"
    REQUEST_LISTED = "request_listed"
    ORDER_DETAILS = "order_details"
    ORDER_LISTED = "order_listed"
    ORDERS_NEWER = "orders_newer"
    ORDERS_OLDER = "orders_older"
    ORDERS_FILTER = "orders_filter"
    ORDERS_AT_TANGO = "orders_at_tango"
    ORDERS_MEANT = "orders_meant"
    ORDERS_MORE_FILTERS = "orders_more_filters"
    RECEIVED_DETAILS = "received_details"
    ORDER_ELSEWHERE = "order_elsewhere"
    ORDER_SHOW = "order_show"
    ORDER_RESEND = "order_resend"
    RESEND_LISTED = "resend_listed"
    RESEND_REFUSED = "resend_refused"
    RESEND_MINE = "resend_mine"
    RESEND_CHANGES = "resend_changes"
    NEW_TEMPLATE = "resend_new_template"
    NEW_EMAIL = "resend_new_email"
    ORDER_RETRY = "order_retry"
    ORDER_CANCEL = "order_cancel"
    ORDER_INQUIRE = "order_inquire"
    ORDER_SENT_AS = "order_sent_as"
    ORDER_CLOSE = "order_close"
    SENT_AS = "sent_as_number"
    RECEIPT_CANCEL = "receipt_cancel"
    ORDER_ASK = "order_ask"
    ORDER_ANEW = "order_anew"
    REWARD_SHOW = "reward_show"
    REWARD_LINK = "reward_link"
    REWARD_DELIVER = "reward_deliver"
    ADDRESS_WRONG = "address_wrong"
    QUEUE_RESUME = "queue_resume"
    HOME_SEND = "home_send"
    AWAY = "away"
    AWAY_UNTIL = "away_until"
    BACK = "back"
    BATCH_REWARD = "batch_reward"
    BATCH_LIST = "batch_list"
    BATCH_FILE = "batch_file"
    BATCH_DELIVERY = "batch_delivery"
    BATCH_ASK = "batch_ask"
    BATCH_ROWS = "batch_rows"
    BATCH_NEXT = "batch_next"
    BATCH_PREVIOUS = "batch_previous"
    BATCH_CANCEL = "batch_cancel"
    BATCH_AGAIN = "batch_again"
    SEND_ON = "request_send_on"
    SEND_AT = "request_send_at"
    SEND_ZONE = "request_send_zone"
    BATCH_SEND_ON = "batch_send_on"
    SCHEDULE_CHANGE = "schedule_change"
