"""The `kudos` command."""

import click


@click.group()
def main() -> None:
    """Send gift-card rewards from Slack."""


if __name__ == "__main__":
    main()
