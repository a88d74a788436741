"""`kudos policy try`: tells what would become of a request by the settings of now. It stores and sends nothing."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from bot.clock import Clock
from bot.domain.approval import ApprovalRule, Policy, PolicySettings, sender_route
from bot.domain.budget import Room
from bot.domain.money import Money
from bot.domain.policy import Person, check_may_send, recipient_fault
from bot.domain.request import Delivery, NewRequest, Recipient
from bot.errors import ConfigurationError
from bot.settings import Settings
from bot.settings_values import amount_of
from bot.sides import build_slack_side
from bot.usecases.approval import Approvals
from bot.usecases.budgets import Budgets
from bot.usecases.form_faults import Found
from bot.wiring_requests import build_approvals, build_budgets
from handlers.bolt.directory import Directory
from handlers.views.approval import policy_text
from handlers.views.budgets import day_text
from handlers.views.faults import faults_text
from storage import Storage

#: Stands for the recipient where nobody is named.
_SOMEBODY: Final = Recipient(user_id="", first_name="someone", last_name="", email="", external_ref_id="")

#: What is asked for, of one person and of several.
_ASKS: Final = "Request    {by} asks for {amount} for {names}"
_ASKS_FOR_SEVERAL: Final = "Request    {by} asks for {amount} each for {names}, {total} in all"


@dataclass(frozen=True, slots=True)
class _Parts:
    """What is asked about a request."""

    directory: Directory
    approvals: Approvals
    budgets: Budgets


def read_amount(text: str) -> Money:
    """Read an amount as a setting has it: 300 USD.

    Raises:
        ConfigurationError: it is none.
    """
    try:
        return amount_of(text)
    except ValueError as error:
        raise ConfigurationError([f"--amount: {error} It says {text!r}."]) from None


def try_policy(settings: Settings, sender: str, recipients: Sequence[str], amount: Money) -> str:
    """Return what would become of a request, a line for each fact.

    Args:
        settings: of this installation.
        sender: the Slack id of who would ask.
        recipients: the Slack ids of who would be given a reward; may be empty.
        amount: for each of them.

    Raises:
        ConfigurationError: Slack does not accept the token.
        StorageError: the database can't be used; the text says what to do.
        Refusal: the person may not send, or Slack did not say who is who.
    """
    with closing(Storage.visit(settings.storage.where)) as storage:
        slack = build_slack_side(settings, Clock(), storage)
        try:
            slack.ask_who_is_who()
            parts = _Parts(
                slack.directory,
                build_approvals(settings, slack.directory),
                build_budgets(settings, Clock(), storage, slack.directory),
            )
            person = slack.directory.person(sender)
            check_may_send(person, slack.directory.roles())
            people = [slack.directory.person(one) for one in recipients]
            mailed = settings.defaults.details.delivery is Delivery.EMAIL
            faults = [recipient_fault(one, person, mailed=mailed) for one in people]
            found = [("recipients", fault) for fault in faults if fault is not None]
            new = _request(person, people, amount)
            return "\n".join(_lines(parts, settings.approvals.policy, new, found))
        finally:
            slack.directory.close()


def _request(requester: Person, recipients: Sequence[Person], amount: Money) -> NewRequest:
    people = [
        Recipient(user_id=one.user_id, first_name=one.name, last_name="", email=one.email or "", external_ref_id="")
        for one in recipients
    ]
    return NewRequest(
        requester_id=requester.user_id,
        requester_name=requester.name,
        requester_email=requester.email or "",
        recipients=tuple(people) or (_SOMEBODY,),
        utid="",
        reward_name="",
        amount=amount,
        message="",
        submission_id="",
        reference="",
    )


def _lines(parts: _Parts, settings: PolicySettings, new: NewRequest, found: Sequence[Found]) -> Iterator[str]:
    policy, approvals = parts.approvals.policy_of(new), parts.approvals
    names = ", ".join(one.name for one in new.recipients)
    told = _ASKS if len(new.recipients) == 1 else _ASKS_FOR_SEVERAL
    yield told.format(by=new.requester_name, amount=new.amount, names=names, total=new.total)
    route = sender_route(settings, new.requester_id, parts.directory.roles().groups)
    setting = "approvals" if route is None else f"approvals.routes[{settings.routes.index(route) + 1}]"
    where = "a direct message to each approver" if policy.route.by_dm else policy.route.channel
    yield f"Route      {setting}, card in {where}"
    yield f"Rule       {_rule(policy, new.amount.currency)}"
    yield f"Approvers  {_people(parts.directory, approvals.approvers_of(new))}"
    rooms = parts.budgets.rooms(new.requester_id, new.amount.currency)
    yield f"Budgets    {'; '.join(map(_left, rooms)) or 'none'}"
    yield f"Limits     {_limits(parts.budgets, new.amount.currency)}"
    found = [*found, *approvals.check(new), *parts.budgets.check(new), *parts.budgets.check_room(new)]
    if found:
        yield from (f"Refused    {faults_text(field, [fault])}" for field, fault in found)
    else:
        yield "Refused    no"


def _left(room: Room) -> str:
    budget = room.budget
    return f"“{budget.name}” has {room.left} of {budget.amount} left until {day_text(room.period.last_day)}"


def _rule(policy: Policy, currency: str) -> str:
    if policy.rule is ApprovalRule.AUTOMATIC_UP_TO:  # which reward it would be is not asked
        return f"{policy_text(policy, currency)} (a reward by post needs one)"
    return policy_text(policy, currency) or "Needs one approver"


def _people(directory: Directory, user_ids: Sequence[str]) -> str:
    named = [f"{directory.remembered_name(one) or one} ({one})" for one in user_ids]
    return ", ".join(named) or "nobody"


def _limits(budgets: Budgets, currency: str) -> str:
    limits = budgets.limits
    told = (
        ("{limit} for one reward", limits.per_reward.get(currency)),
        ("{limit} for one person in a year", limits.per_recipient_per_year.get(currency)),
    )
    said = [text.format(limit=limit) for text, limit in told if limit is not None]
    return ", ".join(said) or "none"
