"""What one would write instead of the queue's worker: the same orders, one a second, without its pace.

`python -m tests.bench.rivals NAME URL START UNTIL` sends orders to a Tango from START until UNTIL, on the machine's
monotonic clock. Each is given its best: as many threads as orders can be under way, one client for all.
"""

import itertools
import os
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final
from uuid import uuid4

import httpx
from apscheduler.schedulers.background import BackgroundScheduler

from bot.sandbox.tango import TangoSandbox
from tests.bench.cast import RECIPIENTS
from tests.bench.enqueue import body

#: As many orders as can be under way: one a second, each answered within a minute.
THREADS: Final = 60

Send = Callable[[], None]


def sleep_loop(send: Send, start: float, until: float) -> None:
    """Send, await the answer, sleep a second."""
    wait(start)
    while time.monotonic() < until:
        send()
        time.sleep(1)


def ticks(send: Send, start: float, until: float) -> None:
    """Start one at each whole second after the start, in a thread, and do not wait for it."""
    with ThreadPoolExecutor(THREADS) as pool:
        for number in itertools.count():
            if start + number >= until:
                break
            wait(start + number)
            pool.submit(send)


def interval_job(send: Send, start: float, until: float) -> None:
    """APScheduler's interval job of one second, sixty of which may run at a time."""
    scheduler = BackgroundScheduler(executors={"default": {"type": "threadpool", "max_workers": THREADS}})
    scheduler.add_job(send, "interval", seconds=1, max_instances=THREADS, coalesce=True, misfire_grace_time=None)
    wait(start - 1)  # its first run is one interval from the start
    scheduler.start()
    wait(until)
    scheduler.shutdown(wait=False)


RIVALS: Final = {"sleep": sleep_loop, "ticks": ticks, "apscheduler": interval_job}


def main(name: str, url: str, start: float, until: float) -> None:
    """Send, and end."""
    tango = TangoSandbox()
    client = httpx.Client(auth=(tango.platform_name, tango.platform_key), timeout=90)
    headers = {"Content-Type": "application/json"}
    lock = threading.Lock()
    people = itertools.cycle(RECIPIENTS)

    def send() -> None:
        with lock:
            person = next(people)
        client.post(f"{url}/raas/v2/orders", content=body(uuid4().hex, person), headers=headers)

    client.get(f"{url}/raas/v2/accounts")  # connected, like the bot's
    RIVALS[name](send, start, until)
    os._exit(0)  # answers that are still awaited are of no interest


def wait(until: float) -> None:
    """Sleep until then, on the machine's monotonic clock."""
    time.sleep(max(until - time.monotonic(), 0))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4]))
