"""The address of a message: Slack's own, or none."""

from typing import Final

import pytest
from slack_sdk.web import WebClient

from handlers.bolt.permalinks import Permalinks

API: Final = "https://slack.com/api/"
MESSAGE: Final = "/archives/C024BE91L/p1482960137003372"
THREAD: Final = f"{MESSAGE}?thread_ts=1482960137.003372&cid=C024BE91L"


def checked(url: str, api_url: str = API) -> str:
    return Permalinks(client=WebClient(base_url=api_url), api_url=api_url).checked(url)


@pytest.mark.parametrize(
    "url",
    [
        f"https://acme.slack.com{MESSAGE}",
        f"https://acme.slack.com{THREAD}",
        f"https://acme.enterprise.slack.com{MESSAGE}",
        f"https://acme.slack-gov.com{MESSAGE}",
    ],
)
def test_a_message_on_slack(url: str):
    assert checked(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        f"http://acme.slack.com{MESSAGE}",
        f"https://evil.example{MESSAGE}",
        f"https://acme.slack.com.evil.example{MESSAGE}",
        f"https://evilslack.com{MESSAGE}",
        f"https://evil.example#.slack.com{MESSAGE}",
        f"https://evil.example\\.slack.com{MESSAGE}",
        f"https://maya:secret@acme.slack.com{MESSAGE}",
        f"https://acme.slack.com:8443{MESSAGE}",
        f"https://[acme.slack.com{MESSAGE}",
        "https://acme.slack.com/signout",
        f"https://acme.slack.com{MESSAGE}|Approve",
        f"https://acme.slack.com{MESSAGE}\n",
        f"https://acme.slack.com{MESSAGE}?redir=https://evil.example",
        f"javascript:alert(1)//acme.slack.com{MESSAGE}",
    ],
)
def test_anything_else(url: str):
    assert checked(url) == ""


def test_a_stand_in_names_its_own_host_and_no_other():
    here, api = f"http://127.0.0.1:8081{MESSAGE}", "http://127.0.0.1:8081/api/"
    assert checked(here, api) == here
    assert checked(here.replace("8081", "8082"), api) == ""
