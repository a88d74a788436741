"""The account at Tango that a database belongs to: its references are unique, and its orders known, there alone."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TangoAccount:
    """An account at Tango.

    Attributes:
        host: of the API, without its port.
        platform: a fingerprint of the platform's name: credentials are in no file.
        customer: who pays.
        account: from which the customer pays.
    """

    host: str
    platform: str
    customer: str
    account: str

    def __str__(self) -> str:
        """Name the account for the operator."""
        return f"account {self.account} of customer {self.customer} at {self.host}"
