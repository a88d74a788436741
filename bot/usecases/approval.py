"""How a request is approved: the policy of the settings, for who asks and who may decide by what Slack has told."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from bot.domain.approval import ApprovalSettings, Policy, Route, policy_for, route_for
from bot.domain.budget import Budget, budgets_of, in_currency
from bot.domain.money import Money
from bot.domain.policy import Roles, approval_fault, approvers_left
from bot.domain.request import Delivery, NewRequest
from bot.usecases.budgets import Found


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
        settings: ApprovalSettings,
        roles: Callable[[], Roles],
        budgets: Sequence[Budget],
    ) -> None:
        self._settings = settings
        self._roles = roles
        self._budgets = budgets

    def check(self, new: NewRequest) -> Iterator[Found]:
        """Find whether nobody could approve a request, or too few.

        Raises:
            SlackUnavailable: Slack has not told who is in a user group of the policy.
        """
        fault = approval_fault(self.routed(new), self.policy_of(new).needed, self._roles())
        if fault is not None:
            yield "recipients", fault

    def check_room(self, new: NewRequest) -> Iterator[Found]:
        """Find nothing: approvers have no end."""
        del new
        yield from ()

    def routed(self, new: NewRequest) -> NewRequest:
        """Return the request with its policy, which it keeps, unless the settings say nothing of it.

        Raises:
            SlackUnavailable: Slack has not told who is in a user group of the policy.
        """
        return replace(new, policy=self.policy_of(new)) if self._settings.has_policy else new

    def approvers_of(self, new: NewRequest) -> Sequence[str]:
        """Return who could approve a request, by Slack id.

        Raises:
            SlackUnavailable: Slack has not told who is in a user group of the policy.
        """
        return approvers_left(self.routed(new), self._roles())

    def policy_of(self, new: NewRequest) -> Policy:
        """Return how a request would be approved.

        Raises:
            SlackUnavailable: Slack has not told who is in a user group of the policy.
        """
        is_posted = new.details.delivery is Delivery.POST
        return self.policy_for(new.requester_id, new.total, is_posted=is_posted, by_workflow=new.by_workflow)

    def policy_for(
        self, requester_id: str, total: Money, *, is_posted: bool = False, by_workflow: bool = False
    ) -> Policy:
        """Return how a request of somebody for so much in all would be approved.

        Raises:
            SlackUnavailable: Slack has not told who is in a user group of the policy.
        """
        return policy_for(
            self._settings,
            requester_id=requester_id,
            total=total,
            is_posted=is_posted,
            has_budget=self._has_budget(requester_id, total.currency),
            by_workflow=by_workflow,
            groups=self._roles().groups,
        )

    def expected(self, requester_id: str, currency: str, *, is_posted: bool) -> Expected:
        """Return how somebody's request in that currency would be approved, whatever the amount.

        Raises:
            SlackUnavailable: Slack has not told who is in a user group of the policy.
        """
        settings = self._settings
        if not settings.has_policy:
            return Expected()
        up_to = None if is_posted else settings.automatic_up_to.get(currency)
        above = settings.second_above.get(currency)
        return Expected(
            route=route_for(settings, requester_id, self._roles().groups),
            currency=currency,
            second_above=above,
            is_unlisted=bool(settings.second_above) and above is None,
            automatic_up_to=up_to if up_to is not None and self._has_budget(requester_id, currency) else None,
        )

    def _has_budget(self, requester_id: str, currency: str) -> bool:
        """Return whether a budget of this currency names the requester; not asked where nothing is automatic."""
        if not self._settings.automatic_up_to:
            return False
        return bool(in_currency(budgets_of(self._budgets, requester_id, self._roles().groups), currency))
