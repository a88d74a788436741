"""The commands for auditors, finance and people teams: audit, access, person, reconcile, report, batch."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Final

import click

from bot.ops.faults import errors_told
from bot.ops.options import CONFIG

#: A day, as every command here takes it.
_DAY: Final = click.DateTime(formats=["%Y-%m-%d"])


@click.group()
def audit() -> None:
    """Prove that nobody has changed the audit log, and write it out."""


@audit.command()
@click.option(
    "--head", "heads", multiple=True, metavar="1234:0f3a…", help="A head that left; may be there several times."
)
@CONFIG
def verify(*, heads: tuple[str, ...], config: Path) -> None:
    """Find what was changed in the audit log, and whether requests and orders agree with it.

    With a head, which the bot posts once a day, it also finds a log that was cut or rewritten as a whole. Example:
    kudos audit verify --head 1234:0f3a…
    """
    from bot.ops.audit import read_head, verify_log
    from bot.settings import load_local_settings

    with errors_told():
        is_sound, told = verify_log(load_local_settings(config), [read_head(head) for head in heads])
        click.echo(told)
    sys.exit(0 if is_sound else 1)


@audit.command()
@click.option("--since", type=_DAY, help="The first day, in UTC. Without it: from the beginning.")
@click.option("--csv", "kind", flag_value="csv", help="One line for each row, with a header. This is the default.")
@click.option("--jsonl", "kind", flag_value="jsonl", help="One JSON object for each row.")
@CONFIG
def export(*, since: datetime | None, kind: str | None, config: Path) -> None:
    """Print the audit log, oldest first. The head of the log goes to the terminal, apart from the file.

    Example: kudos audit export --since 2026-10-01 --csv > audit.csv
    """
    from contextlib import closing

    from bot.ops.audit import export_log, head_text
    from bot.settings import load_local_settings
    from storage import Storage

    with errors_told(), closing(Storage.visit(load_local_settings(config).storage.where)) as storage:
        exported = export_log(storage, since.date() if since else None, as_csv=kind != "jsonl")
        for line in exported.lines:
            click.echo(line)
        click.echo(head_text(exported.head), err=True)


@click.group()
def person() -> None:
    """Give people what is kept about them, or remove it."""


@person.command("export")
@click.argument("who", metavar="U…")
@CONFIG
def export_(who: str, config: Path) -> None:
    """Print all that names a person, as JSON. What is private of others is left out.

    Example: kudos person export U0ROB0001 > rob.json
    """
    from bot.ops.person import export_text
    from bot.settings import load_local_settings

    with errors_told():
        click.echo(export_text(load_local_settings(config), who))


@person.command()
@click.argument("who", metavar="U…")
@click.confirmation_option(prompt="This can't be undone. Remove their name, addresses and texts?")
@CONFIG
def erase(who: str, config: Path) -> None:
    """Remove a person's name, addresses and texts from all that is done. It says what stays, and why.

    Sums stay as they are. Example: kudos person erase U0ROB0001
    """
    from bot.ops.person import erase_text
    from bot.settings import load_local_settings

    with errors_told():
        click.echo(erase_text(load_local_settings(config), who))


@click.command()
@CONFIG
def access(config: Path) -> None:
    """List who is sender, approver and admin today, since when, and what has changed since the last review.

    It asks Slack who is in the groups. Example: kudos access > access-2026-11-27.txt
    """
    from bot.ops.access import review_access
    from bot.settings import load_settings

    with errors_told():
        click.echo(review_access(load_settings(config)))


@click.command()
@click.option("--since", type=_DAY, required=True, help="The first day, in the installation's zone.")
@CONFIG
def reconcile(*, since: datetime, config: Path) -> None:
    """Compare Tango's list of orders with ours, and show each difference. It changes nothing.

    The bot does that every night, and tells the admins. Example: kudos reconcile --since 2026-10-01
    """
    from bot.ops.reconcile import reconcile as compare
    from bot.settings import load_settings

    with errors_told():
        is_same, told = compare(load_settings(config), since.date())
        click.echo(told)
    sys.exit(0 if is_same else 1)


@click.command()
@click.argument("words", nargs=-1)
@click.option("--csv", "as_csv", is_flag=True, help="Print it for a spreadsheet.")
@click.option("--json", "as_json", is_flag=True, help="Print it for a program.")
@CONFIG
def report(*, words: tuple[str, ...], as_csv: bool, as_json: bool, config: Path) -> None:
    """Show what everyone gave in a time, by WORDS as in `/kudos report`; without any, this month.

    With the word payroll and --csv it lists every reward. Examples: kudos report last quarter by team,
    kudos report payroll 1 Oct to 15 Oct --csv
    """
    from bot.ops.report import print_report
    from bot.settings import load_local_settings

    with errors_told("I can't make this report:"):
        print_report(load_local_settings(config), " ".join(words), as_csv=as_csv, as_json=as_json)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--for", "requester", required=True, metavar="U…", help="The Slack id of who is to ask for approval.")
@click.option("--reward", default="", metavar="U000000", help="Tango's utid of the reward, if several are on offer.")
@click.option("--by-message", is_flag=True, help="Deliver by direct message instead of Tango's email.")
@click.option("--occasion", default="", metavar="NAME", help="What it is for, where the settings have occasions.")
@click.option(
    "--send-on",
    type=click.DateTime(formats=["%Y-%m-%dT%H:%M"]),
    metavar="2026-12-24T09:00",
    help="Send it then, by the clock of each person. Without it: once it's approved.",
)
@click.option("--requesters-clock", is_flag=True, help="Go by the requester's clock for --send-on instead.")
@CONFIG
def batch(
    *,
    file: Path,
    requester: str,
    reward: str,
    by_message: bool,
    occasion: str,
    send_on: datetime | None,
    requesters_clock: bool,
    config: Path,
) -> None:
    """Check a CSV or .xlsx FILE of up to 5,000 rewards; nothing is sent.

    Each row has a person (email address or Slack id), an amount and a message. If every row is right, the person gets
    a direct message with a button that asks for approval. Else nothing is saved, and a copy of the file says what is
    wrong in each row. Example: kudos batch anniversaries.csv --for U0MAYA001 --reward U561593
    """
    from bot.ops.batch import FileOfRewards, NothingSaved, check_batch
    from bot.settings import load_settings

    if requesters_clock and send_on is None:
        raise click.UsageError("--requesters-clock needs a date. Add --send-on, or leave out --requesters-clock.")
    with errors_told():
        try:
            asked = FileOfRewards(
                path=file,
                requester_id=requester,
                utid=reward,
                by_message=by_message,
                occasion=occasion,
                send_on=send_on,
                requesters_clock=requesters_clock,
            )
            click.echo(check_batch(load_settings(config), asked))
        except NothingSaved as refusal:
            click.echo(str(refusal), err=True)
            sys.exit(1)
