"""`kudos check` on PostgreSQL's side: each trap that would break a promise, with its remedy."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from bot.errors import StorageError
from handlers.check import Finding
from storage import ServerFacts, inspect_server

#: NTP keeps clocks within milliseconds. Of two that are a second apart, one has lost it.
_CLOCKS_APART: Final = timedelta(seconds=1)

#: With these, a commit is on the server's own disk alone when a bot hears of it.
_ALONE: Final = frozenset({"local", "off"})

#: With these off, the database is damaged or forgets commits when the server's power goes.
_FOR_THE_POWER: Final = ("fsync", "full_page_writes")


def check_postgres(url: str) -> Iterator[Finding]:
    """Check the server, the user's rights, and what is in between. Change nothing."""
    try:
        facts = inspect_server(url)
    except StorageError as error:
        yield Finding("Database", False, str(error))
    else:
        yield from judge(facts)


def judge(facts: ServerFacts) -> Iterator[Finding]:
    """Tell what of a server would break a promise, and what is well."""
    if facts.is_too_old:
        yield Finding("Database", False, f"{facts.named} is PostgreSQL {facts.version}", "Upgrade it to 14 or newer.")
        return
    found = [*_server(facts), *_lost_commits(facts), *_line(facts)]
    if not any(finding.subject == "Database" for finding in found):
        if facts.needs_migration:
            text = f"{facts.named} is PostgreSQL {facts.version}, and the bot will bring it up to date"
        else:
            text = f"{facts.named} is PostgreSQL {facts.version}, and is up to date"
        yield Finding("Database", True, text)
    yield from found


def _server(facts: ServerFacts) -> Iterator[Finding]:
    if facts.encoding != "UTF8":
        remedy = "Create a database with ENCODING 'UTF8', and name that one."
        yield Finding("Database", False, f"{facts.named} keeps texts as {facts.encoding}", remedy)
    if facts.is_copy:
        remedy = (
            "Name the server that can be written: add ?target_session_attrs=read-write and all hosts to the address."
        )
        yield Finding("Database", False, f"{facts.named} is a copy that can only be read", remedy)
    if facts.missing_rights:
        remedy = f"As the owner, type: {'; '.join(facts.missing_rights)};"
        yield Finding("Database's rights", False, "this user lacks rights that the bot needs", remedy)


def _lost_commits(facts: ServerFacts) -> Iterator[Finding]:
    """Find what lets the server forget a commit that people were told of."""
    for name in _FOR_THE_POWER:
        if facts.settings.get(name) == "off":
            remedy = f"Set {name} = on. Without it, a power cut can damage the database."
            yield Finding("Database", False, f"{facts.named} runs with {name} = off", remedy)
    commit, named = facts.settings.get("synchronous_commit"), facts.settings.get("synchronous_standby_names")
    if commit == "off":
        remedy = "Set synchronous_commit = on. Without it, a power cut can lose an approval."
        yield Finding("Database", False, f"{facts.named} runs with synchronous_commit = off", remedy)
    if facts.standbys and (not named or commit in _ALONE):
        text = f"{facts.named} has copies that follow it ({facts.standbys}), and no commit waits for them"
        remedy = (
            "A failover loses the last commits. Set synchronous_standby_names, with synchronous_commit = on. "
            "Or type `kudos restored` after each failover, before a bot starts."
        )
        yield Finding("Standbys", False, text, remedy, is_warning=True)


def _line(facts: ServerFacts) -> Iterator[Finding]:
    if not facts.is_direct:
        remedy = (
            "Use a connection for each session (PgBouncer: pool_mode = session), or name the server itself as "
            "storage.url. Without that no bot can be on duty, and nothing is sent."
        )
        yield Finding("Database", False, f"{facts.named} is behind a pooler that shares connections", remedy)
    if not facts.is_private:
        remedy = "Others on the network can read names and addresses. Add ?sslmode=verify-full to the address."
        text = f"{facts.named} is reached by a connection that isn't encrypted"
        yield Finding("Database's connection", False, text, remedy, is_warning=True)
    apart = facts.clock_ahead.total_seconds()
    good = abs(facts.clock_ahead) <= _CLOCKS_APART
    remedy = "" if good else "Set both clocks right, with NTP. Bots use the database's clock, and clicks need this one."
    if apart > 0:
        text = f"{apart:,.1f} seconds ahead of this machine's"
    elif apart < 0:
        text = f"{-apart:,.1f} seconds behind this machine's"
    else:
        text = "the same as this machine's"
    yield Finding("Database's clock", good, text, remedy, is_warning=True)
