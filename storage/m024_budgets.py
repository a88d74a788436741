"""The step m024: what a request reserves of which budgets.

Nothing of it is personal but Slack ids. Without budgets all of it stays empty, and no index has a page to write.
"""

from typing import Final

# requests.budget_set: the budgets that named the requester when the request was made. It names a row of budget_sets and
# references none: tables are copied in the order in which they were made first (storage/postgres_move.py).
# requests.filed_month: the month of that day in the installation's zone (bot/domain/budget.py), which a change of the
# zone leaves. requests.reserved_minor: what the request reserves or has cost, 0 once it is freed. requests.budgets:
# what the card says of each budget, as one JSON list. budget_sets.names: a JSON list, sorted. A set has one currency.
# budget_warnings.requester_id: of a budget that each has for themselves; else empty.
M024: Final = """
CREATE TABLE budget_sets (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    currency TEXT    NOT NULL,
    names    TEXT    NOT NULL CHECK (json_valid(names)),
    UNIQUE (currency, names)
) STRICT;;
ALTER TABLE requests ADD COLUMN budget_set INTEGER;;
ALTER TABLE requests ADD COLUMN filed_month INTEGER;;
ALTER TABLE requests ADD COLUMN reserved_minor INTEGER NOT NULL DEFAULT 0;;
ALTER TABLE requests ADD COLUMN budgets TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(budgets));;
CREATE INDEX requests_reserved ON requests (budget_set, filed_month, requester_id, reserved_minor)
WHERE budget_set IS NOT NULL;;
CREATE TABLE budget_warnings (
    name         TEXT    NOT NULL,
    first_month  INTEGER NOT NULL,
    requester_id TEXT    NOT NULL,
    percent      INTEGER NOT NULL,
    PRIMARY KEY (name, first_month, requester_id, percent)
) STRICT, WITHOUT ROWID
"""
