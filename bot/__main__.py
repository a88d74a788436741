"""The `kudos` command. Heavy imports wait until a command needs them, so that `--help` stays fast."""

import sys
from pathlib import Path

import click

from bot.ops.faults import errors_told
from bot.ops.options import CONFIG
from bot.ops.records import access, audit, batch, person, reconcile, report


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="kudos")
def main() -> None:
    """Kudos: send gift-card rewards from Slack, with approval, through Tango."""


for _command in (access, audit, batch, person, reconcile, report):
    main.add_command(_command)


@main.command()
@CONFIG
def init(config: Path) -> None:
    """Ask for your settings, and write app.yaml and secrets.env.

    Example: kudos init
    """
    from bot.ops.init import ask_and_write

    with errors_told("I can't write your settings:"):
        click.echo(ask_and_write(config))


@main.command()
@CONFIG
@click.option("--adopt", is_flag=True, help="Use the database with another Tango account; only when nothing waits.")
def run(*, config: Path, adopt: bool) -> None:
    """Start the bot. It says when it serves; Ctrl-C stops it."""
    import gc
    import logging
    import os

    gc.disable()  # what is imported stays: to look through it for garbage takes a seventh of the start

    from bot.app import Kudos
    from bot.ops.logs import configure_logging
    from bot.settings import load_settings

    gc.freeze()
    gc.enable()
    configure_logging()
    with errors_told("Kudos can't start until these are fixed:", config):
        Kudos(load_settings(config), adopt=adopt).run()
    # Threads that still wait for Tango or Slack would hold the interpreter up for a minute. All that matters is in the
    # file, and the next start goes on from there.
    logging.shutdown()
    os._exit(0)


@main.command()
@CONFIG
def check(config: Path) -> None:
    """Try everything, and send nothing.

    It looks at the settings, the database, Slack and Tango. Each fault comes with its remedy.
    """
    import logging

    from bot.ops.check import run_checks

    logging.getLogger().addHandler(logging.NullHandler())  # the findings say what the log would
    sys.exit(0 if run_checks(config) else 1)


@main.command()
@CONFIG
def migrate(config: Path) -> None:
    """Bring the database up to date, or make it. The bot does that too when it starts.

    On PostgreSQL, bots of the version before can go on running. Example: kudos migrate
    """
    from bot.ops.database import migrate_database
    from bot.settings import load_local_settings

    with errors_told():
        click.echo(migrate_database(load_local_settings(config)))


@main.command("move")
@click.option("--to", required=True, help="An address of PostgreSQL, or the path of a new file.")
@CONFIG
def move_(to: str, config: Path) -> None:
    """Copy the database to PostgreSQL, or back to a new file.

    Stop the bot first. The PostgreSQL must be empty, and every row is compared. A move that is cut changes nothing.
    Others can see your command line, so set PGPASSWORD instead of typing the password. Example:
    kudos move --to postgresql://kudos@db.example.com/kudos
    """
    from bot.ops.database import move_database
    from bot.settings import load_local_settings

    with errors_told():
        click.echo(move_database(load_local_settings(config), to))


@main.group()
def policy() -> None:
    """See how requests are approved."""


@policy.command("try")
@click.option("--sender", required=True, metavar="U…", help="The Slack id of who asks.")
@click.option("--amount", required=True, metavar='"300 USD"', help="The amount for each recipient.")
@click.option("--to", multiple=True, metavar="U…", help="The Slack id of a recipient; may be there several times.")
@CONFIG
def try_(*, sender: str, amount: str, to: tuple[str, ...], config: Path) -> None:
    """Show what would become of a request. It sends and saves nothing.

    It shows the route, the approvers, the budgets and the limits, and asks Slack who is who. Example:
    kudos policy try --sender U0MAYA001 --amount "300 USD" --to U0ROB0001
    """
    from bot.ops.policy import read_amount, try_policy
    from bot.settings import load_settings

    with errors_told():
        click.echo(try_policy(load_settings(config), sender, to, read_amount(amount)))


@main.group()
def queue() -> None:
    """Look at the queue and put it right. The bot picks up each change within a second."""


@queue.command("list")
@CONFIG
def list_(config: Path) -> None:
    """Show the queue's state, and the orders in it."""
    from bot.ops.console import show_queue
    from bot.settings import load_local_settings

    with errors_told():
        show_queue(load_local_settings(config))


@queue.command()
@click.argument("number")
@CONFIG
def show(number: str, config: Path) -> None:
    """Show an order and all that happened to it; no names.

    Example: kudos queue show 8.2
    """
    from bot.ops.console import show_order
    from bot.settings import load_local_settings

    with errors_told():
        click.echo(show_order(load_local_settings(config), number))


@queue.command()
@CONFIG
def pause(config: Path) -> None:
    """Send no orders until you resume. Orders under way are still recorded."""
    from bot.ops.console import pause_queue
    from bot.settings import load_local_settings

    with errors_told():
        click.echo(pause_queue(load_local_settings(config)))


@queue.command()
@CONFIG
def resume(config: Path) -> None:
    """End a pause. While rewards are on hold because of Tango, try one order now."""
    from bot.ops.console import resume_queue
    from bot.settings import load_local_settings

    with errors_told():
        click.echo(resume_queue(load_local_settings(config)))


@queue.command()
@click.argument("number")
@CONFIG
def retry(number: str, config: Path) -> None:
    """Send an order that needs attention once more, under its own reference.

    Example: kudos queue retry 8.2
    """
    from bot.ops.console import retry_order
    from bot.settings import load_local_settings

    with errors_told():
        click.echo(retry_order(load_local_settings(config), number))


@queue.command("check")
@click.argument("number")
@CONFIG
def check_(number: str, config: Path) -> None:
    """Have the bot ask Tango what became of an order that has no clear outcome.

    Example: kudos queue check 8.2
    """
    from bot.ops.console import check_order
    from bot.settings import load_local_settings

    with errors_told():
        click.echo(check_order(load_local_settings(config), number))


@queue.command()
@click.argument("number")
@CONFIG
def close(number: str, config: Path) -> None:
    """End an order that needs attention and that Tango doesn't have, without sending it.

    Example: kudos queue close 8.2
    """
    from bot.ops.console import close_order
    from bot.settings import load_local_settings

    with errors_told():
        click.echo(close_order(load_local_settings(config), number))


@queue.command()
@click.argument("number")
@CONFIG
def cancel(number: str, config: Path) -> None:
    """Take an order out of the queue, if Tango surely doesn't have it.

    Example: kudos queue cancel 8.2
    """
    from bot.ops.console import cancel_order
    from bot.settings import load_local_settings

    with errors_told():
        click.echo(cancel_order(load_local_settings(config), number))


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@CONFIG
def backup(file: Path, config: Path) -> None:
    """Copy the database to the new FILE and verify the copy. The bot can go on running."""
    from bot.ops.database import make_backup
    from bot.settings import load_local_settings

    with errors_told():
        click.echo(make_backup(load_local_settings(config), file))


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@CONFIG
def restore(file: Path, config: Path) -> None:
    """Put the backup FILE in the database's place. Stop the bot first; the replaced file is kept."""
    from bot.ops.database import restore_backup
    from bot.settings import load_local_settings

    with errors_told():
        click.echo(restore_backup(load_local_settings(config), file))


@main.command()
@CONFIG
def restored(config: Path) -> None:
    """Mark what waits as possibly sent, after another restore.

    Type it when the database was put back without `kudos restore`. On PostgreSQL, type it after pg_restore, a
    point-in-time recovery or a failover. Stop all bots first, and start them again then. Example: kudos restored
    """
    from bot.ops.database import mark_restored
    from bot.settings import load_local_settings

    with errors_told():
        click.echo(mark_restored(load_local_settings(config)))


@main.command()
@click.option("--request-url", help="Where Slack posts to, for http mode. Without it: Socket Mode.")
@CONFIG
def manifest(request_url: str | None, config: Path) -> None:
    """Print the manifest to paste into your Slack app, such as by `kudos manifest > manifest.json`.

    With slack.files it has the scopes for files, and with slack.workflow_requester the step for Workflow Builder. The
    step asks for an occasion where the settings have some.
    """
    import json

    from bot.settings_file import app_extras_in
    from handlers.manifest import build_manifest

    with errors_told():
        extras = app_extras_in(config)
        made = build_manifest(
            request_url=request_url,
            files=extras.slack.files,
            workflows=extras.slack.workflow_requester is not None,
            occasions=bool(extras.occasions),
        )
        click.echo(json.dumps(made, indent=2))


@main.command()
@click.option("--script", is_flag=True, help="Play the main job as text, without a browser.")
@click.option("--http", is_flag=True, help="Let Slack post to the bot, instead of Socket Mode.")
@click.option(
    "--bots",
    type=click.IntRange(1, 9),  # Slack gives an app ten sockets, and a killed bot's may outlive it for a moment
    default=1,
    show_default=True,
    help="How many bots. Several run as one on the demo's own PostgreSQL, which keeps nothing.",
)
@click.option("--fresh", is_flag=True, help="Start with an empty folder.")
@click.option("--no-browser", is_flag=True, help="Print the address instead of opening a browser.")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(".kudos-demo"),
    show_default=True,
    help="Where the demo keeps its data.",
)
def demo(*, script: bool, http: bool, bots: int, fresh: bool, no_browser: bool, folder: Path) -> None:
    """Try Kudos in your browser, with stand-ins for Slack and Tango."""
    from handlers.manifest import build_manifest

    command, app = [sys.executable, "-m", "bot", "run"], build_manifest(files=True, workflows=True)
    if bots > 1:
        if script or http:
            raise click.UsageError(f"{'--script' if script else '--http'} works with one bot. Leave out --bots.")
        from bot.sandbox.demo import NotInstalled, run_several

        try:
            run_several(command, app, bots=bots, browse=not no_browser)
        except NotInstalled as error:
            raise click.ClickException(str(error)) from error
    elif script:
        from bot.sandbox.script import play_script

        sys.exit(0 if play_script(command, app) else 1)
    else:
        from bot.sandbox.demo import run_demo

        run_demo(command, folder, app, http=http, fresh=fresh, browse=not no_browser)


if __name__ == "__main__":
    main()
