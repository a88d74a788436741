"""Celery's side of the contest: the task, as its documentation would have it written.

Found by `celery --app tests.bench.celery_app worker`. Celery is there for `make bench` alone.
"""

from typing import Final

import httpx
from celery import Celery

from bot.sandbox.tango import TangoSandbox

app: Final = Celery("rival")
app.conf.update(
    task_ignore_result=True,  # nobody asks for one
    worker_timer_precision=0.1,  # the finest that its documentation names: with its 1 s a task may start that late
)

_tango = TangoSandbox()
_client = httpx.Client(auth=(_tango.platform_name, _tango.platform_key), timeout=90)


def _connect(url: str) -> None:
    _client.get(f"{url}/raas/v2/accounts")


def _place(url: str, body: str) -> None:
    _client.post(f"{url}/raas/v2/orders", content=body, headers={"Content-Type": "application/json"})


#: So that the first order finds a connection, like the bot's.
connect: Final = app.task(_connect, name="connect")

#: A token bucket that holds one and is filled once a second, in each worker.
place: Final = app.task(_place, name="place", rate_limit="1/s")
