"""app.yaml as it is written, and which variables of the environment are meant for Kudos."""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import yaml
from pydantic import BaseModel, ValidationError

from bot.errors import ConfigurationError
from bot.settings_values import ENTRIES, PersonId
from bot.settings_words import worded

#: A value that begins with `*`, `&` or `!`, as a secret may: YAML reads it as a name, and its error quotes it.
_NAMED_IN_YAML: Final = re.compile(r"'[^'<\s]{3,}'")

#: YAML's key for taking over what stands under another one: it may be written more than once.
_MERGE: Final = "<<"

#: Kubernetes tells each container of the services in its namespace (Kubernetes docs, Service, Environment variables).
#: Of a service "kudos", or "kudos-metrics", these look like settings. A nested setting has two underscores in a row,
#: and the name of a service can't have two hyphens there.
_OF_A_SERVICE: Final = re.compile(
    r"KUDOS(_[A-Z0-9]+)*_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9]+)*|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)"
)
#: `KUDOS_PORT` could be meant as a setting, and only its value tells: Kubernetes gives an address.
_PORT_OF_A_SERVICE: Final = re.compile(r"KUDOS(_[A-Z0-9]+)*_PORT")
_ADDRESS: Final = re.compile(r"(tcp|udp|sctp)://.*")


def is_of_kubernetes(name: str, value: str) -> bool:
    """Return whether a variable tells of a service in the cluster, and is no setting."""
    if _OF_A_SERVICE.fullmatch(name):
        return True
    return bool(_PORT_OF_A_SERVICE.fullmatch(name) and _ADDRESS.fullmatch(value))


def read_file(path: Path, sections: str) -> tuple[Mapping[str, Any], list[str]]:
    """Return what `path` has, by section, and the faults of how it is written.

    Args:
        path: of app.yaml.
        sections: the names of the sections that there are, for the text of a fault.

    Raises:
        ConfigurationError: the file can't be read at all.
    """
    try:
        text = path.read_text(encoding="utf-8")
        written, twice = _parse(text)
    except FileNotFoundError:
        raise ConfigurationError([f"{path}: There's no such file. Copy app.yaml from the repository."]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError([f"{path}: I can't read this file ({type(error).__name__})."]) from error
    except yaml.YAMLError as error:
        place = getattr(error, "problem_mark", None)
        where = f", line {place.line + 1}" if place else ""
        problem = _NAMED_IN_YAML.sub("…", str(getattr(error, "problem", error)))
        raise ConfigurationError([f"{path}{where}: This isn't YAML ({problem})."]) from error
    except ValueError as error:  # a date or a number that there is not
        raise ConfigurationError([f"{path}: A value in this file can't be read ({error})."]) from error
    if written is None:
        return {}, []
    if not isinstance(written, dict):
        raise ConfigurationError([f"{path}: This file has no sections. Give it {sections}."])
    return {str(key): value for key, value in written.items()}, [f"{path}, {fault}" for fault in twice]


def _parse(text: str) -> tuple[Any, list[str]]:
    """Return what `yaml.safe_load` returns, and each name that is written twice."""
    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        twice = list(_written_twice(node))  # before the values are made: that takes over what stands under `<<`
        return (None if node is None else loader.construct_document(node)), twice
    finally:
        loader.dispose()


def _written_twice(root: yaml.Node | None) -> Iterator[str]:
    """Find each name that stands twice at one place: YAML takes the last, and forgets what the first one said."""
    nodes: list[tuple[str, yaml.Node | None]] = [("", root)]
    for where, node in nodes:  # grows while it is gone through
        if not isinstance(node, yaml.MappingNode):
            continue
        lines: dict[str, int] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.value == _MERGE:
                continue
            line, name = key.start_mark.line + 1, f"{where}{key.value}"
            if key.value in lines:
                yield f"line {line}: {name} is here twice, first in line {lines[key.value]}. Put both together."
            lines.setdefault(key.value, line)
            if not where:  # a section; what its settings have within is not ours
                nodes.append((f"{name}.", value))


class SlackExtras(BaseModel):
    """The settings of Slack that its app must know of.

    Attributes:
        files: whether /kudos batch reads files.
        workflow_requester: in whose name workflows ask; None where they don't.
    """

    files: bool = False
    workflow_requester: PersonId | None = None


class AppExtras(BaseModel):
    """What the Slack app needs for settings that are absent by default.

    Attributes:
        slack: of the section with that name.
        occasions: the occasions, as they are written; empty where there are none.
    """

    slack: SlackExtras = SlackExtras()
    occasions: Annotated[tuple[Any, ...], ENTRIES] = ()


def app_extras_in(path: Path) -> AppExtras:
    """Return slack.files, slack.workflow_requester and the occasions, as app.yaml or the environment has them.

    The Slack app is made before there are other settings: `path` need not exist, and nothing else in it is looked at.

    Raises:
        ConfigurationError: the file can't be read, or one of them has a value that it can't have.
    """
    written = read_file(path, "slack")[0] if path.exists() else {}
    slack = dict(said) if isinstance(said := written.get("slack"), dict) else {}
    for name in SlackExtras.model_fields:
        if (value := os.environ.get(f"KUDOS_SLACK__{name.upper()}")) is not None:
            slack[name] = value
    occasions = os.environ.get("KUDOS_OCCASIONS", written.get("occasions") or ())
    try:
        return AppExtras.model_validate({"slack": slack, "occasions": occasions})
    except ValidationError as error:
        raise ConfigurationError(worded(error.errors(), {})) from error
