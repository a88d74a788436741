"""A request as a test asks for it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as somebody typed it in; its message tells it apart."""

    requester: str
    recipients: tuple[str, ...]
    amount: int
    message: str
