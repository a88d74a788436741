"""How a request is approved: in which channel, by whom, by how many, and the rule that says so.

The policy is made when a request is filed, and stays with it: who changes the settings changes nothing of a request
that waits. Its approvers are ids as the settings name them; who is in a user group counts at the click.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from bot.domain.money import Money
from bot.errors import GroupUnknown

#: In the place of a channel: cards go to each approver by direct message.
BY_DM: Final = "dm"

#: Approvers of a request above `second_above`: two who look see what one overlooks, and more would only wait longer.
_BOTH: Final = 2


class ApprovalRule(StrEnum):
    """The rule that says how many approvers a request needs."""

    USUAL = "usual"
    """One: no other rule applies."""
    SECOND_ABOVE = "second_above"
    """Two: it is above the amount of its currency in `approvals.second_above`."""
    UNLISTED_CURRENCY = "unlisted_currency"
    """Two: `approvals.second_above` has no amount of its currency."""
    AUTOMATIC_UP_TO = "automatic_up_to"
    """None: it is up to the amount of its currency in `approvals.automatic_up_to`, and in a budget."""


#: In the place of the person who decided: the rule did. No Slack id looks like it.
BY_RULE: Final = ApprovalRule.AUTOMATIC_UP_TO.value

#: How many approvers each rule asks for.
_NEEDED: Final[Mapping[ApprovalRule, int]] = {
    ApprovalRule.USUAL: 1,
    ApprovalRule.SECOND_ABOVE: _BOTH,
    ApprovalRule.UNLISTED_CURRENCY: _BOTH,
    ApprovalRule.AUTOMATIC_UP_TO: 0,
}


@dataclass(frozen=True, slots=True)
class Route:
    """Where a request's card goes, and who decides.

    Attributes:
        channel: the Slack id of a channel, or BY_DM.
        approvers: ids of people and user groups, as the settings name them.
    """

    channel: str
    approvers: frozenset[str]

    @property
    def by_dm(self) -> bool:
        """Return whether cards go to each approver by direct message, and to no channel."""
        return self.channel == BY_DM


@dataclass(frozen=True, slots=True)
class SenderRoute:
    """The route of some requesters.

    Attributes:
        senders: ids of people and user groups.
        route: theirs.
    """

    senders: frozenset[str]
    route: Route


@dataclass(frozen=True, slots=True)
class Policy:
    """How one request is approved.

    Attributes:
        route: where its card goes, and who decides.
        rule: says how many approvers it needs.
        bound: the amount that the rule names, if it names one.
    """

    route: Route
    rule: ApprovalRule = ApprovalRule.USUAL
    bound: Money | None = None

    @property
    def needed(self) -> int:
        """Return how many approvers it needs."""
        return _NEEDED[self.rule]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySettings:
    """What an installation sets about approvals.

    Attributes:
        usual: the route of requesters who have no other.
        routes: of the others; the first that names the requester is theirs.
        second_above: by currency, the amount in all above which two approvers are needed.
        automatic_up_to: by currency, the amount in all up to which none is needed.
    """

    usual: Route
    routes: Sequence[SenderRoute] = ()
    second_above: Mapping[str, Money] = field(default_factory=dict)
    automatic_up_to: Mapping[str, Money] = field(default_factory=dict)

    @property
    def has_policy(self) -> bool:
        """Return whether anything is set beside the usual route."""
        return bool(self.routes or self.second_above or self.automatic_up_to)

    @property
    def approvers(self) -> frozenset[str]:
        """Return every id that may be named for a decision."""
        return self.usual.approvers.union(*(one.route.approvers for one in self.routes))

    @property
    def senders(self) -> frozenset[str]:
        """Return every id by which a requester is told apart from others."""
        return frozenset().union(*(one.senders for one in self.routes))

    @property
    def named(self) -> frozenset[str]:
        """Return the ids of all people and user groups."""
        return self.approvers | self.senders

    def needs_two_in(self, currency: str) -> bool:
        """Return whether two approvers are needed in that currency whatever the amount, because it is not listed."""
        return bool(self.second_above) and currency not in self.second_above

    def automatic_in(self, currency: str) -> Money | None:
        """Return the amount in all up to which no approver is needed; None where one always is.

        Of two rules that apply the stricter one counts: what needs two approvers is not automatic.
        """
        up_to = self.automatic_up_to.get(currency)
        if up_to is None or self.needs_two_in(currency):
            return None
        return min(up_to, self.second_above.get(currency, up_to), key=lambda amount: amount.minor)


def policy_for(
    settings: PolicySettings,
    *,
    requester_id: str,
    total: Money,
    is_posted: bool,
    has_budget: bool,
    by_workflow: bool = False,
    groups: Mapping[str, frozenset[str]],
) -> Policy:
    """Return how a request is approved, by the settings of now.

    Each amount is of one currency: a currency that `second_above` does not list needs two approvers, and one that
    `automatic_up_to` does not list needs one.

    Args:
        settings: of this installation.
        requester_id: who asks.
        total: what all recipients get together.
        is_posted: whether the reward goes by post; then somebody has to look at the address.
        has_budget: whether a budget of this currency names the requester.
        by_workflow: whether nobody asks by hand; then somebody has to look.
        groups: the members of the user groups that tell requesters apart.

    Raises:
        GroupUnknown: it depends on a user group of which Slack doesn't tell who is in it.
    """
    route = route_for(settings, requester_id, groups)
    if settings.needs_two_in(total.currency):
        return Policy(route, ApprovalRule.UNLISTED_CURRENCY)
    above = settings.second_above.get(total.currency)
    if above is not None and total.minor > above.minor:
        return Policy(route, ApprovalRule.SECOND_ABOVE, above)
    up_to = settings.automatic_in(total.currency)
    if up_to is not None and total.minor <= up_to.minor and has_budget and not (is_posted or by_workflow):
        return Policy(route, ApprovalRule.AUTOMATIC_UP_TO, up_to)
    return Policy(route)


def route_for(settings: PolicySettings, requester_id: str, groups: Mapping[str, frozenset[str]]) -> Route:
    """Return the route of a requester.

    Raises:
        GroupUnknown: it depends on a user group of which Slack doesn't tell who is in it.
    """
    found = sender_route(settings, requester_id, groups)
    return settings.usual if found is None else found.route


def sender_route(
    settings: PolicySettings, requester_id: str, groups: Mapping[str, frozenset[str]]
) -> SenderRoute | None:
    """Return the first of the routes whose senders name the requester; None where the usual one counts.

    Raises:
        GroupUnknown: it depends on a user group of which Slack doesn't tell who is in it.
    """
    for one in settings.routes:
        members = [groups.get(sender) for sender in one.senders if is_group(sender)]
        if requester_id in one.senders or any(requester_id in known for known in members if known is not None):
            return one
        if None in members:
            raise GroupUnknown
    return None


def is_group(name: str) -> bool:
    """Return whether an id is that of a user group (Slack docs, usergroup objects)."""
    return name.startswith("S")
