"""The words for what is wrong with a setting: its name, what it is, and what would be right."""

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final

#: Beside app.yaml, NAME=value a line, for who sets no environment. What the environment has goes before it.
SECRETS_FILE: Final = "secrets.env"

SECRETS: Final = (
    "SLACK_BOT_TOKEN",
    "SLACK_SIGNING_SECRET",
    "SLACK_APP_TOKEN",
    "TANGO_PLATFORM_NAME",
    "TANGO_PLATFORM_KEY",
)

#: The setting whose value may have a password in it. In the environment alone: others read app.yaml as well.
URL: Final = "storage.url"

#: Slack's tokens begin like this; an @ is in email addresses, and in URLs with a password. An address of PostgreSQL may
#: have one without.
_PRIVATE: Final = re.compile(r"xox[a-z]-|xapp-|@|postgres(ql)?:/")

#: What is wrong with a value, by pydantic's kind of fault (pydantic docs, Validation Errors).
_SAYS: Final[Mapping[str, str]] = {
    "finite_number": "This isn't a number.",
    "float_parsing": "This isn't a number.",
    "float_type": "This isn't a number.",
    "frozen_set_type": 'This isn\'t a list. Write one, such as ["U0ALEX001"].',
    "greater_than": "This is too small. Use more than {gt:g}.",
    "greater_than_equal": "This is too small. Use {ge:g} or more.",
    "int_from_float": "This isn't a whole number.",
    "int_parsing": "This isn't a whole number.",
    "int_parsing_size": "This is too large.",
    "int_type": "This isn't a whole number.",
    "less_than_equal": "This is too large. Use {le:g} or less.",
    "bool_parsing": "This is neither true nor false.",
    "bool_type": "This is neither true nor false.",
    "model_type": "This isn't a section. Put its settings below it, each on a line of its own.",
    "path_type": "This isn't the path of a file.",
    "string_too_long": "This is too long. Use at most {max_length} characters.",
    "string_type": "This isn't text. Put it in quotes.",
    "too_short": "This is empty. Name at least one.",
    "tuple_type": "This isn't a list. Write one, such as [24, 72].",
}

#: How alike a name must be to be asked about: `prot` and `port` are (0.75), `KUDOS_COLOUR` and `KUDOS_SLACK__PORT` not.
_ALIKE: Final = 0.7

#: Said of a kind of fault that has no words of its own.
_UNUSABLE: Final = "This can't be used here."

#: Characters of a wrong value that are repeated: enough to find it by.
_MOST_SHOWN: Final = 60

#: What pydantic adds to the place of a fault: the branch of a choice, the position in a list.
_NO_NAME: Final = re.compile(r"(literal|frozenset|function).*|\d+")


def meant(name: str, known: Iterable[str]) -> str:
    """Return a question for the known name that is most like this one, with a space before it; empty if none is."""
    names = {one.lower(): one for one in known}
    found = get_close_matches(name.lower(), names, n=1, cutoff=_ALIKE)
    return f" Did you mean {names[found[0]]}?" if found else ""


def worded(faults: Iterable[Mapping[str, Any]], names: Mapping[str, Iterable[str]]) -> list[str]:
    """Word faults as pydantic gives them, each once. Never repeat a value that may be a secret.

    Args:
        faults: as pydantic gives them.
        names: the settings that there are, by section.
    """
    # Of "all, or a list" pydantic tells what is wrong with both. What is not "all" is a list here.
    meant_so = [fault for fault in faults if fault["loc"][1:] != ("literal['all']",)]
    return list(dict.fromkeys(_worded(fault, names) for fault in meant_so))


def _worded(fault: Mapping[str, Any], names: Mapping[str, Iterable[str]]) -> str:
    place, within = _place_of(fault["loc"])
    name = ".".join(place) + within
    if name in SECRETS:
        if fault["type"] == "value_error":
            return f"{name}: {fault['ctx']['error']}"
        return f"{name}: This is missing. Set it in {SECRETS_FILE} or in the environment."
    variable = f"KUDOS_{'__'.join(place).upper()}"
    if fault["type"] == "missing":
        return f"{name}: This is missing. Set it in app.yaml, or as {variable}."
    if fault["type"] == "extra_forbidden":
        where = ".".join(place) if within else place[0]
        known = names.get(where, ())
        like = meant(str(fault["loc"][-1]), known)
        return f"{name}: There's no such setting.{like or f' {where} has {listed(known)}.'}"
    if name in names and fault["type"] == "value_error":  # about a section, or a list of entries: it is not repeated
        return f"{name}: {fault['ctx']['error']}"
    if fault["input"] is None:
        return f"{name}: There's no value here. Write one, or remove the line."
    if fault["type"] == "too_short":  # that it is empty says it all
        return f"{name}: {_said(fault)}"
    source = variable if variable in os.environ else "It"
    return f"{name}: {_said(fault)} {_value_text(source, name, fault['input'])}"


def _place_of(loc: Sequence[str | int]) -> tuple[list[str], str]:
    """Return the names that lead to a setting, and the place of the fault within it where it is a list of entries.

    The second entry's amount is `[2].amount`.
    """
    names = [str(part) for part in loc if not _NO_NAME.fullmatch(str(part))]
    entries = [place for place, part in enumerate(loc[:-1]) if isinstance(part, int) and loc[place + 1] in names]
    if not entries:
        return names, ""
    within = [str(part) for part in loc[entries[0] + 1 :] if str(part) in names]
    return names[: -len(within)], f"[{int(loc[entries[0]]) + 1}].{'.'.join(within)}"


def _said(fault: Mapping[str, Any]) -> str:
    """Say what is wrong with a value, and what would be right."""
    if fault["type"] == "value_error":
        return str(fault["ctx"]["error"])
    if fault["type"] in ("literal_error", "enum"):
        choices = re.findall(r"'([^']+)'", fault["ctx"]["expected"])
        return f"This isn't a choice.{meant(str(fault['input']), choices)} Use {' or '.join(choices)}."
    return _SAYS.get(fault["type"], _UNUSABLE).format(**fault.get("ctx", {}))


def _value_text(source: str, name: str, value: object) -> str:
    """Repeat the wrong value, but none that looks like a token, an address with a name in it, or one of our secrets.

    Whole sections, which may have anything in them, are not repeated either.
    """
    text = repr(value)
    ours = (os.environ.get(secret, "").strip() for secret in SECRETS)
    if name == URL or isinstance(value, dict) or _PRIVATE.search(text) or any(one in text for one in ours if one):
        return f"{source} may be private, so it isn't shown."
    return f"{source} says {text if len(text) <= _MOST_SHOWN else f'{text[:_MOST_SHOWN]}…'}."


def listed(names: Iterable[str]) -> str:
    """Join names as a sentence lists them."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
