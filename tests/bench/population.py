"""Residents a second: the models alone, models and rules, and the whole command on a million residents.

Against a bare onnxruntime loop over the same graphs and rows, and against scikit-learn's own trees of the same kind
(HistGradientBoosting without interactions), in the same run.
"""

import resource
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from tests.bench.samples import resident_table

ROWS, MILLION = 200_000, 1_000_000
TREES = 300  # of the native estimator, as the training has them


def population(folder: Path) -> dict[str, Any]:
    """Rows a second of each, and the ratios to both baselines."""
    from cdss.rules.pack import load
    from cdss.serving.population.intake.table import open_table
    from cdss.serving.population.scoring.assess import assess
    from cdss.serving.population.scoring.columns import numbers
    from cdss.serving.population.scoring.risks import Risks

    path = many(resident_table(folder, 20_000), folder / "many.csv", ROWS)
    (batch,) = open_table(path).batches(ROWS)
    risks, pack, columns = Risks(), load(), numbers(batch)
    known = {**columns, "asian": np.ones(len(batch))}
    bare = rate(graphs(risks.glass_boxes, known))
    found = {
        "models": len(risks.glass_boxes),
        "bare_onnxruntime_rows_s": bare,
        "native_estimators_rows_s": rate(native(risks.glass_boxes, known)),
        "models_rows_s": rate(lambda: [made.assess_table(known) for made in risks.glass_boxes]),
        "models_and_rules_rows_s": rate(lambda: assess(batch, risks, pack, date(2026, 11, 21)).next),
    }
    for name in ("models", "models_and_rules"):
        found[f"{name}_to_bare"] = round(found[f"{name}_rows_s"] / bare, 2)
        found[f"{name}_to_native"] = round(found[f"{name}_rows_s"] / found["native_estimators_rows_s"], 2)
    return found | {"million": million(path, folder)}


def many(table: Path, out: Path, count: int) -> Path:
    """The residents of a table again and again, each under an id of its own."""
    few = pl.read_csv(table, infer_schema=False)
    copies = [few.with_columns(pl.col("id") + f"-{copy}") for copy in range(count // len(few))]
    pl.concat(copies).write_csv(out)
    return out


def million(table: Path, folder: Path) -> dict[str, float]:
    """`cdss score` on a million residents, all reasons: seconds, and peak memory in MB."""
    path = many(table, folder / "million.csv", MILLION)
    command = [str(Path(sys.executable).with_name("cdss")), "score", str(path), "--out", str(folder / "out.csv")]
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return {"seconds": round(seconds, 1), "rows_s": round(MILLION / seconds), "peak_mb": round(peak)}


def rate(call: Callable[[], object]) -> int:
    """Rows a second, the better of three."""
    call()
    times = []
    for _ in range(3):
        started = time.perf_counter()
        call()
        times.append(time.perf_counter() - started)
    return round(ROWS / min(times))


def graphs(models: Any, columns: Any) -> Callable[[], object]:
    """onnxruntime on rows that are ready: nothing checked, nothing chosen, nothing put into words."""
    ready = []
    for made in models:
        tier = np.maximum(made.assess_table(columns).tier, 0)
        rows = np.column_stack([columns.get(name, np.full(ROWS, np.nan)) for name in made._inputs]).astype(np.float32)
        ready.append((made._session, {"features": rows, "tier": tier}))
    names = ["probability", "contributions", "intercept"]
    return lambda: [session.run(names, inputs) for session, inputs in ready]


def native(models: Any, columns: Any) -> Callable[[], object]:
    """A HistGradientBoosting for every model, on the columns it knows here."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    event = (np.arange(ROWS) % 10 == 0).astype(int)
    fitted = []
    for made in models:
        there = [columns[name] for name in made._inputs if name in columns]
        rows = np.column_stack([column for column in there if not np.isnan(column).all()])
        trees = HistGradientBoostingClassifier(
            interaction_cst="no_interactions", max_iter=TREES, max_leaf_nodes=3, early_stopping=False
        )
        fitted.append((trees.fit(rows[:20_000], event[:20_000]), rows))
    return lambda: [trees.predict_proba(rows) for trees, rows in fitted]
