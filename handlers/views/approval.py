"""How a request is approved, in words: by how many, by which rule, and by whom it was."""

from bot.domain.approval import ApprovalRule, Policy
from bot.domain.request import NewRequest, Request
from bot.usecases.approval import Expected
from handlers.views.blocks import Json, mention, section


def rule_text(request: NewRequest) -> str:
    """Say which rule applies to a request; empty where it is the usual one approver."""
    return policy_text(request.policy, request.amount.currency) if request.policy is not None else ""


def policy_text(policy: Policy, currency: str) -> str:
    """Say the same of a policy for an amount in that currency."""
    bound = policy.bound.short if policy.bound is not None else ""
    match policy.rule:
        case ApprovalRule.SECOND_ABOVE:
            return f"Needs two approvers: over {bound}"
        case ApprovalRule.UNLISTED_CURRENCY:
            return f"Needs two approvers: no amount is set for {currency}"
        case ApprovalRule.AUTOMATIC_UP_TO:
            return f"Needs no approver: up to {bound}"
        case ApprovalRule.USUAL:
            return ""


def first_text(request: Request) -> str:
    """Say who was the first of two approvers of a pending request; empty while nobody was."""
    if not request.is_pending or request.first_approved_by is None:
        return ""
    return f"{mention(request.first_approved_by)} approved; one more is needed."


def first_blocks(request: Request) -> list[Json]:
    """Say the same in a block."""
    text = first_text(request)
    return [section(f"✅ {text}")] if text else []


def approved_text(request: Request) -> str:
    """Say who approved a request, as a line begins: a person, two, or a rule."""
    return _who_approved(request, "Approved by {by}", "Approved by {first} and {by}", "Approved automatically")


def approved_clause(request: Request) -> str:
    """Say the same after the beginning of a line."""
    return _who_approved(request, "approved by {by}", "approved by {first} and {by}", "approved automatically")


def _who_approved(request: Request, by_one: str, by_two: str, by_rule: str) -> str:
    if request.is_automatic:
        return by_rule
    first, by = request.first_approved_by, mention(request.decided_by or "")
    return by_one.format(by=by) if first is None else by_two.format(first=mention(first), by=by)


def expected_text(expected: Expected) -> str:
    """Say in the form by how many its request would be approved, by the amount; empty where it makes no difference."""
    said = []
    if expected.is_unlisted:
        said.append(f"Rewards in {expected.currency} need two of them.")
    elif expected.second_above is not None:
        said.append(f"Over {expected.second_above.short} in all needs two of them.")
    if expected.automatic_up_to is not None:
        said.append(f"Up to {expected.automatic_up_to.short} in all is approved automatically.")
    return " ".join(said)
