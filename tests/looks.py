"""Takes the pictures of docs/looks.md: every message in every state, light and dark, on a desktop and on a phone.

The messages are those of the bot's own builders, posted into the stand-in's page; forms are opened by the real bot.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Page
from slack_sdk.web import WebClient

from bot.domain.approval import BY_RULE, ApprovalRule, Policy, Route
from bot.domain.budget import Budget, BudgetUsed, Per, Room
from bot.domain.insight import Cover, Insight, Month
from bot.domain.money import Money
from bot.domain.order import OrderStatus
from bot.domain.problem import TangoKey
from bot.domain.progress import Progress
from bot.domain.request import Delivery, Details, Request, RequestStatus
from bot.domain.resend import Resend, ResendStatus
from bot.domain.review import Obstacle, ObstacleCode
from bot.sandbox.page import create_page_app
from bot.sandbox.serve import serve
from bot.sandbox.slack import SlackSandbox, people
from bot.sandbox.tango import TangoSandbox
from bot.tango.models import TangoReward
from bot.usecases.delivery import Gift
from bot.usecases.home import HomeFacts, Sending
from bot.usecases.present import Present
from bot.usecases.resend import Mailed
from handlers.ids import Command
from handlers.manifest import build_manifest
from handlers.views import (
    budgets,
    cancel,
    charges,
    delivery,
    details,
    home,
    inquiry,
    orders,
    queue,
    receipts,
    reminders,
    requests,
    resend,
    thanks,
    undelivered,
)
from handlers.views.blocks import Json, Message
from handlers.views.help import build_help
from handlers.views.queue import Hold
from tests.camera import Camera, looks_page
from tests.kit.factories import a_person, an_other_reward
from tests.looks_batch import batch_looks, take_batch_windows
from tests.looks_dates import date_looks, take_date_windows
from tests.looks_facts import HOLD, HOUSE, LOOK, NOW, TEAM, Look, asked, counted, decided, sent, waits
from tests.looks_finance import finance_looks, take_finance_windows
from tests.looks_orders import HALTED, NEEDS, RUNNING, order_looks
from tests.looks_story import take_story
from tests.looks_windows import take_small_windows, take_windows
from tests.looks_workflow import take_steps, workflow_looks

_WEEK: Final = timedelta(days=7)

#: What has changed since the request was made.
_GONE: Final = (Obstacle(ObstacleCode.ADDRESS, people.ROB),)

#: An admin has the email sent to another address.
_READDRESSED: Final = Resend(
    id=1,
    order_id=1,
    requested_by=people.ADA,
    requested_at=NOW,
    previous_sent_at=NOW,
    status=ResendStatus.CLAIMED,
    readdressed=True,
    masked_email="r…@home.example",
)

_FOUR: Final = {
    "recipients": TEAM,
    "amount": Money(10_00, "USD"),
    "message": "For the long evening before it",
}


_ROUTE: Final = Route(people.APPROVALS, frozenset({people.APPROVERS_GROUP}))
_TWO_NEEDED: Final = {
    "amount": Money(300_00, "USD"),
    "policy": Policy(_ROUTE, ApprovalRule.SECOND_ABOVE, Money(250_00, "USD")),
    "first_approved_by": people.SAM,
    "first_approved_at": NOW,
}
_WARNED: Final = {
    "recipients": (replace(TEAM[0], in_channel=True),),
    "other_rewards": (
        an_other_reward(
            people.ROB,
            request_id=7,
            requester_id=people.PRIYA,
            requester_name="Priya Raman",
            is_approved=True,
            is_same=True,
            requested_at=NOW,
        ),
    ),
}
_AUTOMATIC: Final = {
    "status": RequestStatus.APPROVED,
    "decided_by": BY_RULE,
    "decided_at": NOW,
    "policy": Policy(_ROUTE, ApprovalRule.AUTOMATIC_UP_TO, Money(25_00, "USD")),
}


def _cards() -> Iterator[Message]:
    for request, progress, hold in _states():
        yield requests.build_card(request, progress, people.TEAM_ID, hold, LOOK)


#: What *Details* knows around the request: Maya's month is what her budget has used.
_INSIGHT: Final = Insight(
    month=Month(rewards=3, totals=(Money(125_00, "USD"),)),
    rewards={people.ROB: (sent(requester_id=people.PRIYA),)},
    cover=Cover(balance=Money(1_000_00, "USD"), at=NOW, waiting=Money(50_00, "USD"), left=Money(925_00, "USD")),
)


def _card_details() -> Iterator[Message]:
    usual = asked(details=Details(purchase_order="PO 7", campaign="Launch"))
    for request, insight in ((usual, _INSIGHT), (asked(**_FOUR), None)):
        known = [
            a_person(one.user_id, name=one.name, handle=one.first_name.lower(), title="Developer", email=one.email)
            for one in request.recipients
        ]
        yield details.build_card_details(
            details.CardDetails(request=request, people=known, insight=insight), people.TEAM_ID
        )


def _receipts() -> Iterator[Message]:
    for request, progress, hold in _states():
        yield receipts.build_receipt(request, progress, hold)


def _states() -> Iterator[tuple[Request, Progress, Hold | None]]:
    approved = decided(RequestStatus.APPROVED)
    by_message = decided(RequestStatus.APPROVED, details=Details(delivery=Delivery.MESSAGE))
    yield asked(), counted(), None
    yield asked(**_FOUR), counted(), None
    yield asked(**_TWO_NEEDED), counted(), None
    yield asked(**_WARNED), counted(), None
    yield asked(obstacles=_GONE), counted(), None
    yield approved, replace(counted(queued=1), undo_until=NOW + timedelta(minutes=16)), None
    yield decided(RequestStatus.APPROVED, undone_by=people.MAYA, undone_at=NOW), counted(canceled=1), None
    yield approved, counted(queued=1), None
    yield approved, counted(accepted=1), None
    yield by_message, replace(counted(accepted=1), delivered=1), None
    yield by_message, replace(counted(accepted=1), undelivered=(by_message.recipients[0].external_ref_id,)), None
    yield asked(**_AUTOMATIC), counted(accepted=1), None
    yield decided(RequestStatus.APPROVED, **_FOUR), counted(accepted=3, failed=1), None
    yield approved, counted(queued=1), HOLD
    yield approved, counted(needs_attention=1), None
    yield approved, counted(failed=1), None
    yield approved, counted(canceled=1), None
    yield decided(RequestStatus.DECLINED, reason="Out of budget"), counted(), None
    yield decided(RequestStatus.WITHDRAWN), counted(), None
    yield decided(RequestStatus.EXPIRED), counted(), None


def _present(**facts: Any) -> Present:
    return Present(order=sent(), request=asked(**facts), look=LOOK)


def _gift() -> Gift:
    listed = [
        {"label": "Gift code", "value": "AQ-1234-5678", "type": "text"},
        {"label": "Redemption Link", "value": "https://rewards.example/r/1", "type": "url"},
    ]
    return Gift(
        order=sent(delivery=Delivery.MESSAGE),
        request=asked(),
        look=LOOK,
        reward=TangoReward.model_validate({"credentialList": listed}),
    )


def looks() -> Iterator[Look]:
    """Yield the pictures of messages."""
    yield Look(name="card", title="Approval card", reader="alex", channel=people.APPROVALS, messages=list(_cards()))
    yield Look(name="details", title="Details of the card", reader="alex", messages=list(_card_details()))
    yield Look(name="receipt", title="Receipt of the requester", reader="maya", messages=list(_receipts()))
    yield Look(
        name="told",
        title="What the requester hears besides",
        reader="maya",
        messages=[
            receipts.build_decision(decided(RequestStatus.DECLINED, reason="Out of budget")),
            receipts.build_decision(decided(RequestStatus.EXPIRED)),
            orders.build_failed(waits(status=OrderStatus.FAILED, problem=TangoKey("422.028")), None, to_admin=False),
            orders.build_needs_attention(NEEDS, None, None, None, to_admin=False),
            delivery.build_not_delivered(sent(delivery=Delivery.MESSAGE)),
            delivery.build_delivered(sent(delivery=Delivery.MESSAGE)),
            delivery.build_address_disputed(sent(delivery=Delivery.POST)),
            cancel.build_canceled(waits(status=OrderStatus.CANCELED), people.ADA),
            inquiry.build_attention_ended(sent(), "", None),
            receipts.build_approval_undone(decided(RequestStatus.APPROVED, undone_by=people.ALEX)),
            receipts.build_changed(asked(obstacles=_GONE)),
            undelivered.build_card_refused(asked(), "not_in_channel", to_admin=False),
            undelivered.build_recipient_untold(sent(), "user_not_found"),
            thanks.build_thanks_refused(asked(), "not_in_channel"),
            reminders.build_approvers_away(asked(), {who: (NOW + _WEEK).date() for who in (people.ALEX, people.SAM)}),
        ],
    )
    yield Look(
        name="reminder",
        title="What an approver is reminded of",
        reader="alex",
        messages=[
            reminders.build_reminder([asked(), asked(id=9, **_FOUR)]),
            reminders.build_approver_asked(asked()),
        ],
    )
    yield Look(
        name="recipient",
        title="What the recipient gets",
        reader="rob",
        messages=[
            delivery.build_on_its_way(_present()),
            delivery.build_on_its_way(_present(), resend.mine_text(sent(), 12)),
            delivery.build_reward(_gift()),
            delivery.build_posted(_present(details=Details(delivery=Delivery.POST, address=HOUSE))),
            delivery.build_address_noted(sent()),
            resend.build_readdressed(sent(), _READDRESSED),
        ],
    )
    yield Look(
        name="thanks",
        title="Thanks in public",
        reader="kim",
        channel=people.TEAM_BLUE,
        messages=[thanks.build_thanks(asked(), asked().recipients)],
    )
    yield Look(
        name="admin",
        title="What an admin hears",
        reader="ada",
        messages=[
            queue.build_hold(HALTED, 3),
            queue.build_hold(RUNNING, 0),
            orders.build_needs_attention(NEEDS, None, None, None),
            orders.build_still_unknown(waits(attempts=5, outcome_unknown=True)),
            charges.build_overcharged(sent()),
            delivery.build_delayed(sent(delivery=Delivery.MESSAGE)),
            delivery.build_unfinished(sent(tango_status="PENDING")),
            undelivered.build_card_refused(asked(), "not_in_channel"),
            undelivered.build_approver_untold(asked(), people.SAM, "user_not_found"),
            undelivered.build_requester_untold(asked(), "user_not_found"),
            budgets.build_budget_used(BudgetUsed("Team leads", people.MAYA, 80, 400_00, 500_00, "USD", "2026-11-30")),
        ],
    )
    yield Look(
        name="help",
        title="Help of the commands",
        reader="maya",
        messages=[
            *(build_help(command) for command in Command),
            build_help(Command.RESEND, resend.not_understood_text("8 please")),
        ],
        act=_unfold,
    )
    yield Look(
        name="resend",
        title="Sending an email again",
        reader="maya",
        messages=[
            resend.build_resend_list([Mailed(order=sent(), seconds_left=left, by_admin=False) for left in (0, 12)]),
            resend.build_too_soon(sent(), 12),
        ],
    )


def _unfold(page: Page) -> None:
    """Show all of the one text that is folded, with no pointer over it."""
    page.get_by_role("button", name="Show more").dispatch_event("click")


#: Maya's budget, as Home shows it.
_BUDGET: Final = Budget(
    name="Team leads", senders=frozenset({people.MAYA}), each=True, amount=Money(500_00, "USD"), per=Per.MONTH
)
_ROOM: Final = Room(budget=_BUDGET, period=_BUDGET.period(NOW.year * 12 + NOW.month - 1), used=Money(150_00, "USD"))


def homes() -> Mapping[str, Json]:
    """Return the Home tab of each role, by who has it."""
    nobody = HomeFacts(
        sends=False,
        decides=False,
        is_unconfirmed=False,
        admins=[people.ADA],
        waiting=[],
        pending=[],
        orders=[],
        received=[],
        sending=None,
    )
    sending = Sending(queue=HALTED, waiting=3, attention=1, listed=[NEEDS], per_second=1.0, balance=None)
    facts = {
        "gina": nobody,
        "rob": HomeFacts(**(_as_dict(nobody) | {"sends": True, "received": [sent()]})),
        "maya": HomeFacts(
            **(_as_dict(nobody) | {"sends": True, "pending": [asked()], "orders": [sent(), NEEDS], "rooms": [_ROOM]})
        ),
        "alex": HomeFacts(
            **(_as_dict(nobody) | {"sends": True, "decides": True, "waiting": [asked(), asked(id=9, **_FOUR)]})
        ),
        "ada": HomeFacts(**(_as_dict(nobody) | {"sends": True, "sending": sending, "on_hold": True})),
    }
    return {who: home.build_home(one, people.TEAM_ID, NOW) for who, one in facts.items()}


def _as_dict(facts: HomeFacts) -> dict[str, Any]:
    return {name: getattr(facts, name) for name in HomeFacts.__dataclass_fields__}


# ------------------------------------------------------------------------------------------ taking them


def take_looks(browser: Browser, folder: Path) -> None:
    """Take every picture of docs/looks.md, and write the page."""
    folder.mkdir(parents=True, exist_ok=True)
    camera = Camera(browser, folder)
    taken: list[tuple[str, str]] = []
    for look in (*looks(), *order_looks(), *date_looks(), *finance_looks(), *batch_looks(), *workflow_looks()):
        with _workspace() as (slack, client, url):
            channel = look.channel or slack.person(look.reader).dm_channel
            for message in look.messages:
                client.chat_postMessage(channel=channel, text=message.text, blocks=message.blocks)
            camera.take(f"{url}/?as={slack.person(look.reader).id}&in={channel}", look.name, act=look.act)
        taken.append((look.name, look.title))
    for who, view in homes().items():
        with _workspace() as (slack, client, url):
            person = slack.person(who)
            client.views_publish(user_id=person.id, view=view)
            camera.take(f"{url}/?as={person.id}&in={person.dm_channel}&tab=home", f"home-{who}", of=".home")
        taken.append((f"home-{who}", f"Home of {_ROLES[who]}"))
    taken += take_windows(camera)
    taken += take_small_windows(camera)
    taken += take_date_windows(camera)
    taken += take_finance_windows(camera)
    taken += take_story(camera)
    taken += take_batch_windows(camera)
    taken += take_steps(camera)
    (folder.parent / "looks.md").write_text(looks_page(taken), encoding="utf-8")


_ROLES: Final = {
    "gina": "a guest",
    "rob": "a recipient",
    "maya": "a sender",
    "alex": "an approver",
    "ada": "an admin",
}


@contextmanager
def _workspace() -> Iterator[tuple[SlackSandbox, WebClient, str]]:
    """Serve a fresh workspace with the page in front of it; also the client of the app."""
    slack, tango = SlackSandbox(), TangoSandbox()
    with ExitStack() as stack:
        stack.callback(slack.close)
        slack.manifest(build_manifest())
        slack.url = stack.enter_context(serve(slack.app)).url
        page = stack.enter_context(serve(create_page_app(slack, tango)))
        yield slack, WebClient(token="xoxb-demo", base_url=f"{slack.url}/api/"), page.url
