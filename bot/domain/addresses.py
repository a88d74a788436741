"""Email addresses: which are one person's, and how much of one may be shown."""


def folded(address: str) -> str:
    """Return what all spellings of an address have in common: case and plus-tags don't make another mailbox."""
    mailbox, _, domain = address.strip().casefold().rpartition("@")
    return f"{mailbox.partition('+')[0]}@{domain}"


def is_same_address(one: str | None, other: str | None) -> bool:
    """Return whether two email addresses reach one person: case and plus-tags don't count. None and "" reach nobody."""
    return bool(one and other) and folded(one or "") == folded(other or "")


def domain_of(address: str) -> str:
    """Return the part behind the @, in small letters."""
    return address.strip().casefold().rpartition("@")[2]


def masked(address: str) -> str:
    """Return so much of an address that its owner alone knows it: `r…@acme.example`."""
    mailbox, _, domain = address.rpartition("@")
    return f"{mailbox[:1]}…@{domain}"
