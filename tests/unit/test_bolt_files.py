"""The addresses of files to which the bot's token may go."""

import pytest

from handlers.bolt.files import is_of_slack

API = "https://slack.com/api/"


@pytest.mark.parametrize(
    ("url", "api_url"),
    [
        ("https://files.slack.com/files-pri/T1-F1/download/list.csv", API),
        ("https://slack.com/files-pri/T1-F1/list.csv", API),
        ("https://files.slack-gov.com/files-pri/T1-F1/list.csv", "https://slack-gov.com/api/"),
        ("http://127.0.0.1:4000/files-pri/T1-F1/list.csv", "http://127.0.0.1:4000/api/"),
    ],
)
def test_files_of_slack(url: str, api_url: str):
    assert is_of_slack(url, api_url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://files.slack.com/list.csv",
        "https://slack.com.evil.example/list.csv",
        "https://evilslack.com/list.csv",
        "https://slack.com@evil.example/list.csv",
        "https://drive.example/list.csv",
        "file:///etc/passwd",
    ],
)
def test_the_token_goes_nowhere_else(url: str):
    assert not is_of_slack(url, API)
