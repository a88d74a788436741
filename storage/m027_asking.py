"""The step m027: which request is asked for again, since when a recipient is asked for, and who reads the channel.

All of it is ids, times and yes or no.
"""

from typing import Final

# requests.repeats: the id of the request that this one asks for again; SQLite would look through all requests at each
# INSERT if it checked that, and no request is ever removed. recipients.requested_at: the request's created_at, beside
# the person, so that one look at an index finds what else was asked for the same person within a day.
# recipients.in_channel: whether the recipient is in the channel of the card; NULL until that was looked up.
M027: Final = """
ALTER TABLE requests ADD COLUMN repeats INTEGER;;
ALTER TABLE recipients ADD COLUMN requested_at INTEGER;;
ALTER TABLE recipients ADD COLUMN in_channel INTEGER CHECK (in_channel IN (0, 1));;
UPDATE recipients SET requested_at = (SELECT created_at FROM requests WHERE requests.id = recipients.request_id);;
CREATE INDEX recipients_by_time ON recipients (user_id, requested_at)
"""
