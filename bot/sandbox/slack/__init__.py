"""A stand-in for a Slack workspace: it remembers and behaves like Slack, and the bot connects to it as a real app.

    sandbox = SlackSandbox()
    with serve(sandbox.app) as server:      # the bot's Web API base is f"{server.url}/api/"
        sandbox.request_url = "http://127.0.0.1:3000/slack/events"
        outcome = sandbox.person("maya").command("/kudos", "@rob 25", channel="general")

It imports nothing of the product and none of Slack's own libraries: a stand-in that shares the client's models agrees
with the client's mistakes.
"""

from bot.sandbox.slack.delivery import Delivery
from bot.sandbox.slack.errors import ApiError, NotPossible, SandboxError, SlackTrouble
from bot.sandbox.slack.person import Person
from bot.sandbox.slack.sandbox import SlackSandbox
from bot.sandbox.slack.snapshots import Outcome, ShownMessage, ShownView

__all__ = [
    "ApiError",
    "Delivery",
    "NotPossible",
    "Outcome",
    "Person",
    "SandboxError",
    "ShownMessage",
    "ShownView",
    "SlackSandbox",
    "SlackTrouble",
]
