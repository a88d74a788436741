"""The schema, as steps that are appended and never edited. Applied by sqlite-utils, each in a transaction.

Times are whole milliseconds since the epoch, UTC. Money is minor units beside its ISO 4217 code. Columns that
hold personal data: names, `email`, `requester_email`, `message`, `own_message`, `asks_for`, `body`, `reason`,
`new_email`, `masked_email`. The audit log has none: ids, and of another address of a resend its domain and a salted
hash.
"""

from collections.abc import Mapping
from typing import Final

import sqlite_utils
from sqlite_utils.migrations import Migrations

from storage.m004_references import M004
from storage.m007_what_changed_since import M007
from storage.m009_halts import M009
from storage.m010_turns import M010
from storage.m011_inquiries import M011
from storage.m013_card_again import M013
from storage.m014_clock import M014
from storage.m015_duty import M015
from storage.m016_fewer_pages import M016
from storage.m017_homes import M017
from storage.m018_places import M018
from storage.m019_pictures import M019
from storage.m020_cards import M020
from storage.m021_donations import M021
from storage.m022_recipients import M022
from storage.m023_conversations import M023
from storage.m024_budgets import M024
from storage.m025_policy import M025
from storage.m026_hold import M026
from storage.m027_asking import M027
from storage.m028_reminders import M028
from storage.m029_counts import M029
from storage.m033_batches import M033
from storage.m034_priority import M034
from storage.m035_workflows import M035
from storage.m036_schedules import M036
from storage.m037_occasions import M037
from storage.m038_gift_log import M038
from storage.m039_audit_chain import M039
from storage.m040_access import M040
from storage.m041_email_statuses import M041
from storage.m042_undo import M042

# The claim uses orders_due alone. There is no plain index on (status), because the planner would prefer it to the
# better one. orders_by_status is (status, id), for pages of one status, newest first. The claim names its index: then
# statistics can't change the planner's choice.
# requests.cleared_at: when personal data was removed from the request and its orders (storage/retention.py). For this,
# the frozen body of a finished order may become an empty one; no other change is allowed.
# requests.details: the less used fields of the form as one JSON object; no search is by one of them alone.
# orders.delivered_at: when Kudos gave the reward to its recipient. orders.watch_at: when Tango is asked
# for the order's status again, until it has finished the order; watches: how often it was.
# resends.new_email: kept until the call is over; readdressed says for good that there was one.
_M001: Final = """
CREATE TABLE requests (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    submission_id  TEXT    NOT NULL UNIQUE,
    requester_id   TEXT    NOT NULL,
    requester_name TEXT    NOT NULL,
    utid           TEXT    NOT NULL,
    reward_name    TEXT    NOT NULL,
    amount_minor   INTEGER NOT NULL CHECK (amount_minor > 0),
    currency       TEXT    NOT NULL CHECK (length(currency) = 3),
    message        TEXT    NOT NULL CHECK (length(message) <= 3000),
    details        TEXT    NOT NULL CHECK (json_valid(details)),
    status         TEXT    NOT NULL
                   CHECK (status IN ('pending_approval', 'approved', 'declined', 'withdrawn', 'expired')),
    created_at     INTEGER NOT NULL,
    decided_by     TEXT,
    decided_at     INTEGER,
    reason         TEXT,
    cleared_at     INTEGER,
    CHECK ((status = 'pending_approval') = (decided_at IS NULL)),
    CHECK (status <> 'approved' OR (decided_by IS NOT NULL AND decided_by <> requester_id))
) STRICT;;
CREATE INDEX requests_pending ON requests (id) WHERE status = 'pending_approval';;
CREATE INDEX requests_pending_of ON requests (requester_id, id) WHERE status = 'pending_approval';;
CREATE INDEX requests_to_clear ON requests (decided_at, id) WHERE cleared_at IS NULL;;

CREATE TABLE recipients (
    request_id INTEGER NOT NULL REFERENCES requests (id),
    position   INTEGER NOT NULL,
    user_id    TEXT    NOT NULL,
    first_name TEXT    NOT NULL,
    last_name  TEXT    NOT NULL,
    email      TEXT    NOT NULL,
    zone       TEXT    NOT NULL,
    PRIMARY KEY (request_id, position),
    UNIQUE (request_id, user_id)
) STRICT;;

CREATE TABLE orders (
    id                 INTEGER PRIMARY KEY AUTOINCREMENT,
    request_id         INTEGER NOT NULL REFERENCES requests (id),
    requester_id       TEXT    NOT NULL,
    recipient_id       TEXT    NOT NULL,
    first_name         TEXT    NOT NULL,
    last_name          TEXT    NOT NULL,
    email              TEXT    NOT NULL,
    utid               TEXT    NOT NULL,
    reward_name        TEXT    NOT NULL,
    amount_minor       INTEGER NOT NULL CHECK (amount_minor > 0),
    currency           TEXT    NOT NULL CHECK (length(currency) = 3),
    external_ref_id    TEXT    NOT NULL UNIQUE CHECK (length(external_ref_id) BETWEEN 1 AND 100),
    body               BLOB    NOT NULL,
    delivery           TEXT    NOT NULL CHECK (delivery IN ('email', 'message', 'post')),
    status             TEXT    NOT NULL
                       CHECK (status IN ('queued', 'submitting', 'accepted', 'failed', 'needs_attention', 'canceled')),
    attempts           INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    outcome_unknown    INTEGER NOT NULL DEFAULT 0 CHECK (outcome_unknown IN (0, 1)),
    created_at         INTEGER NOT NULL,
    available_at       INTEGER NOT NULL,
    claimed_at         INTEGER,
    first_attempt_at   INTEGER,
    finalized_at       INTEGER,
    reference_order_id TEXT UNIQUE,
    tango_status       TEXT,
    tango_status_at    INTEGER,
    problem            TEXT,
    problem_detail     TEXT,
    last_sent_at       INTEGER,
    delivered_at       INTEGER,
    watches            INTEGER NOT NULL DEFAULT 0,
    watch_at           INTEGER,
    UNIQUE (request_id, recipient_id),
    CHECK ((status = 'submitting') = (claimed_at IS NOT NULL)),
    CHECK ((status IN ('accepted', 'failed', 'canceled')) = (finalized_at IS NOT NULL)),
    CHECK (status <> 'accepted' OR reference_order_id IS NOT NULL)
) STRICT;;
CREATE INDEX orders_due ON orders (status, available_at, id);;
CREATE INDEX orders_by_status ON orders (status, id);;
CREATE INDEX orders_by_requester ON orders (requester_id, id);;
CREATE INDEX orders_by_requester_status ON orders (requester_id, status, id);;
CREATE INDEX orders_by_requester_recipient ON orders (requester_id, recipient_id, id);;
CREATE INDEX orders_by_recipient ON orders (recipient_id, id);;
CREATE INDEX orders_watched ON orders (watch_at, id) WHERE watch_at IS NOT NULL;;

CREATE TRIGGER orders_body_is_frozen BEFORE UPDATE OF external_ref_id, body, amount_minor, currency, utid ON orders
WHEN NOT (
    NEW.body = CAST('{}' AS BLOB) AND OLD.finalized_at IS NOT NULL AND OLD.watch_at IS NULL
    AND NEW.external_ref_id = OLD.external_ref_id AND NEW.amount_minor = OLD.amount_minor
    AND NEW.currency = OLD.currency AND NEW.utid = OLD.utid
)
BEGIN SELECT RAISE(ABORT, 'what was approved is frozen'); END;;

CREATE TABLE attempts (
    id               INTEGER PRIMARY KEY,
    order_id         INTEGER NOT NULL REFERENCES orders (id),
    started_at       INTEGER NOT NULL,
    finished_at      INTEGER,
    outcome          TEXT CHECK (outcome IN ('accepted', 'rejected', 'throttled', 'ambiguous', 'halted')),
    http_status      INTEGER,
    i18n_key         TEXT,
    tango_request_id TEXT,
    detail           TEXT
) STRICT;;
CREATE INDEX attempts_by_order ON attempts (order_id, id);;

CREATE TABLE resends (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    order_id         INTEGER NOT NULL REFERENCES orders (id),
    requested_by     TEXT    NOT NULL,
    requested_at     INTEGER NOT NULL,
    previous_sent_at INTEGER NOT NULL,
    status           TEXT    NOT NULL CHECK (status IN ('claimed', 'sending', 'sent', 'refused', 'unclear')),
    new_email        TEXT    CHECK (new_email IS NULL OR status IN ('claimed', 'sending')),
    new_etid         TEXT,
    readdressed      INTEGER NOT NULL CHECK (readdressed IN (0, 1)),
    finished_at      INTEGER,
    http_status      INTEGER,
    i18n_key         TEXT,
    tango_request_id TEXT,
    detail           TEXT
) STRICT;;
CREATE INDEX resends_by_order ON resends (order_id, id);;
CREATE INDEX resends_open ON resends (status, id);;

CREATE TABLE queue (
    id             INTEGER PRIMARY KEY CHECK (id = 1),
    next_start_at  INTEGER NOT NULL,
    halted_at      INTEGER,
    halt_cause     TEXT,
    probes         INTEGER NOT NULL DEFAULT 0,
    probe_at       INTEGER,
    CHECK ((halted_at IS NULL) = (halt_cause IS NULL)),
    CHECK (probe_at IS NULL OR halted_at IS NOT NULL)
) STRICT;;
INSERT INTO queue (id, next_start_at) VALUES (1, 0);;

CREATE TABLE outbox (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    kind       TEXT    NOT NULL,
    audience   TEXT    NOT NULL,
    facts      TEXT    NOT NULL CHECK (json_valid(facts)),
    status     TEXT    NOT NULL DEFAULT 'pending'
               CHECK (status IN ('pending', 'sending', 'sent', 'superseded', 'undeliverable')),
    attempts   INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    settled_at INTEGER,
    problem    TEXT
) STRICT;;
CREATE UNIQUE INDEX outbox_pending_once ON outbox (kind, audience, facts) WHERE status = 'pending';;
CREATE INDEX outbox_open ON outbox (status, id);;
CREATE INDEX outbox_settled ON outbox (settled_at) WHERE settled_at IS NOT NULL;;

CREATE TABLE posts (
    kind       TEXT    NOT NULL,
    request_id INTEGER NOT NULL REFERENCES requests (id),
    channel    TEXT    NOT NULL,
    ts         TEXT    NOT NULL,
    PRIMARY KEY (request_id, kind)
) STRICT;;

CREATE TABLE audit (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    at         INTEGER NOT NULL,
    event      TEXT    NOT NULL,
    actor      TEXT,
    request_id INTEGER,
    order_id   INTEGER,
    facts      TEXT    NOT NULL DEFAULT '{}' CHECK (json_valid(facts))
) STRICT;;
CREATE INDEX audit_by_request ON audit (request_id, id);;
CREATE INDEX audit_by_order ON audit (order_id, id);;
CREATE TRIGGER audit_is_append_only_update BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;;
CREATE TRIGGER audit_is_append_only_delete BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;;

CREATE TABLE catalog (
    utid     TEXT PRIMARY KEY,
    name     TEXT NOT NULL,
    brand    TEXT NOT NULL,
    currency TEXT NOT NULL,
    fixed    INTEGER,
    minimum  INTEGER,
    maximum  INTEGER,
    whole    INTEGER NOT NULL CHECK (whole IN (0, 1)),
    kind     TEXT NOT NULL CHECK (kind IN ('digital', 'promo', 'physical', 'printed'))
) STRICT;;
CREATE TABLE catalog_refresh (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    fetched_at INTEGER NOT NULL
) STRICT
"""

# throttled_until: the wait that a 429 asks for, which the next written request must not shorten. halted_attempt: the
# newest attempt when the queue halted. Only a later attempt tells whether the cause is gone. Attempts are compared by
# number, because numbers grow also where the machine's clock is put back.
_M002: Final = """
ALTER TABLE queue ADD COLUMN throttled_until INTEGER NOT NULL DEFAULT 0;;
ALTER TABLE queue ADD COLUMN halted_attempt INTEGER
"""

_M003: Final = """
CREATE INDEX outbox_of_kind ON outbox (kind, id) WHERE status = 'pending'
"""

# orders.charge: Tango's amountCharged as one JSON object of exact decimals, because it is only ever read whole.
# orders.address_disputed_at: when the recipient said that a posted reward went to an address that is not theirs.
# catalog.fee: in the account's currency, or with "%" a share of the face value.
_M005: Final = """
ALTER TABLE orders ADD COLUMN charge TEXT CHECK (charge IS NULL OR json_valid(charge));;
ALTER TABLE orders ADD COLUMN address_disputed_at INTEGER;;
ALTER TABLE catalog ADD COLUMN fee TEXT
"""

# requests.requester_email: two accounts with one address are one person, who decides nothing about their own request.
# recipients.has_namesake: another member has the same name, or one that looks like it; NULL until that was looked up.
# audit_refused: a refused attempt is noted once per person, request and hour.
_M006: Final = """
ALTER TABLE requests ADD COLUMN requester_email TEXT NOT NULL DEFAULT '';;
ALTER TABLE recipients ADD COLUMN has_namesake INTEGER CHECK (has_namesake IN (0, 1));;
CREATE INDEX audit_refused ON audit (actor, request_id, at) WHERE event = 'attempt.refused'
"""

# In microseconds: an accepted order lowers it by less than a millisecond. 5 ms: the least margin (bot/worker/pace.py).
_M008: Final = """
ALTER TABLE queue ADD COLUMN margin_us INTEGER NOT NULL DEFAULT 5000 CHECK (margin_us BETWEEN 0 AND 1000000)
"""

#: The steps, in the order in which they are applied: the name by which a database knows that it has the step, and its
#: statements, which are separated by `;;`, because a trigger has single semicolons in it.
STEPS: Final[Mapping[str, str]] = {
    # The tables: requests, their orders, attempts and resends, the queue, the outbox, audit log and catalog.
    "m001_requests_orders_outbox_audit": _M001,
    # A wait that Tango asked for, apart from the pace, and the newest attempt before a halt.
    "m002_queue_remembers_what_held_it_up": _M002,
    # A worker finds its few kinds of notices however many others wait.
    "m003_outbox_of_kind": _M003,
    # Each request and each recipient's order has an unguessable reference; the cards that wait are rewritten.
    "m004_references": M004,
    # What Tango charged for an order, the fees that the catalog names, and whose address is said to be wrong.
    "m005_charges": _M005,
    # Whose request it is by email address too, whether a recipient has a namesake, and refused attempts.
    "m006_people": _M006,
    # Requests expire; what stands against them now, and traces of a resend's other address.
    "m007_what_changed_since": M007,
    # The margin of the pace, which a restart must not forget.
    "m008_pace_learns": _M008,
    # What a halt is about, whose order began it, and what was told of it.
    "m009_halts": M009,
    # Readers and requesters take turns in the outbox; when a reward was last given.
    "m010_turns": M010,
    # The questions to Tango what became of an order.
    "m011_inquiries": M011,
    # When somebody had a request's card posted once more, and cards that Slack refused.
    "m013_card_again": M013,
    # When the machine's clock was last believed; until the first look, the last event tells it.
    "m014_clock": M014,
    # Which bot is on duty, and in which term.
    "m015_duty": M015,
    # Fewer indexes to write in the commits that a person waits for.
    "m016_fewer_pages": M016,
    # Who has the Home tab open, so that it is rewritten.
    "m017_homes": M017,
    "m018_places": M018,
    "m019_pictures": M019,
    # The message that a request is about; where each approver has the card.
    "m020_cards": M020,
    "m021_donations": M021,
    # A recipient is written to one page instead of four.
    "m022_recipients": M022,
    # Where the app is alone with somebody, so that a restart doesn't forget it.
    "m023_conversations": M023,
    # What requests reserve of budgets.
    "m024_budgets": M024,
    # How a request is approved, frozen when it is filed, and the first of two approvers.
    "m025_policy": M025,
    # Approved orders are held, and can be undone meanwhile.
    "m026_hold": M026,
    # What is asked for again, and what an approver should know of a recipient.
    "m027_asking": M027,
    # Who was reminded or asked, and who is away.
    "m028_reminders": M028,
    # A search by recipient counts by status without reading orders.
    "m029_counts": M029,
    # Requests in which each recipient has an own amount and message.
    "m033_batches": M033,
    # An order by hand is sent before those of a batch.
    "m034_priority": M034,
    # What workflows ask for, and that nobody asked for a request by hand.
    "m035_workflows": M035,
    # Orders that are held until a civil time.
    "m036_schedules": M036,
    # The occasion of a request.
    "m037_occasions": M037,
    # Who got what, for finance.
    "m038_gift_log": M038,
    # Each row of the audit log is chained to the row before.
    "m039_audit_chain": M039,
    # Who has which role, since when; what the account at Tango holds.
    "m040_access": M040,
    # Emails that did not arrive, their templates, and the periods that were held against Tango's list.
    "m041_email_statuses": M041,
    # The orders of approvals that can be undone are found apart from those that wait for a date.
    "m042_undo": M042,
}

#: The steps, as sqlite-utils applies them to a file.
MIGRATIONS: Final = Migrations("kudos")


def known_migrations() -> set[str]:
    """Return the names of the steps of this version."""
    return set(STEPS)


def statements_of(step: str) -> list[str]:
    """Return the statements of a step."""
    return STEPS[step].split(";;")


def _register(step: str) -> None:
    @MIGRATIONS(name=step)
    def run(db: sqlite_utils.Database) -> None:
        for statement in statements_of(step):
            db.execute(statement)


for _step in STEPS:
    _register(_step)
