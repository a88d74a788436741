"""users.*, usergroups.*, bots.info, team.info, auth.test and api.test.

Source: Slack docs, the method pages of the same names.
"""

from bot.sandbox.slack import people
from bot.sandbox.slack.errors import ApiError
from bot.sandbox.slack.model import Json
from bot.sandbox.slack.people import User
from bot.sandbox.slack.state import State
from bot.sandbox.slack.web_api.call import Call, method, page_of


def _user(state: State, identifier: str) -> User:
    user = state.workspace.users.get(identifier)
    if user is None:
        raise ApiError("user_not_found")
    return user


def _shown(state: State, user: User, call: Call) -> Json:
    return user.to_slack(with_email="users:read.email" in state.scopes, with_locale=call.flag("include_locale"))


@method("api.test", public=True)
def api_test(state: State, call: Call) -> Json:
    """Answer what was asked, or the error that was asked for."""
    if call.text("error"):
        raise ApiError(call.need("error"), args=call.args)
    return {"args": call.args, "url": state.url} if call.args else {}


@method("auth.test")
def auth_test(state: State, _call: Call) -> Json:
    """Return whose token this is. Of a workspace of a Grid organization, and of an org-wide install, it says so."""
    grid = {"enterprise_id": state.workspace.enterprise_id} if state.workspace.enterprise_id else {}
    return grid | {
        "url": f"https://{people.TEAM_DOMAIN}.slack.com/",
        "team": people.TEAM_NAME,
        "user": state.workspace.users[people.BOT_USER].handle,
        "team_id": people.TEAM_ID,
        "user_id": people.BOT_USER,
        "bot_id": people.BOT_ID,
        "is_enterprise_install": state.workspace.is_org_install,
    }


@method("users.info", "users:read")
def users_info(state: State, call: Call) -> Json:
    """Return one account. Its address is there for apps with ``users:read.email``."""
    return {"user": _shown(state, _user(state, call.need("user", error="user_not_found")), call)}


@method("users.list", "users:read")
def users_list(state: State, call: Call) -> Json:
    """Return all accounts, deactivated ones too."""
    everybody = [_shown(state, user, call) for user in state.workspace.users.values()]
    page, cursor = page_of(everybody, call, default=200)
    return {
        "members": page,
        "cache_ts": int(state.workspace.now()),
        "response_metadata": {"next_cursor": cursor},
    }


@method("users.lookupByEmail", "users:read.email")
def lookup_by_email(state: State, call: Call) -> Json:
    """Return the active account of an address, letters' case aside."""
    email = call.need("email", error="users_not_found").casefold()
    for user in state.workspace.users.values():
        if (user.email or "").casefold() == email and not user.deleted and not user.is_stranger:
            return {"user": _shown(state, user, call)}
    raise ApiError("users_not_found")


@method("usergroups.list", "usergroups:read")
def usergroups_list(state: State, call: Call) -> Json:
    """Return the user groups."""
    include = call.flag("include_users")
    groups = [group for group in state.workspace.usergroups.values() if not group.gone]
    return {"usergroups": [group.to_slack(include_users=include) for group in groups]}


@method("usergroups.users.list", "usergroups:read")
def usergroup_users(state: State, call: Call) -> Json:
    """Return the members of one group."""
    group = state.workspace.usergroups.get(call.need("usergroup", error="no_such_subteam"))
    if group is None or group.gone:
        raise ApiError(group.gone if group else "no_such_subteam")
    return {"users": list(group.users)}


@method("bots.info", "users:read")
def bots_info(state: State, call: Call) -> Json:
    """Return one bot, by its bot id."""
    wanted = call.text("bot") or people.BOT_ID
    for user in state.workspace.users.values():
        if user.is_bot and user.bot_id == wanted:
            return {
                "bot": {
                    "id": user.bot_id,
                    "deleted": user.deleted,
                    "name": user.real_name,
                    "updated": user.updated,
                    "app_id": people.APP_ID if user.id == people.BOT_USER else "A00LUNCH0",
                    "user_id": user.id,
                    "icons": {},
                }
            }
    raise ApiError("bot_not_found")


@method("team.info", "team:read")
def team_info(state: State, _call: Call) -> Json:
    """Return the workspace."""
    return {"team": state.team() | {"email_domain": "acme.example", "icon": {"image_default": True}}}
