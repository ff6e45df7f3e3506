"""Proof that the graph says what the tables say, on many rows and on the worst of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import onnxruntime as ort

from cdss.evaluation.tables import Columns, Numbers, Tables

ROWS = 120_000  # the house asks for 100,000
WORST = 1e-6  # in probability


class ParityFailure(AssertionError):
    """The graph and the tables differ; the graph must not be shipped."""


@dataclass(frozen=True, slots=True)
class Parity:
    """The largest differences, and how many rows took another branch in some term."""

    rows: int
    probability: float
    contribution: float
    flipped: int


def prove(
    graph: bytes, tiers: Mapping[str, Tables], features: Sequence[str], terms: Sequence[str], people: Columns
) -> Parity:
    """Compares on ROWS rows a tier; ParityFailure if a probability differs by more than WORST or a row flips."""
    session = ort.InferenceSession(graph, providers=["CPUExecutionProvider"])
    found = [
        _compare(session, number, tables, features, terms, _rows(people, tables, features, number))
        for number, tables in enumerate(tiers.values())
    ]
    worst = Parity(
        sum(parity.rows for parity in found),
        max(parity.probability for parity in found),
        max(parity.contribution for parity in found),
        sum(parity.flipped for parity in found),
    )
    if worst.probability > WORST or worst.flipped:
        raise ParityFailure(f"found {worst}, expected at most {WORST} in probability and no flipped row")
    return worst


def _compare(
    session: ort.InferenceSession,
    number: int,
    tables: Tables,
    features: Sequence[str],
    terms: Sequence[str],
    rows: Columns,
) -> Parity:
    table = np.column_stack([rows[name] for name in features]).astype(np.float32)
    probability, contributions = session.run(
        ["probability", "contributions"], {"features": table, "tier": np.full(len(table), number)}
    )
    expected = tables.contributions(rows)
    logit = tables.intercept + expected.sum(axis=1)
    by_term = np.abs(contributions[:, [list(terms).index(name) for name in tables.terms]] - expected)
    outside = [place for place, name in enumerate(terms) if name not in tables.terms]
    assert not contributions[:, outside].any(), "a term outside the tier contributes"
    difference = np.abs(probability - 1 / (1 + np.exp(-logit)))
    return Parity(len(table), float(difference.max()), float(by_term.max()), int((by_term > 1e-5).any(axis=1).sum()))


def _rows(people: Columns, tables: Tables, features: Sequence[str], seed: int) -> dict[str, Numbers]:
    """People put together anew column by column, a tenth of their values missing, a fifth on an edge or beside it."""
    generator = np.random.default_rng(seed)
    rows = {name: generator.choice(people[name], ROWS) for name in features}
    for name, column in rows.items():
        if name in tables.terms and len(tables.terms[name].edges) > 1:
            place = generator.random(ROWS) < 0.2
            column[place] = _beside(generator.choice(tables.terms[name].edges, place.sum()), generator)
        column[generator.random(ROWS) < 0.1] = np.nan
    return rows


def _beside(edges: Numbers, generator: np.random.Generator) -> Numbers:
    """Each edge, or the next float32 below or above it."""
    towards = generator.choice(np.array([-np.inf, 0.0, np.inf], np.float32), len(edges))
    return np.where(towards == 0, edges, np.nextafter(edges, towards)).astype(np.float64)
