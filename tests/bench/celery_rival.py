"""Celery instead of the queue's worker: a task with `rate_limit="1/s"`, its messages in Redis.

`python -m tests.bench.celery_rival URL START UNTIL FOLDER` has a Redis and a worker of its own, and sends as the others
do (tests/bench/rivals.py). Celery is given its best, too: a worker for these tasks alone, which its documentation asks
for, because a task that waits for its turn holds up those behind it; a thread for every order that can be under way;
everything in the queue and everybody connected before the start.
"""

import itertools
import math
import os
import signal
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Final
from uuid import uuid4

from tests.bench.cast import RECIPIENTS
from tests.bench.celery_app import app, connect, place
from tests.bench.enqueue import body
from tests.bench.processes import Process, free_port
from tests.bench.rivals import THREADS, wait

#: Where the orders wait, and where the worker looks until the start.
_ORDERS: Final = "orders"
_NOTHING: Final = "nothing"

#: Redis listens a few milliseconds after its start: twenty looks, a tenth of a second apart.
_LOOKS: Final = 20
_BETWEEN: Final = 0.1

_WORKER: Final = (
    *("-m", "celery", "--app", "tests.bench.celery_app", "worker"),
    *("--pool", "threads", "--concurrency", str(THREADS)),
    *("--prefetch-multiplier", "1"),  # as many as it has threads for
    *("--queues", _NOTHING),
    *("--without-gossip", "--without-mingle", "--without-heartbeat"),  # it is alone
    *("--loglevel", "WARNING"),
)


def main(url: str, start: float, until: float, folder: Path) -> None:
    """Send, and end."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # ended from outside, Redis and the worker end too
    port = free_port()
    # Nothing is kept on disk: this is about the pace, and a commit would only cost time.
    redis = ("--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", "", "--appendonly", "no")
    app.conf.broker_url = broker = f"redis://127.0.0.1:{port}/0"
    with ExitStack() as open_:
        open_.enter_context(Process(redis, folder / "redis.log", program="redis-server"))
        with app.connection() as connection:
            connection.ensure_connection(max_retries=_LOOKS, interval_start=_BETWEEN, interval_step=0)
        people = itertools.cycle(RECIPIENTS)
        for _ in range(math.ceil(until - start)):
            place.apply_async((url, body(uuid4().hex, next(people)).decode()), queue=_ORDERS)
        connect.apply_async((url,), queue=_NOTHING)
        worker = Process(_WORKER, folder / "worker.log", os.environ | {"CELERY_BROKER_URL": broker})
        open_.callback(worker.kill)  # answers that are still awaited are of no interest
        wait(start)
        app.control.add_consumer(_ORDERS)
        wait(until)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), Path(sys.argv[4]))
