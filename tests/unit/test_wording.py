"""Every sentence that people read, written out here and nowhere else: who changes one changes it here as well."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from bot import errors
from bot.domain.audit import AuditEvent
from bot.domain.catalog import Catalog, Reward, RewardKind
from bot.domain.charge import Charge
from bot.domain.inquiry import Inquiry, InquiryFinding
from bot.domain.money import Money
from bot.domain.order import AttemptOutcome, Order, OrderStatus, Progress
from bot.domain.problem import Problem
from bot.domain.queue import PAUSED, HaltCause, QueueState
from bot.domain.request import Address, Delivery, Details, Request, RequestStatus
from bot.domain.resend import Resend, ResendStatus
from bot.domain.review import Obstacle, ObstacleCode
from bot.errors import Refusal, Rule, SearchNotUnderstood, Wish
from bot.faults import Fault, FaultCode, SearchFault
from bot.usecases.home import HomeFacts, Sending
from bot.usecases.queue import CONSOLE
from bot.usecases.resend import Mailed
from handlers.views import (
    addresses,
    cancel,
    cards,
    charges,
    delivery,
    form_notes,
    forms,
    home,
    orders,
    people,
    queue,
    requests,
    resend,
    undelivered,
)
from handlers.views.blocks import sentence, time_of
from handlers.views.catalog import build_refreshed
from handlers.views.faults import fault_text, faults_text
from handlers.views.inquiry import (
    build_attention_ended,
    build_inquiring,
    build_inquiry_finished,
    build_sent_as_form,
    finding_text,
)
from handlers.views.messages import (
    asking_text,
    broken_text,
    not_here_text,
    refusal_text,
    slack_unreached_text,
    storage_text,
    trouble_text,
    unopened_text,
    unshown_text,
)
from handlers.views.problems import problem_text
from handlers.views.resend import wait_text
from handlers.views.review import obstacles_text
from handlers.views.tango import PROBLEMS, reference_text, tango_text, words_of
from tests.kit import wording
from tests.kit.factories import ADA, ALEX, MAYA, NOON, ROB, TEAM, a_person, a_recipient, a_request, a_reward, an_order
from tests.kit.wording import sent_as, words_in, wrote

#: Parts of many sentences, which are written out once, below: to change one changes no test of those sentences.
_THEN: Final = time_of(NOON)
_SOON: Final = wait_text(12)
_NO_FUNDS: Final = words_of("402.001", None)
_HOLD: Final = queue.Hold(HaltCause.INSUFFICIENT_FUNDS)
_SHORT_OF_FUNDS: Final = QueueState(
    next_start_at=NOON, halted_at=NOON, halt_cause=HaltCause.INSUFFICIENT_FUNDS, probes=0, probe_at=NOON
)

_SET_ASIDE: Final = an_order(status=OrderStatus.NEEDS_ATTENTION, problem=Problem.REFUSED_AFTER_AMBIGUOUS)
_ASKED: Final = Inquiry(id=1, order_id=1, requested_at=NOON, asked_at=NOON, finished_at=NOON)

_SENDING: Final = Sending(
    queue=QueueState(next_start_at=NOON, halted_at=None, halt_cause=None, probes=0, probe_at=None),
    waiting=1_200,
    attention=2,
    listed=[_SET_ASIDE],
    per_second=1.0,
    balance=(Decimal("1234.50"), "USD"),
)

_HOUSE: Final = Address(
    street_line1="1 Main St",
    street_line2="",
    city="Springfield",
    state_or_province="IL",
    postal_code="62701",
    country="US",
)
_POSTED: Final = a_request(details=Details(delivery=Delivery.POST, address=_HOUSE))

_FACTS: Final[Mapping[str, Any]] = {
    "currency": "USD",
    "bound": "$5.00",
    "amounts": "$5 to $500",
    "name": "Rob",
    "limit": 3_000,
    "length": 3_001,
    "field": "recipient.email",
    "least": 5,
    "number": "7",
    "found": "<>",
}

_WRITER: Final = a_person(handle="rob", title="Writer", email="r@x.example")

RULES: Final[Mapping[Rule, str]] = {
    Rule.SENDERS_ONLY: "You cannot send rewards with Kudos. Ask an admin of Kudos to add you to its senders.",
    Rule.GUESTS_MAY_NOT_SEND: "Guests cannot send rewards. Ask a member of this workspace to send it.",
    Rule.APPROVERS_ONLY: (
        "Only approvers can decide about rewards. Each request waits for one of them; `/orders` shows yours."
    ),
    Rule.NOT_OWN_REQUEST: "This is your own request, so somebody else has to decide. You can withdraw it.",
    Rule.NOT_OWN_REWARD: "This reward is for you, so somebody else has to decide.",
    Rule.REQUESTER_ONLY: "Only the person who filed a request can withdraw it. An approver can decline it.",
    Rule.NOT_OWN_ADDRESS: "This is your own address. You can't send somebody else's reward there.",
    Rule.ADMINS_ONLY: "Only admins of Kudos can do this. Ask one of them.",
    Rule.COLLEAGUES_ONLY: (
        "Guests, apps and people of other companies can't approve rewards or act as admins. Ask a colleague who can."
    ),
    Rule.MEMBERSHIP_UNKNOWN: (
        "Slack hasn't confirmed for ten minutes who the approvers and admins are, so I can't do this. Nothing was "
        "changed. Try again in a few minutes."
    ),
}

REFUSALS: Final[tuple[tuple[Refusal, str], ...]] = (
    (errors.NotFound("<7>"), "There is no `&lt;7&gt;` that you can see. `/orders` lists yours."),
    (
        errors.StaleReference(),
        (
            "This message is from before Kudos was restored or updated, so its buttons no longer work. Nothing was "
            "changed: please use the newer message, or type `/orders`."
        ),
    ),
    (
        errors.AlreadyAsked(number="R-8", amount="$25.00", names=["Rob Hale"]),
        (
            "You already asked for this: R-8, $25.00 for Rob Hale. To ask for what's in the form now as well, submit "
            "it again."
        ),
    ),
    (
        errors.AlreadyAsked(number="R-8", amount="$25.00", names=["Rob Hale", "A & B"]),
        (
            "You already asked for this: R-8, $25.00 each for Rob Hale, A &amp; B. To ask for what's in the form now "
            "as well, submit it again."
        ),
    ),
    (
        errors.AlreadyDecided(status=RequestStatus.APPROVED, by=ALEX, at=NOON),
        f"This request was already approved by <@U0ALEX001>, {_THEN}. Nothing else was done.",
    ),
    (
        errors.AlreadyDecided(status=RequestStatus.EXPIRED, by=None, at=NOON),
        f"This request was already expired, {_THEN}. Nothing else was done.",
    ),
    (
        errors.PastIdempotency("7"),
        (
            "Order 7 was first sent 90 days ago or more, so Tango no longer promises that sending it "
            "again makes no second order. *Check with Tango* in `/orders` asks if Tango has it. If not, close it and "
            "make a new request."
        ),
    ),
    (errors.QueuePaused(), "Sending is paused. `kudos queue resume` on the bot's machine ends the pause."),
    (
        errors.AlreadyReaddressed(number="7", again_at=NOON),
        (
            "The email of order 7 already went to another address. It can go to one once a day: again "
            f"{_THEN}. You can send it to its usual address at any time."
        ),
    ),
    (
        errors.ChangedSince([("reward_gone", "A & B")]),
        (
            "This can't be approved as it was requested: A &amp; B isn't on offer any more. "
            "Please decline it, so that they can ask again."
        ),
    ),
    (errors.RewardNotReady("7"), "Tango has not made this reward yet. Try again in a minute."),
    (errors.NoRewards(), "No rewards can be chosen yet, because Tango has not answered. Try again in a minute."),
    (errors.SlackUnavailable(), "Slack did not tell who the people are. Nothing was changed: please try again."),
    (
        errors.ResendTooSoon(number="7", seconds_left=12),
        "The email just went out. You can resend it in 12 seconds.",
    ),
    (
        errors.ResendTooSoon(number="7", seconds_left=1),
        "The email just went out. You can resend it in 1 second.",
    ),
    (
        errors.TooManyResends(most=10, again_at=NOON),
        f"You had 10 reward emails sent again within an hour, and that's the most. Try again {time_of(NOON)}.",
    ),
    (
        errors.DeliveredTooSoon(number="7", seconds_left=12),
        "The reward of order 7 was delivered just now. You can have it delivered again in 12 seconds.",
    ),
    (
        errors.NotMailed(),
        (
            "Tango sent no e-mail for this order, so there is none to send again. Ask an admin of Kudos "
            "to look it up in the Tango portal."
        ),
    ),
    (errors.SeveralOrders("R-8", ["8.1", "8.2", "8.3"]), "R-8 has several orders. Name one, from 8.1 to 8.3."),
    (
        errors.WrongState(number="7", status=OrderStatus.SUBMITTING, move=Wish.RETRY),
        "Order 7 is being placed: it can be sent once more only while it needs attention.",
    ),
    (
        SearchNotUnderstood(SearchFault.UNKNOWN, "<x>", known=["placed", "failed"]),
        "I don't know `&lt;x&gt;`. Did you mean `placed`?",
    ),
    (
        SearchNotUnderstood(SearchFault.UNKNOWN, "<x>"),
        "I don't know `&lt;x&gt;`, and no reward went to anyone of that name.",
    ),
    (
        SearchNotUnderstood(SearchFault.VALUE, "<x>", known=["placed", "failed"]),
        "`&lt;x&gt;` is not understood: it takes placed, failed.",
    ),
    (
        SearchNotUnderstood(SearchFault.TWICE, "<x>", known=["placed", "failed"]),
        "`&lt;x&gt;` says something for the second time. Say each thing once.",
    ),
    (SearchNotUnderstood(SearchFault.ONE_PERSON, "<x>", known=["placed", "failed"]), "Look for one person at a time."),
    (
        SearchNotUnderstood(SearchFault.NO_ADDRESS, "<x>", known=["placed", "failed"]),
        (
            "`&lt;x&gt;` has no e-mail address in their Slack profile, by which Tango could find them. "
            "Look for a name instead: first:Rob last:Hale."
        ),
    ),
    (
        SearchNotUnderstood(SearchFault.REVERSED, "<x>", known=["placed", "failed"]),
        "The start has to come before the end.",
    ),
    (
        SearchNotUnderstood(SearchFault.TOO_LONG, "<x>", known=["placed", "failed"]),
        "That is more than can be looked for at once. Leave something out.",
    ),
)

#: How each refusal ends of an order whose state does not allow it.
WISHES: Final[Mapping[Wish, str]] = {
    Wish.RETRY: "can be sent once more only while it needs attention.",
    Wish.CANCEL: "can be canceled only while it waits and Tango surely doesn't have it.",
    Wish.CLOSE: "can be closed only once Tango has said that it doesn't have it.",
    Wish.INQUIRE: "can be checked with Tango only while its outcome isn't known.",
    Wish.SENT_AS: "can be given Tango's number only while it needs attention and Tango has none for it.",
    Wish.RESEND: "can be sent again only once it is placed.",
    Wish.SHOW: "can be shown only while it is placed.",
    Wish.GIVE: "can be delivered only once Tango has made the reward.",
    Wish.ASK: "can be asked about only while Tango has not finished it.",
    Wish.REPEAT: "can be ordered anew only once it has failed or was canceled.",
}

#: By field and code; a field of tomorrow has what is said under every field.
FAULTS: Final[Mapping[tuple[str, FaultCode], str]] = {
    ("recipients", FaultCode.REQUIRED): "Please choose at least one person.",
    ("recipients", FaultCode.TOO_MANY_PEOPLE): "Choose at most 3000 people. For more, please send a second request.",
    ("recipients", FaultCode.IS_ONESELF): "You can't reward yourself. Please remove your name.",
    ("recipients", FaultCode.IS_BOT): "Apps can't get rewards: Rob. Please choose people.",
    ("recipients", FaultCode.IS_DEACTIVATED): "No longer in this workspace: Rob. Please choose someone else.",
    ("recipients", FaultCode.IS_GUEST): "Guests can't get rewards: Rob. Please choose members.",
    ("recipients", FaultCode.IS_OUTSIDER): "Not a member of this workspace: Rob. Please choose members.",
    ("recipients", FaultCode.HAS_NO_EMAIL): (
        "No email address in the Slack profile of Rob. They can add one, or you can choose delivery by direct message."
    ),
    ("recipients", FaultCode.NAME_UNUSABLE): (
        "No name that Tango can use in the Slack profile of Rob. They can change it there."
    ),
    ("recipients", FaultCode.ONE_ADDRESS): "A posted reward goes to one person. Please choose one.",
    ("recipients", FaultCode.PROFILE_INCOMPLETE): (
        "No email address in the Slack profile of Rob. Tango needs it for this reward. They can add it there."
    ),
    ("recipients", FaultCode.PROFILE_CHARACTERS): (
        "Tango can't use <> in the email address of Rob. They can change it in their Slack profile."
    ),
    ("recipients", FaultCode.PROFILE_TOO_LONG): (
        "Tango allows 3000 characters in the email address of Rob. They can shorten it in their Slack profile."
    ),
    ("recipients", FaultCode.PROFILE_MALFORMED): (
        "Tango can't use the email address of Rob. They can change it in their Slack profile, or you "
        "can choose delivery by direct message."
    ),
    ("reward", FaultCode.REQUIRED): "Please choose a reward.",
    ("reward", FaultCode.UNAVAILABLE): "This reward is no longer available. Please choose another.",
    ("amount", FaultCode.EMPTY): "Please type an amount: $5 to $500.",
    ("amount", FaultCode.NOT_A_NUMBER): "I can't read that amount. Type it like 25, 25.00 or 1000.",
    ("amount", FaultCode.NEGATIVE): "Use an amount above zero.",
    ("amount", FaultCode.ZERO): "Use an amount above zero.",
    ("amount", FaultCode.DECIMAL_COMMA): "Please use a point for decimals: 25.00. A comma separates thousands: 1,000.",
    ("amount", FaultCode.FINER_THAN_CURRENCY): "USD amounts have at most two decimals, like 25.50.",
    ("amount", FaultCode.TOO_LARGE): "That's more than Tango allows in one order.",
    ("amount", FaultCode.OTHER_CURRENCY): "This reward is in USD. Please type the amount in that currency.",
    ("amount", FaultCode.BELOW_MINIMUM): "The minimum for this reward is $5.00.",
    ("amount", FaultCode.ABOVE_MAXIMUM): "The maximum for this reward is $5.00.",
    ("amount", FaultCode.NOT_THE_FIXED_VALUE): "This reward is always $5.00.",
    ("amount", FaultCode.NOT_WHOLE): "This reward comes in whole amounts, like 25.",
    ("message", FaultCode.TOO_LONG): "Use at most 3,000 characters. This is 3,001.",
    ("reason", FaultCode.REQUIRED): "Please say why, so that the requester knows what to change.",
    ("reason", FaultCode.TOO_LONG): "Use at most 3,000 characters. This is 3,001.",
    ("new_template", FaultCode.MALFORMED): "That doesn't look right. Use E and six digits, like E000002.",
    ("sent_as", FaultCode.REQUIRED): "Please type Tango's number of the order.",
    ("sent_as", FaultCode.MALFORMED): "That isn't one of Tango's order numbers. They look like RA180426-1401-64.",
    ("sent_as", FaultCode.TAKEN): "That's Tango's number of order 7.",
    ("new_email", FaultCode.MALFORMED): "That isn't an email address that Tango can use.",
    ("a_field_of_tomorrow", FaultCode.REQUIRED): "Please fill this in. Tango needs it for this reward.",
    ("a_field_of_tomorrow", FaultCode.NOT_APPLICABLE): "Please leave this blank. This reward doesn't use it.",
    ("a_field_of_tomorrow", FaultCode.TOO_SHORT): "Use at least 5 characters.",
    ("a_field_of_tomorrow", FaultCode.TOO_LONG): "Use at most 3,000 characters. This is 3,001.",
    ("a_field_of_tomorrow", FaultCode.CHARACTERS): "Tango can't use <> here. Please leave it out.",
    ("a_field_of_tomorrow", FaultCode.MALFORMED): "That doesn't look right. Please check the hint below the field.",
    ("a_field_of_tomorrow", FaultCode.NOT_A_NUMBER): "I can't read that amount. Type it like 25, 25.00 or 1000.",
    ("a_field_of_tomorrow", FaultCode.NOT_POSITIVE): "Use more than zero.",
    ("a_field_of_tomorrow", FaultCode.REVERSED): "The start has to come before the end.",
    (
        "a_field_of_tomorrow",
        FaultCode.UNKNOWN_CODE,
    ): "I can't find that code. In the US and Canada it's two capitals, like CA or ON.",
    ("a_field_of_tomorrow", FaultCode.TOO_SOON): "Please choose tomorrow or a later day.",
    ("a_field_of_tomorrow", FaultCode.TOO_LATE): "Please choose a day within the next year.",
    ("a_field_of_tomorrow", FaultCode.TOO_LARGE): "That's more than Tango allows.",
    ("a_field_of_tomorrow", FaultCode.TOO_MANY_DECIMALS): "That has more decimals than Tango allows.",
}

#: What happened, by the first of Tango's keys for it.
CAUSES: Final[Mapping[str, str]] = {
    "400.009": "Tango could not read what was sent",
    "400.021": "the search goes beyond the 10,000 orders that Tango shows",
    "http_400": "Tango found something wrong with what was sent",
    "401.501": "Tango does not accept the platform name and key",
    "401.502": "the platform name and key did not reach Tango",
    "402.001": "the Tango account has not enough funds",
    "403.003": "Tango did not send the first e-mail of this order, so it sends no second",
    "403.004": "Tango sends the e-mail of this order again only after some hours",
    "403.005": "Tango sends a reward e-mail at most once in 30 seconds",
    "403.007": "the platform may not act for the customer in the settings",
    "403.008": "the e-mail template is not of this platform",
    "403.021": "the e-mail template is not of this account",
    "403.016": "Tango's protection against fraud has stopped the account",
    "403.018": "Tango has rejected the platform",
    "403.020": "the platform's status at Tango does not permit it",
    "403.022": "the reward was reissued five times, and Tango does it no more often",
    "http_403": "Tango does not permit this platform to order for this customer and account",
    "404.002": "Tango does not know the customer in the settings",
    "404.003": "Tango does not know the account in the settings",
    "404.015": "Tango does not know the customer or the account in the settings",
    "404.004": "the Tango account is not active, or is not the customer's",
    "404.005": "Tango does not know this order",
    "404.110": "Tango has nothing under this reference",
    "404.142": "Tango has frozen the account",
    "http_404": "Tango does not know what was asked for",
    "405.001": "Tango did not take the call as it was made",
    "409.002": "Tango has an order under this reference already, or still works on it",
    "428.001": "Tango has to approve this reward for the platform first",
    "429.001": "Tango is asked more often than it takes",
    "422.024": "the reward is not in this platform's catalog",
    "422.030": "the reward is no longer active",
    "422.025": "the amount is below or above what this reward takes",
    "422.026": "this reward takes whole amounts only",
    "422.027": "this reward has a fixed value, and the amount is another",
    "422.105": "the amount has more than six digits before the point, or more than two after it",
    "422.013": "the amount is not more than zero",
    "422.166": "the currency is not the reward's",
    "422.028": "something about the recipient is missing",
    "422.029": "the recipient has no e-mail address",
    "422.009": "an e-mail address is none that Tango takes",
    "422.111": "a name has a character that Tango does not take, such as < > /",
    "422.007": "something that Tango needs is missing",
    "422.006": "a text is longer than Tango takes",
    "422.031": "Tango does not know the e-mail template",
    "422.124": "the e-mail template is not an E and six digits",
    "422.110": "the reference is longer than Tango takes",
    "422.162": "this reward has no expiration date",
    "422.167": "the postal address is missing",
    "422.168": "this reward is not posted, so Tango takes no postal address for it",
    "422.501": "the customer or the account in the settings is not 5 to 100 letters, digits and hyphens",
    "422.502": "the campaign has more than letters, digits and spaces",
    "http_422": "Tango does not carry this out as it was asked",
    "422.041": "the search ends before it begins",
    "422.042": "Tango shows at most 100 orders at a time",
    "422.043": "the search spans more days than Tango takes",
    "422.044": "a date is not of the form 2026-01-31",
    "422.045": "a date is not in the past",
    "422.145": "Tango cannot go on with the list from there",
    "500.001": "something failed inside Tango",
    "500.003": "Tango could not take the payment",
    "500.004": "Tango could not send the e-mail",
    "500.021": "Tango has not finished this order yet",
    "502.001": "Tango cannot be reached at present",
    "503.002": "the supplier of this reward has none at present",
    "503.003": "the supplier of this reward does not answer Tango",
    "503.042": "Tango maintains this reward at present",
}

#: What to do, sentence by sentence: several things have one in common.
REMEDIES: Final = (
    "This is a fault in Kudos, or in what lies between it and Tango: tell the operator of Kudos.",
    "Narrow it, by dates for example.",
    "Put it right in a new request.",
    "Check TANGO_PLATFORM_NAME and TANGO_PLATFORM_KEY, and restart the bot with the right ones.",
    "Set TANGO_PLATFORM_NAME and TANGO_PLATFORM_KEY, and let no proxy take the Authorization header away.",
    "Add funds in the Tango portal.",
    "Look the reward up in the Tango portal, and hand it over another way.",
    "Try again tomorrow.",
    "Try again when they have passed.",
    "Check tango.customer, or have Tango authorise the platform for it.",
    "Use another template, or none.",
    "Ask your Tango contact to lift it, and say that the orders are meant.",
    "Ask your Tango contact what it lacks.",
    "Ask your Tango contact to activate the platform.",
    "File a new request.",
    "Check tango.customer and tango.account in the settings.",
    "If they are right, ask Tango.",
    "Check tango.customer.",
    "Check tango.account.",
    "The Tango portal shows whether the account is active.",
    "Look for it in the Tango portal.",
    "If it is there, tango.base_url is another environment's.",
    "Search by the person or the date instead.",
    "Ask your Tango contact to lift it.",
    "Check tango.customer and tango.account in the settings. tango.base_url ends in /raas/v2.",
    "Check that tango.base_url ends in /raas/v2, and that no proxy changes what is sent.",
    "Kudos asks again under the same reference until Tango tells; nobody can be paid twice.",
    "Ask your Tango contact to approve it, or have another reward chosen in a new request.",
    "Kudos tries an order again by itself, under the same reference; anything else, try again in a minute.",
    "Choose another reward in a new request.",
    "Choose another amount in a new request.",
    "`/kudos catalog refresh` asks for the catalog again; then a new request has the right one.",
    "They can add it to their Slack profile; then file a new request.",
    "They can add one to their Slack profile; then file a new request.",
    "The recipient's can be changed in their Slack profile; then file a new request.",
    "It can be changed in the Slack profile; then file a new request.",
    "Fill it in in a new request.",
    "Shorten it in a new request.",
    "Leave the date empty in a new request.",
    "File a new request without.",
    "Choose another in a new request.",
    "Turn its two dates round.",
    "Narrow its dates.",
    "Type it like that.",
    "Choose an earlier one.",
    "Search again from the first page.",
    "Try again once `/orders` says that it is complete.",
    "Kudos keeps trying, under the same reference; it may take a day.",
    "Kudos keeps trying, under the same reference.",
    "Show this to an admin: Tango's support finds it by the request id.",
)


def _home(**facts: Any) -> str:
    """What is said on the Home of somebody who has nothing there but these facts."""
    usual: dict[str, Any] = dict.fromkeys(("waiting", "pending", "orders", "received"), ()) | {
        "sends": False,
        "decides": False,
        "is_unconfirmed": False,
        "admins": [ADA],
        "sending": None,
    }
    return words_in(home.build_home(HomeFacts(**usual | facts), TEAM, NOON)["blocks"])


def _decided(status: RequestStatus) -> Request:
    by = None if status is RequestStatus.EXPIRED else ALEX
    return a_request(status=status, decided_by=by, decided_at=NOON, reason="Over budget")


def _readdressed(address: str | None) -> Resend:
    return replace(_resend(ResendStatus.CLAIMED, ADA), readdressed=True, masked_email=address)


def _resend(status: ResendStatus, by: str) -> Resend:
    return Resend(
        id=1, order_id=1, requested_by=by, requested_at=NOON, previous_sent_at=NOON, status=status, finished_at=NOON
    )


def _resent(status: ResendStatus, by: str) -> list[str]:
    """Return the sentences that tell what became of a resend."""
    text = resend.build_resend_finished(an_order(), _resend(status, by), 12).text
    return re.split(r"(?<=\.) (?=[A-Z])", text)


def _mailed(place: int) -> Order:
    """Return an order of R-8 whose email can be sent again."""
    return an_order(request_id=8, place=place, status=OrderStatus.ACCEPTED, last_sent_at=NOON)


#: What the requester hears of an approval, before it is told when the reward is sent.
_APPROVED: Final = requests.build_decision(_decided(RequestStatus.APPROVED), None).text

#: What becomes of an order that somebody cancels.
_CANCELED: Final = (
    "canceled order #1: $25.00 (Reward Link Preferred) for <@U0ROB0001>. It was not sent, and nothing was paid."
)

#: Phrases that stand in several sentences. One of these writes each out; the others have them from here.
_YOURS: Final = _APPROVED.partition(" approved ")[2].removesuffix(".")
_ON_HOLD: Final = wording.hold(HaltCause.OUTAGE, waiting=0).text.partition(":")[0]
_THE_ORDER: Final = build_attention_ended(an_order(), AuditEvent.ORDER_CLOSED, ADA).text.split(": ")[1].split(". ")[0]
_WAITS: Final = orders.status_text(an_order())

#: What is told, as it stands in a notification.
MESSAGES: Final = {
    "order, Tango takes none": (
        wording.WAITS_FOR_TANGO,
        "⏸️ On hold: the Tango account is out of funds",
    ),
    "order, paused": (wording.WAITS_PAUSED, "⏸️ On hold: sending is paused"),
    "request, undecided": (wording.WAITS_FOR_APPROVER, "It waits for an approver. You will hear what they decide."),
    "attempt, unclear": (wording.attempt(AttemptOutcome.AMBIGUOUS, 503), "• Attempt: no clear answer (503"),
    "attempt, halted": (wording.attempt(AttemptOutcome.HALTED, 402), "• Attempt: not possible at that time (402"),
    "list, cut": (wording.CUT, "Tango lists only the first 10,000: narrow it down, by days or amounts."),
    "list, maybe older": (wording.MAYBE_OLDER, "None on this page, but there may be older ones."),
    "list, without orders": (wording.NO_ORDERS, "No orders here. `/kudos` sends a reward."),
    "list, without orders, to a guest": (wording.NO_ORDERS_TO_GUESTS, "No orders here."),
    "list, received": (wording.RECEIVED, "Rewards you received"),
    "list, own": (wording.OWN_ORDERS, "Your orders"),
    "list, everyone's": (wording.ALL_ORDERS, "All orders"),
    "list, Tango's": (wording.ALL_AT_TANGO, "All orders at Tango"),
    "form, title": (wording.FORM_TITLE, "Send a reward"),
    "form, submit": (wording.SUBMIT, "Ask for approval"),
    "card, posted again": (
        wording.posting_again(8),
        "I'm posting the card of request #8 again. The old one will point to the new one",
    ),
    "card, posted just now": (
        wording.posted_just_now(8),
        "The card of request #8 was posted again less than a minute ago",
    ),
    "card, moved": (
        words_in(cards.build_moved_card(a_request(id=8), "https://acme.slack.com/archives/C0/p1").blocks),
        "Request #8 has a new card.\n \nGo to the new card",
    ),
    "receipt, moved": (
        "".join(words_in(cards.build_moved_receipt(a_request(id=8), "https://acme.slack.com/archives/D0/p1").blocks)),
        "This copy of your request #8 is out of date.\n \nGo to the current one",
    ),
    "card, moved, no link": (cards.build_moved_card(a_request(id=8), None).text, "Request #8 has a new card."),
    "card, refused": (
        undelivered.build_card_refused(a_request(id=8), "invalid_blocks").text,
        (
            "Slack doesn't take the card of request #8 ($25.00 for Rob Weiss), so the approvers can't see it. "
            "Please tell one of them: they can decide with `/orders pending`."
        ),
    ),
    "card, not in the channel": (
        words_in(undelivered.build_card_refused(a_request(), "not_in_channel").blocks[1:]),
        (
            "Kudos isn't in the approvals channel. Anyone in it can type there: `/invite @Kudos`.\n"
            "Post the card again\n"
            "Slack: not_in_channel"
        ),
    ),
    "card, channel not found": (
        words_in(undelivered.build_card_refused(a_request(), "channel_not_found").blocks[1:2]),
        "Kudos can't see the approvals channel. If it's private, anyone in it can type there: `/invite @Kudos`.",
    ),
    "card, channel archived": (
        words_in(undelivered.build_card_refused(a_request(), "is_archived").blocks[1:2]),
        "The approvals channel is archived. Anyone who was in it can unarchive it.",
    ),
    "card, refused, decided": (
        undelivered.build_card_refused(a_request(id=8, status=RequestStatus.APPROVED), "invalid_blocks").text,
        (
            "Slack didn't take the card of request #8 ($25.00 for Rob Weiss). The request has been decided, so "
            "nothing is left to do."
        ),
    ),
    "requester untold": (
        words_in(undelivered.build_requester_untold(a_request(id=8), "user_disabled").blocks),
        (
            "Slack doesn't take Kudos's messages to <@U0MAYA001>, so they don't hear what becomes of request #8 "
            "($25.00 for Rob Weiss). Please tell them, or look after it in their place: it's in `/orders`.\n"
            "Slack: user_disabled"
        ),
    ),
    "recipient untold": (
        undelivered.build_recipient_untold(an_order(id=9), "user_disabled").text,
        (
            "Slack doesn't take Kudos's messages to <@U0ROB0001>, so they don't hear of the reward of order #9: $25.00 "
            "(Reward Link Preferred). It was sent all the same, so please tell them."
        ),
    ),
    "waiting for the viewer": (wording.PENDING, "Waiting for your decision"),
    "approved in the list": (
        words_in(cards.build_pending([], TEAM, approved=a_request(id=8)).blocks),
        "Approved: request #8, $25.00 for Rob Weiss.\nNothing waits for your decision.",
    ),
    "nothing waits for the viewer": (wording.NOTHING_PENDING, "Nothing waits for your decision."),
    "readdressed": (
        resend.build_readdressed(an_order(), _readdressed("r…@new.example")).text,
        (
            "<@U0ADA0001> is having the email of <@U0ROB0001>'s reward (Reward Link Preferred, $25.00, from "
            "<@U0MAYA001>) sent to another address: r…@new.example. If that isn't <@U0ROB0001>'s own, please tell "
            "another admin of Kudos right away."
        ),
    ),
    "readdressed, cleared": (
        resend.build_readdressed(an_order(), _readdressed(None)).text,
        (
            "<@U0ADA0001> is having the email of <@U0ROB0001>'s reward (Reward Link Preferred, $25.00, from "
            "<@U0MAYA001>) sent to another address. If that isn't <@U0ROB0001>'s own, please tell another admin of "
            "Kudos right away."
        ),
    ),
    "resend form, whose address": (
        resend.build_resend_form(Mailed(order=an_order(), seconds_left=0, by_admin=True))["blocks"][-1]["elements"][0][
            "text"
        ],
        (
            "Another address must be the same person's, <@U0ROB0001>: the reward stays theirs. They and <@U0MAYA001> "
            "hear of it at once. The order's history keeps that you changed it, and the log keeps the address's domain "
            "and a fingerprint."
        ),
    ),
    "failed, nothing paid": (wording.NOTHING_PAID, "Nothing was paid."),
    "unopened": (
        unopened_text(),
        "Slack did not open the form in time. Nothing was changed: please try again.",
    ),
    "Slack unreached": (
        slack_unreached_text(),
        "Slack could not be reached to open the form. Nothing was changed: please try again.",
    ),
    "not understood": (resend.not_understood_text("<x>"), "Kudos does not know what `&lt;x&gt;` is."),
    "refreshed": (build_refreshed(1_200).text, "The catalog is up to date: the form offers 1,200 rewards."),
    "refreshed, one": (build_refreshed(1).text, "The catalog is up to date: the form offers 1 reward."),
    "refreshed, none": (
        build_refreshed(0).text,
        "Tango offers no rewards right now, so the form has none to choose from.",
    ),
    "asking": (asking_text(), "One moment: the answer follows."),
    "not shown to everyone": (
        unshown_text(),
        "I couldn't show this to everyone here. If it doesn't appear, please try again.",
    ),
    "not here": (
        not_here_text(),
        "This window is yours alone. Use `/orders` and the order's number in the channel that is to see it.",
    ),
    "storage": (
        storage_text(),
        "Kudos cannot save anything right now. Nothing was changed: please try again in a minute.",
    ),
    "broken": (
        broken_text("abc123"),
        "Something went wrong in Kudos. Please try again, and if it stays, tell an admin: `abc123`.",
    ),
    "no answer": (
        trouble_text(errors.TangoUnavailable(reason="timeout")),
        "Tango does not answer at the moment. Nothing was changed: please try again in a minute.",
    ),
    "unknown key": (
        tango_text("422.999", 400, said="So.", request_id="req-1"),
        (
            "Tango gave a reason that Kudos does not know. Show this to an admin: Tango's support finds "
            "it by the request id. Tango says: “So.” (Tango 422.999, request req-1)"
        ),
    ),
    "reference": (reference_text("422.026", "req-1"), " (Tango 422.026, request req-1)"),
    "for an admin": (
        tango_text("402.001", 402),
        f"{sentence(_NO_FUNDS.what)}. For an admin of Kudos: {_NO_FUNDS.remedy}{reference_text('402.001', None)}",
    ),
    "for Tango": (
        tango_text("404.142", 422),
        (
            "Tango has frozen the account. For an admin of Kudos, with Tango: Ask your Tango contact to "
            "lift it. (Tango 404.142)"
        ),
    ),
    "found differs": (
        problem_text(an_order(problem=Problem.DIFFERS, problem_detail="so"), None),
        "Tango has another order under this reference. Compare the two in the Tango portal (so).",
    ),
    "found unconfirmed": (
        problem_text(an_order(problem=Problem.UNCONFIRMED, problem_detail="so"), None),
        (
            "Tango took it, but doesn't say that it is the order that was approved. Compare the two in the Tango "
            "portal (so)."
        ),
    ),
    "found past_idempotency": (
        problem_text(an_order(problem=Problem.PAST_IDEMPOTENCY, problem_detail="so"), None),
        ("It was first sent 90 days ago or more, so sending it again could make a second order (so)."),
    ),
    "found unclear_alone": (
        problem_text(an_order(problem=Problem.UNCLEAR_ALONE), None),
        "It was sent again and again without a clear answer, so it may be placed. Tango takes other orders meanwhile.",
    ),
    "found unrecorded": (
        problem_text(an_order(problem=Problem.UNRECORDED, problem_detail="so"), None),
        ("Tango's answer could not be written down, so the order may be placed. The log says why (so)."),
    ),
    "found closed": (
        problem_text(an_order(problem=Problem.CLOSED), None),
        (
            "An admin closed it without sending it. Tango doesn't have it, so nothing was paid. A new request makes a "
            "new order."
        ),
    ),
    **{
        f"inquiry {finding}": (finding_text(_SET_ASIDE, replace(_ASKED, finding=finding), NOON), text)
        for finding, text in {
            InquiryFinding.ABSENT: (
                f"Tango doesn't have it ({_THEN}), so nothing was paid. An admin can send it again or close it."
            ),
            InquiryFinding.TOO_SOON: (
                f"Tango doesn't have it so far ({_THEN}). That is certain only an hour after the last attempt, so I'll "
                f"ask again {_THEN}."
            ),
            InquiryFinding.UNANSWERED: (
                f"I asked Tango {_THEN} and got no answer that counts, so I'll ask again {_THEN}. *Check with Tango* "
                "asks at once."
            ),
            InquiryFinding.UNRECORDED: f"I asked Tango {_THEN} and could not save the answer. The log says why.",
            InquiryFinding.DIFFERS: "",
        }.items()
    },
    "inquiry begins": (finding_text(_SET_ASIDE, None, NOON), "I'm asking Tango what became of it."),
    "inquiry absent, past the 90 days": (
        finding_text(
            replace(_SET_ASIDE, problem=Problem.PAST_IDEMPOTENCY), replace(_ASKED, finding=InquiryFinding.ABSENT), None
        ),
        (
            f"Tango doesn't have it ({_THEN}), so nothing was paid. An admin can close it. A new request makes a new "
            "order."
        ),
    ),
    "inquiry absent, in the queue": (
        finding_text(an_order(), replace(_ASKED, finding=InquiryFinding.ABSENT), None),
        f"Tango doesn't have it ({_THEN}), so nothing was paid. It keeps its place in the queue.",
    ),
    "inquiring": (
        build_inquiring(an_order()).text,
        "I'm asking Tango about order #1. You'll hear what it says.",
    ),
    **{
        f"inquiry finished, {finding}": (
            build_inquiry_finished(an_order(), replace(_ASKED, finding=finding, detail="amount"), None).text,
            text,
        )
        for finding, text in {
            InquiryFinding.SAME: "Tango has order #1, so it is waiting in the queue.",
            InquiryFinding.DIFFERS: "Order #1: Tango has another order there (amount), as before.",
            InquiryFinding.OVERTAKEN: "Order #1 was settled before Tango answered. It is waiting in the queue.",
        }.items()
    },
    **{
        f"sent as, {finding}": (sent_as(finding, "RA1", "amount"), text)
        for finding, text in {
            InquiryFinding.DIFFERS: "RA1 is not order #1. What differs: amount. Nothing was changed.",
            InquiryFinding.UNCONFIRMED: (
                "I can't tell if RA1 is order #1. Tango leaves out: amount. Nothing was changed."
            ),
            InquiryFinding.NO_SUCH_NUMBER: "Tango has no order RA1. Check the number in the Tango portal.",
            InquiryFinding.OVERTAKEN: f"Order #1 was settled before Tango answered. It is {_WAITS}.",
            InquiryFinding.UNANSWERED: (
                "Tango gave no answer about RA1 that counts. Nothing was changed: please try again."
            ),
        }.items()
    },
    "sent as, the form": (
        words_in(build_sent_as_form(an_order())["blocks"]),
        (
            "Order #1: $25.00 (Reward Link Preferred) for <@U0ROB0001>\nTango's order number\n"
            "RA180426-1401-64\n"
            "From the Tango portal. I'll ask Tango if that order has this reference, or the same content."
        ),
    ),
    **{
        f"attention ended, {how}": (build_attention_ended(an_order(), how, ADA).text, text)
        for how, text in {
            AuditEvent.ORDER_CLOSED: (
                "Closed without sending by <@U0ADA0001>: order #1 ($25.00, Reward Link Preferred) for <@U0ROB0001>. "
                "Tango doesn't have it, so nothing was paid."
            ),
            AuditEvent.ORDER_RETRIED: (
                f"Sent again by <@U0ADA0001>: {_THE_ORDER}. It goes to Tango under the same reference."
            ),
            AuditEvent.ORDER_ACCEPTED: (
                f"Settled: Tango has {_THE_ORDER}. It was placed once, and needs nobody any more."
            ),
        }.items()
    },
    "attention ended, at Tango": (
        build_attention_ended(an_order(status=OrderStatus.FAILED), AuditEvent.ORDER_ACCEPTED, None).text,
        (f"Settled: Tango had {_THE_ORDER}, and ended it without a reward. It needs nobody any more."),
    ),
    "found ended_at_tango": (
        problem_text(an_order(problem=Problem.ENDED_AT_TANGO, problem_detail="so"), None),
        "Tango had taken it, and ended it without a reward. A new request makes a new order (so).",
    ),
    "found changed": (
        problem_text(an_order(problem=Problem.CHANGED, problem_detail="left, reward_gone"), None),
        (
            "Something has changed since it was approved, so it wasn't sent, and nothing was paid. Rob Weiss has left "
            "this workspace. Reward Link Preferred isn't on offer any more. An admin can send it again, once that is "
            "put right, or close it, so that it can be asked for again."
        ),
    ),
    "changed": (
        requests.build_changed(a_request(obstacles=(Obstacle(ObstacleCode.ADDRESS, ROB),))).text,
        (
            "Your request #1 ($25.00 (Reward Link Preferred) for Rob Weiss) can't be approved as it is: Rob Weiss's "
            "email address has changed. You can withdraw it and ask again."
        ),
    ),
    "changed back": (
        requests.build_changed(a_request()).text,
        f"Nothing stands in the way of {_YOURS} any more.",
    ),
    "on card and receipt": (
        requests.build_card(a_request(obstacles=(Obstacle(ObstacleCode.LEFT, ROB),)), Progress(counts={}), TEAM).blocks[
            -3
        ]["text"]["text"],
        ":warning: *It can't be approved as it is.* Rob Weiss has left this workspace.",
    ),
    **{
        f"obstacle {code}": (obstacles_text([(code, "Rob & Co")]), text)
        for code, text in {
            "left": "Rob &amp; Co has left this workspace.",
            "guest": "Rob &amp; Co is a guest now, and guests can't be given rewards.",
            "outsider": "Rob &amp; Co isn't a member of this workspace any more.",
            "address": "Rob &amp; Co's email address has changed.",
            "sender": "Rob &amp; Co can't send rewards any more.",
            "reward_gone": "Rob &amp; Co isn't on offer any more.",
            "reward_amount": "Rob &amp; Co can't be given in this amount any more.",
            "date": "The expiry date is too near by now, or has passed.",
        }.items()
    },
    "seven obstacles": (
        obstacles_text([("date", "")] * 5 + [("left", "Rob")] * 2),
        " ".join(["The expiry date is too near by now, or has passed."] * 5) + " And 2 more.",
    ),
    "found refused_after_unknown": (
        problem_text(an_order(problem=Problem.REFUSED_AFTER_AMBIGUOUS), None),
        (
            "Tango refuses it now, but an earlier attempt went unanswered and may have placed it. Tango gave a reason "
            "that Kudos does not know. Show this to an admin: Tango's support finds it by the request id."
        ),
    ),
    "card": (
        requests.build_card(a_request(), Progress(counts={}), TEAM).text,
        ("Reward request #1: $25.00 (Reward Link Preferred) for Rob Weiss, by <@U0MAYA001>. It waits for approval."),
    ),
    "above the requester's words": (wrote(MAYA), "<@U0MAYA001> wrote:"),
    "a namesake": (
        words_in(people.namesake_warning(a_request(recipients=(a_recipient(has_namesake=True),)))),
        (
            "⚠️ \nRob Weiss\n: Someone else here has the same name, or one that looks like it. "
            "Use Who is this? before you approve."
        ),
    ),
    "who is this": (
        words_in(people.build_who(a_request(), [_WRITER], TEAM).blocks),
        (
            "Who gets the reward of request #1:\nRob Weiss\n · @rob · Writer · r@x.example · "
            "the request has u0rob0001@example.com"
        ),
    ),
    "receipt": (
        requests.build_receipt(a_request(), Progress(counts={})).text,
        (
            "Your request #1: $25.00 (Reward Link Preferred) for Rob Weiss. It waits for an approver. "
            "You will hear what they decide."
        ),
    ),
    "moment": (_THEN, "<!date^1773489600^{date_short_pretty} at {time}|2026-03-14 12:00 UTC>"),
    "soon": (_SOON, "in 12 seconds"),
    "approved": (
        _APPROVED,
        "<@U0ALEX001> approved your request #1 ($25.00 (Reward Link Preferred) for Rob Weiss).",
    ),
    "declined": (
        requests.build_decision(_decided(RequestStatus.DECLINED), None).text,
        (f"<@U0ALEX001> declined {_YOURS}. Reason: Over budget"),
    ),
    "expired": (
        requests.build_decision(_decided(RequestStatus.EXPIRED), None).text,
        (
            "Nobody decided about your request #1 ($25.00 (Reward Link Preferred) for Rob Weiss) in "
            "time: it has expired."
        ),
    ),
    "on hold": (
        requests.build_decision(_decided(RequestStatus.APPROVED), requests.Wait(ahead=0, seconds=0, hold=_HOLD)).text,
        f"{_APPROVED} It's on hold right now, because the Tango account is out of funds. It will go out automatically.",
    ),
    "on hold, and the admins know": (
        wording.waits_because(HaltCause.OUTAGE, admins_know=True),
        "It's on hold right now, because Tango doesn't answer. The admins know, and it will go out automatically.",
    ),
    "on hold, paused": (
        wording.waits_because(PAUSED, admins_know=True),
        "It's on hold right now, because sending is paused. It will go out once sending goes on.",
    ),
    **{
        f"card on hold, {cause}": (wording.on_hold_because(cause), f"⏸️ On hold: {why}.")
        for cause, why in {
            HaltCause.INSUFFICIENT_FUNDS: "the Tango account is out of funds",
            HaltCause.UNAUTHORIZED: "Tango doesn't accept Kudos's key",
            HaltCause.FORBIDDEN: "Tango doesn't permit orders at the moment",
            HaltCause.ACCOUNT_FROZEN: "the Tango account is frozen",
            HaltCause.ACCOUNT_UNUSABLE: "the Tango account can't be used",
            HaltCause.THROTTLED: "Tango takes no more orders at the moment",
            HaltCause.OUTAGE: "Tango doesn't answer",
            PAUSED: "sending is paused",
            "unheard of": "Tango takes no orders at present",
        }.items()
    },
    "at once": (
        requests.build_decision(_decided(RequestStatus.APPROVED), requests.Wait(ahead=0, seconds=1)).text,
        f"{_APPROVED} It is being placed now.",
    ),
    "behind others": (
        requests.build_decision(_decided(RequestStatus.APPROVED), requests.Wait(ahead=9, seconds=10)).text,
        f"{_APPROVED} 9 orders are before it; about 10 s to go.",
    ),
    "decision APPROVED": (
        requests.decision_text(_decided(RequestStatus.APPROVED)),
        f"Approved by <@U0ALEX001>, {_THEN}.",
    ),
    "decision DECLINED": (
        requests.decision_text(_decided(RequestStatus.DECLINED)),
        f"Declined by <@U0ALEX001>, {_THEN}.",
    ),
    "decision WITHDRAWN": (
        requests.decision_text(_decided(RequestStatus.WITHDRAWN)),
        f"Withdrawn by <@U0ALEX001>, {_THEN}.",
    ),
    "decision EXPIRED": (
        requests.decision_text(_decided(RequestStatus.EXPIRED)),
        f"Expired, {_THEN}: nobody decided in time.",
    ),
    "progress of one": (
        requests.progress_text(Progress(counts={OrderStatus.ACCEPTED: 1}, unfinished=1)),
        "Order placed, not finished by Tango yet",
    ),
    "progress of several": (
        requests.progress_text(Progress(counts={OrderStatus.ACCEPTED: 3}, unfinished=1, delivered=1)),
        "3 orders: 3 placed, 1 not finished by Tango yet, 1 delivered",
    ),
    "no progress": (requests.progress_text(Progress(counts={})), "No orders yet."),
    "settled": (
        requests.build_settled(
            _decided(RequestStatus.APPROVED), Progress(counts={OrderStatus.ACCEPTED: 1}, numbers=["1"])
        ).text,
        "Placed: order 1, $25.00 (Reward Link Preferred) for Rob Weiss (request #1), by e-mail from Tango.",
    ),
    "failed": (
        orders.build_failed(an_order(), None).text,
        "Failed: $25.00 (Reward Link Preferred) for <@U0ROB0001>, order #1, asked for by <@U0MAYA001>.",
    ),
    "canceled": (
        cancel.build_canceled(an_order(), "U0ADA0001").text,
        f"<@U0ADA0001> {_CANCELED}",
    ),
    "canceled on the machine": (
        cancel.build_canceled(an_order(), CONSOLE).text,
        f"The operator of Kudos {_CANCELED}",
    ),
    "needs attention": (
        orders.build_needs_attention(an_order(), None).text,
        "Order #1 ($25.00 for <@U0ROB0001>) needs a person to look at it.",
    ),
    "charged": (
        charges.charge_text(Charge(total=Decimal(13), currency="USD", fee=Decimal(3))),
        "$13.00 ($3.00 of it a fee)",
    ),
    "charged at a rate": (
        charges.charge_text(Charge(total=Decimal("110.005"), currency="USD", rate=Decimal("1.10005"))),
        "$110.005 (at a rate of 1.10005)",
    ),
    "charged for several": (
        charges.charges_text(
            [
                Charge(total=Decimal(13), currency="USD", fee=Decimal(3)),
                Charge(total=Decimal(10), currency="USD", rate=Decimal(2)),
                Charge(total=Decimal(500), currency="JPY"),
            ]
        ),
        "$23.00 ($3.00 of it a fee), ¥500",
    ),
    "overcharged": (
        charges.build_overcharged(an_order(charge=Charge(total=Decimal(75), currency="USD"))).text,
        (
            "Tango charged $75.00 for order #1, $25.00 (Reward Link Preferred) for <@U0ROB0001>. Its value, "
            "fee and exchange rate don't explain that. The reward is sent all the same. Please ask Tango about the "
            "charge."
        ),
    ),
    "still unknown": (
        orders.build_still_unknown(an_order(attempts=6)).text,
        (
            "Outcome unknown, checking: Tango has not answered 6 attempts at order #1 ($25.00 for "
            "<@U0ROB0001>). The same reference is sent again with growing waits, so nobody can be paid "
            "twice."
        ),
    ),
    "public": (
        orders.build_public_order(an_order()).text,
        f"Order #1: Reward Link Preferred, $25.00, asked for by <@U0MAYA001>: {_WAITS}, {_THEN}.",
    ),
    "halted, insufficient_funds": (
        wording.hold(HaltCause.INSUFFICIENT_FUNDS, "402.001", "req-1").text,
        (
            f"{_ON_HOLD}: {_NO_FUNDS.what}. {_NO_FUNDS.remedy} On hold since {_THEN}: 1 order is waiting, and "
            "nothing has failed. One is tried now and then, and all go out by themselves once the cause is gone. "
            "(Tango 402.001, request req-1)"
        ),
    ),
    "halted, orders that are covered go": (
        queue.build_hold(replace(_SHORT_OF_FUNDS, lack=Money(5_00, "USD")), 1_200).text,
        (
            f"{_ON_HOLD}: {_NO_FUNDS.what}. {_NO_FUNDS.remedy} On hold since {_THEN}: 1,200 orders are "
            "waiting, and nothing has failed. One is tried now and then, and all go out by themselves once the cause "
            "is gone. Orders that the account covers are sent meanwhile."
        ),
    ),
    "halted, throttled": (
        wording.hold(HaltCause.THROTTLED, "429.008", waiting=0).text,
        (
            f"{_ON_HOLD}: Tango answers to every order that it comes too early. Look whether something else "
            "orders with this platform's key, or ask your Tango contact for a higher limit. On hold since "
            f"{_THEN}: no order is waiting. One is tried now and then, and all go out by themselves once the cause is "
            "gone. (Tango 429.008)"
        ),
    ),
    "halted, outage": (
        wording.hold(HaltCause.OUTAGE, waiting=0).text,
        (
            "Orders are on hold: Tango doesn't answer. Look at the network and at status.tangocard.com. Nobody can be "
            f"paid twice. On hold since {_THEN}: no order is waiting. One is tried now and then, and all go out by "
            "themselves once the cause is gone."
        ),
    ),
    "paused": (
        wording.hold(PAUSED, waiting=2).text,
        (
            f"{_ON_HOLD}: sending is paused. `kudos queue resume` on the bot's machine ends the pause. On hold "
            f"since {_THEN}: 2 orders are waiting, and nothing has failed."
        ),
    ),
    "halted for a cause of a later version": (
        wording.hold("unheard of", waiting=0).text,
        (
            f"{_ON_HOLD}: Tango takes no orders at present. The log says more. On hold since "
            f"{_THEN}: no order is waiting. One is tried now and then, and all go out by themselves once the cause is "
            "gone."
        ),
    ),
    "resumed": (
        wording.hold(None).text,
        "Orders are being sent again. They were on hold because Tango didn't permit orders.",
    ),
    "probing": (wording.PROBING, "Trying one order now. I'll tell you how it went."),
    **{
        f"goes on after {cause}": (
            wording.hold(None, last=cause).text.removeprefix(f"{wording.hold(None, last='').text} "),
            f"They were on hold because {was}.",
        )
        for cause, was in {
            HaltCause.INSUFFICIENT_FUNDS: "the Tango account was out of funds",
            HaltCause.UNAUTHORIZED: "Tango didn't accept Kudos's key",
            HaltCause.ACCOUNT_FROZEN: "the Tango account was frozen",
            HaltCause.ACCOUNT_UNUSABLE: "the Tango account couldn't be used",
            HaltCause.THROTTLED: "Tango took no more orders",
            HaltCause.OUTAGE: "Tango didn't answer",
            PAUSED: "sending was paused",
        }.items()
    },
    "held before": (
        wording.PAST_HOLD,
        "Orders were on hold when I wrote this. My newer message says how things are now.",
    ),
    "nothing halted": (wording.NOT_ON_HOLD, "Orders are not on hold: nothing to do."),
    "nothing to try": (
        wording.NOTHING_WAITS,
        "No order waits that could be tried now. The next one is tried at once.",
    ),
    "probed in vain": (queue.build_probed(_SHORT_OF_FUNDS).text, f"Still on hold: {_NO_FUNDS.what}."),
    "probed": (wording.WORKED, "It worked: orders are being sent again."),
    "nothing to resend": (
        resend.build_resend_list([]).text,
        "There is no email to send again: none of your rewards was emailed yet.",
    ),
    "resend of several": (
        resend.build_resend_choice(a_request(id=8), [_mailed(place) for place in (1, 2)]).text,
        "R-8 has 2 rewards. Pick the one to send again.",
    ),
    "resend of several without": (
        resend.build_resend_choice(a_request(id=8), [an_order(request_id=8, place=place) for place in (1, 2)]).text,
        "R-8 has 2 rewards, and none has an email that can be sent again.",
    ),
    "resend of many": (
        resend.build_resend_choice(a_request(id=8), [_mailed(place) for place in range(1, 12)]).blocks[-1]["elements"][
            0
        ]["text"],
        "These are the first 10. Or type a number, such as `/resend 8.11`.",
    ),
    "resend soon": (
        resend.build_too_soon(an_order(id=7, last_sent_at=NOON), 12).blocks[0]["text"]["text"],
        (
            "Rob Weiss's email just went out. You can resend it in 12 seconds, at "
            f"<!date^{int(NOON.timestamp()) + 31}^{{time_secs}}|{NOON:%H:%M}:31 UTC>."
        ),
    ),
    "resend now": (resend.build_too_soon(an_order(id=7), 0).text, "The e-mail of order #7 can be sent again now."),
    "resending": (
        resend.build_resending(an_order(), MAYA).text,
        "Sending the e-mail of order #1 to <@U0ROB0001> again. You will hear when Tango has done it.",
    ),
    "resending mine": (
        resend.build_resending(an_order(), ROB).text,
        "Sending the e-mail of your reward to u…@example.com again. You will hear when Tango has done it.",
    ),
    "on its way": (
        resend.build_on_its_way(an_order()).text,
        (
            "<@U0MAYA001> sent you a reward: Reward Link Preferred, $25.00. Look for the e-mail from "
            "Tango, also in your spam folder."
        ),
    ),
    "mine, too soon": (
        resend.mine_text(an_order(), 12),
        (
            "Tango sent it to u…@example.com less than 30 seconds ago. Look in your spam folder; you can "
            f"have it sent again {_SOON}."
        ),
    ),
    "mine, now": (resend.mine_text(an_order(), 0), "You can have it sent again to u…@example.com now."),
    "mine, resending": (
        resend.mine_resending_text(an_order()),
        "It is being sent again to u…@example.com. Look in your spam folder too.",
    ),
    "not mailed any more": (
        resend.build_not_mailed_any_more().text,
        "This reward cannot be e-mailed again. Ask the person who sent it to you.",
    ),
    "posted": (
        delivery.build_posted(an_order(), None).text,
        (
            "<@U0MAYA001> sent you a reward: Reward Link Preferred, $25.00. It comes by post. <@U0MAYA001> gave the "
            "address, so ask them if it does not come."
        ),
    ),
    "posted to a town": (
        delivery.build_posted(an_order(), _HOUSE).text,
        (
            "<@U0MAYA001> sent you a reward: Reward Link Preferred, $25.00. It comes by post to Springfield, 62701. "
            "<@U0MAYA001> gave the address, so ask them if it does not come."
        ),
    ),
    "address noted": (
        delivery.build_address_noted(an_order()).text,
        "Thank you. <@U0MAYA001> and the admins of Kudos now know that it isn't your address.",
    ),
    "address disputed": (
        delivery.build_address_disputed(an_order()).text,
        (
            "<@U0ROB0001> says that the address of their reward isn't theirs: order #1, $25.00 (Reward Link "
            "Preferred), asked for by <@U0MAYA001>. Please check the address with them. An admin can ask Tango whether "
            "the reward can still be stopped."
        ),
    ),
    "address shown": (
        addresses.build_address(_POSTED).text,
        "Request #1: the address for Rob Weiss, as <@U0MAYA001> typed it.",
    ),
    "the town on the card": (
        requests.build_card(_POSTED, Progress(counts={}), TEAM).blocks[-3]["elements"][0]["text"],
        "Posted to Springfield, United States. <@U0MAYA001> typed the address.",
    ),
    "approve for one": (
        requests.question_text(a_request()),
        "Send Rob Weiss $25.00 (Reward Link Preferred)? You can't undo this.",
    ),
    "approve for several": (
        requests.question_text(a_request(recipients=tuple(a_recipient(f"U{n}") for n in range(3)))),
        (
            "Send 3 people $25.00 each (Reward Link Preferred), $75.00 in all? You can't undo this. They are "
            "Rob Weiss, Rob Weiss, Rob Weiss"
        ),
    ),
    "not delivered": (
        delivery.build_not_delivered(an_order()).text,
        (
            "Kudos cannot send a direct message to <@U0ROB0001>, so the reward of order #1 (Reward Link "
            "Preferred, $25.00) is paid, but not delivered. Once they can be reached, deliver it "
            "again; or ask an admin to look it up in the Tango portal."
        ),
    ),
    "delayed": (
        delivery.build_delayed(an_order()).text,
        (
            "Order #1 (Reward Link Preferred, $25.00, for <@U0ROB0001>) is placed, but Tango has not "
            "given the reward yet. Kudos goes on asking with growing waits, and delivers it then."
        ),
    ),
    "unfinished": (
        delivery.build_unfinished(an_order()).text,
        (
            "Order #1 (Reward Link Preferred, $25.00, for <@U0ROB0001>) is placed, but Tango's status "
            "of it is not known, and Kudos has stopped asking. Look it up in the Tango portal by its "
            "number , and ask Tango if need be."
        ),
    ),
    "delivering": (
        delivery.build_delivering(an_order()).text,
        "Kudos gives <@U0ROB0001> the reward of order #1 again now.",
    ),
    "Home, before it is made": (
        words_in(home.build_home_opening()["blocks"]),
        "I'm getting this ready. Please open this tab again in a moment.",
    ),
    "Home, without rights": (
        _home(),
        (
            "🎁 *Say thank you with a gift card.* Kudos sends it once it's approved.\n"
            "You can't send rewards yourself. If you'd like to, please ask <@U0ADA0001>."
        ),
    ),
    "Home, without rights or admins": (
        _home(admins=()).splitlines()[1],
        "You can't send rewards yourself. Please ask who set up Kudos in your company.",
    ),
    "Home, unconfirmed": (
        _home(is_unconfirmed=True).splitlines()[1],
        "I'm still asking Slack what you may do here. Please open this tab again in a minute.",
    ),
    "Home, of a new sender": (
        _home(sends=True).partition("approved.\n")[2],
        (
            "Send a reward\n"
            "`/kudos` opens the same form · `/orders` shows where rewards are · `/resend` sends an email again\n"
            "Rewards you asked for\nNone yet. Your first one is a click away."
        ),
    ),
    "Home, of a sender": (
        _home(pending=[a_request()], orders=[an_order()]).partition("asked for\n")[2],
        (
            f"⏳ *Waiting for approval*\n#1: $25.00 for Rob Weiss, {_THEN}\nWithdraw\n"
            f"⏳ *Waiting in the queue*, {_THEN}\n"
            "#1: Reward Link Preferred, $25.00, for Rob Weiss\nDetails\n`/orders` shows them all."
        ),
    ),
    "Home, nothing to approve": (
        _home(decides=True).partition("approved.\n")[2],
        "Waiting for your approval\n✅ Nothing is waiting for you.",
    ),
    "Home, much to approve": (
        _home(decides=True, waiting=[a_request()] * 200).splitlines()[2],
        "200 requests, the oldest first",
    ),
    "Home, more to approve than is counted": (
        _home(decides=True, waiting=[a_request()] * 201).splitlines()[2],
        "More than 200 requests, the oldest first",
    ),
    "Home, next to approve": (
        "\n".join(_home(decides=True, waiting=[a_request()] * 50).splitlines()[-2:]),
        f"⏳ #1: $25.00 for Rob Weiss · <@U0MAYA001>, {_THEN}\nThere are more: `/orders pending` shows them all.",
    ),
    "Home, received": (
        _home(received=[an_order(delivery=kind) for kind in Delivery]).partition("received\n")[2],
        "\n".join(
            f"🎉 *<@U0MAYA001> sent you Reward Link Preferred, $25.00*\n{how}, {_THEN}\n{label}"
            for how, label in (
                ("By email from Tango", "I didn't get it"),
                ("In our direct messages", "Show my reward"),
                ("By post", "That isn't my address"),
            )
        ),
    ),
    "Home, sending": (
        _home(sending=_SENDING).partition("Sending\n")[2],
        (
            "✅ Rewards are going out.\n1,200 orders waiting · up to 1 a second · $1,234.50 at Tango\n"
            "⚠️ *2 orders need attention*\n⚠️ *Needs attention*, "
            f"{_THEN}\n#1: Reward Link Preferred, $25.00, for Rob Weiss\nDetails\n"
            "There are more: `/orders attention` shows them all."
        ),
    ),
    "Home, one needs attention": (
        _home(sending=replace(_SENDING, waiting=1, attention=1, balance=None)).splitlines()[3:5],
        ["1 order waiting · up to 1 a second", "⚠️ *1 order needs attention*"],
    ),
    "Home, on hold": (
        _home(sending=replace(_SENDING, queue=_SHORT_OF_FUNDS)).splitlines()[-7],
        "One order is tried right now.",
    ),
    "asking Tango": (
        delivery.build_asking(an_order()).text,
        "Kudos asks Tango about order #1 again, now and then with growing waits.",
    ),
    "delivered": (
        delivery.build_all_delivered(a_request(), Progress(counts={}, delivered=1)).text,
        "Delivered: Reward Link Preferred, $25.00 to <@U0ROB0001>, by direct message.",
    ),
    "resend SENT by MAYA": (
        resend.build_resend_finished(an_order(), _resend(ResendStatus.SENT, MAYA), 12).text,
        f"Sent again: the e-mail of order #1 to <@U0ROB0001>, {_THEN}.",
    ),
    "resend SENT by ROB": (
        resend.build_resend_finished(an_order(), _resend(ResendStatus.SENT, ROB), 12).text,
        (
            f"Sent again: the e-mail of your reward to u…@example.com, {_THEN}. Look in your spam folder "
            "too. If it does not come, tell <@U0MAYA001>."
        ),
    ),
    "resend UNCLEAR by MAYA": (
        " ".join(_resent(ResendStatus.AMBIGUOUS, MAYA)[:2]),
        (
            "Tango did not answer, so the e-mail of order #1 to <@U0ROB0001> may or may not have been sent again. "
            "Ask the recipient."
        ),
    ),
    "resend UNCLEAR by ROB": (_resent(ResendStatus.AMBIGUOUS, ROB)[1], "Look in your spam folder too."),
    "resend REFUSED by ROB": (
        " ".join(_resent(ResendStatus.REFUSED, ROB)),
        (
            "Not sent again: the e-mail of your reward to u…@example.com. Tango could not be reached. It can be sent "
            f"again {_SOON}."
        ),
    ),
}


@pytest.mark.parametrize("rule", Rule)
def test_a_rule(rule: Rule):
    assert refusal_text(errors.NotAllowed(rule)) == RULES[rule]


@pytest.mark.parametrize(("refusal", "sentence"), REFUSALS, ids=[type(refusal).__name__ for refusal, _ in REFUSALS])
def test_a_refusal(refusal: Refusal, sentence: str):
    assert refusal_text(refusal) == sentence


@pytest.mark.parametrize("wish", Wish)
def test_what_a_state_does_not_allow(wish: Wish):
    refusal = errors.WrongState(number="7", status=OrderStatus.SUBMITTING, move=wish)
    assert refusal_text(refusal).endswith(f" {WISHES[wish]}")


@pytest.mark.parametrize(("field", "code"), FAULTS)
def test_a_fault_of_a_form(field: str, code: FaultCode):
    assert fault_text(field, Fault(code, _FACTS)) == FAULTS[field, code]


def test_people_with_the_same_fault_are_named_in_one_sentence():
    faults = [
        Fault(FaultCode.IS_GUEST, {"name": "Gus"}),
        Fault(FaultCode.IS_ONESELF, {"name": "Maya"}),
        Fault(FaultCode.IS_GUEST, {"name": "Gina"}),
    ]
    assert faults_text("recipients", faults) == (
        "Guests can't get rewards: Gus, Gina. Please choose members. "
        "You can't reward yourself. Please remove your name."
    )


NOTES: Final = {
    form_notes.looking_up_text(): "Looking up the people you typed…",
    form_notes.left_out_text([ROB, ALEX]): (
        "A request can have up to 30 people, so I left out <@U0ROB0001>, <@U0ALEX001>. Please send a second request "
        "for them."
    ),
    form_notes.crowd_text("@here"): (
        "I can't reward all of @here at once. Please choose people, or type a user group such as @design."
    ),
    form_notes.group_text("@<x>"): ("I couldn't look up who's in @&lt;x&gt;. Please choose its people one by one."),
    form_notes.oneself_text("@design"): ("You're in @design too. I left you out, because you can't reward yourself."),
    form_notes.found_text("rob", ROB): ("For “rob” I found <@U0ROB0001>. Please change it if you meant someone else."),
    form_notes.several_text("rob", [ROB, ALEX]): (
        "“rob” could be <@U0ROB0001>, <@U0ALEX001>. Please choose who you meant."
    ),
    form_notes.nobody_text("<x>"): (
        "I couldn't find “&lt;x&gt;”, so I kept your text as the message. Please choose who it's for."
    ),
    form_notes.names_unknown_text(): "I couldn't look up the names you typed. Please choose who it's for.",
    form_notes.cut_text(3_000): (
        "Your message was longer than 3,000 characters, so its end is missing. Please shorten it."
    ),
}


@pytest.mark.parametrize("note", NOTES)
def test_a_note_of_the_form(note: str):
    assert note == NOTES[note]


def test_a_note_names_twenty_people_and_counts_the_rest():
    assert "<@U19> and 3 more" in form_notes.left_out_text([f"U{n}" for n in range(23)])


@pytest.mark.parametrize(
    ("reviewers", "who"),
    [
        ([], "An approver"),
        ([ALEX], "<@U0ALEX001>"),
        ([ALEX, ADA], "<@U0ALEX001> or <@U0ADA0001>"),
        ([ALEX, ADA, ROB], "<@U0ALEX001>, <@U0ADA0001> or <@U0ROB0001>"),
        ([ALEX, ADA, ROB, MAYA], "<@U0ALEX001>, <@U0ADA0001> or one of 2 others"),
    ],
)
def test_the_form_says_who_approves(reviewers: list[str], who: str):
    assert form_notes.review_text(reviewers) == f"{who} will review this. Nothing is sent until they approve."


@pytest.mark.parametrize(
    ("reward", "said"),
    [
        (None, "Choose a reward to see its limits."),
        (a_reward(minimum=1, maximum=2_000_00), "Between $0.01 and $2,000."),
        (a_reward(minimum=5_00, maximum=500_00, whole=True), "Between $5 and $500, whole amounts only."),
        (a_reward(minimum=None, maximum=None), "Any amount in USD."),
        (a_reward(fixed=10_00), "This reward is always *$10.00*."),
    ],
)
def test_the_form_says_which_amounts_a_reward_can_have(reward: Reward | None, said: str):
    assert said in words_in(forms.build_request_form(forms.FormState(reward=reward), Catalog([]), [])["blocks"])


_FORM: Final = (
    "Recipients\nWho is it for?\nReward\nChoose a reward\nAmount for each person\n25.00\nBetween $5 and $500.\n"
    "Message\nWhat did they do?\nThey get it with the reward. Approvers see it too.\n"
)
_MORE: Final = (
    "Campaign\nFor your reports.\nPurchase order number\nFor accounting.\nNotes\nFor accounting. Recipients don't see "
    "them.\nFewer options\nAn approver will review this. Nothing is sent until they approve."
)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (
            RewardKind.PRINTED,
            (
                "First name on the parcel\nUse letters A to Z, digits, spaces and . , - only.\n"
                "Last name on the parcel\nThe same letters, up to 25 characters.\n"
                "Street and number\nSecond line\nApartment, floor or company.\nCity\n"
                "State, province or region\nTwo capitals in the US and Canada, like CA.\n"
                "Postal code\nLetters and digits. In the US, five digits.\nCountry\nType a country\n"
                "Please check the address with Rob. Tango doesn't verify it and won't send a replacement.\n"
                "Printed template\nA P and six digits, like P000001. An admin of Kudos can tell you which.\n"
            ),
        ),
        (
            RewardKind.PROMO,
            (
                "Delivery\nBy email\nTango sends it to the address in their profile\n"
                "By direct message\nI give it to them here in Slack, in private\n"
                "Last day to use it\nBetween tomorrow and a year from now. Leave blank to use Tango's standard date.\n"
                "Email subject\nLeave blank to use Tango's standard subject.\n"
                "Email template\nAn E and six digits, like E000002. An admin of Kudos can tell you which.\n"
            ),
        ),
    ],
)
def test_the_form_unfolded(kind: RewardKind, said: str):
    texts = {"first_name": "Rob", "last_name": "Hale"}
    state = forms.FormState(recipients=[ROB], reward=a_reward(kind=kind), texts=texts, names_of=ROB, more=True)
    assert words_in(forms.build_request_form(state, Catalog([]), [])["blocks"]) == f"{_FORM}{said}{_MORE}"


@pytest.mark.parametrize("key", CAUSES)
def test_a_cause_at_tango(key: str):
    assert PROBLEMS[key].what == CAUSES[key]


def test_every_remedy_is_written_out():
    assert _remedies() == set(REMEDIES)


def _remedies() -> set[str]:
    words = [*PROBLEMS.values(), words_of("a key that nobody knows", None)]
    return {sentence for one in words for sentence in re.split(r"(?<=\.) (?=[A-Z`])", one.remedy)}


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message(name: str):
    told, sentence = MESSAGES[name]
    assert told == sentence


# --------------------------------------------------------------------- and nowhere else

_ROOT: Final = Path(__file__).parents[2]

#: Where sentences that people see in Slack are worded.
_WORDED: Final = sorted((_ROOT / "handlers/views").glob("*.py"))

#: Words: a shorter piece of a sentence could as well be a test's own.
_LEAST_WORDS: Final = 5


def _texts(file: Path) -> Iterator[tuple[int, str]]:
    """Yield every text of a file but docstrings, with its line; of an f-string, each part between its values."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.lineno, node.value.strip()


def test_no_other_test_has_a_long_piece_of_a_sentence():
    sentences = {text for file in _WORDED for _, text in _texts(file) if len(text.split()) >= _LEAST_WORDS}
    repeated = [
        f"{file.relative_to(_ROOT)}:{line}: {text!r}"
        for file in sorted((_ROOT / "tests").rglob("*.py"))
        if file != Path(__file__)
        for line, text in _texts(file)
        if len(text.split()) >= _LEAST_WORDS and any(text in sentence or sentence in text for sentence in sentences)
    ]
    assert repeated == [], "call the function that words it; its sentence is written out in this file"
