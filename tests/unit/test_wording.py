"""Every sentence that people read, written out here and nowhere else: who changes one changes it here as well."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any, Final

import pytest

from bot import errors
from bot.domain.alerts import Alert, AuditHeadTold, BalanceLow, EmailsUnseen, ListsDiffer
from bot.domain.approval import BY_RULE, ApprovalRule, Policy, Route
from bot.domain.attempt import AttemptOutcome
from bot.domain.audit import AuditEvent
from bot.domain.balance import AccountBalance
from bot.domain.batch import Batch, BatchAsked, Column, InvalidBatch, RowFault, SheetFault, UnreadableSheet
from bot.domain.budget import Budget, BudgetUsed, Drawn, Limits, Per, Room
from bot.domain.catalog import Catalog, Reward, RewardKind
from bot.domain.charge import Charge
from bot.domain.days import Period
from bot.domain.duplicate import DuplicateRequest
from bot.domain.email_failure import EmailFailure
from bot.domain.inquiry import Inquiry, InquiryFinding
from bot.domain.insight import Cover, Insight, Month
from bot.domain.money import Money
from bot.domain.notices import RECIPIENT_LEFT
from bot.domain.occasion import Occasion
from bot.domain.order import Order, OrderStatus
from bot.domain.problem import Problem
from bot.domain.progress import Progress
from bot.domain.queue import PAUSED, HaltCause, QueueState
from bot.domain.reconciliation import DifferenceKind
from bot.domain.report import Report, ReportBy, ReportRow
from bot.domain.report_words import ReportNotUnderstood
from bot.domain.request import Address, Delivery, Details, Repeated, Request, RequestStatus
from bot.domain.resend import Resend, ResendStatus
from bot.domain.review import Obstacle, ObstacleCode
from bot.domain.schedule import Schedule
from bot.domain.search import EVERYTHING
from bot.errors import Refusal, Rule, SearchNotUnderstood, Wish
from bot.faults import Fault, FaultCode, SearchFault
from bot.usecases.approval import Expected
from bot.usecases.batches import Preview
from bot.usecases.cards import CardPosting
from bot.usecases.home import HomeFacts, Sending
from bot.usecases.queue import CONSOLE
from bot.usecases.reminders import Asking
from bot.usecases.reports import Payroll
from bot.usecases.resend import Mailed
from bot.usecases.search_pages import MOST_COUNTED, OwnPage
from bot.usecases.undelivered import NO_APPROVER
from handlers.views import (
    addresses,
    alerts,
    approval,
    batch,
    batch_receipt,
    budgets,
    cancel,
    cards,
    charges,
    decisions,
    delivery,
    details,
    email_failures,
    entries,
    filters,
    form_notes,
    forms,
    groups,
    home,
    names,
    occasions,
    orders,
    people,
    queue,
    receipts,
    reminders,
    report,
    requests,
    resend,
    schedule,
    search,
    shortcuts,
    thanks,
    timeline,
    undelivered,
    workflows,
)
from handlers.views.blocks import Message, clock_time_of, say, sentence, time_of
from handlers.views.catalog import build_refreshed
from handlers.views.faults import fault_text, faults_text
from handlers.views.headline import headline_of
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
from handlers.views.review import obstacles_text
from handlers.views.states import goes_out_text
from handlers.views.tango import PROBLEMS, reference_text, tango_text, words_of
from handlers.views.undo import way_back_text
from handlers.views.warnings import recipient_warnings
from storage import AuditEntry
from tests.kit import wording
from tests.kit.factories import (
    ADA,
    ALEX,
    MAYA,
    NOON,
    ROB,
    TEAM,
    a_batch,
    a_new_request,
    a_person,
    a_present,
    a_recipient,
    a_request,
    a_reward,
    an_order,
    an_other_reward,
)
from tests.kit.voice import literals
from tests.kit.wording import sent_as, words_in, wrote

#: Parts of many sentences, which are written out once, below: to change one changes no test of those sentences.
_THEN: Final = time_of(NOON)
_SOON: Final = resend.again_text(an_order(last_sent_at=NOON), 12)
_NO_FUNDS: Final = words_of("402.001", None)
_HOLD: Final = queue.Hold(HaltCause.INSUFFICIENT_FUNDS)
_SHORT_OF_FUNDS: Final = QueueState(
    next_start_at=NOON, halted_at=NOON, halt_cause=HaltCause.INSUFFICIENT_FUNDS, probes=0, probe_at=NOON
)

_MAILED: Final = an_order(status=OrderStatus.ACCEPTED, last_sent_at=NOON)
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
_YES: Final = RequestStatus.APPROVED
_SENT: Final = Progress(counts={OrderStatus.ACCEPTED: 1})
_ALL_SENT: Final = Progress(counts={OrderStatus.ACCEPTED: 3})
_UNREACHED: Final = a_recipient()
_UNDELIVERED: Final = replace(_SENT, undelivered=[_UNREACHED.external_ref_id])
_SOME_UNDELIVERED: Final = replace(_ALL_SENT, undelivered=[_UNREACHED.external_ref_id], delivered=1)
_WAITING: Final = Progress(counts={OrderStatus.QUEUED: 1})
_HELD_BACK: Final = replace(_WAITING, undo_until=NOON)
_SCHEDULED: Final = replace(_HELD_BACK, goes_out_at=NOON)
_NEW_YORK: Final = Schedule(NOON, "America/New_York")
_DATED: Final = a_request(details=Details(schedule=_NEW_YORK))
_TIME: Final = "Send on\nAt\nBy the clock\nWhere each person is\nWhere I am\n"
_ASKED_BY_MAYA: Final = a_request()
_FOR_SEVEN: Final = a_request(recipients=(a_recipient(),) * 7)
_FOR_THREE: Final = a_request(recipients=(a_recipient(),) * 3, status=_YES, decided_by=ALEX, decided_at=NOON)
_POSTED: Final = a_request(details=Details(delivery=Delivery.POST, address=_HOUSE))

_LEADS: Final = Budget(
    name="Team leads", senders=frozenset({"*"}), each=True, amount=Money(500_00, "USD"), per=Per.MONTH
)
_ROOM: Final = Room(budget=_LEADS, period=_LEADS.period(24_314), used=Money(430_00, "USD"))
_SHARED: Final = replace(_ROOM, budget=replace(_LEADS, each=False))

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
    "amount": "$25.00",
    "reward": "Reward Link",
    "found": "<>",
    "room": _ROOM,
    "total": Money(75_00, "USD"),
    "currencies": ["EUR", "USD"],
    "text": "rob@x.example",
    "suggested": ["Rob Hale (U0ROB0001)", "Rob Weiss (U0ROB0002)"],
    "row": 1_234,
}

_WRITER: Final = a_person(handle="rob", title="Writer", email="r@x.example")
_KNOWN: Final = details.CardDetails(
    request=a_request(details=Details(purchase_order="7", template="E000002")), people=(_WRITER,)
)

RULES: Final[Mapping[Rule, str]] = {
    Rule.SENDERS_ONLY: "You can't send rewards yet. Please ask the colleague who set up Kudos to add you.",
    Rule.GUESTS_MAY_NOT_SEND: "Guests can't send rewards. Please ask a member of this workspace to send it.",
    Rule.APPROVERS_ONLY: "Only approvers can approve or decline rewards. `/orders` shows yours.",
    Rule.OTHER_APPROVERS: (
        "Only other approvers can approve or decline this reward. `/orders pending` shows what waits for you."
    ),
    Rule.ANOTHER_APPROVER: "You've already approved this, so another approver has to approve it too.",
    Rule.NOT_OWN_REQUEST: (
        "You asked for this reward, so only another approver could decide about it. `/orders` shows where it is."
    ),
    Rule.NOT_OWN_REWARD: (
        "This reward is for you, so only another approver could decide about it. `/orders` shows what you received."
    ),
    Rule.REQUESTER_ONLY: "Only the person who asked for this reward can withdraw it. An approver can decline it.",
    Rule.UNDO_BY_PARTIES: "Only the requester and approvers can undo this. Please ask one of them.",
    Rule.NOT_OWN_ADDRESS: "This is your own address. You can't send someone else's reward there.",
    Rule.ADMINS_ONLY: "Only admins of Kudos can do this. Please ask the colleague who set up Kudos.",
    Rule.FINANCE_ONLY: "Only finance and admins of Kudos can see this. `/kudos report` shows what you gave.",
    Rule.COLLEAGUES_ONLY: (
        "Guests, apps and people of other companies can't approve rewards or act as admins. Please ask "
        "a colleague who can."
    ),
    Rule.MEMBERSHIP_UNKNOWN: (
        "Slack hasn't confirmed for ten minutes who the approvers and admins are, so nothing changed. "
        "Please try again in a few minutes."
    ),
}

#: Who may instead is named: three at the most.
_BOTH: Final = (ALEX, ADA)

REFUSALS: Final[tuple[tuple[Refusal, str], ...]] = (
    (
        errors.NotAllowed(Rule.SENDERS_ONLY, who_may=(ADA,)),
        "You can't send rewards yet. Please ask <@U0ADA0001> to add you.",
    ),
    (
        errors.NotAllowed(Rule.ADMINS_ONLY, who_may=_BOTH),
        "Only admins of Kudos can do this. Please ask <@U0ALEX001> or <@U0ADA0001>.",
    ),
    (
        errors.NotAllowed(Rule.ADMINS_ONLY, who_may=("U1", "U2", "U3", "U4")),
        "Only admins of Kudos can do this. Please ask <@U1>, <@U2> or one of 2 others.",
    ),
    (
        errors.NotAllowed(Rule.APPROVERS_ONLY, who_may=_BOTH),
        "Only <@U0ALEX001> and <@U0ADA0001> can approve or decline rewards. `/orders` shows yours.",
    ),
    (
        errors.NotAllowed(Rule.APPROVERS_ONLY, who_may=("U1", "U2", "U3", "U4"), waits=True),
        "Only <@U1>, <@U2> and 2 more can approve or decline this reward. It's waiting for them.",
    ),
    (
        errors.NotAllowed(Rule.APPROVERS_ONLY, waits=True),
        "Only approvers can approve or decline this reward. It's waiting for them.",
    ),
    (
        errors.NotAllowed(Rule.NOT_OWN_REQUEST, who_may=_BOTH, waits=True),
        "You asked for this reward, so <@U0ALEX001> or <@U0ADA0001> has to decide. You can withdraw it.",
    ),
    (
        errors.NotAllowed(Rule.NOT_OWN_REQUEST, who_may=_BOTH),
        (
            "You asked for this reward, so only <@U0ALEX001> and <@U0ADA0001> could decide about it. "
            "`/orders` shows where it is."
        ),
    ),
    (
        errors.NotAllowed(Rule.NOT_OWN_REQUEST, waits=True),
        "You asked for this reward, so another approver has to decide. You can withdraw it.",
    ),
    (
        errors.NotAllowed(Rule.NOT_OWN_REWARD, who_may=_BOTH, waits=True),
        "This reward is for you, so <@U0ALEX001> or <@U0ADA0001> has to decide. There's nothing for you to do.",
    ),
    (
        errors.NotAllowed(Rule.NOT_OWN_REWARD, waits=True),
        "This reward is for you, so another approver has to decide. There's nothing for you to do.",
    ),
    (
        errors.NotAllowed(Rule.NOT_OWN_REWARD, who_may=_BOTH),
        (
            "This reward is for you, so only <@U0ALEX001> and <@U0ADA0001> could decide about it. "
            "`/orders` shows what you received."
        ),
    ),
    (errors.NotFound("<7>"), "I can't find `&lt;7&gt;` among your rewards. Try `/orders`."),
    (
        errors.StaleReference(),
        (
            "This message is from before Kudos was restored or updated, so nothing changed. Please use the "
            "newer message, or type `/orders`."
        ),
    ),
    (
        errors.AlreadyAsked(number="R-8", amount="$25.00", names=["Rob Hale"]),
        ("You already asked for $25.00 for Rob Hale (R-8). Submit the form again to ask for what's in it now as well."),
    ),
    (
        errors.AlreadyAsked(number="R-8", amount="$25.00", names=["Rob Hale", "A & B"]),
        (
            "You already asked for $25.00 each for Rob Hale, A &amp; B (R-8). Submit the form again to ask "
            "for what's in it now as well."
        ),
    ),
    (
        DuplicateRequest(recipient_ids=[ROB], names=["Rob Hale", "A *& B"], is_own=False),
        (
            "⚠️ Someone already asked for this reward for Rob Hale, A ∗&amp; B in the last 24 hours. Send anyway? Then "
            "submit the form again."
        ),
    ),
    (
        DuplicateRequest(recipient_ids=[ROB], names=["Rob Hale"], is_own=True),
        (
            "⚠️ You already asked for this reward for Rob Hale in the last 24 hours. Send anyway? Then "
            "submit the form again."
        ),
    ),
    (
        errors.AlreadyDecided(status=RequestStatus.APPROVED, by=ALEX, at=NOON),
        f"<@U0ALEX001> already approved this {_THEN}, so nothing changed.",
    ),
    (
        errors.AlreadyDecided(status=RequestStatus.EXPIRED, by=None, at=NOON),
        f"This request expired {_THEN}, so nothing changed.",
    ),
    (
        errors.PastIdempotency("7"),
        (
            "This reward was first sent 90 days ago or more, so sending it again could pay twice. *Check with "
            "Tango* in `/orders` asks if Tango has it. If not, close it and make a new request. (R-7)"
        ),
    ),
    (
        errors.MadeElsewhere("7"),
        (
            "Tango made this reward on another account or under another reference, so sending it again would pay "
            "twice. Please ask your Tango contact. (R-7)"
        ),
    ),
    (errors.QueuePaused(), "Sending is paused. Run `kudos queue resume` on the bot's machine to go on."),
    (
        errors.AlreadyReaddressed(number="7", again_at=NOON),
        (
            f"This reward's email already went to another address today. The next can go there {_THEN}. You can "
            "resend it to the usual address at any time. (R-7)"
        ),
    ),
    (
        errors.ChangedSince([("reward_gone", "A & B")]),
        (
            "This can't be approved as requested. A &amp; B isn't on offer any more. Please decline it, so "
            "that the requester can ask again."
        ),
    ),
    (errors.RewardNotReady("7"), "Tango is still preparing this reward. Please try again in a minute."),
    (errors.NoRewards(), "I don't have the list of rewards from Tango yet. Please try again in a minute."),
    (
        errors.GroupUnknown(),
        (
            "I can't look up a user group that your budgets or approvers depend on, so nothing changed. "
            "Please try again in a minute. If that doesn't help, tell an admin of Kudos: the group may be gone."
        ),
    ),
    (errors.SlackUnavailable(), "Slack didn't tell me who the people are, so nothing changed. Please try again."),
    (
        errors.ResendTooSoon(number="7", again_at=NOON + timedelta(seconds=30)),
        (
            f"The email just went out. You can resend it at <!date^{int(NOON.timestamp()) + 31}^{{time_secs}}|"
            f"{NOON:%H:%M}:31 UTC>."
        ),
    ),
    (
        errors.TooManyResends(most=10, again_at=NOON),
        f"You've resent 10 emails within an hour, and that's the limit. You can resend the next one {_THEN}.",
    ),
    (
        errors.DeliveredTooSoon(number="7", again_at=NOON + timedelta(seconds=30)),
        (
            f"This reward was just delivered. You can deliver it again at <!date^{int(NOON.timestamp()) + 31}^"
            f"{{time_secs}}|{NOON:%H:%M}:31 UTC>. (R-7)"
        ),
    ),
    (
        errors.NotMailed(),
        ("Tango sent no email for this reward, so there's none to resend. Please ask an admin of Kudos to look it up."),
    ),
    (errors.SeveralOrders("R-8", ["8.1", "8.2", "8.3"]), "R-8 has several rewards. Please name one, from 8.1 to 8.3."),
    (
        errors.WrongState(number="7", status=OrderStatus.SUBMITTING, move=Wish.RETRY),
        "The reward is being sent. It can be sent once more only while it needs attention. (R-7)",
    ),
    (
        SearchNotUnderstood(SearchFault.UNKNOWN, "<x>", known=["placed", "failed"]),
        "I don't know `&lt;x&gt;`. Did you mean `placed`?",
    ),
    (
        SearchNotUnderstood(SearchFault.UNKNOWN, "<x>"),
        "I don't know `&lt;x&gt;`, and nobody of that name got a reward.",
    ),
    (
        SearchNotUnderstood(SearchFault.VALUE, "<x>", known=["placed", "failed"]),
        "I don't know `&lt;x&gt;` here. Use one of these: placed, failed.",
    ),
    (
        SearchNotUnderstood(SearchFault.TWICE, "<x>", known=["placed", "failed"]),
        "`&lt;x&gt;` is there twice. Please say each thing once.",
    ),
    (
        SearchNotUnderstood(SearchFault.ONE_PERSON, "<x>", known=["placed", "failed"]),
        "Please look for one person at a time.",
    ),
    (
        SearchNotUnderstood(SearchFault.NO_ADDRESS, "<x>", known=["placed", "failed"]),
        (
            "`&lt;x&gt;` has no email address in their Slack profile, so I can't find them at Tango. Try "
            "their name: `first:Rob last:Hale`."
        ),
    ),
    (
        SearchNotUnderstood(SearchFault.REVERSED, "<x>", known=["placed", "failed"]),
        "The start has to come before the end.",
    ),
    (
        SearchNotUnderstood(SearchFault.TOO_LONG, "<x>", known=["placed", "failed"]),
        "That's too much to look for at once. Please leave something out.",
    ),
)

#: How each refusal ends of an order whose state does not allow it.
WISHES: Final[Mapping[Wish, str]] = {
    Wish.RETRY: "It can be sent once more only while it needs attention.",
    Wish.CANCEL: "It can be canceled only while it's waiting and Tango surely doesn't have it.",
    Wish.UNDO: "Its approval can be undone only within the time that the card gives.",
    Wish.CLOSE: "It can be closed only once Tango has said that it doesn't have it.",
    Wish.INQUIRE: "It can be checked with Tango only while its outcome isn't known.",
    Wish.SENT_AS: "You can enter Tango's number only while it needs attention and Tango has no order for it yet.",
    Wish.RESEND: "It can be resent only once it has been sent.",
    Wish.SHOW: "It can be shown only once it has been sent.",
    Wish.GIVE: "It can be delivered only once Tango has made the reward.",
    Wish.ASK: "Tango can be asked about it only while it isn't finished.",
    Wish.REPEAT: "You can ask again only once it has failed or was canceled.",
    Wish.CHANGE_DATE: "You can change its date only until it's sent.",
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
        "Tango can't use the name in the Slack profile of Rob. They can change it there."
    ),
    ("recipients", FaultCode.ONE_ADDRESS): "A posted reward goes to one person. Please choose one.",
    ("person", FaultCode.UNNAMED): "Please name the person by email address or Slack ID.",
    ("person", FaultCode.NO_SUCH_PERSON): "Nobody in this workspace has rob@x.example. Please check it.",
    ("person", FaultCode.ONLY_A_NAME): (
        "Please use an email address or a Slack ID instead of “rob@x.example”. Do you mean Rob Hale (U0ROB0001) or Rob "
        "Weiss (U0ROB0002)?"
    ),
    ("person", FaultCode.SEVERAL_ACCOUNTS): "Several people have the address rob@x.example. Please use a Slack ID.",
    ("person", FaultCode.SAME_PERSON): "Row 1,234 is for the same person. Please keep one of the two.",
    ("message", FaultCode.CELLS_LEFT): "There's more behind the message. A message with commas needs quotation marks.",
    ("recipients", FaultCode.NOBODY_APPROVES): (
        "Nobody is left who could approve this. Please ask an admin of Kudos to name another approver."
    ),
    ("recipients", FaultCode.ONE_APPROVER_LEFT): (
        "This needs two approvers, and only one is left who could approve it. Please ask for less, or ask an admin of "
        "Kudos to name another approver."
    ),
    ("recipients", FaultCode.PROFILE_INCOMPLETE): (
        "No email address in the Slack profile of Rob. Tango needs it for this reward. They can add it there."
    ),
    ("recipients", FaultCode.PROFILE_CHARACTERS): (
        "Tango can't use <> in the email address of Rob. They can change it in their Slack profile."
    ),
    ("recipients", FaultCode.PROFILE_TOO_LONG): (
        "Tango allows at most 3,000 characters in the email address of Rob. They can shorten it in their Slack profile."
    ),
    ("recipients", FaultCode.PROFILE_MALFORMED): (
        "Tango can't use the email address of Rob. They can change it in their Slack profile, or you "
        "can choose delivery by direct message."
    ),
    ("reward", FaultCode.REQUIRED): "Please choose a reward.",
    ("occasion", FaultCode.REQUIRED): "Please choose an occasion.",
    ("occasion", FaultCode.UNAVAILABLE): "This occasion is no longer in the list. Please choose another.",
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
    ("amount", FaultCode.OVER_BUDGET): (
        "Your budget “Team leads” has $70.00 left until 31 March. This is $75.00. "
        "Please choose a smaller amount, or ask an admin of Kudos."
    ),
    ("amount", FaultCode.OVER_LIMIT): "The most for one reward is 3000. Please choose a smaller amount.",
    ("recipients", FaultCode.OVER_YEARLY_LIMIT): (
        "That's more than the 3000 that one person can get in a year: Rob. "
        "Please choose a smaller amount, or other people."
    ),
    ("reward", FaultCode.NO_BUDGET_IN_CURRENCY): "You have no budget in USD. Please choose a reward in EUR or USD.",
    ("reward", FaultCode.NO_LIMIT_IN_CURRENCY): "You can't send rewards in USD. Please choose one in EUR or USD.",
    ("message", FaultCode.TOO_LONG): "Use at most 3,000 characters. This is 3,001.",
    ("reason", FaultCode.REQUIRED): "Please say why, so that the requester knows what to change.",
    ("reason", FaultCode.TOO_LONG): "Use at most 3,000 characters. This is 3,001.",
    ("country", FaultCode.UNKNOWN_CODE): "I don't know that country. Please choose one from the list.",
    ("new_template", FaultCode.MALFORMED): "That doesn't look right. Use E and six digits, like E000002.",
    ("sent_as", FaultCode.REQUIRED): "Please type Tango's number of the order.",
    ("sent_as", FaultCode.MALFORMED): "That isn't one of Tango's order numbers. They look like RA180426-1401-64.",
    ("sent_as", FaultCode.TAKEN): "Tango has that number for Rob's $25.00 Reward Link (R-7).",
    ("new_email", FaultCode.MALFORMED): "That isn't an email address that Tango can use.",
    ("send_on", FaultCode.TOO_SOON): "Please choose a time that is still to come, for everyone who gets it.",
    ("send_on", FaultCode.REQUIRED): "Please choose a day.",
    ("send_on", FaultCode.REVERSED): "Please choose a day before the reward expires.",
    ("a_field_of_tomorrow", FaultCode.REQUIRED): "Please fill this in. Tango needs it for this reward.",
    ("a_field_of_tomorrow", FaultCode.NOT_APPLICABLE): "Please leave this blank. This reward doesn't use it.",
    ("a_field_of_tomorrow", FaultCode.TOO_SHORT): "Use at least 5 characters.",
    ("a_field_of_tomorrow", FaultCode.TOO_LONG): "Use at most 3,000 characters. This is 3,001.",
    ("a_field_of_tomorrow", FaultCode.CHARACTERS): "Tango doesn't accept <> here. Please use something else.",
    ("a_field_of_tomorrow", FaultCode.MALFORMED): "That doesn't look right. Please check the hint below the field.",
    ("a_field_of_tomorrow", FaultCode.NOT_A_NUMBER): "I can't read that amount. Type it like 25, 25.00 or 1000.",
    ("a_field_of_tomorrow", FaultCode.NOT_POSITIVE): "Use a number above zero.",
    ("a_field_of_tomorrow", FaultCode.REVERSED): "The start has to come before the end.",
    ("a_field_of_tomorrow", FaultCode.UNKNOWN_CODE): (
        "I don't know that state or province. In the US and Canada, use its two capital letters, like CA or ON."
    ),
    ("a_field_of_tomorrow", FaultCode.TOO_SOON): "Please choose tomorrow or a later day.",
    ("a_field_of_tomorrow", FaultCode.TOO_LATE): "Please choose a day within the next year.",
    ("a_field_of_tomorrow", FaultCode.TOO_LARGE): "That's more than Tango allows.",
    ("a_field_of_tomorrow", FaultCode.TOO_MANY_DECIMALS): "That has more decimals than Tango allows.",
}

#: What happened, by the first of Tango's keys for it.
CAUSES: Final[Mapping[str, str]] = {
    "400.009": "Tango couldn't read what was sent",
    "400.021": "the search goes beyond the 10,000 orders that Tango shows",
    "http_400": "Tango found something wrong with what was sent",
    "401.501": "Tango doesn't accept the platform name and key",
    "401.502": "the platform name and key didn't reach Tango",
    "402.001": "the Tango account is out of funds",
    "403.003": "Tango didn't send the first email of this order, so it can't send another",
    "403.004": "Tango can't send this email again for some hours",
    "403.005": "Tango sends a reward email at most once in 30 seconds",
    "403.007": "the platform isn't allowed to act for the customer in the settings",
    "403.008": "the email template belongs to another platform",
    "403.021": "the email template belongs to another account",
    "403.016": "Tango's fraud protection has stopped the account",
    "403.018": "Tango has rejected the platform",
    "403.020": "the platform isn't active at Tango",
    "403.022": "the reward was reissued five times, which is Tango's maximum",
    "http_403": "Tango doesn't allow this platform to order for this customer and account",
    "404.002": "Tango doesn't know the customer in the settings",
    "404.003": "Tango doesn't know the account in the settings",
    "404.015": "Tango doesn't know the customer or the account in the settings",
    "404.004": "the Tango account isn't active, or belongs to another customer",
    "404.005": "Tango doesn't know this order",
    "404.110": "Tango has nothing under this reference",
    "404.142": "Tango has frozen the account",
    "http_404": "Tango doesn't know what was asked for",
    "405.001": "Tango couldn't handle the call",
    "409.002": "Tango already has an order with this reference, or is still working on it",
    "428.001": "Tango has to approve this reward for the platform first",
    "429.001": "Tango is getting too many calls",
    "422.024": "the reward isn't in this platform's catalog",
    "422.030": "the reward is no longer active",
    "422.025": "the amount is outside this reward's limits",
    "422.026": "this reward comes in whole amounts only",
    "422.027": "this reward has a fixed value, and the amount is different",
    "422.105": "the amount has more than six digits before the point, or more than two after it",
    "422.013": "the amount isn't more than zero",
    "422.166": "the amount isn't in the reward's currency",
    "422.028": "something about the recipient is missing",
    "422.029": "the recipient has no email address",
    "422.009": "Tango doesn't accept an email address in this order",
    "422.111": "a name has a character that Tango doesn't accept, such as < > /",
    "422.007": "something that Tango needs is missing",
    "422.006": "a text is too long for Tango",
    "422.031": "Tango doesn't know the email template",
    "422.124": "the email template isn't an E and six digits",
    "422.110": "the reference is too long for Tango",
    "422.162": "this reward has no expiration date",
    "422.167": "the postal address is missing",
    "422.168": "this reward isn't posted, so it can't have a postal address",
    "422.501": "the customer or the account in the settings isn't 5 to 100 letters, digits and hyphens",
    "422.502": "the campaign has more than letters, digits and spaces",
    "http_422": "Tango can't do this as it was requested",
    "422.041": "the search ends before it begins",
    "422.042": "Tango shows at most 100 orders at a time",
    "422.043": "the search spans too many days for Tango",
    "422.044": "a date isn't of the form 2026-01-31",
    "422.045": "a date isn't in the past",
    "422.145": "Tango can't continue the list from there",
    "500.001": "something failed inside Tango",
    "500.003": "Tango couldn't process the payment",
    "500.004": "Tango couldn't send the email",
    "500.021": "Tango hasn't finished this order yet",
    "502.001": "Tango can't be reached right now",
    "503.002": "the supplier of this reward has none right now",
    "503.003": "the supplier of this reward isn't answering Tango",
    "503.042": "Tango is maintaining this reward right now",
}

#: What to do, sentence by sentence: several things have one in common.
REMEDIES: Final = (
    "This is a fault in Kudos, or on the way to Tango.",
    "Please tell the operator of Kudos.",
    "Narrow it, for example by dates.",
    "Please correct it in a new request.",
    "Check TANGO_PLATFORM_NAME and TANGO_PLATFORM_KEY, and restart the bot with the right ones.",
    "Set TANGO_PLATFORM_NAME and TANGO_PLATFORM_KEY, and make sure that no proxy removes the Authorization header.",
    "Add funds in the Tango portal.",
    "Find the reward in the Tango portal, and deliver it another way.",
    "Try again tomorrow.",
    "Try again in 30 seconds.",
    "Check tango.customer, or have Tango authorize the platform for it.",
    "Use another template, or none.",
    "Ask your Tango contact to lift it, and confirm that the orders are yours.",
    "Ask your Tango contact why.",
    "Ask your Tango contact to activate the platform.",
    "Please make a new request.",
    "Check tango.customer and tango.account in the settings.",
    "If they're right, ask Tango.",
    "Check tango.customer.",
    "Check tango.account.",
    "The Tango portal shows whether the account is active.",
    "Look for it in the Tango portal.",
    "If it's there, tango.base_url points to another environment.",
    "Search by the person or the date instead.",
    "Ask your Tango contact to lift it.",
    "Check that tango.base_url ends in /raas/v2, too.",
    "Check that tango.base_url ends in /raas/v2, and that no proxy changes what is sent.",
    "I'll keep asking with the same reference, so nobody can be paid twice.",
    "Ask your Tango contact to approve it, or choose another reward in a new request.",
    "I'll retry an order automatically with the same reference.",
    "For anything else, please try again in a minute.",
    "Choose another reward in a new request.",
    "Choose another amount in a new request.",
    "Refresh the catalog with `/kudos catalog refresh`.",
    "Then make a new request.",
    "They can add it to their Slack profile.",
    "They can add one to their Slack profile.",
    "The recipient can change theirs in their Slack profile.",
    "It can be changed in the Slack profile.",
    "Please add it in a new request.",
    "Shorten it in a new request.",
    "Leave “Last day to use it” blank in a new request.",
    "Please make a new request without one.",
    "Choose another in a new request.",
    "Please swap its two dates.",
    "Narrow its dates.",
    "Type it like that.",
    "Choose an earlier one.",
    "Search again from the first page.",
    "Try again in a few minutes.",
    "I'll keep trying with the same reference.",
    "It may take a day.",
    "Please show this to an admin.",
    "Tango's support can find it by the request id.",
)


def _insight(**facts: Any) -> str:
    """What *Details* says of what is known around a request."""
    known = details.CardDetails(request=a_request(), insight=Insight(rewards={}, **facts))
    return words_in(details.build_card_details(known, TEAM).blocks[1:-1])


def _counted(**facts: Any) -> str:
    """Return what is said over an admin's list that has these facts."""
    page = OwnPage(everyone=True, **facts)
    return search.build_order_page(page, EVERYTHING, search.PageButtons(same="{}"), viewer_id=ADA, may_send=True).text


#: What people did, in a timeline: by name, and without one.
DONE: Final[Mapping[AuditEvent, tuple[str, str]]] = {
    AuditEvent.REQUEST_FILED: ("<@U0ADA0001> asked for this reward.", "This reward was requested."),
    AuditEvent.REQUEST_FIRST_APPROVED: (
        "<@U0ADA0001> approved the request, as the first of two.",
        "The first of two people approved the request.",
    ),
    AuditEvent.REQUEST_APPROVED: ("<@U0ADA0001> approved the request.", "The request was approved."),
    AuditEvent.REQUEST_UNDONE: ("<@U0ADA0001> undid the approval.", "The approval was undone."),
    AuditEvent.REQUEST_DATE_CHANGED: ("<@U0ADA0001> chose another date.", "Another date was chosen."),
    AuditEvent.REQUEST_ADDRESS_SHOWN: (
        "<@U0ADA0001> looked at the postal address.",
        "An approver looked at the postal address.",
    ),
    AuditEvent.REQUEST_CARD_POSTED_AGAIN: ("<@U0ADA0001> had the card posted again.", "The card was posted again."),
    AuditEvent.ORDER_WATCH_REQUESTED: (
        "<@U0ADA0001> asked me to check with Tango again.",
        "Another check with Tango was requested.",
    ),
    AuditEvent.ORDER_INQUIRY_REQUESTED: (
        "<@U0ADA0001> asked me to check with Tango.",
        "A check with Tango was requested.",
    ),
    AuditEvent.ORDER_DELIVERY_REQUESTED: (
        "<@U0ADA0001> asked me to deliver the reward again.",
        "Another delivery was requested.",
    ),
    AuditEvent.ORDER_REWARD_SHOWN: ("<@U0ADA0001> looked at the reward.", "The recipient looked at the reward."),
    AuditEvent.ORDER_ADDRESS_DISPUTED: (
        "<@U0ADA0001> said that the address isn't theirs.",
        "The recipient said that the address isn't theirs.",
    ),
    AuditEvent.ORDER_RETRIED: (
        "<@U0ADA0001> put the order back into the queue.",
        "The order was put back into the queue.",
    ),
    AuditEvent.ORDER_CLOSED: (
        "<@U0ADA0001> closed the order without sending it.",
        "The order was closed without sending it.",
    ),
    AuditEvent.ORDER_CANCELED: ("<@U0ADA0001> canceled the reward.", "The reward was canceled."),
    AuditEvent.ATTEMPT_REFUSED: (
        "<@U0ADA0001> tried something that they have no right to.",
        "Someone tried something that they have no right to.",
    ),
}

#: What happened without anybody's doing.
HAPPENED: Final[Mapping[AuditEvent, str]] = {
    AuditEvent.ORDER_EMAIL_FAILED: "Tango says that the email didn't arrive.",
    AuditEvent.REQUEST_EXPIRED: "Nobody decided in time, so the request expired.",
    AuditEvent.REQUEST_CARD_REFUSED: "Slack refused the card.",
    AuditEvent.REQUEST_THANKS_REFUSED: "Slack refused the public thanks.",
    AuditEvent.REQUEST_REQUESTER_UNTOLD: "Slack refused a message to the requester.",
    AuditEvent.REQUEST_CLEARED: "Names, addresses and messages were removed because of their age.",
    AuditEvent.ORDER_QUEUED: "The order joined the queue.",
    AuditEvent.ORDER_RESCUED: "After a restart, the order went back into the queue with the same reference.",
    AuditEvent.ORDER_ACCEPTED: "Tango accepted the order.",
    AuditEvent.ORDER_OVERCHARGED: "Tango charged more than the value, fee and rate explain.",
    AuditEvent.ORDER_COMPLETED: "Tango finished the order.",
    AuditEvent.ORDER_ENDED_AT_TANGO: "Tango ended the order without a reward.",
    AuditEvent.ORDER_WATCH_ENDED: "I stopped asking Tango if the order is finished.",
    AuditEvent.ORDER_DELIVERED: "I delivered the reward by direct message.",
    AuditEvent.ORDER_NOT_DELIVERED: "I couldn't deliver the reward, because Slack refused the direct message.",
    AuditEvent.ORDER_RECIPIENT_UNTOLD: "Slack refused a message to the recipient.",
    AuditEvent.ORDER_FAILED: "Tango refused the order.",
    AuditEvent.ORDER_NEEDS_ATTENTION: "The order was set aside for an admin.",
    AuditEvent.QUEUE_HALTED: "Tango accepted no orders at that time, so this one had to wait.",
}

#: What Tango said, in a timeline: about the order, and about the number under which it was said to be sent.
FOUND: Final[Mapping[InquiryFinding, tuple[str, str]]] = {
    InquiryFinding.SAME: ("Tango has the order, as it was approved.", "Tango has the order as RA1."),
    InquiryFinding.DIFFERS: ("Tango has a different order with this reference.", "RA1 is a different order."),
    InquiryFinding.UNCONFIRMED: (
        "Tango doesn't confirm that its order is this one.",
        "Tango doesn't confirm that RA1 is this order.",
    ),
    InquiryFinding.ABSENT: ("Tango doesn't have the order, so nothing was paid.",) * 2,
    InquiryFinding.TOO_SOON: (
        "Tango doesn't have the order so far. That's certain only an hour after the last attempt.",
    )
    * 2,
    InquiryFinding.NO_SUCH_NUMBER: ("Tango doesn't know that number.", "Tango doesn't know RA1."),
    InquiryFinding.UNANSWERED: ("Tango gave no clear answer.", "Tango gave no clear answer about RA1."),
    InquiryFinding.UNRECORDED: ("I couldn't save Tango's answer. The log says why.",) * 2,
    InquiryFinding.OVERTAKEN: ("The order was settled before Tango answered.",) * 2,
}


def _became(status: RequestStatus = RequestStatus.APPROVED, **facts: Any) -> str:
    """Return what a card says of the request that is asked for again."""
    [line] = requests.repeat_lines(a_request(repeats=Repeated(8, status, **facts)))
    return line.partition(", ")[2]


def _warned(**facts: Any) -> str:
    """Return what a card says of another reward for its recipient."""
    return words_in(recipient_warnings(a_request(other_rewards=(an_other_reward(**facts),)), TEAM))


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
    text = resend.build_resend_finished(_MAILED, _resend(status, by), 12).text
    return re.split(r"(?<=\.) (?=[A-Z])", text)


def _fault(field: str, code: FaultCode) -> errors.InvalidForm:
    """Return what a form is refused with that has this one fault."""
    return errors.InvalidForm({field: Fault(code)})


def _line_of_workflow(message: Message) -> str:
    """Return the line of a message that says that a workflow asked."""
    return next(line for line in words_in(message.blocks).splitlines() if "workflow" in line)


def _mailed(place: int) -> Order:
    """Return an order of R-8 whose email can be sent again."""
    return an_order(request_id=8, place=place, status=OrderStatus.ACCEPTED, last_sent_at=NOON)


#: What becomes of an order that somebody cancels.
_CANCELED: Final = "canceled Rob Weiss's $25.00 Reward Link Preferred. It wasn't sent, and nothing was paid. (R-1)"

#: Phrases that stand in several sentences. One of these writes each out; the others have them from here.
_THING: Final = requests.of_request(a_request(), "the {amount} {reward} for {names}", "")
_GIST: Final = "🎁 <@U0MAYA001> would like to thank Rob Weiss with $25.00."
_MAYA_ASKED: Final = "You asked to send <@U0ROB0001> a $25.00 Reward Link Preferred by email."
_ON_HOLD: Final = wording.hold(HaltCause.OUTAGE, waiting=0).text.partition(":")[0]
_AT_ONCE: Final = "Rewards then go out automatically."
_SINCE: Final = f"On hold since {_THEN}"
_THE_ORDER: Final = names.order_text(an_order())

#: A request that needs two approvers: as it was made, after the first yes, after both; and one that needed nobody.
_ROUTE: Final = Route("C0SALES01", frozenset({ALEX, ADA}))
_FOR_TWO: Final = a_request(policy=Policy(_ROUTE, ApprovalRule.SECOND_ABOVE, Money(250_00, "USD")))
_ONE_MORE: Final = replace(_FOR_TWO, first_approved_by=ADA, first_approved_at=NOON)
_BY_TWO: Final = replace(_decided(_YES), first_approved_by=ADA, first_approved_at=NOON, policy=_FOR_TWO.policy)
_BY_RULE: Final = replace(
    _decided(_YES),
    decided_by=BY_RULE,
    policy=Policy(_ROUTE, ApprovalRule.AUTOMATIC_UP_TO, Money(25_00, "USD")),
)

#: What a workflow asked for in Maya's name.
_BY_WORKFLOW: Final = a_request(by_workflow=True)
_WORKFLOW_GIST: Final = "🎁 A workflow would like to thank Rob Weiss with $25.00 in the name of <@U0MAYA001>."

#: What is told, as it stands in a notification.
MESSAGES: Final = {
    "card, on the screen": (
        words_in(requests.build_card(_ASKED_BY_MAYA, Progress(counts={}), TEAM).blocks).splitlines(),
        [
            *("🎁 ", "Maya Lopez", " would like to thank ", "Rob Weiss", " with ", "$25.00"),
            "Reward Link Preferred, by email",
            *("Maya Lopez", " wrote:", "Thank you for the launch"),
            *("Approve $25.00", "Decline…", "Details"),
            f"R-1 · requested {_THEN}",
        ],
    ),
    "card for several, on the screen": (
        "".join(words_in(requests.build_card(_FOR_SEVEN, Progress(counts={}), TEAM).blocks[:1]).splitlines()),
        (
            "🎁 Maya Lopez would like to thank 7 people with $25.00 each, $175.00 in all"
            "Rob Weiss, Rob Weiss, Rob Weiss, Rob Weiss, Rob Weiss and 2 more"
        ),
    ),
    "card for several": (
        requests.build_card(_FOR_SEVEN, Progress(counts={}), TEAM).text,
        (
            "🎁 <@U0MAYA001> would like to thank 7 people with $25.00 each, $175.00 in all. They are "
            "Rob Weiss, Rob Weiss, Rob Weiss, Rob Weiss, Rob Weiss and 2 more. ⏳ Waiting for approval · R-1"
        ),
    ),
    "card, approved": (
        words_in(requests.build_card(_decided(RequestStatus.APPROVED), _SENT, TEAM).blocks),
        (
            f"*✅ Approved by <@U0ALEX001>* · sent to Rob Weiss\n{_GIST} Reward Link Preferred, by email.\n"
            f"Thank you for the launch\nR-1 · from <@U0MAYA001> · approved {_THEN}"
        ),
    ),
    "card of a workflow, on the screen": (
        words_in(requests.build_card(_BY_WORKFLOW, Progress(counts={}), TEAM).blocks).splitlines(),
        [
            *("🎁 A workflow would like to thank ", "Rob Weiss", " with ", "$25.00", " in the name of ", "Maya Lopez"),
            "Reward Link Preferred, by email",
            *("A workflow wrote in the name of ", "Maya Lopez", ":", "Thank you for the launch"),
            *("Approve $25.00", "Decline…", "Details"),
            f"R-1 · requested by a workflow {_THEN}",
        ],
    ),
    "card of a workflow, approved": (
        words_in(requests.build_card(replace(_decided(_YES), by_workflow=True), _SENT, TEAM).blocks),
        (
            f"*✅ Approved by <@U0ALEX001>* · sent to Rob Weiss\n{_WORKFLOW_GIST} Reward Link Preferred, by email.\n"
            f"Thank you for the launch\nR-1 · from a workflow in the name of <@U0MAYA001> · approved {_THEN}"
        ),
    ),
    "receipt of a workflow": (
        _line_of_workflow(receipts.build_receipt(_BY_WORKFLOW, Progress(counts={}))),
        "A workflow asked in your name to send <@U0ROB0001> a $25.00 Reward Link Preferred by email.",
    ),
    "receipt of a workflow, by message": (
        _line_of_workflow(
            receipts.build_receipt(
                replace(_BY_WORKFLOW, details=Details(delivery=Delivery.MESSAGE)), Progress(counts={})
            )
        ),
        "A workflow asked in your name to send <@U0ROB0001> a $25.00 Reward Link Preferred by direct message.",
    ),
    "details of a workflow": (
        _line_of_workflow(details.build_card_details(details.CardDetails(request=_BY_WORKFLOW), TEAM)),
        f"A workflow in the name of <@U0MAYA001> asked for the $25.00 Reward Link Preferred for Rob Weiss, {_THEN}.",
    ),
    "decline form of a workflow": (
        words_in(decisions.build_decline_form(_BY_WORKFLOW)["blocks"]).splitlines()[0],
        "A workflow in the name of <@U0MAYA001> asked for the $25.00 Reward Link Preferred for Rob Weiss.",
    ),
    "in a list, of a workflow": (
        words_in([entries.request_entry(_BY_WORKFLOW, MAYA)]).splitlines()[1],
        f"Waiting for approval since {_THEN} · requested by a workflow · R-1",
    ),
    "in an admin's list, of a workflow": (
        words_in([entries.request_entry(_BY_WORKFLOW, ADA)]).splitlines()[1],
        f"Waiting for approval since {_THEN} · requested by a workflow in the name of <@U0MAYA001> · R-1",
    ),
    "card, held": (
        words_in(requests.build_card(_decided(_YES), _HELD_BACK, TEAM).blocks).splitlines()[-3:],
        [
            f"<@U0MAYA001> or an approver can undo this until {clock_time_of(NOON)}. Nothing is sent before that.",
            "Undo",
            f"R-1 · from <@U0MAYA001> · approved {_THEN}",
        ],
    ),
    "receipt, held": (
        words_in(receipts.build_receipt(_decided(_YES), _HELD_BACK).blocks).splitlines()[-3:-1],
        [f"You can undo this until {clock_time_of(NOON)}. Nothing is sent before that.", "Undo"],
    ),
    "receipt, scheduled": (
        words_in(receipts.build_receipt(_decided(_YES), _SCHEDULED).blocks).splitlines()[-4:-1],
        [f"You can undo this until {time_of(NOON)}. Nothing is sent before that.", "Undo", "Change the date…"],
    ),
    "goes out, scheduled": (goes_out_text(NOON, is_scheduled=True), f"goes out {time_of(NOON)}"),
    "card, scheduled": (
        words_in(requests.build_card(_decided(_YES), _SCHEDULED, TEAM).blocks).splitlines()[-3:-1],
        [f"<@U0MAYA001> or an approver can undo this until {time_of(NOON)}. Nothing is sent before that.", "Undo"],
    ),
    "receipt, partly sent": (
        words_in(receipts.build_receipt(_decided(_YES), replace(_SCHEDULED, undo_until=None)).blocks).splitlines()[
            -3:-1
        ],
        [f"What's still waiting goes out {time_of(NOON)}.", "Change the date…"],
    ),
    "receipt, pending, with a date": (
        words_in(receipts.build_receipt(_DATED, Progress(counts={})).blocks).splitlines()[3:8],
        [
            "Send on: Sat, Mar 14, 2026 at 12:00 New York time, or once it's approved if that's later",
            "Withdraw",
            "Post the card again",
            "Ask someone else",
            "Change the date…",
        ],
    ),
    "approve, with a date": (
        requests.question_text(_DATED),
        (
            "Send Rob Weiss a $25.00 Reward Link Preferred? It's sent Sat, Mar 14, 2026 at 12:00 New York time. You "
            "can undo this until then."
        ),
    ),
    "approve first, with a date": (
        requests.question_text(replace(_DATED, policy=_FOR_TWO.policy)),
        (
            "Send Rob Weiss a $25.00 Reward Link Preferred? It needs a second approver too, and is sent Sat, Mar 14, "
            "2026 at 12:00 New York time."
        ),
    ),
    "entry, with a date": (
        entries.request_text_of_entry(_DATED, MAYA).splitlines()[1],
        f"Waiting for approval since {time_of(NOON)} · to be sent Sat, Mar 14, 2026 at 12:00 New York time · R-1",
    ),
    "a date": (schedule.schedule_text(_NEW_YORK), "Sat, Mar 14, 2026 at 12:00 New York time"),
    "a date, in UTC": (schedule.schedule_text(Schedule(NOON, "UTC")), "Sat, Mar 14, 2026 at 12:00 UTC"),
    "a date, by each clock": (
        schedule.schedule_text(Schedule(NOON)),
        "Sat, Mar 14, 2026 at 12:00 in each person's time zone",
    ),
    "the form of another date": (
        words_in(schedule.build_schedule_form(a_request())["blocks"]),
        f"{_TIME}Approvers see the new date on the card.",
    ),
    "the form of another date, approved": (
        words_in(schedule.build_schedule_form(_decided(_YES))["blocks"]),
        f"{_TIME}It stays approved.",
    ),
    "undone, told": (
        receipts.build_approval_undone(replace(_decided(_YES), undone_by=ADA)).text,
        f"↩️ <@U0ADA0001> undid the approval of {_THING}. Nothing was sent, and nothing was paid. (R-1)",
    ),
    "reminder of two": (
        reminders.build_reminder([a_request(), a_request(id=2)]).text,
        "⏳ 2 requests are waiting for your approval.",
    ),
    "reminder of one": (
        words_in(reminders.build_reminder([a_request()]).blocks),
        (f"*⏳ 1 request is waiting for your approval.*\n⏳ Rob Weiss · $25.00 · <@U0MAYA001> {_THEN} · R-1\nReview"),
    ),
    "approver asked": (
        reminders.build_approver_asked(a_request()).text,
        f"👋 <@U0MAYA001> asks you to look at {_THING}. (R-1)",
    ),
    "asked": (
        reminders.build_asking(Asking(a_request(), ALEX, [])).text,
        f"I asked <@U0ALEX001> to look at {_THING}. (R-1)",
    ),
    "all asked": (
        reminders.build_asking(Asking(a_request(), None, [ALEX, ADA])).text,
        f"I've asked everyone who is here and can approve {_THING}: <@U0ALEX001> and <@U0ADA0001>. (R-1)",
    ),
    "nobody to ask": (
        reminders.build_asking(Asking(a_request(), None, [])).text,
        f"Nobody who can approve {_THING} is here right now. They'll find it when they're back. (R-1)",
    ),
    "approvers away": (
        reminders.build_approvers_away(a_request(), {ALEX: NOON.date()}).text,
        (
            f"⚠️ Nobody can approve {_THING} now. <@U0ALEX001> is away until 14 Mar 2026. "
            "They'll find it when they're back. (R-1)"
        ),
    ),
    "many approvers away": (
        reminders.build_approvers_away(a_request(), dict.fromkeys("ABCDE", NOON.date())).text.partition(" now. ")[2],
        (
            "<@A> is away until 14 Mar 2026. <@B> is away until 14 Mar 2026. <@C> is away until 14 Mar 2026. "
            "2 more are away too. They'll find it when they're back. (R-1)"
        ),
    ),
    "away, on Home": (
        reminders.absence_blocks(NOON.date())[0]["text"]["text"],
        "🌴 You're away until 14 Mar 2026. Reminders and cards go to the others.",
    ),
    "form to be away": (
        reminders.build_away_form()["blocks"][0]["text"]["text"],
        "Reminders and cards go to the other approvers. You can still approve whenever you like.",
    ),
    "standing, undone": (
        headline_of(replace(_decided(_YES), undone_by=ADA), Progress(counts={OrderStatus.CANCELED: 2})).text,
        "↩️ Undone by <@U0ADA0001> · approved by <@U0ALEX001> · nothing was sent",
    ),
    "card, approved by two": (
        requests.build_card(_BY_TWO, _SENT, TEAM).blocks[0]["text"]["text"],
        "*✅ Approved by <@U0ADA0001> and <@U0ALEX001>* · sent to Rob Weiss",
    ),
    "card, approved by a rule": (
        words_in(requests.build_card(_BY_RULE, _SENT, TEAM).blocks).splitlines()[::3],
        [
            "*✅ Approved automatically* · sent to Rob Weiss",
            f"R-1 · from <@U0MAYA001> · approved {_THEN} · Needs no approver: up to $25",
        ],
    ),
    "card, two are needed": (
        words_in(requests.build_card(_FOR_TWO, Progress(counts={}), TEAM).blocks).splitlines()[-1],
        f"R-1 · requested {_THEN} · Needs two approvers: over $250",
    ),
    "card, two are needed for the currency": (
        approval.rule_text(a_request(policy=Policy(_ROUTE, ApprovalRule.UNLISTED_CURRENCY))),
        "Needs two approvers: no amount is set for USD",
    ),
    "card, the first of two approved": (
        [block["text"]["text"] for block in approval.first_blocks(_ONE_MORE)],
        ["✅ <@U0ADA0001> approved; one more is needed."],
    ),
    "card, the first of two approved, in a notification": (
        requests.build_card(_ONE_MORE, Progress(counts={}), TEAM).text,
        f"{_GIST} ⏳ Waiting for approval {approval.first_text(_ONE_MORE)} · R-1",
    ),
    "question to the first of two": (
        requests.question_text(_FOR_TWO),
        "Send Rob Weiss a $25.00 Reward Link Preferred? It's sent once a second approver says yes too.",
    ),
    "question to the first of two, for seven": (
        requests.question_text(replace(_FOR_SEVEN, policy=_FOR_TWO.policy)).partition(" They are")[0],
        (
            "Send 7 people a $25.00 Reward Link Preferred each, $175.00 in all? It's sent once a second approver says "
            "yes too."
        ),
    ),
    "receipt, two are needed": (
        receipts.build_receipt(_FOR_TWO, Progress(counts={})).blocks[-1]["elements"][0]["text"],
        f"R-1 · requested {_THEN} · addressed to Rob Weiss · {approval.rule_text(_FOR_TWO)}",
    ),
    "receipt, by a rule": (
        receipts.build_receipt(_BY_RULE, _SENT).blocks[-1]["elements"][0]["text"],
        f"R-1 · requested {_THEN} · approved automatically {_THEN}",
    ),
    "card, undelivered": (
        words_in(
            requests.build_card(replace(_decided(_YES), recipients=(_UNREACHED,)), _UNDELIVERED, TEAM).blocks[1:2]
        ),
        (
            "I can't send a direct message to Rob Weiss. The reward is paid for, and <@U0MAYA001> can have it "
            "delivered again."
        ),
    ),
    "card, undelivered to several": (
        words_in(
            requests.build_card(
                replace(_FOR_THREE, recipients=(_UNREACHED,) * 3),
                replace(_ALL_SENT, undelivered=[_UNREACHED.external_ref_id] * 3),
                TEAM,
            ).blocks[1:2]
        ),
        (
            "I can't send a direct message to Rob Weiss, Rob Weiss, Rob Weiss. Their rewards are paid for, and "
            "<@U0MAYA001> can have them delivered again."
        ),
    ),
    "entry, the first of two approved": (
        entries.request_text_of_entry(_ONE_MORE, MAYA).splitlines()[1],
        f"Waiting for approval since {_THEN} · one of two has approved · R-1",
    ),
    "event, approved by a rule": (
        timeline.event_text(
            AuditEntry(at=NOON, event=AuditEvent.REQUEST_APPROVED, request_id=1, facts={"rule": BY_RULE}), None
        ),
        "The request was approved automatically.",
    ),
    "card, declined": (
        requests.build_card(_decided(RequestStatus.DECLINED), Progress(counts={}), TEAM).text,
        f"🚫 Declined by <@U0ALEX001> · Over budget · {_GIST} R-1",
    ),
    **{
        f"standing, {name}": (headline_of(_decided(status), progress, hold).text, text)
        for name, status, progress, hold, text in (
            ("withdrawn", RequestStatus.WITHDRAWN, Progress(counts={}), None, "↩️ Withdrawn by <@U0ALEX001>"),
            ("expired", RequestStatus.EXPIRED, Progress(counts={}), None, "⌛ Expired · nobody decided in time"),
            ("held", _YES, _HELD_BACK, _HOLD, f"✅ Approved by <@U0ALEX001> · goes out at {clock_time_of(NOON)}"),
            ("without orders", _YES, Progress(counts={}), None, "✅ Approved by <@U0ALEX001>"),
            ("queued", _YES, _WAITING, None, "✅ Approved by <@U0ALEX001> · waiting to be sent"),
            (
                "on hold",
                _YES,
                _WAITING,
                _HOLD,
                "⏸️ On hold · the Tango account is out of funds · approved by <@U0ALEX001>",
            ),
            (
                "some on hold",
                _YES,
                Progress(counts={OrderStatus.ACCEPTED: 2, OrderStatus.QUEUED: 1}),
                queue.Hold(PAUSED),
                "⏸️ On hold · sending is paused · approved by <@U0ALEX001> · 2 sent · 1 waiting to be sent",
            ),
            (
                "one is not finished",
                _YES,
                replace(_SENT, unfinished=1),
                None,
                "✅ Approved by <@U0ALEX001> · Tango is preparing it",
            ),
            (
                "delivered",
                _YES,
                replace(_SENT, delivered=1),
                None,
                "✅ Approved by <@U0ALEX001> · delivered to Rob Weiss",
            ),
            ("all sent", _YES, _ALL_SENT, None, "✅ Approved by <@U0ALEX001> · sent to all 3"),
            (
                "all delivered",
                _YES,
                replace(_ALL_SENT, delivered=3),
                None,
                "✅ Approved by <@U0ALEX001> · delivered to all 3",
            ),
            (
                "some not finished",
                _YES,
                replace(_ALL_SENT, unfinished=1, delivered=1),
                None,
                "✅ Approved by <@U0ALEX001> · 3 sent, 1 being prepared by Tango, 1 delivered",
            ),
            (
                "some need attention",
                _YES,
                Progress(counts={OrderStatus.ACCEPTED: 2, OrderStatus.NEEDS_ATTENTION: 1}),
                None,
                "⚠️ 1 of 3 needs attention · approved by <@U0ALEX001> · 2 sent",
            ),
            (
                "several need attention",
                _YES,
                Progress(counts={OrderStatus.ACCEPTED: 2, OrderStatus.NEEDS_ATTENTION: 2}),
                None,
                "⚠️ 2 of 4 need attention · approved by <@U0ALEX001> · 2 sent",
            ),
            (
                "all canceled",
                _YES,
                Progress(counts={OrderStatus.CANCELED: 3}),
                None,
                "🚫 Canceled · approved by <@U0ALEX001> · 3 canceled",
            ),
            ("failed", _YES, Progress(counts={OrderStatus.FAILED: 1}), None, "❌ Failed · approved by <@U0ALEX001>"),
            (
                "all failed or canceled",
                _YES,
                Progress(counts={OrderStatus.FAILED: 2, OrderStatus.CANCELED: 1}),
                None,
                "❌ Failed · approved by <@U0ALEX001> · 2 failed · 1 canceled",
            ),
            (
                "most sent",
                _YES,
                Progress(counts={OrderStatus.ACCEPTED: 3, OrderStatus.FAILED: 1}),
                None,
                "⚠️ 3 of 4 sent · approved by <@U0ALEX001> · 1 failed",
            ),
            (
                "the rest canceled",
                _YES,
                Progress(counts={OrderStatus.ACCEPTED: 3, OrderStatus.CANCELED: 1}, delivered=1),
                None,
                "✅ 3 of 4 sent · approved by <@U0ALEX001> · 1 canceled · 1 delivered",
            ),
            (
                "some canceled while others wait",
                _YES,
                Progress(counts={OrderStatus.ACCEPTED: 1, OrderStatus.CANCELED: 1, OrderStatus.QUEUED: 2}),
                None,
                "✅ Approved by <@U0ALEX001> · 1 sent, 1 canceled, 2 waiting to be sent",
            ),
            (
                "failed while others wait",
                _YES,
                Progress(counts={OrderStatus.ACCEPTED: 1, OrderStatus.FAILED: 1, OrderStatus.QUEUED: 2}),
                None,
                "⚠️ 1 of 4 failed · approved by <@U0ALEX001> · 1 sent · 2 waiting to be sent",
            ),
            ("undelivered", _YES, _UNDELIVERED, None, "⚠️ Not delivered · approved by <@U0ALEX001>"),
            (
                "some undelivered",
                _YES,
                _SOME_UNDELIVERED,
                None,
                "⚠️ 1 of 3 not delivered · approved by <@U0ALEX001> · 2 sent · 1 delivered",
            ),
        )
    },
    **{
        f"receipt, {name}": (receipts.build_receipt(request, progress, hold).blocks[0]["text"]["text"], text)
        for name, request, progress, hold, text in (
            (
                "declined",
                _decided(RequestStatus.DECLINED),
                Progress(counts={}),
                None,
                f"*🚫 Declined by <@U0ALEX001>*\n{_MAYA_ASKED}",
            ),
            (
                "on hold",
                _decided(_YES),
                _WAITING,
                _HOLD,
                (
                    f"*⏸️ On hold*\n{_MAYA_ASKED}\n"
                    "It's on hold right now: the Tango account is out of funds. It will go out automatically."
                ),
            ),
            (
                "needs attention",
                _decided(_YES),
                Progress(counts={OrderStatus.NEEDS_ATTENTION: 1}),
                None,
                (f"*⚠️ Needs attention* · approved by <@U0ALEX001>\n{_MAYA_ASKED}\nThe admins are looking into it."),
            ),
            (
                "sent",
                _decided(_YES),
                _SENT,
                None,
                "*✅ Sent!* Rob Weiss's $25.00 Reward Link Preferred is on its way by email.",
            ),
            (
                "undelivered",
                replace(_decided(_YES), recipients=(_UNREACHED,)),
                _UNDELIVERED,
                None,
                (
                    f"*⚠️ Not delivered* · approved by <@U0ALEX001>\n{_MAYA_ASKED}\n"
                    "I can't send Rob Weiss a direct message. The reward is paid for. "
                    "Once I can reach them, press *Deliver again*."
                ),
            ),
            (
                "undelivered to some",
                replace(_FOR_THREE, id=8, recipients=(_UNREACHED, *_FOR_THREE.recipients[1:])),
                _SOME_UNDELIVERED,
                None,
                (
                    "*⚠️ 1 of 3 not delivered* · approved by <@U0ALEX001> · 2 sent · 1 delivered\n"
                    "You asked to send <@U0ROB0001>, <@U0ROB0001>, <@U0ROB0001> a $25.00 Reward Link Preferred each "
                    "by email, $75.00 in all.\n"
                    "I can't send a direct message to Rob Weiss. The reward is paid for. "
                    "Once I can reach them, you can deliver again from `/orders R-8`."
                ),
            ),
            (
                "undelivered to several",
                replace(_FOR_THREE, id=8, recipients=(_UNREACHED,) * 3),
                replace(_ALL_SENT, undelivered=[_UNREACHED.external_ref_id] * 3),
                None,
                (
                    "*⚠️ 3 of 3 not delivered* · approved by <@U0ALEX001>\n"
                    "You asked to send <@U0ROB0001>, <@U0ROB0001>, <@U0ROB0001> a $25.00 Reward Link Preferred each "
                    "by email, $75.00 in all.\n"
                    "I can't send a direct message to Rob Weiss, Rob Weiss, Rob Weiss. Their rewards are paid for. "
                    "Once I can reach them, you can deliver again from `/orders R-8`."
                ),
            ),
            (
                "all sent",
                replace(_FOR_THREE, details=Details(delivery=Delivery.MESSAGE)),
                _ALL_SENT,
                None,
                (
                    "*✅ Sent!* All 3 rewards are on their way by direct message: $25.00 Reward Link Preferred each "
                    "for Rob Weiss, Rob Weiss, Rob Weiss."
                ),
            ),
            (
                "delivered",
                _decided(_YES),
                replace(_SENT, delivered=1),
                None,
                "*✅ Delivered!* Rob Weiss has the $25.00 Reward Link Preferred.",
            ),
            (
                "all delivered",
                _FOR_THREE,
                replace(_ALL_SENT, delivered=3),
                None,
                (
                    "*✅ Delivered!* All 3 rewards are delivered: $25.00 Reward Link Preferred each for Rob Weiss, Rob "
                    "Weiss, Rob Weiss."
                ),
            ),
        )
    },
    "receipt, the small print": (
        receipts.build_receipt(
            _decided(_YES), replace(_SENT, charges=[Charge(total=Decimal(26), currency="USD")])
        ).blocks[-1]["elements"][0]["text"],
        f"R-1 · requested {_THEN} · approved by <@U0ALEX001> {_THEN} · charged $26.00",
    ),
    "receipt for several": (
        receipts.build_receipt(_FOR_THREE, Progress(counts={})).blocks[0]["text"]["text"].splitlines()[1],
        (
            "You asked to send <@U0ROB0001>, <@U0ROB0001>, <@U0ROB0001> a $25.00 Reward Link Preferred each by email, "
            "$75.00 in all."
        ),
    ),
    **{
        f"gift, {amount}": (say("Here is a {amount} Card", amount=Money(amount, "USD")), f"Here is {text}")
        for amount, text in {
            8_00: "an $8.00 Card",
            11_00: "an $11.00 Card",
            18_000_00: "an $18,000.00 Card",
            80_50: "an $80.50 Card",
            110_00: "a $110.00 Card",
            1_800_00: "a $1,800.00 Card",
        }.items()
    },
    "declining, over budget": (decisions.reason_text("over_budget", " "), "Over budget"),
    "declining, a duplicate": (
        decisions.reason_text("duplicate", "See R-7."),
        "A duplicate of another request. See R-7.",
    ),
    "declining, not eligible": (decisions.reason_text("not_eligible", ""), "Not eligible for this reward"),
    "declining, another reason": (decisions.reason_text("other", " Ask me. "), "Ask me."),
    "the form for a reason": (
        words_in(decisions.build_decline_form(a_request())["blocks"]),
        (
            f"<@U0MAYA001> asked for {_THING}.\nReason\nChoose a reason\nOver budget\n"
            "A duplicate of another request\nNot eligible for this reward\nAnother reason…\nIn your words\n"
            "Please fill this in if you choose another reason. The requester and the other approvers see it.\nR-1"
        ),
    ),
    "order, Tango takes none": (
        wording.WAITS_FOR_TANGO,
        "*⏸️ On hold* · the Tango account is out of funds",
    ),
    "order, paused": (wording.WAITS_PAUSED, "*⏸️ On hold* · sending is paused"),
    "request, undecided": (wording.WAITS_FOR_APPROVER, "I'll let you know."),
    "timeline, an event of another version": (
        timeline.event_text(AuditEntry(at=NOON, event="order.sung", facts={}), None),
        "Another version of Kudos noted “order.sung”.",
    ),
    "timeline, of a workflow": (
        wording.event(AuditEvent.REQUEST_FILED, MAYA, workflow_run="Fx1"),
        "A workflow asked for this reward.",
    ),
    "timeline, of a leaver": (
        timeline.event_text(
            AuditEntry(at=NOON, event=AuditEvent.ORDER_CANCELED, facts={"reason": RECIPIENT_LEFT}), None
        ),
        "The recipient had left, so the reward was canceled.",
    ),
    "timeline, cut": (timeline.cut_text(), "The timeline shows the last 20 attempts and resends."),
    "timeline, by the operator": (
        wording.event(AuditEvent.ORDER_CANCELED, CONSOLE),
        "The operator of Kudos canceled the reward.",
    ),
    **{
        f"attempt, {outcome}": (wording.attempt(outcome, 503), f"{text} (503")
        for outcome, text in {
            AttemptOutcome.ACCEPTED: "I sent the order, and Tango accepted it.",
            AttemptOutcome.REJECTED: "I sent the order, and Tango refused it.",
            AttemptOutcome.THROTTLED: "I sent the order too early for Tango, so I tried again right away.",
            AttemptOutcome.AMBIGUOUS: "I tried to send the order, and got no clear answer.",
            AttemptOutcome.HALTED: "I tried to send the order while Tango accepted none.",
        }.items()
    },
    **{
        f"resend, {status}": (wording.resent(status), f"A resend was requested. {text}")
        for status, text in {
            ResendStatus.CLAIMED: "It's waiting its turn.",
            ResendStatus.SENDING: "It's being sent.",
            ResendStatus.SENT: "Tango sent it.",
            ResendStatus.REFUSED: "Tango refused.",
            ResendStatus.AMBIGUOUS: "Tango didn't answer, so it may or may not have been sent.",
        }.items()
    },
    **{
        f"resend, {elsewhere}, {template}": (
            [wording.resent(ResendStatus.SENT, by, elsewhere=elsewhere, template=template) for by in (ADA, None)],
            [f"{text} Tango sent it." for text in texts],
        )
        for elsewhere, template, texts in (
            (False, None, ("<@U0ADA0001> asked to resend the email.", "A resend was requested.")),
            (
                False,
                "E000002",
                (
                    "<@U0ADA0001> asked to resend the email with template E000002.",
                    "A resend with template E000002 was requested.",
                ),
            ),
            (
                True,
                None,
                (
                    "<@U0ADA0001> asked to resend the email to another address.",
                    "A resend to another address was requested.",
                ),
            ),
            (
                True,
                "E000002",
                (
                    "<@U0ADA0001> asked to resend the email to another address, with template E000002.",
                    "A resend to another address, with template E000002, was requested.",
                ),
            ),
        )
    },
    "list, counted": (
        _counted(counts=dict.fromkeys(OrderStatus, 2), undelivered=1),
        (
            "All rewards: 2 waiting to be sent · 2 being sent · 2 need attention · 1 not delivered · 1 sent · "
            "2 failed · 2 canceled."
        ),
    ),
    "list, requests counted": (
        _counted(requests=[a_request()] * 3, counts={OrderStatus.NEEDS_ATTENTION: 1}),
        "All rewards: 3 waiting for approval · 1 needs attention.",
    ),
    "list, more than is counted": (
        _counted(requests=[a_request()], more_requests=True, counts={OrderStatus.ACCEPTED: MOST_COUNTED + 1}),
        "All rewards: 1 or more waiting for approval · more than 500 rewards.",
    ),
    "list, cut": (wording.CUT, "Tango lists only the first 10,000. Please narrow it down by days or amounts."),
    "list, maybe older": (wording.MAYBE_OLDER, "None on this page. There may be older ones."),
    "list, without orders": (wording.NO_ORDERS, "Nothing here yet. `/kudos` sends a reward."),
    "list, without orders, to a guest": (wording.NO_ORDERS_TO_GUESTS, "Nothing here yet."),
    "list, received": (wording.RECEIVED, "Rewards you received"),
    "list, own": (wording.OWN_ORDERS, "Your rewards"),
    "list, everyone's": (wording.ALL_ORDERS, "All rewards"),
    "list, Tango's": (wording.ALL_AT_TANGO, "All orders at Tango"),
    "form, title": (wording.FORM_TITLE, "Send a reward"),
    "form, submit": (wording.SUBMIT, "Ask for approval"),
    "card, posted again": (
        cards.build_posting_again(CardPosting(a_request(), begun=True)).text,
        f"I'm posting the card about {_THING} again. The old one will point to the new one. (R-1)",
    ),
    "card, posted just now": (
        cards.build_posting_again(CardPosting(a_request(), begun=False)).text,
        f"The card about {_THING} was posted again less than a minute ago. (R-1)",
    ),
    "card, moved": (
        words_in(cards.build_moved_card(a_request(id=8), "https://acme.slack.com/archives/C0/p1").blocks),
        f"There's a new card about {_THING}.\nGo to the new card\nR-8",
    ),
    "receipt, moved": (
        words_in(cards.build_moved_receipt(a_request(id=8), "https://acme.slack.com/archives/D0/p1").blocks),
        f"This copy of your request is out of date. It's about {_THING}.\nGo to the current one\nR-8",
    ),
    "card, moved, no link": (
        cards.build_moved_card(a_request(id=8), None).text,
        f"There's a new card about {_THING}. (R-8)",
    ),
    "card, closed": (
        cards.build_closed_card(a_request(id=8)).text,
        "You can't decide about this request any more, so this card is closed. (R-8)",
    ),
    "card, refused": (
        undelivered.build_card_refused(a_request(id=8), "invalid_blocks").text,
        (
            f"⚠️ Slack doesn't show the card about {_THING}, so the approvers can't see it. "
            "Please tell one of them: they can decide with `/orders pending`. (R-8)"
        ),
    ),
    "card, not in the channel": (
        words_in(undelivered.build_card_refused(a_request(), "not_in_channel").blocks[1:]),
        (
            "I'm not in the approvals channel. Anyone in it can type `/invite @Kudos` there.\nPost the card "
            "again\nR-1 · Slack: not_in_channel"
        ),
    ),
    "card, channel not found": (
        words_in(undelivered.build_card_refused(a_request(), "channel_not_found").blocks[1:2]),
        ("I can't see the approvals channel. If it's private, anyone in it can type `/invite @Kudos` there."),
    ),
    "card, channel archived": (
        words_in(undelivered.build_card_refused(a_request(), "is_archived").blocks[1:2]),
        "The approvals channel is archived. Anyone who was in it can unarchive it.",
    ),
    "card, refused, decided": (
        undelivered.build_card_refused(a_request(id=8, status=RequestStatus.APPROVED), "invalid_blocks").text,
        (f"Slack didn't show the card about {_THING}. It has been decided, so there's nothing to do. (R-8)"),
    ),
    "card, nobody may decide": (
        undelivered.build_card_refused(a_request(id=8), NO_APPROVER).text,
        (
            "⚠️ Nobody can approve the $25.00 Reward Link Preferred for Rob Weiss. Each approver asked for it, "
            "receives it, or has left. Please name another one under `approvals.approvers`, then post the card again. "
            "(R-8)"
        ),
    ),
    "card, nobody on its route may decide": (
        undelivered.build_card_refused(_FOR_TWO, NO_APPROVER).text.rpartition("left. ")[2],
        (
            "Please add someone to their user group and post the card again, or name another one and have them ask "
            "again. (R-1)"
        ),
    ),
    "card, nobody on its route may decide, to the requester": (
        undelivered.build_card_refused(_FOR_TWO, NO_APPROVER, to_admin=False).text.rpartition("left. ")[2],
        "The admins can name another one. Once they have, please withdraw this and ask again. (R-1)",
    ),
    "card, nobody may decide, to the requester": (
        undelivered.build_card_refused(a_request(id=8), NO_APPROVER, to_admin=False).text.rpartition("left. ")[2],
        "The admins can name another one. Once they have, post the card again. (R-8)",
    ),
    "approver untold": (
        words_in(undelivered.build_approver_untold(a_request(id=8), ALEX, "user_disabled").blocks),
        (
            "⚠️ Slack doesn't let me write to <@U0ALEX001>, so they don't get cards. The other approvers have them. "
            "All of them can decide with `/orders pending`.\nR-8 · Slack: user_disabled"
        ),
    ),
    "requester untold": (
        words_in(undelivered.build_requester_untold(a_request(id=8), "user_disabled").blocks),
        (
            f"⚠️ Slack doesn't let me write to <@U0MAYA001>. They hear nothing about {_THING}. Please tell them, "
            "or look after it yourself in `/orders`.\nR-8 · Slack: user_disabled"
        ),
    ),
    "recipient untold": (
        undelivered.build_recipient_untold(an_order(id=9, request_id=8), "user_disabled").text,
        (
            "⚠️ Slack doesn't let me write to <@U0ROB0001>, so they don't know about their $25.00 Reward Link "
            "Preferred. It has been sent. Please tell them. (R-8 · Slack: user_disabled)"
        ),
    ),
    "waiting for the viewer": (
        wording.PENDING,
        ("Waiting for your approval"),
    ),
    "approved in the list": (
        words_in(cards.build_pending([], TEAM, approved=a_request(id=8)).blocks),
        (f"✅ You approved {_THING} · R-8\n✅ Nothing is waiting for you."),
    ),
    "nothing waits for the viewer": (
        wording.NOTHING_PENDING,
        ("✅ Nothing is waiting for you."),
    ),
    "readdressed": (
        resend.build_readdressed(an_order(), _readdressed("r…@new.example")).text,
        (
            "<@U0ADA0001> is having the email of <@U0ROB0001>'s $25.00 Reward Link Preferred sent to another address: "
            "r…@new.example. The reward is from <@U0MAYA001>. If that isn't <@U0ROB0001>'s own address, please tell "
            "another admin of Kudos right away."
        ),
    ),
    "readdressed, cleared": (
        resend.build_readdressed(an_order(), _readdressed(None)).text.partition(". ")[0],
        "<@U0ADA0001> is having the email of <@U0ROB0001>'s $25.00 Reward Link Preferred sent to another address",
    ),
    "resend form, whose address": (
        resend.build_resend_form(Mailed(order=an_order(), seconds_left=0, by_admin=True))["blocks"][-2]["elements"][0][
            "text"
        ],
        (
            "Another address must be the same person's, <@U0ROB0001>: the reward stays theirs. They and <@U0MAYA001> "
            "hear about it right away. The order's history records your change. The log records the address's domain "
            "and a fingerprint."
        ),
    ),
    "failed, nothing paid": (wording.NOTHING_PAID, "Nothing was paid."),
    "unopened": (
        unopened_text(),
        "Slack didn't open the form in time, so nothing changed. Please try again.",
    ),
    "Slack unreached": (
        slack_unreached_text(),
        "I couldn't reach Slack to open the form, so nothing changed. Please try again.",
    ),
    "not understood": (resend.not_understood_text("<x>"), "I don't know `&lt;x&gt;`."),
    "refreshed": (build_refreshed(1_200).text, "The catalog is up to date: the form offers 1,200 rewards."),
    "refreshed, one": (build_refreshed(1).text, "The catalog is up to date: the form offers 1 reward."),
    "refreshed, none": (
        build_refreshed(0).text,
        "Tango offers no rewards right now, so the form has none to choose from.",
    ),
    "asking": (asking_text(), "One moment…"),
    "not shown to everyone": (
        unshown_text(),
        "I couldn't show this to everyone here. If it doesn't appear, please try again.",
    ),
    "not here": (
        not_here_text(),
        "Only you see this window. Type `/orders` and the number in the channel that should see it.",
    ),
    "storage": (
        storage_text(),
        "I can't save anything right now, so nothing changed. Please try again in a minute.",
    ),
    "broken": (
        broken_text("abc123"),
        "Something went wrong. Please try again. If it happens again, tell an admin of Kudos: `abc123`.",
    ),
    "no answer": (
        trouble_text(errors.TangoUnavailable(reason="timeout")),
        "Tango doesn't answer right now, so nothing changed. Please try again in a minute.",
    ),
    "unknown key": (
        tango_text("422.999", 400, said="So.", request_id="req-1"),
        (
            "Tango gave a reason that I don't know. Please show this to an admin. Tango's support can find it by the "
            "request id. Tango says: “So.” (Tango 422.999 · request req-1)"
        ),
    ),
    "for admins alone": (
        tango_text("402.001", 402, to_admin=False, in_full=False).split(". ")[1],
        "An admin can fix this.",
    ),
    "reference": (reference_text("422.026", "req-1"), "Tango 422.026 · request req-1"),
    "for an admin": (
        tango_text("402.001", 402, in_full=False),
        f"{sentence(_NO_FUNDS.what)}. An admin can fix this. {_NO_FUNDS.remedy}",
    ),
    "for Tango": (
        tango_text("404.142", 422),
        "Tango has frozen the account. An admin can fix this. Ask your Tango contact to lift it. (Tango 404.142)",
    ),
    "found differs": (
        problem_text(an_order(problem=Problem.DIFFERS, problem_detail="so"), None),
        "Tango has a different order with this reference. Please compare the two in the Tango portal. (so)",
    ),
    "found unconfirmed": (
        problem_text(an_order(problem=Problem.UNCONFIRMED), None, to_admin=False),
        "Tango accepted it, but doesn't confirm that it's the order that was approved.",
    ),
    "found past_idempotency": (
        problem_text(an_order(problem=Problem.PAST_IDEMPOTENCY, problem_detail="so"), None),
        "It was first sent 90 days ago or more, so sending it again could make a second order. (so)",
    ),
    "found unclear_alone": (
        problem_text(an_order(problem=Problem.UNCLEAR_ALONE), None),
        "It got no clear answer several times while other orders went through, so it may have gone through too.",
    ),
    "found refused_alone": (
        problem_text(an_order(problem=Problem.REFUSED_ALONE), None).partition(" Tango gave")[0],
        "Tango refused it several times while other orders went through. Nothing was paid for it.",
    ),
    "found unrecorded": (
        problem_text(an_order(problem=Problem.UNRECORDED, problem_detail="so"), None),
        "I couldn't save Tango's answer, so the order may have gone through. The log says why. (so)",
    ),
    "found closed": (
        problem_text(an_order(problem=Problem.CLOSED), None),
        "An admin closed it without sending it. Tango doesn't have it, so nothing was paid. You can ask for it again.",
    ),
    "found undelivered": (
        problem_text(an_order(status=OrderStatus.ACCEPTED, problem=Problem.UNDELIVERED), None),
        "I can't send the recipient a direct message. The reward is paid for. Once I can reach them, deliver it again.",
    ),
    **{
        f"inquiry {finding}": (finding_text(_SET_ASIDE, replace(_ASKED, finding=finding), NOON), text)
        for finding, text in {
            InquiryFinding.ABSENT: (
                f"Tango didn't have it when I asked {_THEN}, so nothing was paid. "
                "An admin can send it again or close it."
            ),
            InquiryFinding.TOO_SOON: (
                f"Tango didn't have it yet when I asked {_THEN}. That's certain only an hour after the last attempt. "
                f"I'll ask again {_THEN}."
            ),
            InquiryFinding.UNANSWERED: (
                f"I asked Tango {_THEN} and got no clear answer. I'll ask again {_THEN}. *Check with Tango* asks right "
                "away."
            ),
            InquiryFinding.UNRECORDED: f"I asked Tango {_THEN} and couldn't save the answer. The log says why.",
            InquiryFinding.DIFFERS: "",
        }.items()
    },
    "inquiry begins": (finding_text(_SET_ASIDE, None, NOON), "I'm asking Tango about it."),
    "inquiry absent, past the 90 days": (
        finding_text(
            replace(_SET_ASIDE, problem=Problem.PAST_IDEMPOTENCY), replace(_ASKED, finding=InquiryFinding.ABSENT), None
        ),
        (
            f"Tango didn't have it when I asked {_THEN}, so nothing was paid. "
            "An admin can close it, and then you can ask for it again."
        ),
    ),
    "inquiry absent, in the queue": (
        finding_text(an_order(), replace(_ASKED, finding=InquiryFinding.ABSENT), None),
        f"Tango didn't have it when I asked {_THEN}, so nothing was paid. It keeps its place in the queue.",
    ),
    "inquiring": (
        build_inquiring(an_order()).text,
        f"I'm asking Tango about {_THE_ORDER}. I'll tell you the answer. (R-1)",
    ),
    **{
        f"inquiry finished, {finding}": (
            build_inquiry_finished(an_order(), replace(_ASKED, finding=finding, detail="amount"), None).text,
            text,
        )
        for finding, text in {
            InquiryFinding.SAME: f"Tango has {_THE_ORDER}. The reward is waiting to be sent. (R-1)",
            InquiryFinding.DIFFERS: (
                f"Tango still has a different order with the reference of {_THE_ORDER}. (R-1 · amount)"
            ),
            InquiryFinding.UNCONFIRMED: f"Tango still doesn't confirm that its order is {_THE_ORDER}. (R-1 · amount)",
            InquiryFinding.OVERTAKEN: (
                f"{_THE_ORDER} was settled before Tango answered. The reward is waiting to be sent. (R-1)"
            ),
        }.items()
    },
    **{
        f"sent as, {finding}": (sent_as(finding, "RA1", "amount"), text)
        for finding, text in {
            InquiryFinding.DIFFERS: f"RA1 isn't {_THE_ORDER}, so nothing was changed. (R-1 · amount)",
            InquiryFinding.UNCONFIRMED: (
                f"Tango doesn't say if RA1 is {_THE_ORDER}, so nothing was changed. (R-1 · amount)"
            ),
            InquiryFinding.NO_SUCH_NUMBER: (
                "Tango has no order RA1. Please check the number in the Tango portal. (R-1 · amount)"
            ),
            InquiryFinding.UNANSWERED: (
                "Tango gave no clear answer about RA1. Nothing was changed: please try again. (R-1 · amount)"
            ),
        }.items()
    },
    "sent as, the form": (
        words_in(build_sent_as_form(an_order())["blocks"]),
        (
            f"{_THE_ORDER}\nTango's order number\nRA180426-1401-64\n"
            "From the Tango portal. I'll ask Tango if that order has this reference, or the same content.\nR-1"
        ),
    ),
    **{
        f"attention ended, {how}": (build_attention_ended(an_order(), how, ADA).text, text)
        for how, text in {
            AuditEvent.ORDER_CLOSED: (
                f"<@U0ADA0001> closed {_THE_ORDER} without sending it. Tango doesn't have it, so "
                "nothing was paid. (R-1)"
            ),
            AuditEvent.ORDER_RETRIED: (
                f"<@U0ADA0001> is sending {_THE_ORDER} again. It has the same reference, so it can't be paid "
                "twice. (R-1)"
            ),
            AuditEvent.ORDER_ACCEPTED: f"{_THE_ORDER} is settled: Tango has it, and it was sent once. (R-1)",
        }.items()
    },
    "attention ended, at Tango": (
        build_attention_ended(an_order(status=OrderStatus.FAILED), AuditEvent.ORDER_ACCEPTED, None).text,
        f"{_THE_ORDER} is settled: Tango had it, and ended it without a reward. (R-1)",
    ),
    "an order, named": (_THE_ORDER, "Rob Weiss's $25.00 Reward Link Preferred"),
    "found ended_at_tango": (
        problem_text(an_order(problem=Problem.ENDED_AT_TANGO, problem_detail="so"), None),
        "Tango accepted it, then ended it without a reward. You can ask for it again. (so)",
    ),
    "found changed": (
        problem_text(an_order(problem=Problem.CHANGED, problem_detail="left, reward_gone"), None),
        (
            "Something has changed since it was approved, so it wasn't sent and nothing was paid. Rob Weiss has left "
            "this workspace. Reward Link Preferred isn't on offer any more. Once that's fixed, an admin can send it "
            "again. If it can't be fixed, an admin can close it."
        ),
    ),
    "changed": (
        receipts.build_changed(a_request(obstacles=(Obstacle(ObstacleCode.ADDRESS, ROB),))).text,
        (
            "⚠️ The $25.00 Reward Link Preferred for Rob Weiss can't be approved as requested. "
            "Rob Weiss's email address has changed. You can withdraw the request and ask again. (R-1)"
        ),
    ),
    "changed back": (
        receipts.build_changed(a_request()).text,
        (f"✅ Nothing stands in the way of {_THING} any more. (R-1)"),
    ),
    "on card and receipt": (
        requests.build_card(a_request(obstacles=(Obstacle(ObstacleCode.LEFT, ROB),)), Progress(counts={}), TEAM).blocks[
            -3
        ]["text"]["text"],
        ("⚠️ *This can't be approved as it is.* Rob Weiss has left this workspace."),
    ),
    **{
        f"obstacle {code}": (obstacles_text([(code, "Rob & Co")]), text)
        for code, text in {
            "left": "Rob &amp; Co has left this workspace.",
            "guest": "Rob &amp; Co is a guest now, and guests can't get rewards.",
            "outsider": "Rob &amp; Co isn't a member of this workspace any more.",
            "address": "Rob &amp; Co's email address has changed.",
            "sender": "Rob &amp; Co can't send rewards any more.",
            "reward_gone": "Rob &amp; Co isn't on offer any more.",
            "reward_amount": "Rob &amp; Co doesn't come in this amount any more.",
            "date": "The expiry date has passed, or is too near by now.",
        }.items()
    },
    "seven obstacles": (
        obstacles_text([("date", "")] * 5 + [("left", "Rob")] * 2),
        (" ".join(["The expiry date has passed, or is too near by now."] * 5) + " And 2 more."),
    ),
    "found refused_after_unknown": (
        problem_text(an_order(problem=Problem.REFUSED_AFTER_AMBIGUOUS), None),
        (
            "Tango refuses it now, but an earlier attempt got no answer and may have worked. Tango gave a reason that "
            "I don't know. Please show this to an admin. Tango's support can find it by the request id."
        ),
    ),
    "card": (
        requests.build_card(a_request(), Progress(counts={}), TEAM).text,
        (f"{_GIST} ⏳ Waiting for approval · R-1"),
    ),
    "above the requester's words": (
        wrote("Maya Lopez"),
        ("Maya Lopez\n wrote:"),
    ),
    "a namesake": (
        words_in(people.namesake_warning(a_request(recipients=(a_recipient(has_namesake=True),)))),
        (
            "⚠️ Someone else here has the same name as \nRob Weiss\n, or one that looks like it. "
            "Please check who this is."
        ),
    ),
    "details of the card": (
        words_in(details.build_card_details(_KNOWN, TEAM).blocks),
        (
            f"<@U0MAYA001> asked for {_THING}, {_THEN}.\nGoes by email to\nRob Weiss\n · @rob · Writer · r@x.example · "
            "in the request: u0rob0001@example.com\nPurchase order: 7\nEmail template: E000002\nR-1"
        ),
    ),
    "what the recipients got before": (
        words_in(
            details.build_card_details(
                details.CardDetails(request=a_request(), insight=Insight(rewards={ROB: [an_order(), an_order()]})), TEAM
            ).blocks[1:-1]
        ),
        "*Last rewards of Rob Weiss*"
        + 2 * f"\n$25.00 Reward Link Preferred from <@U0MAYA001> {time_of(an_order().created_at)}",
    ),
    **{
        f"a month of {rewards}": (
            _insight(month=Month(rewards=rewards, totals=[Money(1_00, "EUR"), Money(2_00, "USD")])),
            said,
        )
        for rewards, said in {
            1: "<@U0MAYA001> had 1 reward approved this month: €1.00 and $2.00.",
            2: "<@U0MAYA001> had 2 rewards approved this month, €1.00 and $2.00 in all.",
        }.items()
    },
    **{
        f"the account, {left}, {waiting}": (
            _insight(
                cover=Cover(
                    balance=Money(90_00, "USD"),
                    at=NOON,
                    waiting=Money(waiting, "USD"),
                    left=None if left is None else Money(left, "USD"),
                )
            ),
            f"{sign}The account at Tango had $90.00 as of {_THEN}{said}",
        )
        for left, waiting, sign, said in (
            (65_00, 0, "", ". After this, $65.00 is left."),
            (60_00, 5_00, "", ". After this and $5.00 that's still to be sent, $60.00 is left."),
            (-10_00, 0, "⚠️ ", ". That's $10.00 too little for this."),
            (-10_00, 5_00, "⚠️ ", ". That's $10.00 too little for this and $5.00 that's still to be sent."),
            (None, 0, "", "."),
            (None, 5_00, "", ", and $5.00 of it is still to be sent."),
        )
    },
    "details of the card, in a notification": (
        details.build_card_details(_KNOWN, TEAM).text,
        "More about the request of <@U0MAYA001> for Rob Weiss (R-1)",
    ),
    "asked again": (
        "\n".join(requests.repeat_lines(a_request(repeats=Repeated(8, RequestStatus.WITHDRAWN)))),
        "Asked again for R-8, which was withdrawn",
    ),
    **{
        f"asked again, {status}": (_became(status), said)
        for status, said in {
            RequestStatus.PENDING_APPROVAL: "which was still waiting",
            RequestStatus.APPROVED: "which was approved",
            RequestStatus.DECLINED: "which was declined",
            RequestStatus.EXPIRED: "which expired",
        }.items()
    },
    "asked again, undone": (_became(is_undone=True, orders=1, unsent=1), "whose approval was undone"),
    "asked again, unsent": (_became(orders=2, unsent=2), "which wasn't sent"),
    "asked again, one unsent": (_became(orders=2, unsent=1), "which wasn't sent to everyone"),
    **{
        f"other reward, {is_approved}, {is_same}": (
            _warned(request_id=7, is_approved=is_approved, is_same=is_same),
            f"⚠️ *{said} <slack://user?team=T0ACME001&amp;id=U0ALEX001|Alex Kim> {_THEN} · R-7",
        )
        for (is_approved, is_same), said in {
            (True, False): "Another reward for Rob Weiss was approved* · requested by",
            (True, True): "The same reward for Rob Weiss was approved* · requested by",
            (False, False): "Another reward for Rob Weiss was requested* by",
            (False, True): "The same reward for Rob Weiss was requested* by",
        }.items()
    },
    "who can read the card": (
        words_in(recipient_warnings(a_request(recipients=(a_recipient(in_channel=True),)), TEAM)),
        "⚠️ *Rob Weiss can read this channel*",
    ),
    "receipt": (
        receipts.build_receipt(a_request(), Progress(counts={})).text,
        (
            "You asked to send <@U0ROB0001> a $25.00 Reward Link Preferred by email.\n"
            "⏳ Waiting for approval. I'll let you know. · R-1"
        ),
    ),
    "moment": (_THEN, "<!date^1773489600^{date_short_pretty} at {time}|2026-03-14 12:00 UTC>"),
    "declined": (
        receipts.build_decision(_decided(RequestStatus.DECLINED)).text,
        (f"🚫 <@U0ALEX001> declined {_THING}. · Over budget (R-1)"),
    ),
    "expired": (
        receipts.build_decision(_decided(RequestStatus.EXPIRED)).text,
        (f"⌛ Nobody decided in time about {_THING}, so your request has expired. (R-1)"),
    ),
    "on hold, and the admins know": (
        wording.waits_because(HaltCause.OUTAGE, admins_know=True),
        "It's on hold right now: Tango doesn't answer. The admins know, and it will go out automatically.",
    ),
    "on hold, paused": (
        wording.waits_because(PAUSED, admins_know=True),
        "It's on hold right now: sending is paused. It will go out once sending resumes.",
    ),
    **{
        f"card on hold, {cause}": (wording.on_hold_because(cause), f"· {why}")
        for cause, why in {
            HaltCause.INSUFFICIENT_FUNDS: "the Tango account is out of funds",
            HaltCause.UNAUTHORIZED: "Tango doesn't accept Kudos's key",
            HaltCause.FORBIDDEN: "Tango doesn't allow orders right now",
            HaltCause.ACCOUNT_FROZEN: "the Tango account is frozen",
            HaltCause.ACCOUNT_UNUSABLE: "the Tango account can't be used",
            HaltCause.THROTTLED: "Tango accepts no more orders right now",
            HaltCause.OUTAGE: "Tango doesn't answer",
            PAUSED: "sending is paused",
            "unheard of": "Tango accepts no orders right now",
        }.items()
    },
    "failed": (
        orders.build_failed(an_order(), None).text,
        f"❌ Failed: {_THE_ORDER} couldn't be sent. (R-1 · requested by <@U0MAYA001>)",
    ),
    "canceled": (
        cancel.build_canceled(an_order(), "U0ADA0001").text,
        (f"🚫 <@U0ADA0001> {_CANCELED}"),
    ),
    "canceled for a leaver": (
        cancel.build_canceled(an_order(), RECIPIENT_LEFT).text,
        (
            "🚫 Rob Weiss has left this workspace, so the $25.00 Reward Link Preferred wasn't sent, and nothing was "
            "paid. (R-1)"
        ),
    ),
    "canceled on the machine": (
        cancel.build_canceled(an_order(), CONSOLE).text,
        (f"🚫 The operator of Kudos {_CANCELED}"),
    ),
    "needs attention": (
        orders.build_needs_attention(an_order(), None).text,
        f"⚠️ Needs attention: {_THE_ORDER}. (R-1 · requested by <@U0MAYA001>)",
    ),
    "needs attention, to the requester": (
        orders.build_needs_attention(an_order(), None, to_admin=False).text,
        f"{_THE_ORDER} is held up. The admins are looking into it. (R-1)",
    ),
    "charged": (
        charges.charge_text(Charge(total=Decimal(13), currency="USD", fee=Decimal(3))),
        ("$13.00 (fee $3.00)"),
    ),
    "charged at a rate": (
        charges.charge_text(Charge(total=Decimal("110.005"), currency="USD", rate=Decimal("1.10005"))),
        "$110.005 (rate 1.10005)",
    ),
    "charged for several": (
        charges.charges_text(
            [
                Charge(total=Decimal(13), currency="USD", fee=Decimal(3)),
                Charge(total=Decimal(10), currency="USD", rate=Decimal(2)),
                Charge(total=Decimal(500), currency="JPY"),
            ]
        ),
        ("$23.00 (fee $3.00), ¥500"),
    ),
    "overcharged": (
        charges.build_overcharged(an_order(charge=Charge(total=Decimal(75), currency="USD"))).text,
        (
            "⚠️ Tango charged $75.00 for Rob Weiss's $25.00 Reward Link Preferred. "
            "The value, fee and exchange rate don't explain that. The reward is sent. Please ask Tango about the "
            "charge. (R-1)"
        ),
    ),
    "still unknown": (
        orders.build_still_unknown(an_order(attempts=6)).text,
        (
            f"Tango hasn't answered 6 attempts to send {_THE_ORDER}. I'll keep trying with the same reference, so "
            "nobody can be paid twice. (R-1 · requested by <@U0MAYA001>)"
        ),
    ),
    "public": (
        orders.build_public_order(an_order()).text,
        "⏳ Waiting to be sent: Rob Weiss's Reward Link Preferred (R-1)",
    ),
    "in a list": (
        words_in([entries.order_entry(an_order(status=OrderStatus.ACCEPTED, finalized_at=NOON), MAYA)]),
        f"✅ *Rob Weiss* · $25.00 Reward Link Preferred\nSent {_THEN} · R-1\nDetails",
    ),
    "in a list, one of several, on hold": (
        words_in([entries.order_entry(an_order(place=2), MAYA, on_hold=True)]),
        f"⏸️ *Rob Weiss* · $25.00 Reward Link Preferred\nOn hold · approved {_THEN} · 1.2\nDetails\nCancel…",
    ),
    "request in a list": (
        words_in([entries.request_entry(a_request(), MAYA)]),
        (
            f"⏳ *Rob Weiss* · $25.00 Reward Link Preferred\nWaiting for approval since {_THEN} · R-1\n"
            "Details\nWithdraw…\nPost the card again"
        ),
    ),
    "decided request in an admin's list": (
        words_in([entries.request_entry(_decided(RequestStatus.DECLINED), ADA)]),
        (
            f"🚫 *Rob Weiss* · $25.00 Reward Link Preferred\nDeclined by <@U0ALEX001> {_THEN} · "
            "requested by <@U0MAYA001> · R-1\nOver budget\nDetails"
        ),
    ),
    "halted, insufficient_funds": (
        wording.hold(HaltCause.INSUFFICIENT_FUNDS, "402.001", "req-1").text,
        (
            f"{_ON_HOLD}: {_NO_FUNDS.what}. {_NO_FUNDS.remedy} Rewards then go out automatically. 1 is waiting, and it "
            f"hasn't failed. (On hold since {_THEN} · Tango 402.001 · request req-1)"
        ),
    ),
    "halted, orders that are covered go": (
        queue.build_hold(replace(_SHORT_OF_FUNDS, lack=Money(5_00, "USD")), 1_200).text,
        (
            f"{_ON_HOLD}: {_NO_FUNDS.what}. {_NO_FUNDS.remedy} {_AT_ONCE} Rewards that the account covers still go "
            f"out. 1,200 are waiting, and none has failed. ({_SINCE})"
        ),
    ),
    "halted, throttled": (
        wording.hold(HaltCause.THROTTLED, "429.008", waiting=0).text,
        (
            f"{_ON_HOLD}: Tango says that every order comes too early. Check if something else orders with this "
            f"platform's key, or ask your Tango contact for a higher limit. {_AT_ONCE} Nothing is waiting. ({_SINCE} · "
            "Tango 429.008)"
        ),
    ),
    "halted, outage": (
        wording.hold(HaltCause.OUTAGE, waiting=0).text,
        (
            "Rewards are on hold: Tango doesn't answer. Check the network and status.tangocard.com. Nobody can be paid "
            f"twice. {_AT_ONCE} Nothing is waiting. ({_SINCE})"
        ),
    ),
    "paused": (
        wording.hold(PAUSED, waiting=2).text,
        (
            f"{_ON_HOLD}: sending is paused. Run `kudos queue resume` on the bot's machine to go on. 2 are waiting, "
            f"and none has failed. ({_SINCE})"
        ),
    ),
    "halted for a cause of a later version": (
        wording.hold("unheard of", waiting=0).text,
        (
            f"{_ON_HOLD}: Tango accepts no orders right now. The log says more. {_AT_ONCE} Nothing is waiting. "
            f"({_SINCE})"
        ),
    ),
    "resumed": (
        wording.hold(None).text,
        "Rewards are going out again. They were on hold: Tango didn't allow orders.",
    ),
    "probing": (wording.PROBING, "Trying one now… I'll tell you how it went."),
    **{
        f"goes on after {cause}": (
            wording.hold(None, last=cause).text.removeprefix(f"{wording.hold(None, last='').text} "),
            f"They were on hold: {was}.",
        )
        for cause, was in {
            HaltCause.INSUFFICIENT_FUNDS: "the Tango account was out of funds",
            HaltCause.UNAUTHORIZED: "Tango didn't accept Kudos's key",
            HaltCause.ACCOUNT_FROZEN: "the Tango account was frozen",
            HaltCause.ACCOUNT_UNUSABLE: "the Tango account couldn't be used",
            HaltCause.THROTTLED: "Tango accepted no more orders",
            HaltCause.OUTAGE: "Tango didn't answer",
            PAUSED: "sending was paused",
        }.items()
    },
    "held before": (
        wording.PAST_HOLD,
        "Rewards were on hold when I wrote this. My newer message says how things are now.",
    ),
    "nothing halted": (wording.NOT_ON_HOLD, "Rewards aren't on hold, so there's nothing to try."),
    "nothing to try": (
        wording.NOTHING_WAITS,
        "No reward is waiting that I could try now. I'll try the next one right away.",
    ),
    "probed in vain": (queue.build_probed(_SHORT_OF_FUNDS).text, f"Still on hold: {_NO_FUNDS.what}."),
    "probed": (wording.WORKED, "It worked: rewards are going out again."),
    "nothing to resend": (
        resend.build_resend_list([]).text,
        "No reward of yours has been emailed yet, so there's nothing to resend.",
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
        resend.build_too_soon(an_order(last_sent_at=NOON), 12).text,
        f"Rob Weiss's email just went out. {_SOON} (R-1)",
    ),
    "resend now": (resend.build_too_soon(an_order(), 0).text, "You can resend Rob Weiss's email now. (R-1)"),
    "resend, when": (
        _SOON,
        f"You can resend it at <!date^{int(NOON.timestamp()) + 31}^{{time_secs}}|{NOON:%H:%M}:31 UTC>.",
    ),
    "resend at once": (resend.again_text(an_order(last_sent_at=NOON), 0), "You can resend it now."),
    "resending": (
        resend.build_resending(an_order(), MAYA).text,
        f"I'm having {_THE_ORDER} emailed again. I'll tell you once it's sent. (R-1)",
    ),
    "resending mine": (
        resend.build_resending(an_order(), ROB).text,
        "I'm having your reward emailed to u…@example.com again. I'll tell you once it's sent.",
    ),
    "to be resent, in a list": (
        words_in(resend.build_resend_list([Mailed(order=_MAILED, seconds_left=12, by_admin=False)]).blocks),
        (
            f"Resend a reward email\n✅ *Rob Weiss* · $25.00 Reward Link Preferred\nSent {_THEN} · "
            f"{_SOON.removesuffix('.')} · R-1\nSend again\nSend again with changes…"
        ),
    ),
    "on its way": (
        words_in(delivery.build_on_its_way(a_present(message="Well done!")).blocks),
        (
            "🎉 *<@U0MAYA001> sent you a $25.00 Reward Link Preferred!*\nWell done!\n"
            "It's in your inbox: look for an email from Tango (check spam too).\nI didn't get it"
        ),
    ),
    "mine, too soon": (
        resend.mine_text(an_order(last_sent_at=NOON), 12),
        f"It just went out to u…@example.com. Check your spam folder too. {_SOON}",
    ),
    "mine, now": (resend.mine_text(an_order(), 0), "You can have it sent again to u…@example.com now."),
    "mine, resending": (
        resend.mine_resending_text(an_order()),
        "I'm having it sent again to u…@example.com. Please check your spam folder too.",
    ),
    "not mailed any more": (
        resend.build_not_mailed_any_more().text,
        "This reward can't be emailed again. Please ask the person who sent it to you.",
    ),
    "posted": (
        delivery.build_posted(a_present()).text,
        (
            "🎉 <@U0MAYA001> sent you a $25.00 Reward Link Preferred! It's coming by post. <@U0MAYA001> gave the "
            "address, so please ask them if it doesn't arrive."
        ),
    ),
    "posted to a town": (
        delivery.build_posted(a_present(details=Details(address=_HOUSE))).text,
        (
            "🎉 <@U0MAYA001> sent you a $25.00 Reward Link Preferred! It's coming by post to Springfield, 62701. "
            "<@U0MAYA001> gave the address, so please ask them if it doesn't arrive."
        ),
    ),
    "address noted": (
        delivery.build_address_noted(an_order()).text,
        "Thank you. <@U0MAYA001> and the admins of Kudos now know that it isn't your address.",
    ),
    "address disputed": (
        delivery.build_address_disputed(an_order()).text,
        (
            "⚠️ <@U0ROB0001> says the address of their $25.00 Reward Link Preferred isn't theirs. <@U0MAYA001> "
            "asked for it. Please check the address with them. An admin can ask Tango whether it can still "
            "be stopped. (R-1)"
        ),
    ),
    "address shown": (
        addresses.build_address(_POSTED).text,
        ("This is the address for Rob Weiss, as <@U0MAYA001> typed it. (R-1)"),
    ),
    "the town on the card": (
        requests.build_card(_POSTED, Progress(counts={}), TEAM).blocks[-3]["elements"][0]["text"],
        ("Goes by post to Springfield, United States · <@U0MAYA001> gave the address"),
    ),
    "approve for one": (
        requests.question_text(a_request()),
        ("Send Rob Weiss a $25.00 Reward Link Preferred? You can't undo this."),
    ),
    "approve for one, with a hold": (
        requests.question_text(a_request(), timedelta(minutes=10)),
        "Send Rob Weiss a $25.00 Reward Link Preferred? You can undo this for 10 minutes.",
    ),
    "approve for one, with a hold of a day": (
        way_back_text(timedelta(days=1)),
        "You can undo this for 24 hours.",
    ),
    "approve for one, with a hold that is no whole hour": (
        way_back_text(timedelta(minutes=61)),
        "You can undo this for 1 hour and 1 minute.",
    ),
    "approve for several": (
        requests.question_text(_FOR_THREE),
        (
            "Send 3 people a $25.00 Reward Link Preferred each, $75.00 in all? You can't undo this. They are "
            "Rob Weiss, Rob Weiss, Rob Weiss"
        ),
    ),
    "not delivered": (
        delivery.build_not_delivered(an_order()).text,
        (
            "⚠️ I can't send <@U0ROB0001> a direct message, so their $25.00 Reward Link Preferred isn't "
            "delivered. It's paid for. Once I can reach them, deliver it again. An admin can also look it "
            "up in the Tango portal. (R-1)"
        ),
    ),
    "delayed": (
        delivery.build_delayed(an_order()).text,
        (
            "Tango hasn't released Rob Weiss's $25.00 Reward Link Preferred yet. I'll keep asking, and "
            "deliver it as soon as Tango does. (R-1)"
        ),
    ),
    "unfinished": (
        delivery.build_unfinished(an_order()).text,
        (
            "Tango hasn't finished Rob Weiss's $25.00 Reward Link Preferred, and I've stopped asking. "
            "Please look it up in the Tango portal, or ask Tango. (R-1 · Tango says unknown · )"
        ),
    ),
    "delivered, to who asked for it": (
        delivery.build_delivered(an_order()).text,
        f"✅ {_THE_ORDER} is delivered. You asked me to tell you. (R-1)",
    ),
    "delivering": (
        delivery.build_delivering(an_order()).text,
        "I'm delivering Rob Weiss's $25.00 Reward Link Preferred again now. (R-1)",
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
        "You can't send rewards yourself. Please ask the colleague who set up Kudos.",
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
        _home(pending=[a_request()], orders=[an_order()], on_hold=True).partition("asked for\n")[2],
        (
            f"⏳ *Rob Weiss* · $25.00 Reward Link Preferred\nWaiting for approval since {_THEN} · R-1\nWithdraw\n"
            f"⏸️ *Rob Weiss* · $25.00 Reward Link Preferred\nOn hold · approved {_THEN} · R-1\n"
            "Details\nCancel…\n`/orders` shows them all."
        ),
    ),
    "Home, nothing to approve": (
        _home(decides=True).partition("approved.\n")[2],
        "Waiting for your approval\n✅ Nothing is waiting for you.\nI'm away…",
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
        "\n".join(_home(decides=True, waiting=[a_request()] * 50).splitlines()[-3:-1]),
        f"⏳ Rob Weiss · $25.00 · <@U0MAYA001> {_THEN} · R-1\nThere are more: `/orders pending` shows them all.",
    ),
    "Home, received": (
        _home(received=[an_order(delivery=kind) for kind in Delivery]).partition("received\n")[2],
        "\n".join(
            f"🎉 *$25.00 Reward Link Preferred* from <@U0MAYA001>\n{how} {_THEN}\n{label}"
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
            "✅ Rewards are going out.\n1,200 waiting · up to 1 a second · $1,234.50 at Tango\n"
            "⚠️ *2 need attention*\n⚠️ *Rob Weiss* · $25.00 Reward Link Preferred\n"
            f"Needs attention · approved {_THEN} · R-1\nDetails\nCheck with Tango\n"
            "There are more: `/orders attention` shows them all."
        ),
    ),
    "Home, one needs attention": (
        _home(sending=replace(_SENDING, waiting=1, attention=1, balance=None)).splitlines()[3:5],
        ["1 waiting · up to 1 a second", "⚠️ *1 needs attention*"],
    ),
    "Home, on hold": (
        _home(sending=replace(_SENDING, queue=_SHORT_OF_FUNDS)).splitlines()[-8],
        "I'm trying one right now.",
    ),
    "asking Tango": (
        delivery.build_asking(an_order()).text,
        "I'm asking Tango about Rob Weiss's $25.00 Reward Link Preferred again. (R-1)",
    ),
    "resend SENT by MAYA": (
        resend.build_resend_finished(an_order(), _resend(ResendStatus.SENT, MAYA), 12).text,
        f"{_THE_ORDER} was emailed again. (R-1)",
    ),
    "resend SENT by ROB": (
        resend.build_resend_finished(an_order(), _resend(ResendStatus.SENT, ROB), 12).text,
        (
            "Your reward was emailed to u…@example.com again. Please check your spam folder too. If it doesn't come, "
            "tell <@U0MAYA001>."
        ),
    ),
    "resend UNCLEAR by MAYA": (
        " ".join(_resent(ResendStatus.AMBIGUOUS, MAYA)[:2]),
        f"Tango didn't answer, so {_THE_ORDER} may or may not have been emailed again. Please ask them.",
    ),
    "resend UNCLEAR by ROB": (
        " ".join(_resent(ResendStatus.AMBIGUOUS, ROB)[:1]),
        "Tango didn't answer, so your reward may or may not have been emailed to u…@example.com again.",
    ),
    "resend REFUSED by ROB": (
        " ".join(_resent(ResendStatus.REFUSED, ROB)),
        f"Your reward wasn't emailed to u…@example.com again. Tango couldn't be reached. {_SOON}",
    ),
}


#: What a workflow is told where it asked for nothing.
_NO_RUN: Final = "No reward was requested."
_SAID_OF_AMOUNT: Final = FAULTS["amount", FaultCode.EMPTY]
_SAID_OF_REWARD: Final = FAULTS["reward", FaultCode.UNAVAILABLE]
WORKFLOWS: Final = {
    workflows.turned_off_text(): "This step is turned off. Please ask an admin of Kudos to turn it on.",
    workflows.refused_text(errors.NotAllowed(Rule.COLLEAGUES_ONLY)): (
        f"{_NO_RUN} The person in whose name workflows ask can't send rewards. Please ask an admin of Kudos."
    ),
    workflows.refused_text(errors.NoRewards()): f"{_NO_RUN} {refusal_text(errors.NoRewards())}",
    workflows.refused_text(errors.SlackUnavailable()): f"{_NO_RUN} {refusal_text(errors.SlackUnavailable())}",
    workflows.refused_text(_fault("recipients", FaultCode.IS_ONESELF)): (
        f"{_NO_RUN} Recipient: Workflows ask in this person's own name, so please choose someone else."
    ),
    workflows.refused_text(_fault("recipients", FaultCode.HAS_NO_EMAIL)): (
        f"{_NO_RUN} Recipient: Their Slack profile has no email address. They can add one there."
    ),
    workflows.refused_text(_fault("recipients", FaultCode.PROFILE_MALFORMED)): (
        f"{_NO_RUN} Recipient: Tango can't use the email address in their Slack profile. They can change it there."
    ),
    workflows.refused_text(_fault("reward", FaultCode.NOT_APPLICABLE)): (
        f"{_NO_RUN} Reward: A workflow can't ask for what goes by post. Please choose another reward."
    ),
    **{
        workflows.refused_text(_fault("amount", code)): (
            f"{_NO_RUN} Amount: A workflow can't ask for this now. Please choose less, or ask an admin of Kudos."
        )
        for code in (
            FaultCode.OVER_BUDGET,
            FaultCode.OVER_YEARLY_LIMIT,
            FaultCode.NO_BUDGET_IN_CURRENCY,
            FaultCode.NO_LIMIT_IN_CURRENCY,
        )
    },
    workflows.refused_text(
        errors.InvalidForm({"amount": Fault(FaultCode.EMPTY, _FACTS), "reward": Fault(FaultCode.UNAVAILABLE)})
    ): f"{_NO_RUN} Amount: {_SAID_OF_AMOUNT} Reward: {_SAID_OF_REWARD}",
}


@pytest.mark.parametrize("text", WORKFLOWS)
def test_what_a_workflow_is_told(text: str):
    assert text == WORKFLOWS[text]


def test_a_workflow_is_told_no_more_than_a_phone_shows():
    many = [Fault(FaultCode.IS_GUEST, {"name": "Gus" * 100})] * 3
    assert len(workflows.refused_text(errors.InvalidForm({"recipients": many}))) == 500


def test_the_step_names_rewards_with_their_amounts():
    reward = Reward(utid="U1", name="Card", brand="Card", currency="USD", minimum=5_00, maximum=500_00)
    long = replace(reward, name="Card" * 30)
    [option, clipped] = workflows.reward_options([reward, long])
    assert option == {"text": {"type": "plain_text", "text": f"Card ({reward.amounts})"}, "value": "U1"}
    assert len(clipped["text"]["text"]) == 75


@pytest.mark.parametrize("rule", Rule)
def test_a_rule(rule: Rule):
    assert refusal_text(errors.NotAllowed(rule)) == RULES[rule]


@pytest.mark.parametrize(("refusal", "sentence"), REFUSALS, ids=[type(refusal).__name__ for refusal, _ in REFUSALS])
def test_a_refusal(refusal: Refusal, sentence: str):
    assert refusal_text(refusal) == sentence


@pytest.mark.parametrize("wish", Wish)
def test_what_a_state_does_not_allow(wish: Wish):
    refusal = errors.WrongState(number="7", status=OrderStatus.SUBMITTING, move=wish)
    assert refusal_text(refusal).endswith(f" {WISHES[wish]} (R-7)")


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
        "I can take up to 100 people here, so I left out <@U0ROB0001>, <@U0ALEX001>. Please send a second request "
        "for them."
    ),
    form_notes.crowd_text("@here"): (
        "I can't reward all of @here at once. Please choose people, or type a user group such as @design."
    ),
    form_notes.group_text("@<x>"): ("I couldn't look up who's in @&lt;x&gt;. Please choose its people one by one."),
    form_notes.oneself_text("@design"): ("You're in @design too. I left you out, because you can't reward yourself."),
    groups.many_text(1_143): (
        "That's 1,143 people. For more than 30, I check all of them first and show you the total before anybody is "
        "asked."
    ),
    groups.group_left_out_text(["Gus", "Ann"], you_too=True): (
        "You're in the group too. I left you out, because you can't reward yourself. I left out Gus, Ann. "
        "Rewards go to other members of this workspace."
    ),
    groups.group_left_out_text([], you_too=True): (
        "You're in the group too. I left you out, because you can't reward yourself."
    ),
    form_notes.found_text("rob", ROB): ("For “rob” I found <@U0ROB0001>. Please change it if you meant someone else."),
    form_notes.several_text("rob", [ROB, ALEX]): (
        "“rob” could be <@U0ROB0001>, <@U0ALEX001>. Please choose who you meant."
    ),
    form_notes.nobody_text("<x>"): (
        "I couldn't find “&lt;x&gt;”, so I kept your text as the message. Please choose who it's for."
    ),
    form_notes.names_unknown_text(): "I couldn't look up the names you typed. Please choose who it's for.",
    **dict(
        zip(
            chain.from_iterable(
                form_notes.repeated_notes(a_request(id=8, status=status, decided_by=ALEX, reason="No *more*\n<x>"))
                for status in RequestStatus
            ),
            (
                "⏳ R-8 is still waiting. Please withdraw it if you want this one instead.",
                "🚫 <@U0ALEX001> declined R-8: “No ∗more∗ &lt;x&gt;”",
                "↩️ You withdrew R-8.",
                "⌛ R-8 expired, because nobody decided in time.",
            ),
            strict=True,
        )
    ),
    "".join(form_notes.date_notes(2, 2)): "📅 The date you chose has passed, so this is sent once it's approved.",
    "".join(form_notes.date_notes(1, 2)): (
        "📅 The date you chose has passed where some of them are, so this is sent to all of them once it's approved."
    ),
    " ".join(form_notes.dropped_notes(Details(expires_on=date(2026, 3, 30), template="E000002"), Details())): (
        "⌛ The last day you chose has passed or is too near by now, so Tango's standard date is used. "
        "✉️ Tango doesn't list the email template you chose any more, so the usual one is used."
    ),
    "".join(form_notes.repeated_notes(a_request(id=8, status=RequestStatus.APPROVED, undone_by=ALEX))): (
        "↩️ <@U0ALEX001> undid the approval of R-8."
    ),
    form_notes.cut_text(3_000): (
        "Your message was longer than 3,000 characters, so its end is missing. Please shorten it."
    ),
}


SHORTCUTS: Final = {
    shortcuts.looking_at_text(): "Looking up who wrote this…",
    shortcuts.app_wrote_text(): "An app wrote this message, and apps can't get rewards. Choose a message of a person.",
    shortcuts.refused_text(FaultCode.IS_ONESELF, ROB): (
        "You wrote this message, and you can't reward yourself. Choose a message of someone else."
    ),
    shortcuts.refused_text(FaultCode.IS_DEACTIVATED, ROB): (
        "<@U0ROB0001> has left, so I can't send them a reward. Choose a message of a colleague."
    ),
    shortcuts.refused_text(FaultCode.IS_GUEST, ROB): (
        "<@U0ROB0001> is a guest, and guests can't get rewards. Choose a message of a colleague."
    ),
    shortcuts.refused_text(FaultCode.IS_OUTSIDER, ROB): (
        "<@U0ROB0001> isn't from this workspace, and only its members can get rewards. Choose a message of a colleague."
    ),
    shortcuts.shortened_text(3_000): (
        "The message is longer than 3,000 characters, so its end is missing here. Please shorten it."
    ),
    shortcuts.linked_text(): "Approvers get a link to the message.",
}


@pytest.mark.parametrize("text", SHORTCUTS)
def test_what_a_shortcut_says(text: str):
    assert text == SHORTCUTS[text]


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
    ("expected", "said"),
    [
        (Expected(), ""),
        (Expected(second_above=Money(250_00, "USD")), "Over $250 in all needs two of them."),
        (Expected(currency="CAD", is_unlisted=True), "Rewards in CAD need two of them."),
        (Expected(automatic_up_to=Money(25_00, "USD")), "Up to $25 in all is approved automatically."),
    ],
)
def test_the_form_says_how_many_approve(expected: Expected, said: str):
    assert approval.expected_text(expected) == said
    assert said in form_notes.review_text([ALEX], expected)


def test_the_form_does_not_say_that_nothing_is_sent_where_a_rule_may_approve():
    usual = form_notes.review_text([ALEX])
    by_rule = form_notes.review_text([ALEX], Expected(automatic_up_to=Money(25_00, "USD")))
    assert usual.startswith(by_rule.partition(".")[0])
    assert usual.rpartition(". ")[2] not in by_rule


_NO_REWARDS: Final = forms.FormFacts(catalog=Catalog([]))


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
    form = forms.build_request_form(forms.FormState(reward=reward), _NO_REWARDS)
    assert said in words_in(form["blocks"])


_FORM: Final = (
    "Recipients\nWho is it for?\nReward\nChoose a reward\nAmount for each person\n25.00\nBetween $5 and $500.\n"
    "Message\nWhat did they do?\nThey get it with the reward. Approvers see it too.\n"
)
_GROUPS: Final = "User groups\nType a user group\nI show you who gets a reward before anybody is asked.\n"
_MORE: Final = (
    "Campaign\nFor your reports.\nPurchase order number\nFor accounting.\nNotes\nFor accounting. Recipients don't see "
    "them.\nSend on\nApproved now, sent then. Leave blank to send it once it's approved.\nFewer options\n"
    "An approver will review this. Nothing is sent until they approve."
)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (
            RewardKind.PRINTED,
            (
                "First name on the parcel\nLetters A to Z, digits, spaces and . , - only. At most 25 characters.\n"
                "Last name on the parcel\nLetters A to Z, digits, spaces and . , - only. At most 25 characters.\n"
                "Street and number\nSecond line\nApartment, floor or company.\nCity\n"
                "State, province or region\nIn the US and Canada, two capital letters like CA.\n"
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
    form = _FORM if kind.is_posted else _FORM.replace("Reward\n", f"{_GROUPS}Reward\n", 1)
    assert (
        words_in(forms.build_request_form(state, forms.FormFacts(catalog=Catalog([])))["blocks"])
        == f"{form}{said}{_MORE}"
    )


def test_the_form_says_what_is_left_before_one_asks():
    limits = Limits(per_reward={"USD": Money(200_00, "USD")})

    def said(reward: Reward | None) -> str:
        facts = forms.FormFacts(catalog=Catalog([]), rooms=[_ROOM, _SHARED], limits=limits)
        return words_in(forms.build_request_form(forms.FormState(reward=reward), facts)["blocks"])

    left = (
        "Your budget “Team leads” has $70.00 left until 31 March. "
        "The budget “Team leads” has $70.00 left until 31 March."
    )
    assert f"Choose a reward to see its limits. {left}" in said(None)
    assert f"Between $5 and $500. The most for one reward is $200.00. {left}" in said(a_reward())
    assert f"This reward is always *$10.00*. The most for one reward is $200.00. {left}" in said(a_reward(fixed=10_00))
    assert "Between €5 and €500. You have no budget in EUR. Please choose a reward in USD." in said(
        a_reward(currency="EUR")
    )


def test_the_card_and_home_say_what_is_left():
    drawn = (Drawn("Team leads", True, Money(375_00, "USD")), Drawn("All", False, Money(900_00, "USD")))
    card = words_in(requests.build_card(a_request(budgets=drawn), Progress(counts={}), TEAM).blocks)
    assert card.endswith(" · Maya Lopez's budget “Team leads”: $375.00 → $350.00 · Budget “All”: $900.00 → $875.00")
    assert "Your budget “Team leads” has $70.00 left until 31 March, of $500.00." in _home(sends=True, rooms=[_ROOM])


@pytest.mark.parametrize(
    ("owner", "percent", "is_over", "said"),
    [
        (
            MAYA,
            80,
            False,
            (
                "⚠️ *<@U0MAYA001>'s budget “Team leads” is 80% used.* $430.00 of $500.00 is used until 31 March. "
                "Requests that don't fit into the rest are refused."
            ),
        ),
        (
            "",
            100,
            False,
            (
                "⚠️ *The budget “Team leads” is used up.* $430.00 of $500.00 is used until 31 March. "
                "New requests are refused until 1 April. To allow more, raise its `amount` under `budgets` in app.yaml."
            ),
        ),
        (
            MAYA,
            80,
            True,
            (
                "⚠️ *<@U0MAYA001>'s budget “Team leads” was 80% used by 31 March.* $430.00 of $500.00 was used. "
                "New requests count in the next period."
            ),
        ),
        (
            "",
            100,
            True,
            (
                "⚠️ *The budget “Team leads” was used up by 31 March.* $430.00 of $500.00 was used. "
                "New requests count in the next period."
            ),
        ),
    ],
)
def test_admins_are_warned_of_a_budget(owner: str, percent: int, is_over: bool, said: str):  # noqa: FBT001 (a column)
    used = BudgetUsed("Team leads", owner, percent, 430_00, 500_00, "USD", "2026-03-31", is_over=is_over)
    assert budgets.build_budget_used(used).text == said


@pytest.mark.parametrize(
    ("alert", "said"),
    [
        (
            AuditHeadTold("1234:0f"),
            (
                "🔏 *The audit log ends with this head now.* Please keep this message.\n`1234:0f`\n"
                "`kudos audit verify --head` tells with it whether anyone has changed or cut the log since."
            ),
        ),
        (
            BalanceLow(412_50, 500_00, "USD", 9),
            (
                "⚠️ *The Tango account has $412.50 left,* less than $500.00. It lasts about 9 days at the pace of "
                "the last 30 days.\nAdd funds in the Tango portal."
            ),
        ),
        (
            BalanceLow(412_50, 500_00, "USD", None),
            "⚠️ *The Tango account has $412.50 left,* less than $500.00.\nAdd funds in the Tango portal.",
        ),
        (
            EmailsUnseen(),
            (
                "⚠️ *I can't see whether reward emails arrive.* Tango doesn't let this platform look.\nAsk your Tango "
                "contact to allow `GET /lineItems` for the platform. I'll try again every day."
            ),
        ),
    ],
)
def test_an_alert(alert: Alert, said: str):
    assert words_in(alerts.build_alert(alert).blocks) == said


@pytest.mark.parametrize(
    ("days", "how_long"), [(0, "less than a day"), (1, "about 1 day"), (2, "about 2 days"), (1_200, "about 1,200 days")]
)
def test_how_long_the_balance_lasts(days: int, how_long: str):
    assert alerts.lasts_text(days) == f"It lasts {how_long} at the pace of the last 30 days."


@pytest.mark.parametrize(
    ("kind", "one", "several"),
    [
        (
            DifferenceKind.MISSING,
            "1 order is sent here, and Tango doesn't have it",
            "1,200 orders are sent here, and Tango doesn't have them",
        ),
        (DifferenceKind.UNKNOWN, "Tango has 1 order that I don't know", "Tango has 1,200 orders that I don't know"),
        (DifferenceKind.TWICE, "Tango has 1 order twice", "Tango has 1,200 orders twice"),
        (
            DifferenceKind.AMOUNT,
            "1 order has another amount at Tango",
            "1,200 orders have other amounts at Tango",
        ),
        (
            DifferenceKind.UNPAID,
            "Tango has 1 order that failed here, was canceled or needs attention",
            "Tango has 1,200 orders that failed here, were canceled or need attention",
        ),
    ],
)
def test_how_the_lists_differ(kind: DifferenceKind, one: str, several: str):
    assert (alerts.difference_text(kind, 1), alerts.difference_text(kind, 1_200)) == (one, several)


def test_that_the_lists_differ():
    differ = ListsDiffer("2026-03-12T19:00:00-07:00", "2026-03-13T19:00:00-07:00", 1, 0, 0, 2, 0)
    said = alerts.build_lists_differ(differ)
    assert said.text == (
        "⚠️ *Tango's list of orders differs from mine.* 1 order is sent here, and Tango doesn't have it. "
        "2 orders have other amounts at Tango. I changed nothing."
    )
    assert "`kudos reconcile --since 2026-03-12` shows each. Compared: " in words_in(said.blocks)
    assert "2026-03-13 02:00 UTC" in words_in(said.blocks)


@pytest.mark.parametrize(
    ("status", "to_admin", "said"),
    [
        (
            EmailFailure.BOUNCE,
            False,
            (
                "The mail server of example.com sent it back, so u…@example.com may be wrong or the mailbox full. "
                "Please check the address with <@U0ROB0001>. You can send it again, or ask an admin "
                "to send it to another address."
            ),
        ),
        (
            EmailFailure.DROPPED,
            True,
            (
                "Tango didn't send it, because emails to u…@example.com have failed before. Please check the address "
                "with <@U0ROB0001>. You can send it again, also to another address of theirs."
            ),
        ),
        (
            EmailFailure.BLOCKED,
            True,
            (
                "The mail server of example.com refuses emails from Tango. Please ask your IT to allow them, or "
                "<@U0ROB0001> for another address. You can send it again, also to another address of theirs."
            ),
        ),
    ],
)
def test_an_email_that_did_not_arrive(status: EmailFailure, to_admin: bool, said: str):  # noqa: FBT001 (a column)
    told = email_failures.build_email_failed(_MAILED, status, to_admin=to_admin)
    buttons = "Send again\nTo another address…" if to_admin else "Send again"
    assert words_in(told.blocks) == (
        f"⚠️ *Rob Weiss's $25.00 Reward Link Preferred didn't arrive by email.* {said}\n{buttons}\nR-1"
    )


def test_a_card_that_the_account_does_not_cover():
    said = words_in(recipient_warnings(a_request(is_uncovered=True), TEAM))
    assert said == "⚠️ *The Tango account has too little for this.* It would wait until funds are added."


def test_home_says_how_long_the_balance_lasts():
    funds = AccountBalance(
        held=Money(400_00, "USD"), told_at=NOON, spent=Money(1_300_00, "USD"), spent_at=NOON, below_since=NOON
    )
    said = _home(sending=replace(_SENDING, funds=funds))
    assert "⚠️ The balance at Tango lasts about 9 days at the pace of the last 30 days." in said


#: The fields of the Filter form, each with its hint.
FILTERS: Final[Mapping[str, str | None]] = {
    "For": None,
    "Status": None,
    "Reward": "Part of its name.",
    "First day": None,
    "Last day": None,
    "Where to look": None,
    "Requested by": None,
    "Lowest amount": None,
    "Highest amount": None,
    "Currency": "Three letters, like USD.",
    "Recipient's name": "First, last or both.",
    "Email address": None,
    "Tango's status": None,
    "Campaign": None,
    "Purchase order number": None,
    "Notes": None,
    "Delivery": None,
    "Recipient's first name": None,
    "Recipient's last name": None,
    "Sender's first name": None,
    "Sender's last name": None,
    "Sender's email address": None,
    "Reference": "The order's externalRefID: letters and digits.",
    "Reward's utid": "Tango's id of the reward, like U561593.",
    "Printed template": "Its ptid, like P000001.",
    "Status of the line item": "I'll ask Tango, because only Tango knows it.",
    "Notes of the line item": "I'll ask Tango, because only Tango knows them.",
}


def test_the_fields_of_the_filter_form():
    form = filters.build_search_form(EVERYTHING, "{}", everyone=True, in_full=True)
    said = {block["label"]["text"]: block.get("hint", {}).get("text") for block in form["blocks"]}
    assert (form["title"]["text"], said) == ("Find rewards", FILTERS)
    where = next(block for block in form["blocks"] if block["block_id"] == "at_tango")["element"]["options"]
    assert [one["text"]["text"] for one in where] == ["What was sent with Kudos", "Everything that Tango knows"]


def test_the_box_for_news_of_a_delivery():
    assert words_in([delivery.tell_delivered_block(ticked=True)]) == (
        "Notification\nTell me when it's delivered\nOne message for each person, as soon as they have the reward."
    )


def test_the_field_for_an_occasion():
    birthday, bonus = Occasion("Birthday"), Occasion("Bonus", is_taxable=True)
    said = words_in([occasions.occasion_block([birthday, bonus], "Bonus")])
    assert said.startswith("Occasion\nWhat is it for?\nBirthday\nBonus\nTaxable\n")
    assert said.endswith("For your company's reports.")
    assert occasions.occasion_text(birthday) == "Birthday"
    assert occasions.occasion_text(bonus) == "Bonus, taxable"
    assert occasions.occasion_text(Occasion("Thanks", is_taxable=False)) == "Thanks, not taxable"


_OCTOBER: Final = Period(date(2026, 10, 1), date(2026, 10, 31))
_GIVEN: Final = ReportRow(
    key=ROB, name="Rob Weiss", rewards=2, face=Money(50_00, "USD"), charged=[Money(45_10, "EUR"), Money(3_00, "USD")]
)


def _report(*rows: ReportRow, everyone: bool = True, is_over: bool = True) -> Report:
    return Report(
        period=_OCTOBER, zone="Europe/Berlin", by=ReportBy.RECIPIENT, rows=rows, everyone=everyone, is_over=is_over
    )


def test_a_report():
    small = (
        "A reward counts on the day on which Tango made it, in Europe/Berlin. One that Tango ended later is taken off "
        "on the day of its end. Currencies are never added up."
    )
    shown = report.build_report(_report(_GIVEN), report.FileSent.SENT)
    assert shown.text == "Rewards sent in October 2026: $50.00 in 2 rewards, €45.10 + $3.00 charged."
    assert words_in(shown.blocks).splitlines() == [
        "Rewards sent in October 2026",
        "From everyone, by recipient",
        "*$50.00 in 2 rewards, €45.10 + $3.00 charged*",
        *("Recipient", "Rewards", "Face value", "Charged", "Currency"),
        *("Rob Weiss", "2", "$50.00", "€45.10 + $3.00", "USD"),
        "You also have this as a CSV file in your direct messages with me.",
        small,
    ]
    own = report.build_report(_report(_GIVEN, everyone=False, is_over=False), report.FileSent.REFUSED)
    assert "From you, by recipient" in words_in(own.blocks)
    assert "in October 2026, so far" in words_in(own.blocks)
    assert "Slack didn't take the CSV file. Please type the command again in a few minutes." in words_in(own.blocks)


def test_a_report_of_nothing():
    assert report.build_report(_report(), report.FileSent.OFF).text == ("No rewards were sent in October 2026.")
    assert report.build_report(_report(everyone=False, is_over=False), report.FileSent.OFF).text == (
        "You sent no rewards in October 2026 so far."
    )


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (report.FileSent.SENT, "You have the list, with 1 row, in your direct messages with me."),
        (report.FileSent.REFUSED, "Slack didn't take the file. Please type the command again in a few minutes."),
        (
            report.FileSent.OFF,
            (
                "I can't send files here (`slack.files` is off). This prints the list on the bot's machine: "
                "`kudos report payroll 2026-10-01..2026-10-31 --csv`"
            ),
        ),
    ],
)
def test_the_list_for_payroll(file: report.FileSent, said: str):
    row: Any = None
    shown = words_in(report.build_payroll(Payroll(_report(_GIVEN), [row]), file).blocks).splitlines()
    assert shown[0] == "Payroll: rewards sent in October 2026"
    assert said in shown


def test_what_a_report_does_not_understand():
    told = report.build_report_not_understood(ReportNotUnderstood("fortnight"))
    assert words_in(told.blocks) == (
        "I don't know `fortnight` in a report. You can add a period, and `by sender`, `by team`, `by occasion`, "
        "`by reward` or `by recipient`.\n"
        "Periods: `this month`, `last quarter`, `2026-10`, `q3 2026`, `1 Oct to 15 Oct`."
    )
    assert report.not_understood_text(ReportNotUnderstood("")) == "The start has to come before the end."
    assert report.build_report_file(_report(_GIVEN)).text == "Rewards sent in October 2026, as a CSV file for you:"


@pytest.mark.parametrize(
    ("first", "last", "named"),
    [
        (date(2026, 10, 1), date(2026, 10, 1), "on 1 October 2026"),
        (date(2026, 10, 1), date(2026, 10, 15), "from 1 to 15 October 2026"),
        (date(2026, 10, 2), date(2026, 10, 31), "from 2 to 31 October 2026"),
        (date(2028, 2, 1), date(2028, 2, 29), "in February 2028"),
        (date(2026, 7, 1), date(2026, 9, 30), "from 1 July to 30 September 2026"),
        (date(2026, 1, 1), date(2026, 12, 31), "in 2026"),
        (date(2026, 12, 16), date(2027, 1, 15), "from 16 December 2026 to 15 January 2027"),
    ],
)
def test_the_time_of_a_report(first: date, last: date, named: str):
    assert report.title_text(replace(_report(_GIVEN), period=Period(first, last))) == f"Rewards sent {named}"


def test_thanks_in_public():
    rob, kim, ana = (a_recipient(user_id) for user_id in (ROB, "U0KIM", "U0ANA"))
    request = a_request(id=8, message="Well *done*")
    assert thanks.build_thanks(request, [rob]).text == "🎉 <@U0MAYA001> thanks <@U0ROB0001>!"
    said = words_in(thanks.build_thanks(request, [rob, kim, ana]).blocks)
    assert said == "🎉 <@U0MAYA001> thanks <@U0ROB0001>, <@U0KIM> and <@U0ANA>!\nWell *done*"
    assert words_in([thanks.thanks_block("C0THANKS", ticked=True)]) == (
        "In public\nAlso thank them in <#C0THANKS>\nWith your message, once the reward is sent. The amount isn't shown."
    )
    assert words_in(thanks.build_thanks_refused(request, "is_archived").blocks) == (
        "I couldn't post your thanks in public. The reward itself is sent, and you can thank them there yourself.\n"
        "R-8 · Slack: is_archived"
    )


_OF_THREE: Final = Preview(
    batch=Batch(reference="f" * 32, digest="d", new=a_new_request(**a_batch(3)), is_guessed=True),
    twice=["Rob Hale", "Kim *Park*"],
    lasts=timedelta(seconds=5_000),
)

#: What is wrong with a list as a whole.
SHEETS: Final[Mapping[SheetFault, str]] = {
    SheetFault.EMPTY: "I can't find any rows. Put an email address, an amount and a message into each.",
    SheetFault.TOO_BIG: "That file is too big: 10 MB is the limit. Please split it.",
    SheetFault.TOO_MANY_ROWS: "That's too many rows: 10,000,000 is the limit. Please split the list.",
    SheetFault.ONE_COLUMN: "I can't find columns in it. Please save it as CSV, or as an Excel workbook.",
    SheetFault.NO_PERSON: "I can't find the column with the people. Please call it email.",
    SheetFault.TWICE: "Two columns are for the same, and one of them is “user”. Please remove one.",
    SheetFault.NOT_TEXT: "That's neither a CSV nor an Excel workbook. Please save the list as one of these.",
    SheetFault.QUOTES: "A quotation mark in row 7 isn't closed, or more text follows it. Please correct the row.",
    SheetFault.OLD_WORKBOOK: "I can't open that workbook. Please save it as .xlsx, without a password.",
    SheetFault.NOT_A_WORKBOOK: "That workbook is damaged. Please save it again as .xlsx.",
    SheetFault.TOO_LARGE_INSIDE: "That workbook holds far more than a list. Please copy the rows into a new one.",
}


@pytest.mark.parametrize("fault", SheetFault)
def test_a_list_that_can_not_be_read(fault: SheetFault):
    assert batch.refusal_lines(UnreadableSheet(fault, limit=10_000_000, heading="user", row=7)) == [SHEETS[fault]]


def test_a_list_with_faults():
    unnamed = Fault(FaultCode.UNNAMED)
    faults = [RowFault(number=number, column=Column.PERSON, fault=unnamed) for number in range(2, 15)]
    twice = RowFault(number=2, column=Column.AMOUNT, fault=Fault(FaultCode.ZERO))
    said = batch.refusal_lines(InvalidBatch([*faults, twice], [("reward", Fault(FaultCode.UNAVAILABLE))], rows=1_013))
    assert said[:3] == [
        "13 of 1,013 rows have a problem, so nothing was saved.",
        "This reward is no longer available. Please choose another.",
        "Row 2: Please name the person by email address or Slack ID. Use an amount above zero.",
    ]
    assert (len(said), said[-1]) == (13, "3 more rows have a problem.")
    assert (
        batch.refusal_lines(InvalidBatch(faults[:1], rows=3))[0] == "1 of 3 rows has a problem, so nothing was saved."
    )
    assert batch.refusal_lines(BatchAsked("R-8")) == [
        "You already asked for this list in the last 24 hours (R-8), so I didn't ask again."
    ]


def test_a_list_with_a_date_that_is_ready():
    dated = replace(_OF_THREE.batch, new=replace(_OF_THREE.batch.new, details=Details(schedule=_NEW_YORK)))
    assert batch.preview_lines(replace(_OF_THREE, batch=dated))[1] == (
        "Reward Link Preferred, by email. The largest is $3.00. Once approved, it's sent Sat, Mar 14, 2026 at 12:00 "
        "New York time. That lasts about 83 minutes."
    )


def test_a_list_that_is_ready():
    assert words_in(batch.build_batch_ready(_OF_THREE).blocks) == (
        "*✅ 3 rewards are ready, $6.00 in all*\n"
        "Reward Link Preferred, by email. The largest is $3.00. Once approved, sending lasts about 83 minutes.\n"
        "⚠️ Someone already asked for this reward in the last 24 hours for Rob Hale, Kim ∗Park∗.\n"
        "⚠️ The file doesn't say how its letters are stored, so I read it as Windows-1252. Please check letters like é "
        "and ß.\n"
        "Ask for approval\n"
        "I keep this list for a day. Nobody is asked before you press the button."
    )
    assert batch.build_batch_asked(a_request(id=8, **a_batch(3))).text == (
        "⏳ You asked for rewards for 3 people (R-8). I'll let you know."
    )


def test_a_batch_on_the_card_and_on_the_receipt():
    asked = a_request(**a_batch(3))
    assert requests.build_card(asked, Progress(counts={}), "T1").text.startswith(
        "🎁 <@U0MAYA001> would like to thank 3 people with up to $3.00 each, $6.00 in all."
    )
    assert receipts.build_receipt(asked, Progress(counts={})).text.startswith(
        "You asked to send 3 people rewards of up to $3.00 each (Reward Link Preferred) by email, $6.00 in all."
    )
    approved = replace(asked, status=_YES, decided_by=ALEX, decided_at=NOON)
    waiting = Progress(counts={OrderStatus.ACCEPTED: 1, OrderStatus.QUEUED: 2})
    shown = words_in(receipts.build_receipt(approved, waiting, None, timedelta(minutes=83)).blocks)
    assert "About 83 minutes left.\nCancel the rest" in shown
    ended = Progress(counts={OrderStatus.ACCEPTED: 1, OrderStatus.FAILED: 2}, failed=["Rob Hale", "Kim *Park*"])
    shown = words_in(receipts.build_receipt(approved, ended).blocks)
    assert "❌ Failed: Rob Hale, Kim ∗Park∗.\nTry these again" in shown
    many = Progress(counts={OrderStatus.ACCEPTED: 1, OrderStatus.FAILED: 45}, failed=["Rob Hale"] * 30)
    shown = words_in(receipts.build_receipt(approved, many).blocks)
    assert "❌ Failed: Rob Hale, Rob Hale, Rob Hale, Rob Hale, Rob Hale and 40 more.\nTry these again" in shown
    hold = queue.Hold(HaltCause.OUTAGE, admins_know=True)
    shown = words_in(receipts.build_receipt(approved, waiting, hold, timedelta(minutes=83)).blocks)
    assert shown.startswith("*⏸️ On hold* · 1 sent · 2 waiting to be sent\n")
    assert (
        "What isn't sent yet is on hold: Tango doesn't answer. The admins know, and it will go out automatically."
        in shown
    )
    assert "left" not in shown, "nobody knows how long a hold lasts"
    assert "Cancel the rest" in shown
    assert batch_receipt.build_canceled_rest(1).text == "🚫 1 reward is canceled. Nothing was paid for it."


@pytest.mark.parametrize("key", CAUSES)
def test_a_cause_at_tango(key: str):
    assert PROBLEMS[key].what == CAUSES[key]


def test_every_remedy_is_written_out():
    assert _remedies() == set(REMEDIES)


def _remedies() -> set[str]:
    words = [*PROBLEMS.values(), words_of("a key that nobody knows", None)]
    return {sentence for one in words for sentence in re.split(r"(?<=\.) (?=[A-Z`])", one.remedy)}


@pytest.mark.parametrize("event", DONE)
def test_what_people_did(event: AuditEvent):
    assert (wording.event(event, ADA), wording.event(event)) == DONE[event]


@pytest.mark.parametrize("event", HAPPENED)
def test_what_happened(event: AuditEvent):
    assert wording.event(event) == wording.event(event, ADA) == HAPPENED[event]


@pytest.mark.parametrize("finding", InquiryFinding)
def test_what_tango_was_found_to_have(finding: InquiryFinding):
    happened = AuditEvent.ORDER_INQUIRY_FINISHED
    said = wording.event(happened, finding=finding), wording.event(happened, finding=finding, sent_as="RA1")
    assert said == FOUND[finding]


_ROOT: Final = Path(__file__).parents[2]

#: What the commands print, by module; `…` is in the place of each value.
TERMINAL: Final[Mapping[str, frozenset[str]]] = {
    "bot/ops/check.py": frozenset(
        {
            "Tango's addresses end in …. Any other address answers each call with 404.",
            (
                "Look the code up in Slack's docs of chat.postMessage. The bot tries each message again within the "
                "hour, and when it starts."
            ),
            "it didn't answer in time",
            "the connection was cut",
            "nothing answers at its address, or the network is down",
            "it answers with an error of its own",
            "its answer isn't readable",
            "it answers in a way that I don't know",
            "something else answers in its place, such as a proxy",
            "it got too many requests",
            "These files hold names and addresses. Type: chmod 600 …",
            "[green]ok  [/green]",
            "[yellow]warn[/yellow]",
            "[red]FAIL[/red]",
            "Tango accepts one order a second and refuses more. Set 1.0, unless Tango agreed to more.",
            "… seconds away from Tango's clock",
            "1 second away from Tango's clock",
            "Set this machine's clock right, with NTP. Until then clicks may be refused, and requests don't expire.",
            "it belongs to …",
            "…, with the hash …",
            "… is …, and its balance is …",
            "Tango has …, and its balance is …",
            "approvals.automatic_up_to",
            "approvals.second_above",
            "limits.per_recipient_per_year",
            "limits.per_reward",
            "… has an amount in …, but no reward on offer is in …",
            "Check how the currency is written, or remove the amount.",
            "these rewards aren't in it, or aren't active: …",
            "Take them out of the setting rewards, or ask Tango to add them to your platform.",
            "others can read …",
            "Check this machine's network, its proxy and tango.base_url, then try again.",
            "it has no rewards",
            "Ask Tango to add rewards to your platform.",
            "… rewards on offer",
            "1 reward on offer",
            "the settings name none",
            "tango.base_url is …",
            "tango.orders_per_second is …",
            "only their owner can read the database and the files beside it",
            "Messages that wait",
            "Slack has refused … so far (…)",
            "Tango doesn't have this address",
            "Ask your Tango contact to activate it.",
            "…, so no reward can be sent",
            "Add funds in the Tango portal.",
            "I can't read it: …",
            "Try again in a minute.",
            "I can't reach Tango, so I couldn't check this: …",
        }
    ),
    "bot/ops/check_postgres.py": frozenset(
        {
            "full_page_writes",
            "Create a database with ENCODING 'UTF8', and name that one.",
            ("Name the server that can be written: add ?target_session_attrs=read-write and all hosts to the address."),
            "As the owner, type: …;",
            "Set synchronous_commit = on. Without it, a power cut can lose an approval.",
            "… has copies that follow it (…), and no commit waits for them",
            (
                "A failover loses the last commits. Set synchronous_standby_names, with synchronous_commit = on. Or "
                "type `kudos restored` after each failover, before a bot starts."
            ),
            (
                "Use a connection for each session (PgBouncer: pool_mode = session), or name the server itself as "
                "storage.url. Without that no bot can be on duty, and nothing is sent."
            ),
            "Others on the network can read names and addresses. Add ?sslmode=verify-full to the address.",
            "… is reached by a connection that isn't encrypted",
            "Set both clocks right, with NTP. Bots use the database's clock, and clicks need this one.",
            "… seconds ahead of this machine's",
            "… is PostgreSQL …, and the bot will bring it up to date",
            "… is PostgreSQL …, and is up to date",
            "Set … = on. Without it, a power cut can damage the database.",
            "synchronous_standby_names",
            "… seconds behind this machine's",
            "the same as this machine's",
            "Upgrade it to 14 or newer.",
            "… keeps texts as …",
            "… is a copy that can only be read",
            "this user lacks rights that the bot needs",
            "… runs with synchronous_commit = off",
            "… is behind a pooler that shares connections",
            "… runs with … = off",
        }
    ),
    "bot/ops/batch.py": frozenset(
        {
            "Asking Slack who is who",
            "Please say which occasion, for example:",
            "Please say which reward, for example:",
            "The settings have no occasions, so please leave out --occasion.",
            "…\nThe same list with a column “problem” is in ….",
            "… can't be read (…).",
            "… gets a direct message with the button “Ask for approval”, once the bot runs.",
        }
    ),
    "bot/ops/console.py": frozenset(
        {
            "Paused. No order is sent until you type `kudos queue resume`. Orders under way are still recorded.",
            "The queue has been on hold since …: …. The next try is at ….",
            "The queue was paused already.",
            "The Tango account had … at …. …",
            "The queue isn't on hold, so there's nothing to do.",
            "Trying one order now. The others follow if Tango accepts it.",
            "Resumed. Orders are sent again.",
            "The {amount} {reward} is back in the queue, with the same reference.",
            "The {amount} {reward} is canceled. Nothing was paid.",
            "The {amount} {reward} is closed and won't be sent. Nothing was paid.",
            "The queue runs.",
            "The queue has been paused since ….",
            "…, more than … before it",
            (
                "Tango hasn't answered about the {amount} {reward} yet. The bot keeps asking while it runs. Type "
                "`kudos queue show {number}` later to see the answer."
            ),
        }
    ),
    "bot/ops/database.py": frozenset(
        {
            (
                "The queue is paused, because the backup is older than the 90 days for which Tango knows a reference. "
                "Its queued orders may have been sent, and their references no longer protect from paying twice. Start "
                "the bot: it asks Tango about each order. Then look at `kudos queue list` before you type `kudos queue "
                "resume`. Orders past the 90 days aren't sent; they wait for an admin."
            ),
            "New requests get numbers after the replaced file's last one.",
            "New requests may get numbers that others got after that.",
            "The database is up to date now. Steps applied: ….",
            (
                "Database copied and every row compared: …, … rows in all.\n"
                "… Then start the bot.\n"
                "The old database still holds names and addresses. Don't start a bot on it again, and delete it later."
            ),
            "Backup saved to … and verified: ….",
            (
                "Your data is on PostgreSQL, which makes its own backups, also while bots run. Type:\n"
                "  pg_dump --format=custom --file=… …\n"
                "A dump lacks what came after it. To lose seconds at most, archive the write-ahead log as well, or "
                "keep a standby.\n"
                "(PostgreSQL docs, Continuous Archiving and Point-in-Time Recovery)"
            ),
            (
                "Your data is on PostgreSQL, which restores its own backups. Stop all bots, then type:\n"
                "  pg_restore --clean --if-exists --single-transaction --dbname=… …\n"
                "  kudos restored\n"
                "The second command marks orders that wait as possibly sent. Then start the bots.\n"
                "Type it also after a point-in-time recovery, and after a failover to a copy that lacks the last "
                "seconds."
            ),
            (
                "The last event in the database was at …. The bot has forgotten everything after that:\n"
                "- People must make newer requests and decisions again. Newer orders may be at Tango, and the bot "
                "doesn't know them. Look\n"
                "  them up in the Tango portal before people ask for them again.\n"
                "- Orders that wait may have been sent since. The bot asks Tango about each, and sends those that "
                "Tango doesn't have.\n"
                "  It sends them under the same reference, so nobody is paid twice. For an hour, an order that Tango "
                "refuses waits for\n"
                "  an admin.\n"
                "- Messages that were due then are posted again, and so are the cards and receipts of requests that "
                "wait. A request that\n"
                "  was approved since can be approved again: its orders keep their references.\n"
                "- …"
            ),
            "The database was up to date already.",
            (
                "Next, put the new database into your settings as KUDOS_STORAGE__URL or storage.url, and remove the "
                "old setting."
            ),
            "Next, put the new database into your settings as storage.path: …, and remove the old setting.",
            "Backup … restored to …: ….",
            "This database is new, so nothing can have been sent.",
            "Orders that wait are now marked as possibly sent.",
            ", the last event at …",
            (
                "kudos move copies from a file to PostgreSQL, or back. For another file use `kudos backup` and `kudos "
                "restore`. For another server use pg_dump and pg_restore."
            ),
            "Copying and comparing",
            "The replaced file is kept as …. It holds names and addresses, so delete it later.",
        }
    ),
    "bot/ops/init.py": frozenset(
        {
            "https://api.tangocard.com/raas/v2",
            "Type `kudos init`. It asks for all of this, and writes both files.",
            "Channel for approvals, C… (at the end of its Copy link), or dm to write to each approver",
            "Saved your settings to … and your secrets to …, which only you can read.",
            ("…\nNext, invite the bot to the approvals channel (/invite @Kudos). Then type: kudos check"),
            "Slack: your app at https://api.slack.com/apps",
            "  Socket Mode, or http where Slack posts to you?",
            "SLACK_BOT_TOKEN",
            "App-level token, xapp-… (Basic Information → App-Level Tokens)",
            "Who approves: ids of people (U…) or user groups (S…), with spaces between",
            "Who sees all orders and hears of trouble: the same kind of ids",
            "Tango: its portal",
            "TANGO_PLATFORM_NAME",
            "Platform name (Team Settings → API credentials)",
            "TANGO_PLATFORM_KEY",
            "Platform key (the same page)",
            "Customer identifier: the group that owns the account",
            "Account identifier: the account that pays",
            ("…\nNext, type: kudos check"),
            "Bot User OAuth Token, xoxb-… (OAuth & Permissions)",
            "SLACK_APP_TOKEN",
            "SLACK_SIGNING_SECRET",
            "Signing Secret (Basic Information)",
            "  Tango's sandbox, or production with real money",
            "…: This file is here already. Change it by hand, or move it away first.",
            "…: This file has your settings already. Change it by hand.",
            "…: There's no such file. Copy app.yaml from the repository.",
            "…: This isn't the example any more. Change it by hand.",
        }
    ),
    "bot/ops/policy.py": frozenset(
        {
            "Needs one approver",
            "--amount: … It says ….",
            "Request    {by} asks for {amount} for {names}",
            "Request    {by} asks for {amount} each for {names}, {total} in all",
            "Route      …, card in …",
            "a direct message to each approver",
            "{limit} for one person in a year",
            "{limit} for one reward",
            "… (a reward by post needs one)",
            "“…” has … of … left until …",
        }
    ),
    "bot/ops/access.py": frozenset(
        {
            "Senders, who can ask for rewards",
            "Approvers, who decide about requests",
            "Admins, who see all orders and fix them",
            "Finance, who see what everyone gave",
            "Who has which role, on …, with the settings …",
            "Requests that their requester approved: …. The database refuses them.",
            "This is the first review. A date is when Kudos first saw the role, and the role may be older.",
            "Since the review before, on …:",
            "  nothing has changed",
            "every full member of the workspace",
            ", by a request that waits",
            ", by the group …",
        }
    ),
    "bot/ops/audit.py": frozenset(
        {
            "--head: … isn't a head. …",
            "It agrees with all … heads.",
            "It agrees with the head.",
            "It looks like 1234:0f3a…: a row's number, and 64 letters and digits.",
            "No head was given, so a log that was rewritten as a whole, or cut, would look the same.",
            "Row … was changed.",
            "Row …, the first, was changed, or rows before it were removed.",
            "Rows after … were removed, or row … was changed.",
            "The audit log is as it was written: …, and requests and orders agree with them.",
            "The audit log is empty.",
            "The log ends with the head …. Keep it apart from this machine: `kudos audit verify --head` needs it.",
            "The log was cut: the head that you gave is of row …, and it is empty.",
            "The log was cut: the head that you gave is of row …. It ends with row …, or lacks that row.",
            (
                "The log was rewritten: row … has the hash …, and had … when the head left. A row up to there was "
                "changed, and all hashes were made again."
            ),
            "The order with the id …",
            (
                "The rows from … on have no hash. An older version of Kudos wrote them, or somebody took the hashes "
                "away. The next start of the bot chains them as they are."
            ),
            "There are … more.",
            "amount in minor units",
            "external_ref_id",
            "first_approved_by",
            "… was approved, and no row of the log tells of that.",
            "… isn't in the log.",
            "… was changed: its … is …, and row … of the log says ….",
        }
    ),
    "bot/ops/person.py": frozenset(
        {
            (
                "Slack ids, amounts, dates and states of requests and orders, because reports and tax need them "
                "(GDPR, Art. 17(3)(b))."
            ),
            (
                "The gift log, because payroll and tax need names (GDPR, Art. 17(3)(b)). `storage.gift_log_years` says "
                "how long."
            ),
            "The audit log, because it proves who approved what (GDPR, Art. 17(3)(e)). It has ids and no names.",
            "Backups made before now. Delete them, or type this command again after a restore.",
            "What Tango and Slack keep themselves. Please ask them.",
            "… isn't a person's Slack id such as U0ROB0001.",
            "The name, addresses and texts of … are removed from ….",
            "Still open, and kept until they're done: ……. Type this command again then.",
        }
    ),
    "bot/ops/reconcile.py": frozenset(
        {
            "Sent here: …. In Tango's list: ….",
            "Not in the list, and Tango gave no clear answer: …. Try again later.",
            "The two lists are the same. Nothing was changed.",
            "  …; not at Tango",
            "amount not said",
            "status not said",
        }
    ),
    "bot/ops/records.py": frozenset(
        {
            "A head that left; may be there several times.",
            "The first day, in UTC. Without it: from the beginning.",
            "One line for each row, with a header. This is the default.",
            "One JSON object for each row.",
            "This can't be undone. Remove their name, addresses and texts?",
            "The first day, in the installation's zone.",
            "Print it for a spreadsheet.",
            "Print it for a program.",
            "I can't make this report:",
            "The Slack id of who is to ask for approval.",
            "Tango's utid of the reward, if several are on offer.",
            "Deliver by direct message instead of Tango's email.",
            "What it is for, where the settings have occasions.",
            "Send it then, by the clock of each person. Without it: once it's approved.",
            "Go by the requester's clock for --send-on instead.",
            "--requesters-clock needs a date. Add --send-on, or leave out --requesters-clock.",
        }
    ),
    "bot/ops/options.py": frozenset({"The settings file."}),
    "bot/ops/report.py": frozenset({"Add --csv or --json to print every reward."}),
    "bot/ops/faults.py": frozenset(
        {
            "Please fix these settings first:",
            "Tango gave no answer that I can use: …. Try again later.",
            "There's no order …. Type `kudos queue list` to see the next ones.",
        }
    ),
    "handlers/check.py": frozenset(
        {
            "Add members, or name another group.",
            (
                "At https://api.slack.com/apps choose your app, then App Home, and turn on the Home Tab. Then choose "
                "Event Subscriptions, turn them on, and add app_home_opened under bot events."
            ),
            (
                "At https://api.slack.com/apps choose your app, then App Home. Turn on the Messages Tab and tick the "
                "box under it. Messages that wait go out within the hour, or when the bot starts again."
            ),
            "Check the id under approvals, roles and budgets.",
            "Check the ids under roles.admins.",
            "Check this machine's network, its proxy and slack.api_url, then try again. The token may be right.",
            "Check …. If the channel is private, type there: /invite @Kudos.",
            "Copy the Bot User OAuth Token to SLACK_BOT_TOKEN again.",
            "I can't look them up (…)",
            "I can't look up … (…)",
            "I can't reach Slack, so I couldn't check this: …",
            "I could only check … of …: …",
            "Make an app-level token with connections:write, and set it as SLACK_APP_TOKEN.",
            "Messages and forms",
            "Name a person, or a user group that has members.",
            "Name one under roles.admins. Admins hear when rewards are on hold or need attention.",
            "Paste `kudos manifest` under App Manifest, then choose Install App and reinstall it.",
            "Remove the id from approvals, roles and budgets.",
            "Slack accepts all …",
            "Slack accepts the app token",
            "Slack doesn't accept it (…)",
            (
                "Slack doesn't show me the app's shortcuts and events. In Slack, type / and look for Send a reward, "
                "and choose More actions on a message for Reward this. If one is missing, choose your app at "
                "https://api.slack.com/apps, then App Manifest, and paste `kudos manifest` there."
            ),
            "Take the id out of …, or let Kudos write to them.",
            "Try again in a minute.",
            "Type there: /invite @Kudos.",
            "Update Kudos. If this is the newest version, please report what Slack says.",
            "is_enterprise_install",
            "it didn't answer in time",
            "its answer isn't readable, so something else may answer in its place, such as a proxy",
            "its certificate isn't trusted on this machine",
            "no one under roles.admins is an active full member",
            "nobody under … can be sent a card",
            "not_allowed_token_type",
            "nothing answers at its address",
            "please look once yourself",
            "the app's Home tab is off",
            "the app's Home tab is on",
            "the app's Messages tab is off",
            "the app's Messages tab is on",
            "the bot is in …",
            "the bot isn't in …",
            "the connection was cut",
            "the name of its host isn't found, so the network or DNS is down",
            "the network is down, or the connection was cut",
            "… under … can be sent cards",
            "… can't be sent cards (…)",
            "… has no members",
            "… will hear when rewards are on hold",
        }
    ),
    "handlers/check_approvals.py": frozenset(
        {
            "Name another person there, or a user group that has more members.",
            "Nothing is approved automatically in …. Add a budget in it, or remove the amount.",
            "The first route counts. Change the order under approvals.routes, or the groups.",
            "Two approvers are asked for. Lower approvals.automatic_up_to, or raise second_above.",
            "approvals.routes[…] and […] both name …",
            "approvals.routes[…].approvers",
            "approvals.routes[…].channel",
            "automatic_up_to has …, but no budget is in …",
            "automatic_up_to is {up_to}, but two approvers are needed in {currency}, which second_above doesn't list",
            "automatic_up_to is {up_to}, but two approvers are needed over {above}",
            "is_enterprise_install",
            "second_above needs two approvers, and {setting} names nobody",
            "second_above needs two approvers, and {setting} names only one",
        }
    ),
    "handlers/check_workflows.py": frozenset(
        {
            "Check the id under slack.workflow_requester.",
            "I can't look up … (…)",
            "Name someone else under slack.workflow_requester: an active member whom roles.senders names.",
            (
                "Slack doesn't show me the app's steps. In Workflow Builder, search for Ask for a reward. If it's "
                "missing, paste `kudos manifest` under App Manifest and reinstall the app; on Enterprise Grid, for the "
                "whole organization."
            ),
            "is_enterprise_install",
            "they ask in the name of … (…)",
            "… can't send rewards, so workflows can't ask for any",
        }
    ),
}


#: A word: signs and single letters are none.
_WORD: Final = re.compile(r"[A-Za-z']{2,}")

#: Words of a text that a command prints: a shorter one is a name.
_LEAST_PRINTED: Final = 3


def _printed(module: str) -> set[str]:
    return {text for text in literals(_ROOT / module) if len(_WORD.findall(text)) >= _LEAST_PRINTED}


@pytest.mark.parametrize("module", TERMINAL)
def test_what_the_commands_print(module: str):
    assert _printed(module) == TERMINAL[module]


def test_every_module_of_the_commands_is_written_out():
    modules = {str(file.relative_to(_ROOT)) for file in (_ROOT / "bot/ops").glob("*.py") if file.stem != "logs"}
    assert {module for module in modules if _printed(module)} <= TERMINAL.keys()


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message(name: str):
    told, sentence = MESSAGES[name]
    assert told == sentence


# --------------------------------------------------------------------- and nowhere else

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


def test_a_typed_reason_in_a_list_is_not_formatted():
    """It is folded into one line of plain text, in which it can't look like another entry."""
    typed = "No.\n✅ *Ana Bell* · $500.00 Reward Link\n*Sent*"
    entry = entries.request_entry(replace(_decided(RequestStatus.DECLINED), reason=typed), ADA)
    assert "Ana" not in entry["text"]["text"]
    assert [(one["type"], one["text"]) for one in entry["fields"]] == [("plain_text", " ".join(typed.split()))]


def test_a_name_is_not_formatted_on_a_card_that_is_decided_or_in_a_list():
    """A name is its owner's to choose: it can't be bold, an emoji or a link."""
    rob = replace(a_request().recipients[0], first_name="Rob", last_name="*Declined* :x: `by` ~Sam~ _evil.com_")
    request = replace(_decided(RequestStatus.APPROVED), recipients=(rob,))
    shown = [
        *requests.build_card(request, Progress(counts={OrderStatus.ACCEPTED: 1}), "T1").blocks,
        *receipts.build_receipt(request, Progress(counts={OrderStatus.ACCEPTED: 1})).blocks,
        entries.request_entry(request, MAYA),
        entries.order_entry(an_order(recipient=rob), MAYA),
        *orders.build_public_order(an_order(recipient=rob)).blocks,
    ]
    marked = [text for text in _texts_of(shown) if text["type"] == "mrkdwn" and "Rob" in text["text"]]
    assert len(marked) >= 5
    for text in marked:
        assert not {"*Declined*", ":x:", "`by`", "~Sam~", "_evil.com_"} & set(text["text"].split())
        assert text["verbatim"]


def _texts_of(part: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(part, Mapping):
        if part.get("type") in {"mrkdwn", "plain_text"}:
            yield part
        for one in part.values():
            yield from _texts_of(one)
    elif isinstance(part, list):
        for one in part:
            yield from _texts_of(one)
