"""Takes the pictures of docs/looks.md: every message in every state, light and dark, on a desktop and on a phone.

The messages are those of the bot's own builders, posted into the stand-in's page; forms are opened by the real bot.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from playwright.sync_api import Browser
from slack_sdk.web import WebClient

from bot.domain.approval import BY_RULE, ApprovalRule, Policy, Route
from bot.domain.budget import Budget, BudgetUsed, Drawn, Per, Room
from bot.domain.insight import Cover, Insight, Month
from bot.domain.money import Money
from bot.domain.order import Order, OrderStatus, Progress
from bot.domain.problem import Problem, TangoKey
from bot.domain.queue import HaltCause, QueueState
from bot.domain.request import Address, Delivery, Details, Request, RequestStatus
from bot.sandbox.page import create_page_app
from bot.sandbox.serve import serve
from bot.sandbox.slack import Person, SlackSandbox, people
from bot.sandbox.tango import TangoSandbox
from bot.tango.models import TangoReward
from bot.usecases.delivery import Gift
from bot.usecases.home import HomeFacts, Sending
from bot.usecases.present import Present
from bot.usecases.resend import Mailed
from handlers.manifest import build_manifest
from handlers.views import (
    budgets,
    charges,
    delivery,
    details,
    home,
    orders,
    queue,
    receipts,
    reminders,
    requests,
    resend,
    thanks,
)
from handlers.views.blocks import Json, Message
from handlers.views.queue import Hold
from tests.camera import OF_A_WINDOW, Camera, looks_page
from tests.kit.bot import CARD, World
from tests.kit.factories import a_person, a_recipient, a_request, a_reward, an_order, an_other_reward
from tests.looks_story import LEADS, WORDS, take_story

#: A little while ago, so that every reader's clock says today, but for a few minutes a day.
NOW: Final = datetime.now(UTC) - timedelta(minutes=10)
_WEEK: Final = timedelta(days=7)

_LOOK: Final = a_reward(name="Reward Link", brand="Reward Link", picture="https://images.example/brands/B0-200w.png")
_HOUSE: Final = Address(
    street_line1="12 Elm Street",
    street_line2="",
    city="Springfield",
    state_or_province="IL",
    postal_code="62701",
    country="US",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A picture: what is on it, and on whose screen."""

    name: str
    title: str
    reader: str
    messages: Sequence[Message]
    channel: str | None = None


def _request(**facts: Any) -> Request:
    rob = a_recipient(people.ROB, first_name="Rob", last_name="Hale", email="rob@acme.example", has_namesake=False)
    usual: dict[str, Any] = {
        "id": 8,
        "requester_id": people.MAYA,
        "requester_name": "Maya Chen",
        "recipients": (rob,),
        "reward_name": "Reward Link",
        "message": WORDS,
        "budgets": (Drawn("Team leads", True, Money(375_00, "USD")),),
        "created_at": NOW,
    }
    return a_request(**(usual | facts))


def _decided(status: RequestStatus, **facts: Any) -> Request:
    by = None if status is RequestStatus.EXPIRED else people.MAYA if status is RequestStatus.WITHDRAWN else people.ALEX
    return _request(status=status, decided_by=by, decided_at=NOW + timedelta(minutes=6), **facts)


def _order(**facts: Any) -> Order:
    usual: dict[str, Any] = {
        "request_id": 8,
        "requester_id": people.MAYA,
        "recipient": _request().recipients[0],
        "reward_name": "Reward Link",
        "created_at": NOW,
        "available_at": NOW,
    }
    return an_order(**(usual | facts))


def _sent(**facts: Any) -> Order:
    usual = {"status": OrderStatus.ACCEPTED, "finalized_at": NOW, "last_sent_at": NOW, "reference_order_id": "RA1-2-3"}
    return _order(**(usual | facts))


def _progress(**counts: int) -> Progress:
    return Progress(counts={OrderStatus(name): count for name, count in counts.items()})


_HOLD: Final = Hold(HaltCause.INSUFFICIENT_FUNDS, admins_know=True)
_TEAM_OF: Final = tuple(
    a_recipient(user_id, first_name=first, last_name=last, has_namesake=False)
    for user_id, first, last in (
        (people.ROB, "Rob", "Hale"),
        (people.KIM, "Kim", "Park"),
        (people.LI, "Li", "Wu"),
        (people.ANA, "Ana", "Ruiz"),
    )
)

_FOUR: Final = {
    "recipients": _TEAM_OF,
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
    "recipients": (replace(_TEAM_OF[0], in_channel=True),),
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
        yield requests.build_card(request, progress, people.TEAM_ID, hold, _LOOK)


#: What *Details* knows around the request: Maya's month is what her budget has used.
_INSIGHT: Final = Insight(
    month=Month(rewards=3, totals=(Money(125_00, "USD"),)),
    rewards={people.ROB: (_sent(requester_id=people.PRIYA),)},
    cover=Cover(balance=Money(1_000_00, "USD"), at=NOW, waiting=Money(50_00, "USD"), left=Money(925_00, "USD")),
)


def _card_details() -> Iterator[Message]:
    usual = _request(details=Details(purchase_order="PO 7", campaign="Launch"))
    for request, insight in ((usual, _INSIGHT), (_request(**_FOUR), None)):
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
    approved = _decided(RequestStatus.APPROVED)
    yield _request(), _progress(), None
    yield _request(**_FOUR), _progress(), None
    yield _request(**_TWO_NEEDED), _progress(), None
    yield _request(**_WARNED), _progress(), None
    yield approved, replace(_progress(queued=1), undo_until=NOW + timedelta(minutes=16)), None
    yield _decided(RequestStatus.APPROVED, undone_by=people.MAYA, undone_at=NOW), _progress(canceled=1), None
    yield approved, _progress(queued=1), None
    yield approved, _progress(accepted=1), None
    yield _request(**_AUTOMATIC), _progress(accepted=1), None
    yield _decided(RequestStatus.APPROVED, **_FOUR), _progress(accepted=3, failed=1), None
    yield approved, _progress(queued=1), _HOLD
    yield approved, _progress(needs_attention=1), None
    yield approved, _progress(failed=1), None
    yield approved, _progress(canceled=1), None
    yield _decided(RequestStatus.DECLINED, reason="Out of budget"), _progress(), None
    yield _decided(RequestStatus.WITHDRAWN), _progress(), None
    yield _decided(RequestStatus.EXPIRED), _progress(), None


def _present(**facts: Any) -> Present:
    return Present(order=_sent(), request=_request(**facts), look=_LOOK)


def _gift() -> Gift:
    listed = [
        {"label": "Gift code", "value": "AQ-1234-5678", "type": "text"},
        {"label": "Redemption Link", "value": "https://rewards.example/r/1", "type": "url"},
    ]
    return Gift(
        order=_sent(delivery=Delivery.MESSAGE),
        request=_request(),
        look=_LOOK,
        reward=TangoReward.model_validate({"credentialList": listed}),
    )


_HALTED: Final = QueueState(
    next_start_at=NOW,
    halted_at=NOW,
    halt_cause=HaltCause.INSUFFICIENT_FUNDS,
    probes=1,
    probe_at=NOW + timedelta(minutes=5),
    i18n_key="402.001",
    tango_request_id="6fd50096-c773-419d-b78d-b46f568e6ea9",
)
_RUNNING: Final = QueueState(next_start_at=NOW, halted_at=None, halt_cause=None, probes=0, probe_at=None)


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
            receipts.build_decision(_decided(RequestStatus.DECLINED, reason="Out of budget")),
            receipts.build_decision(_decided(RequestStatus.EXPIRED)),
            orders.build_failed(_order(status=OrderStatus.FAILED, problem=TangoKey("422.100")), None, to_admin=False),
            orders.build_needs_attention(_NEEDS, None, None, None, to_admin=False),
            delivery.build_not_delivered(_sent(delivery=Delivery.MESSAGE)),
            reminders.build_approvers_away(
                _request(), {who: (NOW + _WEEK).date() for who in (people.ALEX, people.SAM)}
            ),
        ],
    )
    yield Look(
        name="reminder",
        title="What an approver is reminded of",
        reader="alex",
        messages=[
            reminders.build_reminder([_request(), _request(id=9, **_FOUR)]),
            reminders.build_approver_asked(_request()),
        ],
    )
    yield Look(
        name="recipient",
        title="What the recipient gets",
        reader="rob",
        messages=[
            delivery.build_on_its_way(_present()),
            delivery.build_reward(_gift()),
            delivery.build_posted(_present(details=Details(delivery=Delivery.POST, address=_HOUSE))),
        ],
    )
    yield Look(
        name="thanks",
        title="Thanks in public",
        reader="kim",
        channel=people.TEAM_BLUE,
        messages=[thanks.build_thanks(_request(), _request().recipients)],
    )
    yield Look(
        name="admin",
        title="What an admin hears",
        reader="ada",
        messages=[
            queue.build_hold(_HALTED, 3),
            queue.build_hold(_RUNNING, 0),
            orders.build_needs_attention(_NEEDS, None, None, None),
            orders.build_still_unknown(_order(attempts=5, outcome_unknown=True)),
            charges.build_overcharged(_sent()),
            budgets.build_budget_used(BudgetUsed("Team leads", people.MAYA, 80, 400_00, 500_00, "USD", "2026-11-30")),
        ],
    )
    yield Look(
        name="resend",
        title="Sending an email again",
        reader="maya",
        messages=[
            resend.build_resend_list([Mailed(order=_sent(), seconds_left=left, by_admin=False) for left in (0, 12)]),
            resend.build_too_soon(_sent(), 12),
        ],
    )


_NEEDS: Final = _order(status=OrderStatus.NEEDS_ATTENTION, problem=Problem.DIFFERS, problem_detail="amount")


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
    sending = Sending(queue=_HALTED, waiting=3, attention=1, listed=[_NEEDS], per_second=1.0, balance=None)
    facts = {
        "gina": nobody,
        "rob": HomeFacts(**(_as_dict(nobody) | {"sends": True, "received": [_sent()]})),
        "maya": HomeFacts(
            **(
                _as_dict(nobody)
                | {"sends": True, "pending": [_request()], "orders": [_sent(), _NEEDS], "rooms": [_ROOM]}
            )
        ),
        "alex": HomeFacts(
            **(_as_dict(nobody) | {"sends": True, "decides": True, "waiting": [_request(), _request(id=9, **_FOUR)]})
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
    for look in looks():
        with _workspace() as (slack, client, url):
            channel = look.channel or slack.person(look.reader).dm_channel
            for message in look.messages:
                client.chat_postMessage(channel=channel, text=message.text, blocks=message.blocks)
            camera.take(f"{url}/?as={slack.person(look.reader).id}&in={channel}", look.name)
        taken.append((look.name, look.title))
    for who, view in homes().items():
        with _workspace() as (slack, client, url):
            person = slack.person(who)
            client.views_publish(user_id=person.id, view=view)
            camera.take(f"{url}/?as={person.id}&in={person.dm_channel}&tab=home", f"home-{who}", of=".home")
        taken.append((f"home-{who}", f"Home of {_ROLES[who]}"))
    taken += _take_windows(camera)
    taken += take_story(camera)
    (folder.parent / "looks.md").write_text(looks_page(taken), encoding="utf-8")


_ROLES: Final = {
    "gina": "a guest",
    "rob": "a recipient",
    "maya": "a sender",
    "alex": "an approver",
    "ada": "an admin",
}


def _take_windows(camera: Camera) -> Iterator[tuple[str, str]]:
    """Take the windows and lists that the real bot opens."""
    with (
        TemporaryDirectory(prefix="kudos-looks-") as folder,
        World(Path(folder), settings={"thanks_channel": people.TEAM_BLUE, "budgets": [LEADS]}) as world,
        serve(create_page_app(world.slack, world.tango)) as server,
    ):
        maya, alex = world.maya, world.alex
        world.clock.set(datetime.now(UTC))  # lists and budgets say the day of the messages

        def take(who: Person, name: str, title: str, of: str = "dialog.modal") -> tuple[str, str]:
            camera.take(f"{server.url}/?as={who.id}&in={people.GENERAL}", name, of=of, height=OF_A_WINDOW)
            return name, title

        form = world.form(text=f"@rob 25 {WORDS}")
        yield take(maya, "form", "Form, before a reward is chosen")
        maya.select(form, "request_reward", CARD)
        world.until(lambda: maya.modal and "$1,000" in maya.modal.words)
        yield take(maya, "form-filled", "Form, filled in")
        form = world.form(text="@maya 0.005")
        maya.select(form, "request_reward", CARD)
        world.until(lambda: maya.modal and "$1,000" in maya.modal.words)
        assert maya.modal is not None
        assert maya.submit(maya.modal, {}).errors
        yield take(maya, "form-faults", "Form, with faults")
        maya.close(everything=True)
        for recipients in (["rob"], ["kim", "li"]):
            world.place(recipients=recipients)
        pending = world.ask(recipients=["ana"], message="Thank you for the review")
        alex.click(world.card(pending), "decline")
        yield take(alex, "decline", "Reason for a decline")
        alex.close(everything=True)
        maya.command("/orders", channel=people.GENERAL)
        world.settle()
        yield take(maya, "orders", "List of `/orders`", of="#main .messages")


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
