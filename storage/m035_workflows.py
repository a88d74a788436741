"""The step m035: the runs of the step in workflows, and which requests they made.

`message` and `refusal` are personal data. A message is emptied once the request has it, and a run is removed a day
after Slack has its answer.
"""

from typing import Final

# workflow_runs.execution_id: Slack's name for the run. amount, message: as the workflow gave them, empty once the run
# has an answer. refusal: the sentence that the workflow is told. answered_at: when Slack took the answer.
# workflow_runs_by_request: SQLite looks for rows that name a request as it adds the request.
# requests.by_workflow: nobody asked for it by hand, so a person must approve it.
M035: Final = """
CREATE TABLE workflow_runs (
    execution_id TEXT    NOT NULL PRIMARY KEY,
    recipient_id TEXT    NOT NULL,
    utid         TEXT    NOT NULL,
    amount       TEXT    NOT NULL,
    message      TEXT    NOT NULL,
    status       TEXT    NOT NULL CHECK (status IN ('received', 'requested', 'refused')),
    request_id   INTEGER REFERENCES requests (id),
    refusal      TEXT    NOT NULL DEFAULT '',
    received_at  INTEGER NOT NULL,
    answered_at  INTEGER,
    CHECK ((status = 'requested') = (request_id IS NOT NULL)),
    CHECK ((status = 'refused') = (refusal <> '')),
    CHECK (status <> 'received' OR answered_at IS NULL)
) STRICT;;
CREATE INDEX workflow_runs_by_answer ON workflow_runs (answered_at);;
CREATE INDEX workflow_runs_by_request ON workflow_runs (request_id);;
ALTER TABLE requests ADD COLUMN by_workflow INTEGER NOT NULL DEFAULT 0 CHECK (
    by_workflow IN (0, 1) AND (by_workflow = 0 OR approvals_needed > 0)
)
"""
