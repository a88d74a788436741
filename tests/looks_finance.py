"""Takes the pictures of what finance and admins read: occasions, reports, alerts, and emails that came back."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from playwright.sync_api import Page, expect

from bot.domain.alerts import AuditHeadTold, BalanceLow, EmailsUnseen, ListsDiffer
from bot.domain.days import Period
from bot.domain.email_failure import EmailFailure
from bot.domain.money import Money
from bot.domain.occasion import Occasion
from bot.domain.report import Report, ReportBy, ReportRow
from bot.sandbox.slack import people
from bot.sandbox.tango.listings import MADE
from handlers.ids import Action
from handlers.manifest import build_manifest
from handlers.views import alerts, email_failures, requests
from handlers.views.plain import plainer
from handlers.views.report import FileSent, build_report
from tests.camera import OF_A_WINDOW, TALL, Camera
from tests.kit.bot import CARD, World
from tests.looks_facts import LOOK, NOW, Look, asked, counted, sent
from tests.looks_story import WORDS
from tests.looks_windows import stage, take_window

_OCCASIONS: Final = ["Birthday", {"name": "Work anniversary", "taxable": True}, {"name": "Thanks", "taxable": False}]
_ANNIVERSARY: Final = Occasion("Work anniversary", is_taxable=True)

#: The head of an audit log: the number of a row, and the digest that it ends with.
_HEAD: Final = f"1234:{'0f3a9c4e' * 8}"

#: A quarter of four teams and two currencies.
_REPORT: Final = Report(
    period=Period(date(2026, 7, 1), date(2026, 9, 30)),
    zone="America/New_York",
    by=ReportBy.TEAM,
    rows=[
        ReportRow(key=name, name=name, rewards=count, face=face, charged=[charged])
        for name, count, face, charged in (
            ("People team", 48, Money(2_400_00, "USD"), Money(2_400_00, "USD")),
            ("Team leads", 21, Money(875_00, "USD"), Money(887_50, "USD")),
            ("Support", 9, Money(225_00, "USD"), Money(225_00, "USD")),
            ("", 2, Money(50_00, "USD"), Money(50_00, "USD")),
            ("People team", 6, Money(300_00, "EUR"), Money(326_40, "USD")),
        )
    ],
    everyone=True,
    is_over=True,
)

#: Seconds after which the bot asks again whether emails came back, and for the templates.
_TEN_MINUTES: Final = 600.0
_HALF_A_DAY: Final = 12 * 3600.0


def finance_looks() -> Iterator[Look]:
    """Yield the pictures of messages."""
    yield Look(
        name="finance-card",
        title="Approval card with an occasion, and where the account has too little",
        reader="alex",
        channel=people.APPROVALS,
        messages=[
            requests.build_card(one, counted(), people.TEAM_ID, None, LOOK)
            for one in (asked(occasion=_ANNIVERSARY), asked(is_uncovered=True))
        ],
    )
    report = build_report(_REPORT, FileSent.SENT)
    yield Look(name="report", title="Report: charts and a table", reader="fiona", messages=[report])
    yield Look(
        name="report-text",
        title="Report: the same where Slack shows neither",
        reader="fiona",
        messages=[next(plainer(report))],
    )
    yield Look(
        name="alerts",
        title="What an admin hears of the account, the lists and the log",
        reader="ada",
        messages=[
            alerts.build_alert(BalanceLow(minor=412_50, below_minor=500_00, currency="USD", days=6)),
            alerts.build_alert(
                ListsDiffer(
                    since=(NOW - timedelta(days=1)).isoformat(),
                    until=NOW.isoformat(),
                    missing=1,
                    unknown=2,
                    twice=0,
                    amount=1,
                    unpaid=0,
                )
            ),
            alerts.build_alert(EmailsUnseen()),
            alerts.build_alert(AuditHeadTold(_HEAD)),
        ],
    )
    for reader, whom, to_admin in (("maya", "the requester", False), ("ada", "an admin", True)):
        yield Look(
            name=f"email-failed-{reader}",
            title=f"An email that came back: to {whom}",
            reader=reader,
            messages=[email_failures.build_email_failed(sent(), why, to_admin=to_admin) for why in EmailFailure],
        )


def take_finance_windows(camera: Camera) -> Iterator[tuple[str, str]]:
    """Take the forms that the real bot opens, and the file for payroll; yield the name and the title of each."""
    roles = {"admins": [people.ADA], "finance": [people.FIONA]}
    with stage({"occasions": _OCCASIONS, "roles": roles, "slack": {"files": True}}) as (world, url):
        world.slack.manifest(build_manifest(files=True))
        maya, ada, fiona = world.maya, world.ada, world.slack.person("fiona")

        form = world.form(text=f"@rob 25 {WORDS}")
        maya.select(form, Action.OCCASION, _ANNIVERSARY.name)
        maya.select(form, Action.REWARD, CARD)
        world.until(lambda: maya.modal and "$1,000" in maya.modal.words)
        take_window(camera, url, maya, "occasion-form")
        yield "occasion-form", "Form that asks for an occasion"
        maya.close(everything=True)

        world.place(occasion="Work anniversary")
        fiona.command("/kudos", "report payroll this month", channel=fiona.dm_channel)
        world.said(fiona, "Payroll: ")
        camera.take(f"{url}/?as={fiona.id}&in={fiona.dm_channel}", "payroll", height=TALL)
        yield "payroll", "Report: every reward as a file for payroll"

        _have_email_returned(world)
        ada.click(world.said(ada, "arrive by email"), Action.RESEND_CHANGES)
        take_window(camera, url, ada, "email-failed-form")
        yield "email-failed-form", "An email that came back: the form for another address"
        ada.close(everything=True)

        world.tango.templates.extend(MADE)
        world.clock.advance(_HALF_A_DAY)
        world.tick("templates")
        listed = world.answer(maya, lambda: maya.command("/resend"))
        menu = listed.find(Action.RESEND_LISTED).element
        maya.select(listed, Action.RESEND_LISTED, menu["options"][1]["value"])
        where = f"{url}/?as={maya.id}&in={people.GENERAL}"
        camera.take(where, "resend-template", of="dialog.modal", height=OF_A_WINDOW, act=_open_templates)
        yield "resend-template", "Sending an email again, with a template chosen by name"


def _have_email_returned(world: World) -> None:
    """Have the email of the one order come back, and the bot hear of it."""
    [order] = world.tango.orders
    world.tango.bounce(order.reference_order_id, EmailFailure.BOUNCE)
    world.clock.advance(_TEN_MINUTES)
    for _ in EmailFailure:
        world.tick("emails")


def _open_templates(page: Page) -> None:
    """Open the menu of the templates."""
    menu = page.get_by_role("combobox", name="Email template")
    menu.click()
    expect(page.get_by_role("option", name=re.compile("anniversaries"))).to_be_visible()
