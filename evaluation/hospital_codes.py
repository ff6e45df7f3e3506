"""`cdss data hospital-codes`: an official file of medicines as the table CDSS_HOSPITAL_CODES reads, and what is left.

For a table of frequencies: which of its words are not understood, or understood as another number.
"""

import csv
import json as jsonlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer

from cdss.datasets.nhsa import FileFault, Frequency, Product, frequencies, is_frequencies, products
from cdss.rules.drugs.formulary import Formulary
from cdss.rules.terms.order_words import as_needed, times_a_day

HEADING = ("code", "name", "ingredients", "atc")


@dataclass(slots=True)
class Mapped:
    """Lines of the table, the products of which only a class is known, and those nothing is known of."""

    lines: list[tuple[str, str, str, str]] = field(default_factory=list)
    class_only: list[Product] = field(default_factory=list)
    unmapped: list[Product] = field(default_factory=list)
    conflicts: int = 0


def hospital_codes(
    file: Annotated[Path, typer.Argument(help="Official file: CSV (.gz), UTF-8 or GB18030")],
    out: Annotated[Path, typer.Option(help="Where the table code,name,ingredients,atc goes")] = Path("hospital.csv"),
    unmapped: Annotated[Path, typer.Option(help="Where names not mapped go")] = Path("unmapped.csv"),
    json: Annotated[bool, typer.Option("--json", help="Machine-readable output")] = False,
) -> None:
    """An official list of medicines as the hospital's own code table; a list of frequencies is only checked."""
    try:
        found = _checked(file) if is_frequencies(file) else _written(file, out, unmapped)
    except FileFault as e:
        raise typer.BadParameter(str(e)) from e
    typer.echo(jsonlib.dumps(found, ensure_ascii=False) if json else _said(found))


def mapped(told: Iterable[Product], formulary: Formulary) -> Mapped:
    """Every product with what our names make of it."""
    found = Mapped()
    for product in told:
        drug = formulary.resolve(name=product.name, nhsa=product.code)
        if drug.ingredients:
            found.lines.append((product.code, product.name, "|".join(one.id for one in drug.ingredients), ""))
        else:
            (found.class_only if drug.atc else found.unmapped).append(product)
        found.conflicts += bool(drug.conflicts)
    return found


def misread(told: Iterable[Frequency]) -> list[dict[str, Any]]:
    """Words of frequencies that we read as another number of times a day, or not at all."""
    return [
        {"word": word, "times_a_day": one.times_a_day, "read_as": times_a_day(word)}
        for one in told
        for word in one.words
        if not as_needed(word) and abs((times_a_day(word) or 0.0) - one.times_a_day) > 1e-6
    ]


def _written(file: Path, out: Path, unmapped: Path) -> dict[str, Any]:
    found = mapped(products(file), Formulary.load())
    _write(out, HEADING, found.lines)
    left = [(product.code, product.name, why) for why, some in
            (("class only", found.class_only), ("unmapped", found.unmapped)) for product in some]  # fmt: skip
    _write(unmapped, ("code", "name", "why"), left)
    return {
        "mapped": len(found.lines),
        "class_only": len(found.class_only),
        "unmapped": len(found.unmapped),
        "unmapped_names": len({product.name for product in found.unmapped}),
        "conflicts": found.conflicts,
        "table": str(out),
        "left_out": str(unmapped),
    }


def _write(path: Path, heading: tuple[str, ...], lines: Iterable[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(heading)
        writer.writerows(lines)


def _checked(file: Path) -> dict[str, Any]:
    told = list(frequencies(file))
    return {"frequencies": len(told), "misread": misread(told)}


def _said(found: dict[str, Any]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in found.items())
