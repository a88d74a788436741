"""The database is bound to its account at Tango: what was sent there must not be sent again elsewhere."""

from pathlib import Path

from bot.clock import Clock
from bot.domain.audit import AuditEvent
from bot.domain.tango_account import TangoAccount
from bot.errors import ConfigurationError
from bot.usecases.audit import begin_chain
from storage import Storage


def open_bound(where: Path | str, wanted: TangoAccount, clock: Clock, *, adopt: bool = False) -> Storage:
    """Open the database for the one bot. Bind it if it is not bound yet; refuse an account that it does not belong to.

    An order that was answered with an error may have been made. The same reference makes that safe, but only where
    Tango knows the reference.

    Args:
        where: the path of the file, or the address of PostgreSQL.
        wanted: the account that the settings name.
        clock: tells the time.
        adopt: whether to bind the database to another account, because the operator wants that.

    Raises:
        StorageError: the database can't serve.
        ConfigurationError: the database belongs to another account, or can't change it yet.
    """
    storage = Storage.open_for_run(where)
    try:
        _bind(storage, wanted, clock, adopt=adopt)
        begin_chain(storage, clock.now())
    except BaseException:
        storage.close()
        raise
    return storage


def check_bound(storage: Storage, wanted: TangoAccount) -> None:
    """Refuse a database that another bot has bound to another account since this one began.

    Raises:
        ConfigurationError: the database belongs to another account.
    """
    bound = storage.tango_account.get()
    if bound is not None and bound != wanted:
        raise ConfigurationError([mismatch_text(bound, wanted)])


def _bind(storage: Storage, wanted: TangoAccount, clock: Clock, *, adopt: bool) -> None:
    with storage.transaction():
        bound = storage.tango_account.get()
        if bound == wanted:
            return
        if bound is not None:
            if not adopt:
                raise ConfigurationError([mismatch_text(bound, wanted)])
            _check_nothing_is_open(storage, bound)
            storage.audit.add(
                AuditEvent.TANGO_ACCOUNT_ADOPTED,
                now=clock.now(),
                host=wanted.host,
                customer=wanted.customer,
                account=wanted.account,
            )
            storage.queue.end_term()  # the bot on duty would go on with the other account
        storage.tango_account.set(wanted)


def mismatch_text(bound: TangoAccount, wanted: TangoAccount) -> str:
    """Say whose orders the database holds, and what to do where the settings name another account."""
    other = "an account of another platform" if str(bound) == str(wanted) else str(wanted)
    return (
        f"tango: This database has the orders of {bound}, but the settings name {other}. "
        "An order that waits could be paid twice, once at each. Put the settings back, or name another database. "
        "To use this database with the other account, type `kudos run --adopt` once nothing waits."
    )


def _check_nothing_is_open(storage: Storage, bound: TangoAccount) -> None:
    size = storage.backlog.size()
    orders = sum(size.orders.values()) + size.held
    requests = storage.requests.count_pending()
    if orders or requests:
        fault = (
            f"--adopt: Not yet. Some orders wait or need attention ({orders:,}), or requests wait for approval "
            f"({requests:,}). Start with the settings of {bound} and let them end. `kudos queue list` shows the "
            "orders, and approvers decide the requests."
        )
        raise ConfigurationError([fault])
