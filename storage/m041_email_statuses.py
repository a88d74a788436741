"""The step m041: emails that did not arrive, their templates, and the periods that were held against Tango's list."""

from typing import Final

# email_polls: when Tango was last asked for such emails, and since when it doesn't say; one row.
# email_failures: what Tango's mail system said of the email of an order; each once, so that nobody hears it twice.
# templates: as Tango lists them; template_refresh: when it was asked.
# reconciliations: the periods that the bot has compared, and how many differences there were; the first is empty, and
# says where the next begins.
M041: Final = """
CREATE TABLE email_failures (
    order_id INTEGER NOT NULL REFERENCES orders (id),
    status   TEXT    NOT NULL,
    found_at INTEGER NOT NULL,
    PRIMARY KEY (order_id, status)
) STRICT, WITHOUT ROWID;;
CREATE TABLE email_polls (
    id        INTEGER PRIMARY KEY CHECK (id = 1),
    polled_at INTEGER NOT NULL,
    denied_at INTEGER
) STRICT;;
CREATE TABLE templates (
    etid    TEXT NOT NULL PRIMARY KEY,
    name    TEXT NOT NULL,
    subject TEXT NOT NULL
) STRICT;;
CREATE TABLE template_refresh (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    fetched_at INTEGER NOT NULL
) STRICT;;
CREATE TABLE reconciliations (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    since       INTEGER NOT NULL,
    until       INTEGER NOT NULL,
    differences INTEGER NOT NULL
) STRICT
"""
