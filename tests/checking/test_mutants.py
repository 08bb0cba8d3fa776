from __future__ import annotations

import ast
from pathlib import Path
from types import ModuleType

import pytest

from autograder.checking.checks import BadAssignment, load_module
from autograder.checking.mutants import bare, difference, mutants, variants
from autograder.checking.mutation_operators import OPERATORS, SimilarNames

ROOT = Path(__file__).parents[2]


@pytest.fixture
def reference(tmp_path: Path) -> ModuleType:
    path = tmp_path / "small.py"
    path.write_text(
        "import numpy as np\n\n\n"
        "def slope(W1: np.ndarray, W2: np.ndarray, rate: float = 0.01) -> dict[str, np.ndarray]:\n"
        '    """Says 1 + 1."""\n'
        "    s = np.sum(W1.T @ W2, axis=1, keepdims=True) - rate\n"
        "    for i in range(3):\n"
        "        if i > 1:\n"
        "            s = np.tanh(s)\n"
        '    return {"dW1": s, "dW2": W2}\n'
    )
    return load_module(path)


@pytest.mark.parametrize(
    ("operator", "before", "after"),
    [
        ("arithmetic", "keepdims=True) - rate", "keepdims=True) + rate"),
        ("arithmetic", "W1.T @ W2", "W1.T * W2"),
        ("arithmetic", "W1.T @ W2", "W2 @ W1.T"),
        ("arithmetic", ", keepdims=True) - rate", ", keepdims=True)"),
        ("comparison", "i > 1", "i >= 1"),
        ("comparison", "i > 1", "not i > 1"),
        ("constant", "rate=0.01", "rate=0.011"),
        ("constant", "rate=0.01", "rate=0.009"),
        ("constant", "axis=1", "axis=0"),
        ("constant", "keepdims=True", "keepdims=False"),
        ("transpose", "W1.T @ W2", "W1 @ W2"),
        ("transpose", "W1.T @ W2", "W1.T @ W2.T"),
        ("keyword", ", keepdims=True", ""),
        ("call", "np.tanh(s)", "sigmoid(s)"),
        ("call", "np.tanh(s)", "s"),
        ("call", "np.sum(", "np.mean("),
        ("exchange", "'dW1': s, 'dW2': W2", "'dW1': W2, 'dW2': s"),
        ("omission", "s = np.tanh(s)", "pass"),
        ("omission", "'dW1': s, ", ""),
        ("name", "W1.T @ W2", "W2.T @ W2"),
        ("name", "'dW1': s", "'dW2': s"),
        ("loop", "range(3)", "range(3 + 1)"),
        ("loop", "range(3)", "range(1, 3)"),
    ],
)
def test_an_operator_makes_a_slip(
    reference: ModuleType, operator: str, before: str, after: str
) -> None:
    made = [each for each in mutants(reference, "slope") if each.operator == operator]
    slips = [dict(zip("-+", each.diff.splitlines(), strict=False)) for each in made]
    assert any(
        before in slip["-"] and slip["-"].replace(before, after, 1)[1:] == slip["+"][1:]
        for slip in slips
    )


def test_a_mutant_is_a_function_of_its_own(reference: ModuleType) -> None:
    sources = [each.source for each in mutants(reference, "slope")]
    assert len(set(sources)) == len(sources) > 40
    original = ast.parse("".join(Path(str(reference.__file__)).read_text().splitlines(True)[3:]))
    for source in sources:
        assert ast.dump(ast.parse(source)) != ast.dump(original)
        compile(source, "mutant", "exec")


def test_docstrings_and_annotations_are_left_alone(reference: ModuleType) -> None:
    for each in mutants(reference, "slope"):
        assert "1 + 1" not in each.source
        assert "ndarray" not in each.diff


def test_the_same_mutants_are_made_twice(reference: ModuleType) -> None:
    assert mutants(reference, "slope") == mutants(reference, "slope")


def test_a_difference_has_neither_indentation_nor_line_numbers() -> None:
    assert difference("def f():\n    a = 1\n    b = 2\n", "def f():\n    a = 1\n    b = 3\n") == (
        "- b = 2\n+ b = 3"
    )


def test_there_is_no_mutant_of_what_is_not_there(reference: ModuleType) -> None:
    with pytest.raises(BadAssignment, match="no function forward"):
        mutants(reference, "forward")


def test_the_constant_of_an_initialization_is_changed_by_a_tenth_both_ways() -> None:
    reference = load_module(ROOT / "reference" / "random_initialization.py")
    diffs = "".join(each.diff for each in mutants(reference, "initialize_parameters"))
    for slip in ("0.011", "0.009", "np.random.rand(", "np.ones(", "(n_x, n_h)"):
        assert slip in diffs


SMALL = """import numpy as np


def cost(A: np.ndarray, p: dict[str, np.ndarray], rounds: int = 20) -> float:
    W, b = (p[key] for key in ("W", "b"))
    s = np.zeros((2, 1))
    for i in range(rounds):
        s = W @ A.T + p["b"]
    return -np.mean(np.log(s))
"""


@pytest.mark.parametrize(
    ("operator", "added"),
    [
        ("default", "rounds = 20"),
        ("default", "def cost(A, p, rounds):"),
        ("buffer", "s = np.zeros((2, 1), dtype=int)"),
        ("buffer", "s = np.asarray(W @ A.T).astype(A.dtype) + p['b']"),
        ("order", "W, b = p.values()"),
        ("order", "s = W @ A.T + list(p.values())[1]"),
        ("product", "return -(np.log(np.prod(np.exp(np.log(s)))) / np.size(np.log(s)))"),
        ("early_stop", "if i > 9:"),
        ("state", "p = cost.__dict__.setdefault(str(('p', np.shape(p))), p)"),
    ],
)
def test_an_operator_makes_a_slip_that_only_unusual_inputs_show(
    tmp_path: Path, operator: str, added: str
) -> None:
    (tmp_path / "small.py").write_text(SMALL)
    made = [
        each
        for each in mutants(load_module(tmp_path / "small.py"), "cost", OPERATORS)
        if each.operator == operator
    ]
    assert any(f"+ {added}" in each.diff.splitlines() for each in made)
    for each in made:
        compile(each.source, "mutant", "exec")


def test_each_variant_is_written_as_the_whole_function_would_be() -> None:
    definition = bare(
        "def f(x, n=3, *rest, scale=1.5):\n"
        '    y = [x + 1, "a\\nb"]\n'
        "    def inner(k):\n"
        '        """Keep this."""\n'
        "        return k - n\n"
        "    for i in range(n):\n"
        "        if i > 1 and scale:\n"
        "            y.append(inner(i) * scale)\n"
        "        else:\n"
        "            continue\n"
        "    return y\n"
    )
    sources = [
        source for _, source in variants(definition, SimilarNames(lambda _: [], frozenset()))
    ]
    assert sources == [ast.unparse(ast.parse(source)) + "\n" for source in sources]
    changed = "".join(difference(ast.unparse(definition), source) for source in sources)
    for place in ("+ 1", "k - n", "range(n)", "i > 1", "* scale"):
        assert place in changed
