"""Every sentence that people read, written out here and nowhere else: who changes one changes it here as well."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from bot import errors
from bot.domain.order import AttemptOutcome, OrderStatus, Progress
from bot.domain.problem import Problem
from bot.domain.queue import HaltCause
from bot.domain.request import Request, RequestStatus
from bot.domain.resend import Resend, ResendStatus
from bot.errors import Refusal, Rule, SearchFault, SearchNotUnderstood
from bot.faults import Fault, FaultCode
from bot.usecases.resend import Mailed
from handlers.views import delivery, orders, people, queue, requests, resend
from handlers.views.messages import (
    asking_text,
    broken_text,
    fault_text,
    not_here_text,
    refusal_text,
    storage_text,
    trouble_text,
)
from handlers.views.problems import problem_text
from handlers.views.tango import PROBLEMS, tango_text, words_of
from tests.kit import wording
from tests.kit.factories import ALEX, MAYA, NOON, ROB, TEAM, a_person, a_recipient, a_request, an_order
from tests.kit.wording import words_in, wrote

#: A moment as Slack shows it.
_THEN: Final = "<!date^1773489600^{date_short_pretty} at {time}|2026-03-14 12:00 UTC>"

_FACTS: Final[Mapping[str, Any]] = {
    "currency": "USD",
    "bound": "5.00 USD",
    "amounts": "5 to 500 USD",
    "name": "Rob",
    "limit": 3_000,
    "length": 3_001,
    "field": "recipient.email",
    "least": 5,
    "found": "<>",
}

_WRITER: Final = a_person(handle="rob", title="Writer", email="r@x.example")

RULES: Final[Mapping[Rule, str]] = {
    Rule.SENDERS_ONLY: "You cannot send rewards with Kudos. Ask an admin of Kudos to add you to its senders.",
    Rule.GUESTS_MAY_NOT_SEND: "Guests cannot send rewards. Ask a member of this workspace to send it.",
    Rule.APPROVERS_ONLY: "Only approvers can decide about rewards. It waits for one of them.",
    Rule.NOT_OWN_REQUEST: "This is your own request, so somebody else has to decide. You can withdraw it.",
    Rule.NOT_OWN_REWARD: "This reward is for you, so somebody else has to decide.",
    Rule.REQUESTER_ONLY: "Only the person who filed a request can withdraw it. An approver can decline it.",
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
        errors.AlreadyDecided(status=RequestStatus.APPROVED, by=ALEX, at=NOON),
        f"This request was already approved by <@U0ALEX001>, {_THEN}. Nothing else was done.",
    ),
    (
        errors.AlreadyDecided(status=RequestStatus.EXPIRED, by=None, at=NOON),
        f"This request was already expired, {_THEN}. Nothing else was done.",
    ),
    (
        errors.PastIdempotency(7),
        (
            "Order #7 was first sent 90 days ago or more, so Tango no longer promises that sending it "
            "again makes no second order. Look it up in the Tango portal; if it is not there, file a new "
            "request."
        ),
    ),
    (errors.QueuePaused(), "Whoever runs Kudos has paused the queue, and resumes it with `kudos queue resume`."),
    (
        errors.RewardUnavailable("A & B"),
        (
            "A &amp; B can no longer be given as requested: it left the catalog or takes other amounts "
            "now. Decline the request, so that a new one can be filed."
        ),
    ),
    (errors.RewardNotReady(7), "Tango has not made this reward yet. Try again in a minute."),
    (errors.NoRewards(), "No rewards can be chosen yet, because Tango has not answered. Try again in a minute."),
    (errors.SlackUnavailable(), "Slack did not tell who the people are. Nothing was changed: please try again."),
    (
        errors.ResendTooSoon(order_id=7, seconds_left=12),
        "Tango sends a reward e-mail at most once in 30 seconds. Try again in 12 seconds.",
    ),
    (
        errors.ResendTooSoon(order_id=7, seconds_left=1),
        "Tango sends a reward e-mail at most once in 30 seconds. Try again in 1 second.",
    ),
    (
        errors.NotMailed(),
        (
            "Tango sent no e-mail for this order, so there is none to send again. Ask an admin of Kudos "
            "to look it up in the Tango portal."
        ),
    ),
    (
        errors.WrongState(order_id=7, status=OrderStatus.SUBMITTING, move=errors.Wish.RETRY),
        "Order #7 is being placed: it can be retried only while it needs attention.",
    ),
    (
        errors.WrongState(order_id=7, status=OrderStatus.SUBMITTING, move=errors.Wish.CANCEL),
        "Order #7 is being placed: it can be canceled only before it was first sent to Tango.",
    ),
    (
        errors.WrongState(order_id=7, status=OrderStatus.SUBMITTING, move=errors.Wish.RESEND),
        "Order #7 is being placed: it can be sent again only once it is placed.",
    ),
    (
        errors.WrongState(order_id=7, status=OrderStatus.SUBMITTING, move=errors.Wish.SHOW),
        "Order #7 is being placed: it can be shown only while it is placed.",
    ),
    (
        errors.WrongState(order_id=7, status=OrderStatus.SUBMITTING, move=errors.Wish.GIVE),
        "Order #7 is being placed: it can be delivered only once Tango has made the reward.",
    ),
    (
        errors.WrongState(order_id=7, status=OrderStatus.SUBMITTING, move=errors.Wish.ASK),
        "Order #7 is being placed: it can be asked about only while Tango has not finished it.",
    ),
    (
        errors.WrongState(order_id=7, status=OrderStatus.SUBMITTING, move=errors.Wish.REPEAT),
        "Order #7 is being placed: it can be ordered anew only once it has failed or was canceled.",
    ),
    (
        SearchNotUnderstood(SearchFault.UNKNOWN, "<x>", known=["placed", "failed"]),
        (
            "Kudos does not know what `&lt;x&gt;` means here. A text of several words goes in quotes: "
            'notes:"for the board".'
        ),
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
        "`&lt;x&gt;` ends before it begins. Turn the two round.",
    ),
    (
        SearchNotUnderstood(SearchFault.TOO_LONG, "<x>", known=["placed", "failed"]),
        "That is more than can be looked for at once. Leave something out.",
    ),
)

#: By field and code; a field of tomorrow has what is said under every field.
FAULTS: Final[Mapping[tuple[str, FaultCode], str]] = {
    ("recipients", FaultCode.REQUIRED): "Choose at least one person.",
    ("recipients", FaultCode.TOO_MANY_PEOPLE): "At most 3000 people in one request. File a second one.",
    ("recipients", FaultCode.IS_ONESELF): "You cannot give a reward to yourself. Take yourself off the list.",
    ("recipients", FaultCode.IS_BOT): "Rob is an app. Choose people.",
    ("recipients", FaultCode.IS_DEACTIVATED): "Rob is no longer in this workspace. Take them off.",
    ("recipients", FaultCode.IS_GUEST): "Rob is a guest, and guests cannot be given rewards.",
    ("recipients", FaultCode.IS_OUTSIDER): "Rob is not a member of this workspace.",
    ("recipients", FaultCode.HAS_NO_EMAIL): "Rob has no e-mail address in their Slack profile. They can add one there.",
    (
        "recipients",
        FaultCode.NAME_UNUSABLE,
    ): "Rob has no name in their Slack profile that Tango takes. They can change it there.",
    ("recipients", FaultCode.ONE_ADDRESS): "A reward that is posted goes to one person: choose one.",
    (
        "recipients",
        FaultCode.PROFILE_INCOMPLETE,
    ): "Rob has no e-mail address in their Slack profile, which Tango needs for this reward. They can add it there.",
    (
        "recipients",
        FaultCode.PROFILE_CHARACTERS,
    ): "The e-mail address of Rob has characters that Tango does not take for this reward: <>",
    (
        "recipients",
        FaultCode.PROFILE_TOO_LONG,
    ): "The e-mail address of Rob is longer than Tango takes (3000 characters).",
    (
        "recipients",
        FaultCode.PROFILE_MALFORMED,
    ): "The e-mail address in the profile of Rob is none that Tango takes. They can change it.",
    ("reward", FaultCode.REQUIRED): "Choose a reward.",
    ("reward", FaultCode.UNAVAILABLE): "This reward is no longer offered. Choose another.",
    ("amount", FaultCode.EMPTY): "Type an amount: 5 to 500 USD.",
    ("amount", FaultCode.NOT_A_NUMBER): "That is not an amount. Type it like 25, 25.00 or 1,000.",
    ("amount", FaultCode.NEGATIVE): "The amount must be more than zero.",
    ("amount", FaultCode.ZERO): "The amount must be more than zero.",
    ("amount", FaultCode.DECIMAL_COMMA): "Write decimals with a point: 25.00. A comma separates thousands: 1,000.",
    ("amount", FaultCode.FINER_THAN_CURRENCY): "That is finer than USD can be paid. Type fewer decimals.",
    ("amount", FaultCode.TOO_LARGE): "That is more than Tango takes in one order.",
    ("amount", FaultCode.OTHER_CURRENCY): "This reward is in USD. Type the amount in USD.",
    ("amount", FaultCode.BELOW_MINIMUM): "The least for this reward is 5.00 USD.",
    ("amount", FaultCode.ABOVE_MAXIMUM): "The most for this reward is 5.00 USD.",
    ("amount", FaultCode.NOT_THE_FIXED_VALUE): "This reward is always 5.00 USD. Leave the amount empty.",
    ("amount", FaultCode.NOT_WHOLE): "This reward takes whole amounts only, such as 25.",
    ("message", FaultCode.TOO_LONG): "At most 3,000 characters; this is 3,001.",
    ("reason", FaultCode.REQUIRED): "Say why, so that the requester knows what to change.",
    ("reason", FaultCode.TOO_LONG): "At most 3,000 characters; this is 3,001.",
    ("new_template", FaultCode.MALFORMED): "A template's number is an E and six digits, such as E000002.",
    ("new_email", FaultCode.MALFORMED): "That is no e-mail address that Tango takes.",
    ("a_field_of_tomorrow", FaultCode.REQUIRED): "Fill this in: Tango needs it for this reward.",
    ("a_field_of_tomorrow", FaultCode.NOT_APPLICABLE): "Leave this empty: this reward does not take it.",
    ("a_field_of_tomorrow", FaultCode.TOO_SHORT): "At least 5 characters.",
    ("a_field_of_tomorrow", FaultCode.TOO_LONG): "At most 3,000 characters; this is 3,001.",
    ("a_field_of_tomorrow", FaultCode.CHARACTERS): "Tango does not take <> here. Leave it out.",
    ("a_field_of_tomorrow", FaultCode.MALFORMED): "Tango does not take it in this form. See the hint below the field.",
    ("a_field_of_tomorrow", FaultCode.NOT_A_NUMBER): "That is not an amount. Type it like 25, 25.00 or 1,000.",
    ("a_field_of_tomorrow", FaultCode.NOT_POSITIVE): "It must be more than zero.",
    ("a_field_of_tomorrow", FaultCode.REVERSED): "The end is before the start. Turn the two round.",
    (
        "a_field_of_tomorrow",
        FaultCode.UNKNOWN_CODE,
    ): "There is no such code. In the US and Canada it is two capitals, such as CA or ON.",
    ("a_field_of_tomorrow", FaultCode.TOO_SOON): "Choose a day that is at least one day ahead.",
    ("a_field_of_tomorrow", FaultCode.TOO_LATE): "Choose a day that is at most one year ahead.",
    ("a_field_of_tomorrow", FaultCode.TOO_LARGE): "That is more than Tango takes.",
    ("a_field_of_tomorrow", FaultCode.TOO_MANY_DECIMALS): "That has more decimals than Tango takes.",
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
    "This is a fault in Kudos, or in what lies between it and Tango: tell whoever runs Kudos.",
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


def _decided(status: RequestStatus) -> Request:
    by = None if status is RequestStatus.EXPIRED else ALEX
    return a_request(status=status, decided_by=by, decided_at=NOON, reason="Over budget")


def _resend(status: ResendStatus, by: str) -> Resend:
    return Resend(
        id=1, order_id=1, requested_by=by, requested_at=NOON, previous_sent_at=NOON, status=status, finished_at=NOON
    )


#: What is told, as it stands in a notification.
MESSAGES: Final = {
    "order, Tango takes none": (
        wording.WAITS_FOR_TANGO,
        "Waiting: the queue is on hold, and goes on by itself once the cause is gone",
    ),
    "order, paused": (wording.WAITS_PAUSED, "Waiting: whoever runs Kudos has paused the queue"),
    "request, undecided": (wording.WAITS_FOR_APPROVER, "It waits for an approver. You will hear what they decide."),
    "attempt, unclear": (wording.attempt(AttemptOutcome.AMBIGUOUS, 503), "• Attempt: no clear answer (503"),
    "attempt, halted": (wording.attempt(AttemptOutcome.HALTED, 402), "• Attempt: not possible at that time (402"),
    "list, cut": (wording.CUT, "Tango lists only the first 10,000: narrow it down, by days or amounts."),
    "list, maybe older": (wording.MAYBE_OLDER, "None on this page, but there may be older ones."),
    "list, without orders": (wording.NO_ORDERS, "No orders here. `/kudos` sends a reward."),
    "list, own": (wording.OWN_ORDERS, "Your orders"),
    "list, everyone's": (wording.ALL_ORDERS, "All orders"),
    "list, Tango's": (wording.ALL_AT_TANGO, "All orders at Tango"),
    "form, title": (wording.FORM_TITLE, "Send a reward"),
    "form, submit": (wording.SUBMIT, "Ask for approval"),
    "resend form, whose address": (
        resend.build_resend_form(Mailed(order=an_order(), seconds_left=0, by_admin=True))["blocks"][-1]["elements"][0][
            "text"
        ],
        (
            "Another address must be the same person's, <@U0ROB0001>: the reward stays theirs. That you "
            "changed it is kept in the order's history, the address is not."
        ),
    ),
    "failed, nothing paid": (wording.NOTHING_PAID, "Nothing was paid."),
    "asking": (asking_text(), "Asking Tango: the answer follows."),
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
    "for an admin": (
        tango_text("402.001", 402),
        (
            "The Tango account has not enough funds. For an admin of Kudos: Add funds in the Tango "
            "portal. (Tango 402.001)"
        ),
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
    "found past_idempotency": (
        problem_text(an_order(problem=Problem.PAST_IDEMPOTENCY, problem_detail="so"), None),
        (
            "It was first sent 90 days ago or more, so sending it again could make a second order. Look "
            "in the Tango portal (so)."
        ),
    ),
    "found unrecorded": (
        problem_text(an_order(problem=Problem.UNRECORDED, problem_detail="so"), None),
        (
            "Tango's answer could not be written down, so the order may be placed. The log says why. "
            "Look in the Tango portal (so)."
        ),
    ),
    "found ended_at_tango": (
        problem_text(an_order(problem=Problem.ENDED_AT_TANGO, problem_detail="so"), None),
        "Tango had taken it, and ended it without a reward. A new request makes a new order (so).",
    ),
    "found refused_after_unknown": (
        problem_text(an_order(problem=Problem.REFUSED_AFTER_AMBIGUOUS), None),
        (
            "Tango refuses it now, but an earlier attempt went unanswered and may have placed it. Look "
            "in the Tango portal. Tango gave a reason that Kudos does not know. Show this to an admin: "
            "Tango's support finds it by the request id."
        ),
    ),
    "card": (
        requests.build_card(a_request(), Progress(counts={}), TEAM).text,
        ("Reward request #1: 25.00 USD (Reward Link Preferred) for Rob Weiss, by <@U0MAYA001>. It waits for approval."),
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
            "Your request #1: 25.00 USD (Reward Link Preferred) for Rob Weiss. It waits for an approver. "
            "You will hear what they decide."
        ),
    ),
    "approved": (
        requests.build_decision(_decided(RequestStatus.APPROVED), None).text,
        "<@U0ALEX001> approved your request #1 (25.00 USD (Reward Link Preferred) for Rob Weiss).",
    ),
    "declined": (
        requests.build_decision(_decided(RequestStatus.DECLINED), None).text,
        (
            "<@U0ALEX001> declined your request #1 (25.00 USD (Reward Link Preferred) for Rob Weiss). "
            "Reason: Over budget"
        ),
    ),
    "expired": (
        requests.build_decision(_decided(RequestStatus.EXPIRED), None).text,
        (
            "Nobody decided about your request #1 (25.00 USD (Reward Link Preferred) for Rob Weiss) in "
            "time: it has expired."
        ),
    ),
    "on hold": (
        requests.build_decision(_decided(RequestStatus.APPROVED), requests.Wait(ahead=0, seconds=0, halted=True)).text,
        (
            "<@U0ALEX001> approved your request #1 (25.00 USD (Reward Link Preferred) for Rob Weiss). "
            "Orders are on hold at the moment; the admins know. It goes on by itself."
        ),
    ),
    "at once": (
        requests.build_decision(_decided(RequestStatus.APPROVED), requests.Wait(ahead=0, seconds=1, halted=False)).text,
        (
            "<@U0ALEX001> approved your request #1 (25.00 USD (Reward Link Preferred) for Rob Weiss). It "
            "is being placed now."
        ),
    ),
    "behind others": (
        requests.build_decision(
            _decided(RequestStatus.APPROVED), requests.Wait(ahead=9, seconds=10, halted=False)
        ).text,
        (
            "<@U0ALEX001> approved your request #1 (25.00 USD (Reward Link Preferred) for Rob Weiss). 9 "
            "orders are before it; about 10 s to go."
        ),
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
            _decided(RequestStatus.APPROVED), Progress(counts={OrderStatus.ACCEPTED: 1}, numbers=[3])
        ).text,
        "Placed: order #3, 25.00 USD (Reward Link Preferred) for Rob Weiss (request #1), by e-mail from Tango.",
    ),
    "instead, pending": (
        requests.instead_text(a_request(), []),
        (
            "There is no order #1 that you can see. #1 is a request of yours: it waits for approval, and "
            "has no order yet."
        ),
    ),
    "instead, with orders": (
        requests.instead_text(_decided(RequestStatus.APPROVED), [an_order(id=3)]),
        "There is no order #1 that you can see. #1 is a request of yours: its order is #3.",
    ),
    "instead, without": (
        requests.instead_text(_decided(RequestStatus.DECLINED), []),
        "There is no order #1 that you can see. #1 is a request of yours: it was declined, and so has no order.",
    ),
    "failed": (
        orders.build_failed(an_order(), None).text,
        "Failed: 25.00 USD (Reward Link Preferred) for <@U0ROB0001>, order #1, asked for by <@U0MAYA001>.",
    ),
    "needs attention": (
        orders.build_needs_attention(an_order(), None).text,
        "Order #1 (25.00 USD for <@U0ROB0001>) needs a person to look at it.",
    ),
    "still unknown": (
        orders.build_still_unknown(an_order(attempts=6)).text,
        (
            "Outcome unknown, checking: Tango has not answered 6 attempts at order #1 (25.00 USD for "
            "<@U0ROB0001>). The same reference is sent again with growing waits, so nobody can be paid "
            "twice."
        ),
    ),
    "public": (
        orders.build_public_order(an_order()).text,
        f"Order #1: Reward Link Preferred, 25.00 USD, asked for by <@U0MAYA001>: waiting in the queue, {_THEN}.",
    ),
    "halted, insufficient_funds": (
        queue.build_halted(HaltCause.INSUFFICIENT_FUNDS, None, None).text,
        (
            "Orders are on hold: the Tango account has not enough funds. Add funds in the Tango portal. "
            "No order has failed; one is tried now and then, and all go on by themselves once the cause "
            "is gone."
        ),
    ),
    "resumed": (
        queue.build_resumed(HaltCause.INSUFFICIENT_FUNDS).text,
        "Orders are being sent again. They were on hold because the Tango account has not enough funds.",
    ),
    "probing": (
        queue.build_probing(halted=True).text,
        "Trying one order now. You will hear when all go on; if nothing comes, the cause is still there.",
    ),
    "nothing halted": (queue.build_probing(halted=False).text, "Orders are not on hold: nothing to do."),
    "nothing to resend": (
        resend.build_resend_list([]).text,
        "There is no e-mail to send again: none of your rewards was e-mailed yet. `/kudos` sends one.",
    ),
    "which order": (
        resend.build_which(a_request(), [], an_order()).text,
        (
            "Nothing was sent yet: there is an order #1, but #1 is a request of yours: it waits for "
            "approval, and has no order yet. Which one is it?"
        ),
    ),
    "resend now": (resend.build_too_soon(7, 0).text, "The e-mail of order #7 can be sent again now."),
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
            "<@U0MAYA001> sent you a reward: Reward Link Preferred, 25.00 USD. Look for the e-mail from "
            "Tango, also in your spam folder."
        ),
    ),
    "mine, too soon": (
        resend.mine_text(an_order(), 12),
        (
            "Tango sent it to u…@example.com less than 30 seconds ago. Look in your spam folder; you can "
            "have it sent again in 12 seconds."
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
        delivery.build_posted(an_order()).text,
        (
            "<@U0MAYA001> sent you a reward: Reward Link Preferred, 25.00 USD. Tango posts it to you; "
            "ask them if it does not come."
        ),
    ),
    "not delivered": (
        delivery.build_not_delivered(an_order()).text,
        (
            "Kudos cannot send a direct message to <@U0ROB0001>, so the reward of order #1 (Reward Link "
            "Preferred, 25.00 USD) is paid, but not delivered. Once they can be reached, deliver it "
            "again; or ask an admin to look it up in the Tango portal."
        ),
    ),
    "delayed": (
        delivery.build_delayed(an_order()).text,
        (
            "Order #1 (Reward Link Preferred, 25.00 USD, for <@U0ROB0001>) is placed, but Tango has not "
            "given the reward yet. Kudos goes on asking with growing waits, and delivers it then."
        ),
    ),
    "unfinished": (
        delivery.build_unfinished(an_order()).text,
        (
            "Order #1 (Reward Link Preferred, 25.00 USD, for <@U0ROB0001>) is placed, but Tango's status "
            "of it is not known, and Kudos has stopped asking. Look it up in the Tango portal by its "
            "number , and ask Tango if need be."
        ),
    ),
    "delivering": (
        delivery.build_delivering(an_order()).text,
        "Kudos gives <@U0ROB0001> the reward of order #1 again now.",
    ),
    "asking Tango": (
        delivery.build_asking(an_order()).text,
        "Kudos asks Tango about order #1 again, now and then with growing waits.",
    ),
    "delivered": (
        delivery.build_all_delivered(a_request(), Progress(counts={}, delivered=1)).text,
        "Delivered: Reward Link Preferred, 25.00 USD to <@U0ROB0001>, by direct message.",
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
    "resend REFUSED by MAYA": (
        resend.build_resend_finished(an_order(), _resend(ResendStatus.REFUSED, MAYA), 12).text,
        (
            "Not sent again: the e-mail of order #1 to <@U0ROB0001>. Tango could not be reached. It can "
            "be sent again in 12 seconds."
        ),
    ),
    "resend REFUSED by ROB": (
        resend.build_resend_finished(an_order(), _resend(ResendStatus.REFUSED, ROB), 12).text,
        (
            "Not sent again: the e-mail of your reward to u…@example.com. Tango could not be reached. It "
            "can be sent again in 12 seconds."
        ),
    ),
    "resend UNCLEAR by MAYA": (
        resend.build_resend_finished(an_order(), _resend(ResendStatus.AMBIGUOUS, MAYA), 12).text,
        (
            "Tango did not answer, so the e-mail of order #1 to <@U0ROB0001> may or may not have been "
            "sent again. Ask the recipient. It can be sent again in 12 seconds."
        ),
    ),
    "resend UNCLEAR by ROB": (
        resend.build_resend_finished(an_order(), _resend(ResendStatus.AMBIGUOUS, ROB), 12).text,
        (
            "Tango did not answer, so the e-mail of your reward to u…@example.com may or may not have "
            "been sent again. Look in your spam folder too. It can be sent again in 12 seconds."
        ),
    ),
}


@pytest.mark.parametrize("rule", Rule)
def test_a_rule(rule: Rule):
    assert refusal_text(errors.NotAllowed(rule)) == RULES[rule]


@pytest.mark.parametrize(("refusal", "sentence"), REFUSALS, ids=[type(refusal).__name__ for refusal, _ in REFUSALS])
def test_a_refusal(refusal: Refusal, sentence: str):
    assert refusal_text(refusal) == sentence


@pytest.mark.parametrize(("field", "code"), FAULTS)
def test_a_fault_of_a_form(field: str, code: FaultCode):
    assert fault_text(field, Fault(code, _FACTS)) == FAULTS[field, code]


@pytest.mark.parametrize("key", CAUSES)
def test_a_cause_at_tango(key: str):
    assert PROBLEMS[key].what == CAUSES[key]


@pytest.mark.parametrize("sentence", REMEDIES)
def test_a_remedy(sentence: str):
    assert sentence in _remedies()


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
