"""A folder of knowledge that could do harm is refused before it can: at once, in little memory, with the reason."""

import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from shutil import copytree

import pytest

from cdss.rules import KNOWLEDGE
from cdss.rules.checking.admission import admit
from cdss.rules.language.sizes import PackRefused

DAY = date(2026, 11, 25)
METFORMIN = "renal/metformin.yaml"
SECONDS, BYTES = 1.0, 256 * 2**20
Break = Callable[[Path], None]


def _write(name: str, text: str) -> Break:
    return lambda folder: (folder / name).write_text(text, encoding="utf-8") and None


def _replace(name: str, change: str, to: str) -> Break:
    def break_(folder: Path) -> None:
        text = (folder / name).read_text(encoding="utf-8")
        assert change in text
        (folder / name).write_text(text.replace(change, to), encoding="utf-8")

    return break_


def _many_files(folder: Path) -> None:
    for number in range(5000):
        (folder / "renal" / f"n{number}.yaml").touch()


def _table_of_100000_rules(folder: Path) -> None:
    template = (folder / METFORMIN).read_text(encoding="utf-8").replace("id: renal/metformin", "id: renal/$id")
    head, _, _ = template.partition("tests:")
    (folder / "renal" / "many.yaml").write_text(
        f"table: many.csv\n{head}tests: {{ordering: A10BA02, date: 2026-11-25, facts: [egfr]}}\n", encoding="utf-8"
    )
    rows = "".join(f"r{n},29 contraindicated\n" for n in range(100_000))
    (folder / "renal" / "many.csv").write_text(f"id,tests\n{rows}", encoding="utf-8")


def _link_out(folder: Path) -> None:
    (folder / "renal" / "passwd.yaml").symlink_to("/etc/hostname")


def _folders_without_end(folder: Path) -> None:
    deep = folder
    for _ in range(200):
        deep = deep / "d"
        deep.mkdir()


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(f"b{i}: &b{i} [*a,*a,*a,*a,*a,*a,*a]\n" for i in range(40))
HOSTILE: dict[str, tuple[Break, str]] = {
    "an alias bomb": (_write("renal/bomb.yaml", BOMB), "alias or anchor"),
    "100,000 rules in a table": (_table_of_100000_rules, "expected at most"),
    "5,000 files": (_many_files, "expected at most 4000"),
    "nesting without end": (_write("renal/deep.yaml", "a: " + "[" * 5000 + "]" * 5000), "nesting depth"),
    "nesting that is merely deep": (_write("renal/deep.yaml", "a: " + "[" * 50 + "]" * 50), "nested deeper than 20"),
    "a condition nested without end": (
        _replace(METFORMIN, "if: egfr < stop", "if: " + "(" * 900 + "egfr < stop" + ")" * 900),
        "nested deeper than 40",
    ),
    "a condition of a million characters": (
        _replace(METFORMIN, "if: egfr < stop", "if: egfr < stop" + " or egfr < stop" * 15_000),
        "expected at most 2000",
    ),
    "a file of 5 MB": (_write("renal/large.csv", "x" * 5_000_000), "bytes in 'large.csv'"),
    "a link out of the folder": (_link_out, "expected plain .yaml"),
    "folders without end": (_folders_without_end, "folders deep"),
    "a program": (_write("renal/rule.py", "print('hello')\n"), "expected plain .yaml"),
    "a limit that is a list": (_replace(METFORMIN, "stop: {2016-04-08: 30}", "stop: [30]"), "Expected `object`"),
    "a limit that is not a number": (_replace(METFORMIN, "2016-04-08: 30}", "2016-04-08: .nan}"), "Expected `float`"),
    "a YAML tag that builds objects": (
        _write("renal/tag.yaml", "a: !!python/object/apply:os.system ['true']\n"),
        "could not determine a constructor",
    ),
    "a rule without its tests": (_replace(METFORMIN, "tests:\n", "testss:\n"), "unknown field"),
    "a test that does not hold": (_replace(METFORMIN, "egfr: 29, expect: contra", "egfr: 99, expect: contra"), "found"),
    "an expired review": (_replace(METFORMIN, "next: 2027-11-21", "next: 2026-01-01"), "review was due"),
    "a table with a cell too many": (_replace("drugs/classes.csv", "头孢菌素", "头孢,菌素"), "cells, expected"),
    "text that is not UTF-8": (lambda f: (f / METFORMIN).write_bytes(b"\xff\xfe\x00") and None, "not UTF-8"),
    "words of the program changed": (_replace("orders/routes.csv", "po,po", "iv,po"), "new version of the program"),
    "no files": (lambda f: [p.unlink() for p in f.rglob("*") if p.is_file()] and None, "found no files"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(copytree(KNOWLEDGE, tmp_path / "pack"))


def test_the_knowledge_as_it_is_may_be_put_in_force(folder: Path) -> None:
    assert len(admit(folder, DAY).rules) > 100


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_pack_is_refused_with_its_reason(name: str, folder: Path) -> None:
    break_, says = HOSTILE[name]
    break_(folder)
    with pytest.raises(PackRefused) as refused:
        admit(folder, DAY)
    assert any(says in reason for reason in refused.value.reasons), refused.value.reasons


MEASURE = """
import sys, time
from datetime import date
from pathlib import Path
from cdss.rules.checking.admission import admit
from cdss.rules.language.sizes import PackRefused
started = time.process_time()
try:
    admit(Path(sys.argv[1]), date(2026, 11, 25))
except PackRefused:
    peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
    print(time.process_time() - started, peak.split()[1])
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", ["an alias bomb", "100,000 rules in a table", "5,000 files", "nesting without end"])
def test_it_costs_little_to_refuse(name: str, folder: Path) -> None:
    """CPU seconds and memory of a process of its own, the program's imports and its good tables included."""
    HOSTILE[name][0](folder)
    done = subprocess.run([sys.executable, "-c", MEASURE, str(folder)], capture_output=True, text=True, check=True)
    seconds, kilobytes = done.stdout.split()
    assert float(seconds) < SECONDS
    assert int(kilobytes) * 1024 < BYTES
