"""The step m025: how a request is approved, which stays as it was filed, and the first of two approvers.

A policy holds Slack ids and amounts alone.
"""

from typing import Final

# requests.policy: route, rule and bound as one JSON object, because it is only read whole; NULL where the settings said
# nothing of it. approvals_needed: what the rule asks for. Two different people approve what needs two, neither of them
# the requester; who approved what needs nobody is the rule, and a rule approves nothing else. The checks are with the
# last column, because a column can be checked against the others alone when it is added.
M025: Final = """
ALTER TABLE requests ADD COLUMN policy TEXT CHECK (policy IS NULL OR json_valid(policy));;
ALTER TABLE requests ADD COLUMN approvals_needed INTEGER NOT NULL DEFAULT 1 CHECK (approvals_needed IN (0, 1, 2));;
ALTER TABLE requests ADD COLUMN first_approved_at INTEGER;;
ALTER TABLE requests ADD COLUMN first_approved_by TEXT CHECK (
    (first_approved_by IS NULL) = (first_approved_at IS NULL)
    AND (first_approved_by IS NULL OR (approvals_needed = 2 AND first_approved_by <> requester_id))
    AND (
        status <> 'approved' OR approvals_needed < 2
        OR (first_approved_by IS NOT NULL AND first_approved_by <> decided_by)
    )
    AND (status <> 'approved' OR (approvals_needed = 0) = (decided_by = 'automatic_up_to'))
);;
CREATE TRIGGER requests_policy_is_frozen BEFORE UPDATE OF policy, approvals_needed ON requests
BEGIN SELECT RAISE(ABORT, 'a policy is never changed'); END
"""
