"""docs/operators/limits.md names every limit of the sandbox, with the value that it has."""

from __future__ import annotations

import re
from pathlib import Path

from autograder.sandbox.protocol import limits
from autograder.sandbox.protocol.limits import TimeLimit

ROOT = Path(__file__).parents[2]

PAGE = ROOT / "docs" / "operators" / "limits.md"

THREATS = ROOT / "docs" / "contributors" / "threats.md"

PACKAGE = ROOT / "autograder"

ROW = re.compile(
    r"^\| [^|]+ \| ([\d,.]+)(?: (s|bytes|characters|MB|GB))? \| `([A-Z_]+)(?:\.(cpu|wall))?` \|$",
    re.MULTILINE,
)

FACTORS = {"MB": 1024**2, "GB": 1024**3}

UNITS = {"SECONDS": {"s"}, "BYTES": {"bytes", "MB", "GB"}, "CHARACTERS": {"characters"}}


def section() -> str:
    page = PAGE.read_text(encoding="utf-8")
    return page.split("\n## Files of a submission\n")[0]


def documented() -> dict[str, float]:
    """Return the limits that the page names, with their values in the module's units."""
    found: dict[str, float] = {}
    for number, unit, name, part in ROW.findall(section()):
        full = f"{name}.{part}" if part else name
        assert full not in found, f"{full} stands there twice"
        allowed = {"s"} if part else UNITS.get(name.rpartition("_")[2], {""})
        assert unit in allowed, f"{full} is not counted in {unit or 'nothing'}"
        found[full] = float(number.replace(",", "")) * FACTORS.get(unit, 1)
    return found


def defined() -> dict[str, float]:
    """Return the limits of the module."""
    found: dict[str, float] = {}
    for name, value in vars(limits).items():
        if isinstance(value, TimeLimit):
            found |= {f"{name}.cpu": value.cpu, f"{name}.wall": value.wall}
        elif name.isupper():
            found[name] = value
    return found


def test_the_page_on_limits_names_each_limit_with_its_value() -> None:
    assert len(defined()) > 40
    assert documented() == defined()


def test_each_row_of_the_tables_of_limits_can_be_read() -> None:
    rows = [line for line in section().splitlines() if line.startswith("|") and "`" in line]
    assert len(rows) == len(documented())


def test_what_the_threat_model_names_is_there() -> None:
    """Paths below the package, with and without a name in the file."""
    page = THREATS.read_text(encoding="utf-8")
    doors = page.split("\n## How bytes reach trusted code\n")[1].split("\n## ")[0]
    named = re.findall(r"`((?:[a-z_]+/)+[a-z_]+)(?:\.(\w+))?`", doors)
    assert len(named) > 20
    for path, name in named:
        source = (PACKAGE / f"{path}.py").read_text(encoding="utf-8")
        assert not name or re.search(rf"^(def )?{name}\b", source, re.MULTILINE), f"{path}.{name}"
