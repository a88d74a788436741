"""The rules and wishes that refusals name: one sentence each in handlers/views/messages.py."""

from enum import StrEnum


class Rule(StrEnum):
    """The rule that a person met."""

    SENDERS_ONLY = "senders_only"
    GUESTS_MAY_NOT_SEND = "guests_may_not_send"
    APPROVERS_ONLY = "approvers_only"
    OTHER_APPROVERS = "other_approvers"
    ANOTHER_APPROVER = "another_approver"
    NOT_OWN_REQUEST = "not_own_request"
    NOT_OWN_REWARD = "not_own_reward"
    REQUESTER_ONLY = "requester_only"
    UNDO_BY_PARTIES = "undo_by_parties"
    ADMINS_ONLY = "admins_only"
    FINANCE_ONLY = "finance_only"
    NOT_OWN_ADDRESS = "not_own_address"
    COLLEAGUES_ONLY = "colleagues_only"
    MEMBERSHIP_UNKNOWN = "membership_unknown"


class Wish(StrEnum):
    """A wish of a person about an order."""

    RETRY = "retry"
    CANCEL = "cancel"
    UNDO = "undo"
    CLOSE = "close"
    INQUIRE = "inquire"
    SENT_AS = "sent_as"
    RESEND = "resend"
    SHOW = "show"
    GIVE = "give"
    ASK = "ask"
    REPEAT = "repeat"
    CHANGE_DATE = "change_date"
