"""What the account at Tango holds: for the metrics, and for the orders that it still covers when funds are short."""

import logging

from bot.domain.money import Money
from bot.errors import TangoError
from bot.metrics import Metrics
from bot.tango.client import TangoClient
from bot.tango.models import Account
from bot.usecases.balance import BalanceWatch
from storage import Storage

logger = logging.getLogger(__name__)


class Funds:
    """Asks Tango what the account holds.

    Args:
        storage: of the queue.
        tango: tells the balance.
        account: who pays.
        metrics: shows the balance.
        watch: hears the balance too, where the settings name an amount for an alert.
    """

    def __init__(
        self,
        *,
        storage: Storage,
        tango: TangoClient,
        account: str,
        metrics: Metrics,
        watch: BalanceWatch | None,
    ) -> None:
        self._storage = storage
        self._tango = tango
        self._account = account
        self._metrics = metrics
        self._watch = watch

    def measure(self) -> Account | None:
        """Ask for the balance, and show it; None where Tango did not say."""
        try:
            account = self._tango.get_account(self._account)
        except TangoError as error:
            logger.warning("The account's balance is not known: %s", error)
            self._metrics.set_balance(None)
            return None
        self._metrics.set_balance(account.current_balance, account.currency_code)
        if self._watch is not None:
            self._watch.hear(account.current_balance, account.currency_code)
        return account

    def learn_lack(self, refused: Money) -> None:
        """Ask for the balance after an order was refused for lack of funds, so that smaller ones are sent."""
        account = self.measure()
        if account is None or account.current_balance is None or account.currency_code is None:
            return
        try:
            held = Money.of(account.current_balance, account.currency_code)
        except ValueError:
            return  # finer than the currency: what was refused says enough
        lack = Money(held.minor + 1, held.currency)
        if refused.currency == lack.currency and refused.minor < lack.minor:
            lack = refused  # a fee, or a part of the balance that is reserved
        with self._storage.transaction():
            if self._storage.queue.state().lack is not None:
                self._storage.queue.set_lack(lack)
