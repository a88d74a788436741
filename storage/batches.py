"""Batches that were checked: kept until they are asked for, or for a day."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from bot.domain.batch import Batch
from bot.domain.money import Money
from bot.domain.request import NewRequest, Recipient
from storage.database import Database, Row, from_ms_or_none, to_json, to_ms
from storage.details import details_from_json, details_to_json
from storage.occasions import columns_of, occasion_of

_ADD: Final = """
INSERT INTO batches (reference, requester_id, digest, asks_for, checked_at)
VALUES (:reference, :requester_id, :digest, :asks_for, :now)
"""
_REPLACE: Final = """
UPDATE batches SET asks_for = :asks_for, checked_at = :now WHERE reference = :reference AND request_id IS NULL
"""
_BY_REFERENCE: Final = "SELECT * FROM batches WHERE reference = :reference"
_LATEST: Final = """
SELECT * FROM batches INDEXED BY batches_checked
WHERE requester_id = :requester_id AND checked_at > :since AND digest = :digest ORDER BY checked_at DESC LIMIT 1
"""
# Compare-and-set: of two who press at once, one asks. What was asked for is in the request from now on.
_MARK_ASKED: Final = """
UPDATE batches SET request_id = :request_id, asks_for = '{}' WHERE reference = :reference AND request_id IS NULL
"""
# What waits in a restored file may have been asked for, and sent, by the bot that went on: as of a request.
_KEEP_DOUBT: Final = """
UPDATE requests SET in_doubt_since = (SELECT in_doubt_since FROM batches WHERE reference = :reference)
WHERE id = :request_id
"""
_FORGET: Final = """
DELETE FROM batches INDEXED BY batches_unasked WHERE request_id IS NULL AND checked_at < :before
"""


class BatchStore:
    """The table of batches."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, batch: Batch, now: datetime) -> None:
        """Store a batch that was checked."""
        params = {
            "reference": batch.reference,
            "requester_id": batch.new.requester_id,
            "digest": batch.digest,
            "asks_for": _to_json(batch),
            "now": to_ms(now),
        }
        self._db.execute(_ADD, params)

    def replace(self, batch: Batch, now: datetime) -> None:
        """Store what a batch asks for after another check, unless it was asked for meanwhile."""
        params = {"reference": batch.reference, "asks_for": _to_json(batch), "now": to_ms(now)}
        self._db.execute(_REPLACE, params)

    def by_reference(self, reference: str) -> Batch | None:
        """Return the batch whose button carries this reference, or None."""
        row = self._db.one(_BY_REFERENCE, {"reference": reference})
        return _batch(row) if row else None

    def latest(self, requester_id: str, digest: str, since: datetime) -> Batch | None:
        """Return the last batch of the same list that was checked for this person since then (UTC), or None."""
        params = {"requester_id": requester_id, "digest": digest, "since": to_ms(since)}
        row = self._db.one(_LATEST, params)
        return _batch(row) if row else None

    def mark_asked(self, batch: Batch, request_id: int) -> bool:
        """Record which request was made of a batch, and empty it; return whether this call did."""
        params = {"reference": batch.reference, "request_id": request_id}
        if batch.in_doubt_since is not None:
            self._db.execute(_KEEP_DOUBT, params)
        return self._db.execute(_MARK_ASKED, params) == 1

    def forget(self, before: datetime) -> int:
        """Remove what was checked before then (UTC) and never asked for; return how many."""
        return self._db.execute(_FORGET, {"before": to_ms(before)})


def _batch(row: Row) -> Batch:
    said: Mapping[str, Any] = json.loads(row["asks_for"])
    return Batch(
        reference=row["reference"],
        digest=row["digest"],
        new=_new_of(said, row["reference"], row["requester_id"]),
        request_id=row["request_id"],
        is_guessed=said.get("is_guessed", False),
        in_doubt_since=from_ms_or_none(row["in_doubt_since"]),
    )


def _to_json(batch: Batch) -> str:
    new = batch.new
    return to_json(
        {
            "requester_name": new.requester_name,
            "requester_email": new.requester_email,
            "utid": new.utid,
            "reward_name": new.reward_name,
            "minor": new.amount.minor,
            "currency": new.amount.currency,
            "details": details_to_json(new.details),
            **columns_of(new.occasion),
            "is_guessed": batch.is_guessed,
            "recipients": [
                {
                    "user_id": one.user_id,
                    "first_name": one.first_name,
                    "last_name": one.last_name,
                    "email": one.email,
                    "zone": one.zone,
                    "external_ref_id": one.external_ref_id,
                    "minor": new.amount_for(one).minor,
                    "message": new.message_for(one),
                }
                for one in new.recipients
            ],
        }
    )


def _new_of(said: Mapping[str, Any], reference: str, requester_id: str) -> NewRequest:
    """Return the request that a batch asks for; one without recipients where it was asked for."""
    currency = said.get("currency", "")
    return NewRequest(
        requester_id=requester_id,
        requester_name=said.get("requester_name", ""),
        requester_email=said.get("requester_email", ""),
        recipients=tuple(_recipient(one, currency) for one in said.get("recipients", ())),
        utid=said.get("utid", ""),
        reward_name=said.get("reward_name", ""),
        amount=Money(said.get("minor", 0), currency),
        message="",
        details=details_from_json(said.get("details", "{}")),
        occasion=occasion_of(said),
        submission_id=reference,
        reference=reference,
        is_batch=True,
    )


def _recipient(said: Mapping[str, Any], currency: str) -> Recipient:
    return Recipient(
        user_id=said["user_id"],
        first_name=said["first_name"],
        last_name=said["last_name"],
        email=said["email"],
        zone=said["zone"],
        external_ref_id=said["external_ref_id"],
        amount=Money(said["minor"], currency),
        message=said["message"],
    )
