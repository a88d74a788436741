"""How a request is approved: the policy of the settings, for who asks and who may decide by what Slack has told."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from bot.domain.approval import Policy, PolicySettings, Route, policy_for, route_for
from bot.domain.budget import Budget, in_currency
from bot.domain.money import Money
from bot.domain.policy import Roles, approval_fault, approvers_left
from bot.domain.request import Delivery, NewRequest
from bot.usecases.form_faults import Found


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """How a request is going to be approved, before its amount is known.

    Attributes:
        route: where its card would go, and who would decide; None where it would keep none.
        currency: of the reward.
        second_above: the amount above which two approvers are needed, if one is set.
        is_unlisted: whether two are needed whatever the amount, because of the currency.
        automatic_up_to: the amount up to which none is needed, if there is one for this requester.
    """

    route: Route | None = None
    currency: str = ""
    second_above: Money | None = None
    is_unlisted: bool = False
    automatic_up_to: Money | None = None


class Approvals:
    """Says how requests are approved.

    Args:
        settings: of this installation.
        roles: return who may do what.
        budgets: of this installation.
    """

    def __init__(
        self,
        *,
        settings: PolicySettings,
        roles: Callable[[], Roles],
        budgets: Sequence[Budget],
    ) -> None:
        self._settings = settings
        self._roles = roles
        self._budgets = budgets

    def check(self, new: NewRequest) -> Iterator[Found]:
        """Find whether nobody could approve a request, or too few.

        Raises:
            GroupUnknown: Slack doesn't tell who is in a user group of the policy.
        """
        routed = self.routed(new)
        fault = approval_fault(routed, routed.approvals_needed, self._roles())
        if fault is not None:
            yield "recipients", fault

    def routed(self, new: NewRequest) -> NewRequest:
        """Return the request with its policy, which it keeps, unless the settings say nothing of it.

        Raises:
            GroupUnknown: Slack doesn't tell who is in a user group of the policy.
        """
        return replace(new, policy=self.policy_of(new)) if self._settings.has_policy else new

    def approvers_of(self, new: NewRequest) -> Sequence[str]:
        """Return who could approve a request, by Slack id.

        Raises:
            GroupUnknown: Slack doesn't tell who is in a user group of the policy.
        """
        return approvers_left(self.routed(new), self._roles())

    def policy_of(self, new: NewRequest) -> Policy:
        """Return how a request would be approved.

        Raises:
            GroupUnknown: Slack doesn't tell who is in a user group of the policy.
        """
        return policy_for(
            self._settings,
            requester_id=new.requester_id,
            total=new.total,
            is_posted=new.details.delivery is Delivery.POST,
            has_budget=self._has_budget(new.requester_id, new.total.currency),
            by_workflow=new.by_workflow,
            groups=self._roles().groups,
        )

    def expected(self, requester_id: str, currency: str, *, is_posted: bool) -> Expected:
        """Return how somebody's request in that currency would be approved, whatever the amount.

        Raises:
            GroupUnknown: Slack doesn't tell who is in a user group of the policy.
        """
        settings = self._settings
        if not settings.has_policy:
            return Expected()
        is_automatic = not is_posted and self._has_budget(requester_id, currency)
        return Expected(
            route=route_for(settings, requester_id, self._roles().groups),
            currency=currency,
            second_above=settings.second_above.get(currency),
            is_unlisted=settings.needs_two_in(currency),
            automatic_up_to=settings.automatic_in(currency) if is_automatic else None,
        )

    def _has_budget(self, requester_id: str, currency: str) -> bool:
        """Return whether a budget of this currency surely names the requester; not asked where nothing is automatic.

        Groups that Slack hasn't told of lately don't count: who was taken out of one is approved nothing by a rule.
        """
        if not self._settings.automatic_up_to:
            return False
        groups = self._roles().groups_lately
        return any(one.surely_names(requester_id, groups) for one in in_currency(self._budgets, currency))
