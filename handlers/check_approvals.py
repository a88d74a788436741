"""`kudos check` on the policy of approvals: whether each route leads somewhere, and enough people can approve on it."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Final

from slack_sdk.web import WebClient

from bot.domain.addresses import is_same_address
from bot.domain.approval import PolicySettings, Route, is_group
from bot.domain.policy import Person
from handlers.bolt.builder import build_client
from handlers.bolt.network import NO_ANSWER, code_of
from handlers.bolt.profiles import Home, person_of
from handlers.check import Finding, check_channel, check_copies

#: The subject of findings about routes.
_ROUTES: Final = "Approvals routes"

#: What to do about people on two routes.
_ROUTES_REMEDY: Final = "The first route counts. Change the order under approvals.routes, or the groups."

#: What to do where fewer than two people can approve.
_SECOND_REMEDY: Final = "Name another person there, or a user group that has more members."

#: What automatic_up_to contradicts: an amount of second_above, or that it leaves out the currency.
_TWO_OVER: Final = "automatic_up_to is {up_to}, but two approvers are needed over {above}"
_TWO_UNLISTED: Final = (
    "automatic_up_to is {up_to}, but two approvers are needed in {currency}, which second_above doesn't list"
)

#: Who is named where two are needed.
_ONE_NAMED: Final = "second_above needs two approvers, and {setting} names only one"
_NOBODY_NAMED: Final = "second_above needs two approvers, and {setting} names nobody"


def check_approvals(*, token: str, api_url: str, policy: PolicySettings, budgeted: frozenset[str]) -> Iterator[Finding]:
    """Check the routes and the number of approvers. What Slack can't tell now has a finding of its own elsewhere.

    Args:
        token: the bot's.
        api_url: the base of Slack's Web API.
        policy: of the settings.
        budgeted: the currencies in which there are budgets.
    """
    yield from _amounts(policy)
    yield from _without_budget(policy, budgeted)
    client = build_client(token=token, api_url=api_url)
    try:
        who = client.auth_test()
        groups = _groups(client, policy)
    except NO_ANSWER:
        return
    yield from _places(client, policy)
    yield from _overlaps(policy, groups)
    if policy.second_above:
        home = Home(
            team_id=str(who["team_id"]),
            enterprise_id=who.get("enterprise_id"),
            is_org_wide=bool(who.get("is_enterprise_install")),
        )
        for name, route in _named(policy):
            yield from _second(client, home, name, route, groups)


def _named(policy: PolicySettings) -> Iterator[tuple[str, Route]]:
    """Yield each route with the name of its approvers' setting."""
    yield "approvals.approvers", policy.usual
    for number, one in enumerate(policy.routes, start=1):
        yield f"approvals.routes[{number}].approvers", one.route


def _groups(client: WebClient, policy: PolicySettings) -> Mapping[str, frozenset[str]]:
    """Return the members of each group that can be looked up."""
    found = {}
    for group in sorted(filter(is_group, policy.approvers | policy.senders)):
        with suppress(*NO_ANSWER):
            found[group] = frozenset(client.usergroups_users_list(usergroup=group)["users"])
    return found


def _amounts(policy: PolicySettings) -> Iterator[Finding]:
    """Find amounts up to which a rule would approve what needs two approvers."""
    for currency, up_to in policy.automatic_up_to.items():
        above = policy.second_above.get(currency)
        if policy.second_above and (above is None or up_to.minor > above.minor):
            told = _TWO_OVER if above is not None else _TWO_UNLISTED
            text = told.format(up_to=up_to.short, above=above and above.short, currency=currency)
            remedy = "Two approvers are asked for. Lower approvals.automatic_up_to, or raise second_above."
            yield Finding("Approvals", False, text, remedy, is_warning=True)


def _without_budget(policy: PolicySettings, budgeted: frozenset[str]) -> Iterator[Finding]:
    """Find amounts up to which a rule would approve, if anybody had a budget in that currency."""
    for currency, up_to in policy.automatic_up_to.items():
        if currency not in budgeted:
            text = f"automatic_up_to has {up_to.short}, but no budget is in {currency}"
            remedy = f"Nothing is approved automatically in {currency}. Add a budget in it, or remove the amount."
            yield Finding("Approvals", False, text, remedy, is_warning=True)


def _places(client: WebClient, policy: PolicySettings) -> Iterator[Finding]:
    """Check the channel of each route, or whether its approvers can be written to; the usual one is checked before."""
    channels: dict[str, str] = {}
    for number, one in enumerate(policy.routes, start=1):
        if one.route.by_dm:
            yield from check_copies(client, one.route.approvers, f"approvals.routes[{number}].approvers")
        elif one.route.channel != policy.usual.channel:
            channels.setdefault(one.route.channel, f"approvals.routes[{number}].channel")
    for channel, setting in channels.items():
        yield check_channel(client, channel, _ROUTES, setting)


def _overlaps(policy: PolicySettings, groups: Mapping[str, frozenset[str]]) -> Iterator[Finding]:
    """Find requesters whom two routes name."""
    named = [(number, _people(one.senders, groups)) for number, one in enumerate(policy.routes, start=1)]
    for (number, people), (later, others) in ((a, b) for a in named for b in named if a[0] < b[0]):
        both = sorted(people & others)
        if both:
            who = both[0] if len(both) == 1 else f"{both[0]} and {len(both) - 1} more"
            text = f"approvals.routes[{number}] and [{later}] both name {who}"
            yield Finding(_ROUTES, False, text, _ROUTES_REMEDY, is_warning=True)


def _people(ids: frozenset[str], groups: Mapping[str, frozenset[str]]) -> frozenset[str]:
    return frozenset(one for one in ids if not is_group(one)).union(*(groups.get(one, frozenset()) for one in ids))


def _second(
    client: WebClient, home: Home, name: str, route: Route, groups: Mapping[str, frozenset[str]]
) -> Iterator[Finding]:
    """Tell whether two different people could approve on a route."""
    found: list[Person] = []
    for user_id in sorted(_people(route.approvers, groups)):
        try:
            person = person_of(client.users_info(user=user_id)["user"], home)
        except NO_ANSWER as error:
            if code_of(error) is None:
                return
            continue
        if person.is_colleague and not any(is_same_address(person.email, one.email) for one in found):
            found.append(person)
        if len(found) > 1:
            return
    yield Finding("Approvals", False, (_ONE_NAMED if found else _NOBODY_NAMED).format(setting=name), _SECOND_REMEDY)
