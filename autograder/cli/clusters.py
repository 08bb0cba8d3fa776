"""Commands and options for grading on a Dask cluster."""

from __future__ import annotations

import ipaddress
import re
import shlex
from pathlib import Path

import click

from autograder.cli.errors import command, errors_in_one_line
from autograder.cli.options import PATH, shown
from autograder.i18n import _
from autograder.reports.terminal.console import say

ADDRESS = re.compile(r"(\w+://)?(?P<host>localhost|[\d.]+|\[[\da-f:]+\])(:\d+)?")
"""An address whose host is known without asking a name server."""


@command()
@click.argument("folder", type=PATH)
@errors_in_one_line
def cluster_certificates(folder: Path) -> None:
    try:
        from autograder.grading import certificates
    except ModuleNotFoundError as error:
        install = _(
            "To make certificates, install cryptography ({module} is missing here): "
            "pip install cryptography"
        )
        raise ValueError(install.format(module=error.name)) from error
    try:
        certificates.make(folder)
    except FileExistsError as error:
        there = _("{path} exists already: name a new folder, or remove this one first.")
        raise ValueError(there.format(path=error.filename)) from error
    say(
        _(
            "The certificates are in {folder} and are valid for {days} days. Copy the folder to "
            "the same path on each machine of the cluster. Before you start anything there, set:"
        ).format(folder=shown(folder.absolute()), days=certificates.LIFETIME.days)
    )
    click.echo(f"    export DASK_CONFIG={shlex.quote(str(folder.absolute()))}")


def refuse_without_tls(address: str) -> None:
    """Refuse a scheduler that others on the network could use as the instructor does.

    The address is not resolved, and nothing is sent there.
    """
    if address.startswith("tls://") or _is_loopback(address):
        return
    refused = _(
        "The connection to the scheduler at {address} would not use TLS: anyone on that network "
        "could read the hidden checks and run code as you. Start the scheduler with certificates "
        "(docs/operators/cluster.md) and give its tls:// address, or add --scheduler-without-tls "
        "if the network is yours alone."
    )
    raise ValueError(refused.format(address=address))


def _is_loopback(address: str) -> bool:
    match = ADDRESS.fullmatch(address)
    if match is None:
        return False
    if match["host"] == "localhost":
        return True
    try:
        return ipaddress.ip_address(match["host"].strip("[]")).is_loopback
    except ValueError:
        return False
