"""What is kept of a resend, by what Tango answered."""

from datetime import datetime, timedelta
from typing import assert_never

from bot.domain.resend import RESEND_COOLDOWN, Resend, ResendMove
from bot.tango.outcomes import Reason, ResendAmbiguous, ResendOutcome, ResendRefused, ResendThrottled, Resent


def resend_record(
    resend: Resend, outcome: ResendOutcome, now: datetime
) -> tuple[ResendMove, datetime | None, str | None, str | None]:
    """Return what is kept of a resend: its move, the new start of the cooldown (None: as it is), key and detail."""
    match outcome:
        case Resent():
            return ResendMove.CONFIRM, None, None, None
        case ResendThrottled(seconds_left=left, last_sent_at=last_sent_at):
            # Tango knows of a later send than Kudos, such as one from Tango's portal, and so its cooldown counts. The
            # rest is taken over and not the time of the send, because the two clocks may differ.
            clock = last_sent_at if left is None else now + timedelta(seconds=left) - RESEND_COOLDOWN
            return ResendMove.REFUSE, clock, "403.005", None
        case ResendRefused(i18n_key=key, message=message):
            return ResendMove.REFUSE, resend.previous_sent_at, key, message or None
        case ResendAmbiguous(reason=Reason.NOT_CONNECTED | Reason.TOO_MANY as reason):
            return ResendMove.REFUSE, resend.previous_sent_at, None, reason
        case ResendAmbiguous(reason=reason):
            return ResendMove.LOSE, None, None, reason
        case _:
            assert_never(outcome)
