"""What an ack costs without us: the same Bolt app, behind the same server, with listeners that do nothing.

`python -m tests.bench.empty_app PORT`
"""

import sys

from slack_bolt import Ack, App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web import WebClient

from handlers import CLICKS, COMMANDS, OPTIONS, SUBMISSIONS
from handlers.bolt.posts import Posts
from handlers.bolt.server import bind, build_server, build_web_app
from tests.bench.cast import BOT_TOKEN, SIGNING_SECRET, TEAM


def empty(ack: Ack) -> None:
    """Answer."""
    ack()


def main(port: int) -> None:
    """Serve until ended."""
    identity = AuthorizeResult(
        enterprise_id=None, team_id=TEAM, bot_user_id="U00KUDOS0", bot_id="B00KUDOS0", bot_token=BOT_TOKEN
    )
    app = App(
        process_before_response=True,
        client=WebClient(token=BOT_TOKEN),
        authorize=lambda: identity,
        request_verification_enabled=False,
    )
    for view in SUBMISSIONS:  # in the order in which ours are registered
        app.view_submission(view.value)(empty)
    for command in COMMANDS:
        app.command(command.value)(empty)
    for action in CLICKS:
        app.block_action(action.value)(empty)
    for action in OPTIONS:
        app.options(action.value)(empty)
    posts = Posts(app, SIGNING_SECRET, lambda: True)
    web = build_web_app(is_alive=lambda: True, unready=lambda: None, metrics=bytes, posts=posts)
    build_server(web, on_open=lambda: None).run(sockets=[bind("127.0.0.1", port)])


if __name__ == "__main__":
    main(int(sys.argv[1]))
