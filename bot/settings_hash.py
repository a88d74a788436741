"""The hash of the settings, which each decision keeps: two decisions under the same settings have the same."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

#: Hexadecimal digits: 64 bits tell any two versions of a file apart, and people compare them by eye.
_DIGITS: Final = 16


def settings_hash(settings: Mapping[str, Any]) -> str:
    """Return the hash of settings, by their names. Of a secret it tells only whether there is one.

    It is the same wherever a setting is written, and in whatever order.
    """
    text = json.dumps(settings, sort_keys=True, default=_written)
    return sha256(text.encode()).hexdigest()[:_DIGITS]


def _written(value: object) -> object:
    if isinstance(value, frozenset):
        return sorted(map(str, value))
    return str(value)  # a secret is written as asterisks
