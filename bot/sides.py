"""The bot's two sides, built from the settings: towards Slack and towards Tango."""

from dataclasses import dataclass

from bot.clock import Clock
from bot.errors import ConfigurationError, SlackUnavailable
from bot.settings import Settings
from bot.tango.client import TangoClient
from bot.usecases.catalog import CatalogKeeper
from bot.usecases.timekeeper import Timekeeper
from handlers.bolt.builder import Connection
from handlers.bolt.directory import Directory
from handlers.bolt.files import Files
from handlers.bolt.functions import FunctionTokens
from handlers.bolt.groups import UserGroups
from handlers.bolt.home import HomeTurns
from handlers.bolt.members import WorkspaceMembers
from handlers.bolt.membership import RoleIds
from handlers.bolt.network import NO_ANSWER
from storage import Storage

# --------------------------------------------------------------------------------------- Slack's side


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackSide:
    """The bot towards Slack."""

    connection: Connection
    directory: Directory
    function_tokens: FunctionTokens
    home_turns: HomeTurns

    def ask_who_is_who(self) -> None:
        """Ask Slack who the bot is, and who has which role. This waits for the network.

        Raises:
            ConfigurationError: Slack does not accept the token.
            SlackUnavailable: Slack did not tell.
        """
        try:
            self.connection.identify()
        except ConfigurationError:
            raise
        except NO_ANSWER as error:
            raise SlackUnavailable from error
        self.directory.refresh_roles()

    def members(self) -> WorkspaceMembers:
        """Ask Slack for all members. This waits for the network.

        Raises:
            SlackUnavailable: Slack did not tell all of them.
        """
        return WorkspaceMembers.asked_for(self.connection.worker_client(), self.connection.home())

    def groups(self) -> UserGroups:
        """Return what knows the user groups."""
        return UserGroups(self.connection.worker_client)

    def files(self) -> Files:
        """Return what reads files that people upload, and sends some."""
        return Files(self.connection.worker_client)


def build_slack_side(settings: Settings, clock: Clock, storage: Storage) -> SlackSide:
    """Build the bot towards Slack."""
    connection = Connection(token=settings.slack_bot_token.get_secret_value(), api_url=settings.slack.api_url)
    policy = settings.approvals.policy
    ids = RoleIds(
        senders=settings.roles.senders,
        approvers=settings.approvals.approvers,
        admins=settings.roles.admins,
        finance=settings.roles.finance,
        routed=policy.approvers if policy.has_policy else frozenset(),
        others=policy.senders | settings.named_by_budgets,
    )
    kept = storage.requests.approvers_kept
    directory = Directory(client=connection.client, clock=clock, ids=ids, home=connection.home, kept=kept)
    return SlackSide(
        connection=connection, directory=directory, function_tokens=FunctionTokens(clock), home_turns=HomeTurns()
    )


# --------------------------------------------------------------------------------------- Tango's side


@dataclass(frozen=True, slots=True, kw_only=True)
class TangoSide:
    """The bot towards Tango."""

    client: TangoClient
    catalog: CatalogKeeper
    timekeeper: Timekeeper


def build_tango_side(settings: Settings, clock: Clock, storage: Storage, directory: Directory) -> TangoSide:
    """Build the bot towards Tango."""
    timekeeper = Timekeeper(storage=storage, clock=clock, ask=lambda: client.get_account(settings.tango.account))
    client = TangoClient(
        base_url=settings.tango.base_url,
        platform_name=settings.tango_platform_name,
        platform_key=settings.tango_platform_key,
        timeout=settings.tango.timeout,
        on_date=timekeeper.hear,
    )
    catalog = CatalogKeeper(
        storage=storage,
        tango=client,
        clock=clock,
        roles=directory.roles,
        offered=None if settings.rewards == "all" else settings.rewards,
    )
    return TangoSide(client=client, catalog=catalog, timekeeper=timekeeper)
