"""The facts about a PostgreSQL server that decide whether a bot can lean on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerFacts:
    """The facts about a server, and about one installation's schema on it.

    Attributes:
        named: how people call the database, at the beginning of a sentence.
        version: as PostgreSQL writes it, such as 18.4.
        is_too_old: the version lacks what a bot needs; nothing else was asked then.
        encoding: how the database keeps texts.
        is_copy: the server is a standby, which can't be written.
        settings: of the server, by name: those that decide what outlives the power, and a failover.
        standbys: how many copies follow the server.
        is_direct: each connection has a session of its own at the server.
        is_private: nobody on the network can read the connection: it is encrypted, or stays on this machine.
        clock_ahead: by how much the server's clock is ahead of this machine's.
        needs_migration: steps of this version are not applied yet.
        missing_rights: SQL that gives this user the rights that it lacks.
    """

    named: str
    version: str
    is_too_old: bool = False
    encoding: str = "UTF8"
    is_copy: bool = False
    settings: Mapping[str, str]
    standbys: int = 0
    is_direct: bool = True
    is_private: bool = True
    clock_ahead: timedelta = timedelta()
    needs_migration: bool = False
    missing_rights: tuple[str, ...] = ()
