"""`kudos reconcile`: holds Tango's list of orders against ours, and shows each difference. It repairs none."""

import time
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from functools import partial

from bot.clock import Clock
from bot.domain.days import start_of
from bot.domain.reconciliation import Difference, DifferenceKind, Reconciled
from bot.ops.console import time_text
from bot.settings import Settings
from bot.tango.client import TangoClient
from bot.usecases.form import Payer
from bot.usecases.reconciliation import Reconciliation
from handlers.views.alerts import difference_text
from storage import Storage


def reconcile(settings: Settings, since: date) -> tuple[bool, str]:
    """Compare the lists from the beginning of a day in the installation's zone until now.

    Return whether they are the same, and what was found, a line for each difference.

    Raises:
        TangoError: Tango doesn't give its list.
        StorageError: the database can't be used; the text says what to do.
    """
    tango = TangoClient(
        base_url=settings.tango.base_url,
        platform_name=settings.tango_platform_name,
        platform_key=settings.tango_platform_key,
        timeout=settings.tango.timeout,
    )
    try:
        with closing(Storage.visit(settings.storage.where)) as storage:
            reconciliation = Reconciliation(
                storage=storage,
                tango=tango,
                payer=Payer(customer=settings.tango.customer, account=settings.tango.account),
                rest=partial(time.sleep, 1 / settings.tango.orders_per_second),
            )
            found = reconciliation.compare(start_of(since, settings.timezone), Clock().now())
    finally:
        tango.close()
    return not found.differences, "\n".join(_told(found))


def _told(found: Reconciled) -> Iterator[str]:
    yield f"From {time_text(found.since)} to {time_text(found.until)}"
    yield f"Sent here: {found.ours:,}. In Tango's list: {found.listed:,}."
    for kind in DifferenceKind:
        of_kind = [one for one in found.differences if one.kind is kind]
        if of_kind:
            yield f"{difference_text(kind, len(of_kind))}:"
            yield from map(_line, of_kind)
    if found.unanswered:
        yield f"Not in the list, and Tango gave no clear answer: {found.unanswered:,}. Try again later."
    if not found.differences and not found.unanswered:
        yield "The two lists are the same. Nothing was changed."


def _line(difference: Difference) -> str:
    """Show an order by its numbers and amounts; nobody is named."""
    ours, listed = difference.ours, difference.listed
    here = f"here {ours.number}, {ours.amount}, {ours.external_ref_id}" if ours else "not here"
    if listed is None:
        return f"  {here}; not at Tango"
    amount = f"{listed.amount} {listed.currency}" if listed.amount is not None else "amount not said"
    return f"  {here}; at Tango {listed.number}, {amount}, {listed.status or 'status not said'}"
