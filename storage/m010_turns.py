"""The step m010_turns of storage/migrations.py: turns and cooldowns. Never edited once it is released."""

from typing import Final

# outbox.turn: notices are sent by it, and then by id. outbox.lane: within its audience, those of one lane keep their
# order, and lanes take turns: on the approvals channel, the requester's id. orders.given_at: when Kudos first gave
# a reward by message, or was last asked to. resends_by_person: how many one
# person has asked for within the hour.
M010: Final = """
ALTER TABLE outbox ADD COLUMN lane TEXT NOT NULL DEFAULT '';;
ALTER TABLE outbox ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;;
CREATE INDEX outbox_turns ON outbox (turn, id) WHERE status = 'pending';;
CREATE INDEX outbox_lanes ON outbox (audience, lane, turn) WHERE status IN ('pending', 'sending');;
DROP INDEX outbox_of_kind;;
CREATE INDEX outbox_of_kind ON outbox (kind, turn, id) WHERE status = 'pending';;
ALTER TABLE orders ADD COLUMN given_at INTEGER;;
UPDATE orders SET given_at = delivered_at WHERE delivered_at IS NOT NULL;;
CREATE INDEX resends_by_person ON resends (requested_by, requested_at)
"""
