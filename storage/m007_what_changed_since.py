"""The step m007: requests expire; what stands against them now, and traces of a resend's other address."""

from typing import Final

# requests.waits_since: since when the time of a pending request runs. A new request's runs from its start. Of a request
# that is pending at the upgrade it is not known yet (NULL): the bot's next look sets it, so that its time runs from
# the upgrade. requests.obstacles: what stands against a request now, as ids and codes (bot/domain/review.py).
# orders.reviewed_at: when an order that has waited for long was last found right. resends.masked_email: so much of
# another address as its owner needs to know it. address_salt: with it addresses are hashed for the audit log, so that
# hashes of two installations can't be compared, nor with a list that was made before.
M007: Final = """
ALTER TABLE requests ADD COLUMN waits_since INTEGER;;
ALTER TABLE requests ADD COLUMN obstacles TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(obstacles));;
ALTER TABLE orders ADD COLUMN reviewed_at INTEGER;;
ALTER TABLE resends ADD COLUMN masked_email TEXT;;
CREATE TABLE address_salt (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    salt TEXT NOT NULL CHECK (length(salt) = 64)
) STRICT;;
INSERT INTO address_salt (id, salt) VALUES (1, lower(hex(randomblob(32))))
"""
