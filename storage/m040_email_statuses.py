"""The step m040: emails of rewards that did not arrive, and the periods that were held against Tango's list."""

from typing import Final

# email_failures: what Tango's mail system said of the email of an order; each once, so that nobody hears it twice.
# reconciliations: the periods that the bot has compared, and how many differences there were.
M040: Final = """
CREATE TABLE email_failures (
    order_id INTEGER NOT NULL REFERENCES orders (id),
    status   TEXT    NOT NULL,
    found_at INTEGER NOT NULL,
    PRIMARY KEY (order_id, status)
) STRICT, WITHOUT ROWID;;
CREATE TABLE reconciliations (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    since       INTEGER NOT NULL,
    until       INTEGER NOT NULL,
    differences INTEGER NOT NULL
) STRICT
"""
