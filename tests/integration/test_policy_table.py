"""The policy, as an operator would try it out: settings as in app.yaml, and what becomes of requests under them.

Each line of the table is a request: under which settings, who asks, for whom, and how much for each of them. Then what
becomes of it: the channel of its card with the approvers' ids, how many approvers it needs, the budgets that it takes
from, and what the form says against it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from bot.domain.money import Money, parse_amount
from bot.domain.policy import Roles
from bot.domain.request import Delivery, Details, NewRequest
from bot.settings import Settings, load_settings
from bot.usecases.approval import Approvals, Expected
from bot.usecases.budgets import Budgets
from storage import Storage
from tests.kit.bot import SECRETS, environment
from tests.kit.factories import FakeClock, a_new_request, a_recipient

#: The people, by the names that the table has for them. Sam has a second account.
PEOPLE: Final = {
    name: f"U0{name.upper():0<7}" for name in ("maya", "priya", "alex", "sam", "sam2", "ada", "rob", "kim", "zoe")
}
GROUPS: Final = {
    "S0SALES01": {"maya", "priya"},
    "S0BOARD01": {"ada", "zoe"},
    "S0BOSSES1": {"alex", "sam"},
    "S0NOBODY1": set[str](),
}

USUAL: Final = """
tango: {customer: acme-customer, account: acme-account}
approvals:
  channel: C0REWARDS
  approvers: [S0BOSSES1]
"""

#: What is set beside that; a line that begins further left is a section of its own.
SETTINGS: Final[Mapping[str, str]] = {
    "plain": "",
    "two": """
  second_above: ["250 USD", "200 EUR"]
""",
    "automatic": """
  automatic_up_to: ["25 USD", "1000 JPY"]
budgets:
  - {name: Sales, senders: [S0SALES01], amount: 500 USD, per: month}
""",
    "all": """
  second_above: ["250 USD"]
  automatic_up_to: ["25 USD"]
  routes:
    - {senders: [S0BOARD01], channel: dm, approvers: [U0ALEX000]}
    - {senders: [S0SALES01, U0KIM0000], channel: C0SALES01, approvers: [U0SAM0000, U0ADA0000, U0ZOE0000]}
budgets:
  - {name: Company, senders: ["*"], amount: 1000 USD, per: quarter}
  - {name: Each, senders: [S0SALES01], each: true, amount: 300 USD, per: month}
limits:
  per_reward: ["200 USD"]
  per_recipient_per_year: ["400 USD"]
""",
    "crossed": """
  second_above: ["20 USD"]
  automatic_up_to: ["100 USD"]
budgets:
  - {name: Company, senders: ["*"], amount: 1000 USD, per: year}
""",
    "apart": """
  second_above: ["250 USD"]
  automatic_up_to: ["25 EUR", "300 USD"]
budgets:
  - {name: Euros, senders: ["*"], amount: 1000 EUR, per: month}
  - {name: Dollars, senders: ["*"], amount: 1000 USD, per: month}
""",
    "alone": """
  second_above: ["250 USD"]
  routes:
    - {senders: [U0MAYA000], channel: C0SALES01, approvers: [U0SAM0000, U0SAM2000]}
    - {senders: [S0SALES01], channel: C0SALES01, approvers: [S0NOBODY1]}
""",
}

TABLE: Final = """
plain     | maya  | rob      | 25 USD         | C0REWARDS: bosses      | 1 |               |
plain     | maya  | rob      | 900000 USD     | C0REWARDS: bosses      | 1 |               |
plain     | alex  | rob      | 25 USD         | C0REWARDS: bosses      | 1 |               |
plain     | alex  | sam      | 25 USD         | C0REWARDS: bosses      | 1 |               | nobody_approves
plain     | maya  | sam alex | 25 USD         | C0REWARDS: bosses      | 1 |               | nobody_approves
plain     | sam2  | alex     | 25 USD         | C0REWARDS: bosses      | 1 |               | nobody_approves
two       | maya  | rob      | 250 USD        | C0REWARDS: bosses      | 1 |               |
two       | maya  | rob      | 250.01 USD     | C0REWARDS: bosses      | 2 |               |
two       | maya  | rob kim  | 125 USD        | C0REWARDS: bosses      | 1 |               |
two       | maya  | rob kim  | 125.01 USD     | C0REWARDS: bosses      | 2 |               |
two       | maya  | rob      | 200 EUR        | C0REWARDS: bosses      | 1 |               |
two       | maya  | rob      | 201 EUR        | C0REWARDS: bosses      | 2 |               |
two       | maya  | rob      | 1 CAD          | C0REWARDS: bosses      | 2 |               |
two       | alex  | rob      | 251 USD        | C0REWARDS: bosses      | 2 |               | one_approver_left
two       | alex  | rob      | 250 USD        | C0REWARDS: bosses      | 1 |               |
two       | alex  | sam      | 251 USD        | C0REWARDS: bosses      | 2 |               | nobody_approves
two       | alex  | rob      | 1 CAD          | C0REWARDS: bosses      | 2 |               | one_approver_left
automatic | maya  | rob      | 25 USD         | C0REWARDS: bosses      | 0 | Sales         |
automatic | maya  | rob      | 25.01 USD      | C0REWARDS: bosses      | 1 | Sales         |
automatic | maya  | rob kim  | 25 USD         | C0REWARDS: bosses      | 1 | Sales         |
automatic | maya  | rob      | 25 USD by post | C0REWARDS: bosses      | 1 | Sales         |
automatic | maya  | rob      | 25 USD by workflow | C0REWARDS: bosses  | 1 | Sales         |
automatic | maya  | rob      | 500 USD        | C0REWARDS: bosses      | 1 | Sales         |
automatic | maya  | rob      | 501 USD        | C0REWARDS: bosses      | 1 | Sales         | over_budget
automatic | kim   | rob      | 25 USD         | C0REWARDS: bosses      | 1 |               |
automatic | kim   | rob      | 1000 JPY       | C0REWARDS: bosses      | 1 |               |
automatic | maya  | rob      | 1000 JPY       | C0REWARDS: bosses      | 1 |               | no_budget
automatic | maya  | sam alex | 12 USD         | C0REWARDS: bosses      | 0 | Sales         |
all       | maya  | rob      | 25 USD         | C0SALES01: sam ada zoe | 0 | Company, Each |
all       | maya  | rob      | 26 USD         | C0SALES01: sam ada zoe | 1 | Company, Each |
all       | maya  | rob kim  | 126 USD        | C0SALES01: sam ada zoe | 2 | Company, Each |
all       | maya  | rob      | 201 USD        | C0SALES01: sam ada zoe | 1 | Company, Each | over_limit
all       | maya  | rob kim  | 151 USD        | C0SALES01: sam ada zoe | 2 | Company, Each | over_budget
all       | kim   | rob      | 26 USD         | C0SALES01: sam ada zoe | 1 | Company       |
all       | zoe   | rob      | 26 USD         | dm: alex               | 1 | Company       |
all       | ada   | alex     | 26 USD         | dm: alex               | 1 | Company       | nobody_approves
all       | ada   | rob kim  | 126 USD        | dm: alex               | 2 | Company       | one_approver_left
all       | alex  | rob      | 26 USD         | C0REWARDS: bosses      | 1 | Company       |
all       | rob   | kim      | 5 EUR          | C0REWARDS: bosses      | 2 |               | no_limit no_budget
all       | priya | sam ada  | 100 USD        | C0SALES01: sam ada zoe | 1 | Company, Each |
all       | priya | sam ada  | 150 USD        | C0SALES01: sam ada zoe | 2 | Company, Each | one_approver_left
crossed   | maya  | rob      | 20 USD         | C0REWARDS: bosses      | 0 | Company       |
crossed   | maya  | rob      | 21 USD         | C0REWARDS: bosses      | 2 | Company       |
crossed   | maya  | rob      | 5 EUR          | C0REWARDS: bosses      | 2 |               | no_budget
apart     | maya  | rob      | 20 EUR         | C0REWARDS: bosses      | 2 | Euros         |
apart     | maya  | rob      | 250 USD        | C0REWARDS: bosses      | 0 | Dollars       |
apart     | maya  | rob      | 300 USD        | C0REWARDS: bosses      | 2 | Dollars       |
alone     | maya  | rob      | 25 USD         | C0SALES01: sam sam2    | 1 |               |
alone     | maya  | rob      | 251 USD        | C0SALES01: sam sam2    | 2 |               | one_approver_left
alone     | maya  | sam      | 25 USD         | C0SALES01: sam sam2    | 1 |               | nobody_approves
alone     | priya | rob      | 25 USD         | C0SALES01: nobody      | 1 |               | nobody_approves
"""


#: The cells of each line.
LINES: Final = [[cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines()]


@dataclass(frozen=True)
class Tried:
    """What the use cases are asked, under some settings."""

    approvals: Approvals
    budgets: Budgets


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Tried]]:
    """The use cases, by the name that the table has for the settings. Nothing is filed yet."""
    folder = tmp_path_factory.mktemp("tried")
    storage = Storage.open(folder / "kudos.db")
    try:
        yield {
            name: _under(_settings(folder, USUAL + more.removeprefix("\n")), storage) for name, more in SETTINGS.items()
        }
    finally:
        storage.close()


def _settings(folder: Path, written: str) -> Settings:
    (folder / "app.yaml").write_text(written)
    with environment(SECRETS):
        return load_settings(folder / "app.yaml")


def _under(settings: Settings, storage: Storage) -> Tried:
    roles, budgets = _roles(settings), [one.budget for one in settings.budgets]
    return Tried(
        Approvals(settings=settings.approvals.policy, roles=lambda: roles, budgets=budgets),
        Budgets(
            storage=storage,
            clock=FakeClock(),
            roles=lambda: roles,
            budgets=budgets,
            limits=settings.limits.limits,
            zone=settings.timezone,
        ),
    )


def _roles(settings: Settings) -> Roles:
    """Who may do what, once Slack has told of everyone."""
    policy = settings.approvals.policy
    groups = {name: frozenset(PEOPLE[one] for one in members) for name, members in GROUPS.items()}
    named = {name: groups.get(name, frozenset([name])) for name in policy.approvers}
    addresses = {PEOPLE[name]: f"{name.removesuffix('2')}@example.com" for name in PEOPLE}
    return Roles(approvers=groups["S0BOSSES1"], named=named, groups=groups, addresses=addresses)


def _request(requester: str, recipients: str, amount: str) -> NewRequest:
    number, currency, *by = amount.split()
    return a_new_request(
        requester_id=PEOPLE[requester],
        requester_email=f"{requester.removesuffix('2')}@example.com",
        recipients=tuple(a_recipient(PEOPLE[one], email=f"{one}@example.com") for one in recipients.split()),
        amount=parse_amount(number, currency),
        details=Details(delivery=Delivery.POST if "post" in by else Delivery.EMAIL),
        by_workflow="workflow" in by,
    )


def _route(approvals: Approvals, new: NewRequest) -> str:
    route = approvals.policy_of(new).route
    names = {"S0BOSSES1": "bosses", "S0NOBODY1": "nobody"} | {user_id: name for name, user_id in PEOPLE.items()}
    order = [*PEOPLE, "bosses", "nobody"]
    return f"{route.channel}: {' '.join(sorted((names[one] for one in route.approvers), key=order.index))}"


@pytest.mark.parametrize("line", LINES, ids=lambda line: " ".join(line[:4]))
def test_a_request_under_the_policy(tried: Mapping[str, Tried], line: list[str]):
    name, requester, recipients, amount, route, needed, budgets, refusals = line
    approvals, held, new = tried[name].approvals, tried[name].budgets, _request(requester, recipients, amount)
    assert _route(approvals, new) == route
    assert approvals.policy_of(new).needed == int(needed)
    assert ", ".join(room.budget.name for room in held.rooms(new.requester_id, new.amount.currency)) == budgets
    found = [*approvals.check(new), *held.check(new), *held.check_room(new)]
    assert " ".join(fault.code.removesuffix("_in_currency") for _, fault in found) == refusals


@pytest.mark.parametrize("currency", ["USD", "EUR", "JPY"])
@pytest.mark.parametrize("requester", ["maya", "kim"])
@pytest.mark.parametrize("name", SETTINGS)
def test_the_form_promises_no_more_than_the_policy_holds(
    tried: Mapping[str, Tried], name: str, requester: str, currency: str
):
    """What the form says before the amount is known is what becomes of each amount."""
    approvals = tried[name].approvals
    expected = approvals.expected(PEOPLE[requester], currency, is_posted=False)
    for amount in (1, 20, 21, 25, 26, 100, 101, 200, 201, 250, 251, 300, 301, 1000, 1001):
        new = _request(requester, "rob", f"{amount} {currency}")
        assert _promised(expected, new.total) == {approvals.policy_of(new).needed}, new.total


def _promised(expected: Expected, total: Money) -> set[int]:
    """The numbers of approvers that the sentences of the form name for an amount."""
    above, up_to = expected.second_above, expected.automatic_up_to
    named = {2} if expected.is_unlisted or (above is not None and total.minor > above.minor) else set[int]()
    if up_to is not None and total.minor <= up_to.minor:
        named |= {0}
    return named or {1}
