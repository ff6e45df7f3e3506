"""The tables of a model as one ONNX graph: exact, small, and fast. No converter is involved.

Each term is one tree of a TreeEnsembleRegressor (ai.onnx.ml 3) whose first branches look at the tier and whose rest is
a balanced search among the tier's edges, so that all tiers share one graph and each row walks only its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from cdss.evaluation.tables import Tables, Term, merged
from cdss.models.additive import RATIOS

LOWEST = float(np.finfo(np.float32).min)  # below every number, so that only nan takes the branch for missing

_NODE = (
    "treeids",
    "nodeids",
    "featureids",
    "modes",
    "values",
    "truenodeids",
    "falsenodeids",
    "missing_value_tracks_true",
)
_LEAF = ("treeids", "nodeids", "ids", "weights")


@dataclass(slots=True)
class _Trees:
    """The parallel lists of nodes and leaves that the operator takes."""

    nodes: dict[str, list[Any]] = field(default_factory=lambda: {f"nodes_{name}": [] for name in _NODE})
    leaves: dict[str, list[Any]] = field(default_factory=lambda: {f"target_{name}": [] for name in _LEAF})
    tree: int = 0
    next_node: int = 0

    def start(self, tree: int) -> None:
        """From here on, nodes belong to this tree, which is also the number of its term."""
        self.tree, self.next_node = tree, 0

    def leaf(self, value: float) -> int:
        """A leaf that adds `value` to this tree's term; returns its number."""
        number = self._node("LEAF", 0, 0.0, missing=False)
        for name, entry in zip(_LEAF, (self.tree, number, self.tree, float(value)), strict=True):
            self.leaves[f"target_{name}"].append(entry)
        return number

    def branch(self, column: int, edge: float, missing: bool = False) -> int:
        """A node that goes left where column <= edge, and nan left if `missing`; its children are set by `join`."""
        return self._node("BRANCH_LEQ", column, edge, missing)

    def join(self, parent: int, left: int, right: int) -> None:
        """Sets the children of a branch of this tree."""
        place = len(self.nodes["nodes_nodeids"]) - self.next_node + parent
        self.nodes["nodes_truenodeids"][place] = left
        self.nodes["nodes_falsenodeids"][place] = right

    def _node(self, mode: str, column: int, edge: float, missing: bool) -> int:
        number = self.next_node
        entries = (self.tree, number, column, mode, float(edge), 0, 0, int(missing))
        for name, entry in zip(_NODE, entries, strict=True):
            self.nodes[f"nodes_{name}"].append(entry)
        self.next_node += 1
        return number


def export(tiers: Mapping[str, Tables], features: Sequence[str], terms: Sequence[str]) -> onnx.ModelProto:
    """One graph for all tiers, as `models.additive` describes. `terms`: all terms of all tiers, in output order."""
    columns = [*features, *[term for term in terms if term in RATIOS], "tier"]
    trees = _Trees()
    for number, term in enumerate(terms):
        trees.start(number)
        _tier_branch(
            trees, [tables.terms.get(term) for tables in tiers.values()], columns.index(term), len(columns) - 1
        )
    graph = helper.make_graph(
        [*_inputs(features, terms), _ensemble(trees, len(terms)), *_outputs()],
        "additive",
        [
            helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", len(features)]),
            helper.make_tensor_value_info("tier", TensorProto.INT64, ["n"]),
        ],
        [
            helper.make_tensor_value_info("probability", TensorProto.FLOAT, ["n"]),
            helper.make_tensor_value_info("contributions", TensorProto.FLOAT, ["n", len(terms)]),
            helper.make_tensor_value_info("intercept", TensorProto.FLOAT, ["n"]),
        ],
        _constants([tables.intercept for tables in tiers.values()]),
    )
    model = helper.make_model(
        graph,
        producer_name="cdss.training.risk.graph",
        ir_version=8,
        opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)],
    )
    said = {"features": ",".join(features), "terms": ",".join(terms), "tiers": ",".join(tiers)}
    helper.set_model_props(model, said)
    onnx.checker.check_model(model)
    return model


def _tier_branch(trees: _Trees, of_tier: Sequence[Term | None], column: int, tier_column: int, number: int = 0) -> int:
    """The term's tree from tier `number` on; a tier without this term adds 0."""
    if number == len(of_tier) - 1:
        return _term(trees, of_tier[number], column)
    parent = trees.branch(tier_column, number + 0.5)
    left = _term(trees, of_tier[number], column)
    trees.join(parent, left, _tier_branch(trees, of_tier, column, tier_column, number + 1))
    return parent


def _term(trees: _Trees, term: Term | None, column: int) -> int:
    if term is None:
        return trees.leaf(0.0)
    parent = trees.branch(column, LOWEST, missing=True)
    left = trees.leaf(term.missing)
    short = merged(term)
    trees.join(parent, left, _search(trees, short.edges, short.values, column))
    return parent


def _search(trees: _Trees, edges: NDArray[np.float32], values: NDArray[np.float64], column: int) -> int:
    """A balanced tree over the cells."""
    if not len(edges):
        return trees.leaf(values[0])
    middle = len(edges) // 2
    parent = trees.branch(column, float(edges[middle]))
    left = _search(trees, edges[:middle], values[: middle + 1], column)
    trees.join(parent, left, _search(trees, edges[middle + 1 :], values[middle + 1 :], column))
    return parent


def _inputs(features: Sequence[str], terms: Sequence[str]) -> list[onnx.NodeProto]:
    """features, ratios and the tier side by side, as the trees see them."""
    made, columns = [], ["features"]
    for ratio in [term for term in terms if term in RATIOS]:
        for part, name in zip(("above", "below"), RATIOS[ratio], strict=True):
            place = f"{ratio}_{part}_place"
            made.append(helper.make_node("Constant", [], [place], value_ints=[list(features).index(name)]))
            made.append(helper.make_node("Gather", ["features", place], [f"{ratio}_{part}"], axis=1))
        made.append(helper.make_node("Div", [f"{ratio}_above", f"{ratio}_below"], [ratio]))
        columns.append(ratio)
    made.append(helper.make_node("Cast", ["tier"], ["tier_number"], to=TensorProto.FLOAT))
    made.append(helper.make_node("Unsqueeze", ["tier_number", "second_axis"], ["tier_column"]))
    made.append(helper.make_node("Concat", [*columns, "tier_column"], ["columns"], axis=1))
    return made


def _ensemble(trees: _Trees, terms: int) -> onnx.NodeProto:
    return helper.make_node(
        "TreeEnsembleRegressor",
        ["columns"],
        ["contributions"],
        domain="ai.onnx.ml",
        n_targets=terms,
        aggregate_function="SUM",
        post_transform="NONE",
        **trees.nodes,
        **trees.leaves,
    )


def _outputs() -> list[onnx.NodeProto]:
    return [
        helper.make_node("Gather", ["intercepts", "tier"], ["intercept"]),
        helper.make_node("ReduceSum", ["contributions", "second_axis"], ["sum"], keepdims=0),
        helper.make_node("Add", ["sum", "intercept"], ["logit"]),
        helper.make_node("Sigmoid", ["logit"], ["probability"]),
    ]


def _constants(intercepts: Sequence[float]) -> list[onnx.TensorProto]:
    return [
        helper.make_tensor("second_axis", TensorProto.INT64, [1], [1]),
        helper.make_tensor("intercepts", TensorProto.FLOAT, [len(intercepts)], intercepts),
    ]
