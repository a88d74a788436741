"""The step m022: recipients in one tree instead of four."""

from typing import Final

# A row was written to the table, to the trees of its two keys, and to an index of references: four pages of 4 KB in the
# commit of a submit. By its key alone a request's rows are found, and nobody is in a request twice. A reference is 128
# random bits, and orders are never stored twice under one (orders.external_ref_id is unique).
M022: Final = """
ALTER TABLE recipients RENAME TO recipients_before;;
CREATE TABLE recipients (
    request_id      INTEGER NOT NULL REFERENCES requests (id),
    position        INTEGER NOT NULL,
    user_id         TEXT    NOT NULL,
    first_name      TEXT    NOT NULL,
    last_name       TEXT    NOT NULL,
    email           TEXT    NOT NULL,
    zone            TEXT    NOT NULL,
    external_ref_id TEXT    CHECK (length(external_ref_id) BETWEEN 1 AND 100),
    has_namesake    INTEGER CHECK (has_namesake IN (0, 1)),
    PRIMARY KEY (request_id, user_id)
) STRICT, WITHOUT ROWID;;
INSERT INTO recipients (
    request_id, position, user_id, first_name, last_name, email, zone, external_ref_id, has_namesake
)
SELECT request_id, position, user_id, first_name, last_name, email, zone, external_ref_id, has_namesake
FROM recipients_before;;
DROP TABLE recipients_before;;
CREATE TRIGGER recipients_reference_is_frozen BEFORE UPDATE OF external_ref_id ON recipients
BEGIN SELECT RAISE(ABORT, 'a reference is never changed'); END
"""
