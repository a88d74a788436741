"""The `kudos` command. Heavy imports wait until a command needs them: `--help` stays fast."""

import sys
from pathlib import Path

import click

_CONFIG = click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("app.yaml"),
    show_default=True,
    help="The settings file.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="kudos")
def main() -> None:
    """Kudos: send gift-card rewards from Slack, with approval, through Tango."""


@main.command()
@_CONFIG
def run(config: Path) -> None:
    """Start the bot."""
    import logging

    from bot.app import Kudos
    from bot.errors import ConfigurationError, StorageError
    from bot.settings import load_settings

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # Every wake-up of every job is a line; what the jobs do is logged by themselves.
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    try:
        Kudos(load_settings(config)).run()
    except (ConfigurationError, StorageError) as error:
        click.echo(str(error), err=True)
        sys.exit(2)


@main.command()
@_CONFIG
def check(config: Path) -> None:
    """Try everything, send nothing: settings, database, Slack, Tango. A line each, with the remedy."""
    from bot.check import run_checks

    sys.exit(0 if run_checks(config) else 1)


@main.command()
@click.option("--request-url", help="Where Slack posts to, for http mode. Without it: Socket Mode.")
def manifest(request_url: str | None) -> None:
    """Print the Slack app manifest, made from the registered listeners."""
    import json

    from handlers.manifest import build_manifest

    click.echo(json.dumps(build_manifest(request_url=request_url), indent=2))


@main.command()
@click.option("--script", is_flag=True, help="Play the main job as text instead; needs no browser.")
@click.option("--http", is_flag=True, help="Slack posts to the bot, instead of Socket Mode.")
@click.option("--fresh", is_flag=True, help="Begin with an empty folder.")
@click.option("--no-browser", is_flag=True, help="Print the address and open no browser.")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(".kudos-demo"),
    show_default=True,
    help="Where everything is kept.",
)
def demo(*, script: bool, http: bool, fresh: bool, no_browser: bool, folder: Path) -> None:
    """Use the bot in the browser, between stand-ins for Slack and Tango."""
    from handlers.manifest import build_manifest

    command = [sys.executable, "-m", "bot", "run"]
    if script:
        from bot.sandbox.script import play_script

        sys.exit(0 if play_script(command, build_manifest()) else 1)
    from bot.sandbox.demo import run_demo

    run_demo(command, folder, build_manifest(), http=http, fresh=fresh, browse=not no_browser)


if __name__ == "__main__":
    main()
