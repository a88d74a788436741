"""Every exception the bot raises on purpose.

::

    KudosError
    ├── ConfigurationError        settings that can't work; lists every fault
    ├── StorageError              the database file, with what to do about it
    │   ├── DatabaseUnreadable
    │   ├── DatabaseTooNew
    │   ├── DatabaseInUse
    │   ├── DatabaseClosed
    │   ├── DatabaseUnavailable
    │   └── DatabaseUnwritable
    ├── TangoError                a read that Tango did not answer
    │   ├── TangoRefused
    │   └── TangoUnavailable
    └── Refusal                   turns a person down; worded in handlers/views/messages.py
        ├── NotAllowed
        ├── NotFound
        ├── StaleReference
        ├── AlreadyAsked
        ├── AlreadyDecided
        ├── SeveralOrders
        ├── WrongState
        ├── PastIdempotency
        ├── MadeElsewhere
        ├── QueuePaused
        ├── ChangedSince
        ├── RewardNotReady
        ├── NoRewards
        ├── SlackUnavailable
        │   └── GroupUnknown
        ├── InvalidAmount
        ├── InvalidForm
        ├── SearchNotUnderstood
        ├── ResendTooSoon
        ├── AlreadyReaddressed
        ├── TooManyResends
        ├── DeliveredTooSoon
        └── NotMailed

A refusal carries facts as attributes and no sentence: sentences are where the other words on the screen are.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.faults import Fault, FaultCode, SearchFault
from bot.rules import Rule as Rule  # noqa: PLC0414 (mypy reads that it is exported)
from bot.rules import Wish as Wish  # noqa: PLC0414 (the same)


class KudosError(Exception):
    """The root of every exception that the bot raises on purpose."""


class ConfigurationError(KudosError):
    """The settings can't work. `faults` names every one of them, with what would be right."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(f"  - {fault}" for fault in faults))


# ----------------------------------------------------------------------------------------- storage


class StorageError(KudosError):
    """The database cannot serve; the text says what to do."""


class DatabaseUnreadable(StorageError):
    """The file is no database, is damaged, or may not be read."""


class DatabaseTooNew(StorageError):
    """The file was written by a newer version of the bot."""


class DatabaseInUse(StorageError):
    """Another bot or command works on this database, or another bot has taken the duty from this one."""


class DatabaseClosed(StorageError):
    """The bot has stopped meanwhile; an attempt under way is rescued at the next start."""


class DatabaseUnavailable(StorageError):
    """PostgreSQL can't be reached, or doesn't answer in time."""


class DatabaseUnwritable(StorageError):
    """The file cannot be written: the disk is full, or the file is read-only."""


# ------------------------------------------------------------------------------------------- Tango


class TangoError(KudosError):
    """Tango did not answer a read."""


class TangoRefused(TangoError):
    """Tango answered with a 4xx: asking again the same way will not help.

    Attributes:
        status: the HTTP status.
        i18n_key: Tango's key for the reason, where it gave one.
        message: Tango's text. For the operator, never matched on.
        request_id: Tango's `X-REQUEST-ID`, which its support asks for.
        field: the field that Tango found wrong, where it named one.
    """

    def __init__(
        self,
        *,
        status: int,
        i18n_key: str | None = None,
        message: str = "",
        request_id: str | None = None,
        field: str | None = None,
    ) -> None:
        self.status = status
        self.i18n_key = i18n_key
        self.message = message
        self.request_id = request_id
        self.field = field
        super().__init__(f"Tango answered {status} {i18n_key or ''} (request {request_id or 'unknown'})")


class TangoUnavailable(TangoError):
    """Tango could not be reached, or did not answer in a readable way.

    Attributes:
        reason: a few words, such as "timeout" or "server error".
        status: the HTTP status, where there was one.
        request_id: Tango's `X-REQUEST-ID`, where there was one.
    """

    def __init__(self, *, reason: str, status: int | None = None, request_id: str | None = None) -> None:
        self.reason = reason
        self.status = status
        self.request_id = request_id
        super().__init__(f"Tango is unavailable: {reason} (request {request_id or 'unknown'})")


# ---------------------------------------------------------------------------------------- refusals


class Refusal(KudosError):
    """A request of a person that is turned down."""


class NotAllowed(Refusal):
    """The person may not do this, whatever the state.

    Attributes:
        rule: that they met.
        request_id: the request that it was about, if any.
        order_id: the order that it was about, if any.
        who_may: the Slack ids of those who may instead, in the order in which they are named.
        waits: the request that it was about waits for them.
    """

    def __init__(
        self,
        rule: Rule,
        *,
        request_id: int | None = None,
        order_id: int | None = None,
        who_may: Sequence[str] = (),
        waits: bool = False,
    ) -> None:
        self.rule = rule
        self.request_id = request_id
        self.order_id = order_id
        self.who_may = tuple(who_may)
        self.waits = waits
        super().__init__(rule.value)


class NotFound(Refusal):
    """No request or order of that name that this person may see.

    An order that a person may not see looks exactly like one that does not exist.

    Attributes:
        reference: the word that was asked for.
        request_id, order_id: what the person may not see, for the audit log alone; None where there is none.
    """

    def __init__(self, reference: str, *, request_id: int | None = None, order_id: int | None = None) -> None:
        self.reference = reference
        self.request_id = request_id
        self.order_id = order_id
        super().__init__("not found")


class StaleReference(Refusal):
    """A button or a form names a request or an order that this file does not have, or not for this person.

    It was posted before a restore or for another file, or before buttons carried references; or somebody made it.
    `order_id`: the order that the person may not see, for the audit log alone; None where there is none.
    """

    def __init__(self, *, order_id: int | None = None) -> None:
        self.order_id = order_id
        super().__init__("stale reference")


class AlreadyAsked(Refusal):
    """The form has made a request already, and its content has changed since: the answer to the first submit was lost.

    Attributes:
        number: of the request.
        amount: what each recipient gets, worded with its currency.
        names: the recipients'.
    """

    def __init__(self, *, number: str, amount: str, names: Sequence[str]) -> None:
        self.number = number
        self.amount = amount
        self.names = tuple(names)
        super().__init__(number)


class AlreadyDecided(Refusal):
    """The request was decided before: it has left `pending_approval`.

    Attributes:
        status: what it became.
        by: the Slack id of who decided; None where it expired.
        at: when, in UTC.
    """

    def __init__(self, *, status: str, by: str | None, at: datetime) -> None:
        self.status = status
        self.by = by
        self.at = at
        super().__init__(status)


class SeveralOrders(Refusal):
    """A number is that of a request, which has several orders. `orders`: their numbers."""

    def __init__(self, number: str, orders: Sequence[str]) -> None:
        self.number = number
        self.orders = tuple(orders)
        super().__init__(number)


class WrongState(Refusal):
    """The order's state does not allow this move. `number`: the order's."""

    def __init__(self, *, number: str, status: str, move: Wish) -> None:
        self.number = number
        self.status = status
        self.move = move
        super().__init__(f"{move} from {status}")


class PastIdempotency(Refusal):
    """Tango no longer promises that sending this order again is safe. `number`: the order's."""

    def __init__(self, number: str) -> None:
        self.number = number
        super().__init__(number)


class MadeElsewhere(Refusal):
    """Tango made this order on another account or under another reference. `number`: the order's."""

    def __init__(self, number: str) -> None:
        self.number = number
        super().__init__(number)


class QueuePaused(Refusal):
    """The operator has paused the queue, and alone resumes it."""


class ChangedSince(Refusal):
    """Something stands against the request now that did not when it was made.

    Attributes:
        obstacles: the code of each (bot/domain/review.py), with the name of the person or reward that it is about.
    """

    def __init__(self, obstacles: Sequence[tuple[str, str]]) -> None:
        self.obstacles = tuple(obstacles)
        super().__init__(", ".join(code for code, _ in obstacles))


class RewardNotReady(Refusal):
    """Tango has accepted the order and has not made the reward yet. `number`: the order's."""

    def __init__(self, number: str) -> None:
        self.number = number
        super().__init__(number)


class NoRewards(Refusal):
    """The catalog is empty: Tango has not been reached yet, or has none of the rewards that the settings offer."""


class SlackUnavailable(Refusal):
    """Slack did not answer who the people are. Nothing was changed."""


class GroupUnknown(SlackUnavailable):
    """Slack has not told who is in a user group by which requesters are told apart, or says that it is gone."""


class InvalidAmount(Refusal):
    """A typed amount that cannot be paid.

    Attributes:
        fault: why.
        text: what was typed.
        currency: the reward's currency (ISO 4217).
        bound: the minimum, maximum or fixed value that it misses, worded with its currency.
    """

    def __init__(self, fault: FaultCode, *, text: str, currency: str, bound: str | None = None) -> None:
        self.fault = fault
        self.text = text
        self.currency = currency
        self.bound = bound
        super().__init__(fault.value)


class InvalidForm(Refusal):
    """The form has faults. `faults` has those of each wrong field: of the field for people, one for each person."""

    def __init__(self, faults: Mapping[str, Fault | Sequence[Fault]]) -> None:
        self.faults = {name: (found,) if isinstance(found, Fault) else tuple(found) for name, found in faults.items()}
        super().__init__(", ".join(f"{name}: {fault.code}" for name, found in self.faults.items() for fault in found))


class SearchNotUnderstood(Refusal):
    """A search that has no meaning, or more than one.

    Attributes:
        fault: why.
        word: the word in question.
        known: the words that would be understood there, where there is a list of them.
    """

    def __init__(self, fault: SearchFault, word: str, *, known: Sequence[str] = ()) -> None:
        self.fault = fault
        self.word = word
        self.known = tuple(known)
        super().__init__(fault.value)


class ResendTooSoon(Refusal):
    """The cooldown of the order of this number has not passed. `again_at`: when it will have, UTC."""

    def __init__(self, *, number: str, again_at: datetime) -> None:
        self.number = number
        self.again_at = again_at
        super().__init__(number)


class AlreadyReaddressed(Refusal):
    """The order's email went to another address less than a day ago. `again_at`: when it can once more, UTC."""

    def __init__(self, *, number: str, again_at: datetime) -> None:
        self.number = number
        self.again_at = again_at
        super().__init__(number)


class TooManyResends(Refusal):
    """One person had `most` emails sent again within an hour, as many as one may. `again_at`: UTC."""

    def __init__(self, *, most: int, again_at: datetime) -> None:
        self.most = most
        self.again_at = again_at
        super().__init__("too many within the hour")


class DeliveredTooSoon(Refusal):
    """The order's reward was given by message, or asked for, too lately. `again_at`: when it can be once more, UTC."""

    def __init__(self, *, number: str, again_at: datetime) -> None:
        self.number = number
        self.again_at = again_at
        super().__init__(number)


class NotMailed(Refusal):
    """Tango sent no email for this order, so there is none to send again."""
