"""Turn an instructor's notebook with plain asserts into the files of an assignment.

The notebook is one that nbgrader releases: solutions are between its marks, and locked cells test
them with asserts. Text and read-only code become the lesson, solutions the reference, and each
assert that compares a call with a value becomes part of a check. What has another form is left to
the author, in sentences: nothing is guessed.
"""

from __future__ import annotations

import ast
import builtins
import copy
import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.course.assignment import BadAssignment
from autograder.i18n import _

MARK = re.compile(r"^\s*### (BEGIN|END) (SOLUTION|HIDDEN TESTS)\b.*$")
MAGIC = re.compile(r"^\s*[%!]")

CLOSE = {"allclose", "isclose", "assert_allclose", "assert_almost_equal"}
"""Functions of numpy and math that compare numbers up to rounding."""

EQUAL = {"array_equal", "assert_array_equal", "assert_equal"}

TOLERANCES = {"rtol": "rtol", "rel_tol": "rtol", "atol": "atol", "abs_tol": "atol"}

TESTING = {"nose", "numpy.testing", "pytest", "unittest"}
"""Modules whose functions become expectations."""

IMPORT_CHECKING = "from autograder.checking import check, expect"


@dataclass
class Converted:
    """The files of an assignment.

    Attributes:
        left: a sentence for everything that the author must look at.
    """

    files: dict[str, str] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)


def convert(path: Path, name: str) -> Converted:
    """Return the files of an assignment of this name that is made from an instructor's notebook.

    Raises:
        BadAssignment: the file is no notebook, or has no cell in which students write a function.
    """
    import nbformat

    try:
        notebook = nbformat.read(path, as_version=4)
    except Exception as error:  # nbformat raises what its parts raise
        no_notebook = _("{path} cannot be read as a notebook: {error}")
        raise BadAssignment(no_notebook.format(path=path, error=error)) from error
    try:
        return _Converter(name, notebook.cells).converted()
    except SyntaxError as error:
        no_python = _("A cell of {path} is not valid Python: {error}")
        raise BadAssignment(no_python.format(path=path, error=error)) from error


class _Converter:
    def __init__(self, name: str, cells: Sequence[Any]) -> None:
        self.name = name
        self.cells = cells
        self.made = Converted()
        self.functions = {
            node.name for cell in cells if _is_code_of_students(cell) for node in _functions(cell)
        }
        if not self.functions:
            none = _(
                "The notebook has no cell in which students write a function. Mark the solution of "
                "each function in nbgrader's Create Assignment."
            )
            raise BadAssignment(none)
        self.lesson: list[str] = []
        self.reference: list[str] = []
        self.definitions: dict[str, str] = {}
        self.imports: list[str] = []
        self.checks: list[str] = []
        self.names: set[str] = set()

    def say(self, sentence: str, **parts: object) -> None:
        self.made.left.append(sentence.format(**parts))

    def converted(self) -> Converted:
        """Go through the cells."""
        for number, cell in enumerate(self.cells, 1):
            marks = cell.metadata.get("nbgrader", {})
            name = re.sub(r"\W", "_", marks.get("grade_id") or f"cell_{number}")
            name = name if name.isidentifier() else f"cell_{name}"
            if marks.get("task") or (marks.get("grade") and marks.get("solution")):
                self._graded_by_hand(name, cell, marks)
            elif cell.cell_type == "markdown":
                self.lesson.append(cell.source)
            elif cell.cell_type == "code" and marks.get("solution"):
                self._solution(name, cell)
            elif cell.cell_type == "code" and marks.get("grade"):
                self._tests(name, cell, float(marks.get("points") or 0))
            elif cell.cell_type == "code":
                self._read_only(name, cell)
        self._finish()
        return self.made

    def _graded_by_hand(self, name: str, cell: Any, marks: Any) -> None:
        if cell.cell_type == "code" or marks.get("task"):
            said = _(
                "{cell} ({points} points) is graded by hand and is no answer in words. It was left "
                "out: ask for it in lesson.md as an {{answer}}."
            )
            self.say(said, cell=name, points=marks.get("points") or 0)
            return
        self.lesson.append(f"```{{answer}} {name} {marks.get('points') or 0:g}\n```")
        answer = "\n".join(line for line in cell.source.split("\n") if not MARK.match(line))
        self.made.files[f"reference/{self.name}.{name}.md"] = answer.strip() + "\n"
        said = _("Read reference/{file}: it should be the model answer, for the person who grades.")
        self.say(said, file=f"{self.name}.{name}.md")

    def _solution(self, name: str, cell: Any) -> None:
        source = _plain(cell.source)
        found = list(_functions(cell))
        self.reference.append(source)
        for function in found:
            self.lesson.append(f"```{{function}} {function.name}\n```")
            if ast.get_docstring(function) is None:
                said = _("Write a docstring for {function} in {path}: students read it.")
                self.say(said, function=function.name, path=f"reference/{self.name}.py")
            stub = [ast.unparse(each) for each in ast.walk(function) if isinstance(each, ast.Raise)]
            if any("NotImplementedError" in each for each in stub):
                said = _("The notebook has no solution for {function}: write it in {path}.")
                self.say(said, function=function.name, path=f"reference/{self.name}.py")
        if len(found) != len(_body(source)):
            said = _(
                "{cell} has code outside of functions. It is in the reference, and students will "
                "not see it: put into lesson.md what they need."
            )
            self.say(said, cell=name)

    def _read_only(self, name: str, cell: Any) -> None:
        source = _plain(cell.source)
        body = _body(source)
        if not body:
            return
        read = {each.id for node in body for each in ast.walk(node) if isinstance(each, ast.Name)}
        needs = sorted(read & self.functions)
        if needs:
            body[-1] = _printed(body[-1])
            code = textwrap.indent("\n".join(map(ast.unparse, body)), "    ")
            given = ", ".join(f'"{each}"' for each in needs)
            block = f"@experiment({given})\ndef {name}():\n{code}"
            self.lesson.append(f"```{{experiment}} {name}\n{block}\n```")
            return
        self.lesson.append(f"```{{setup}} {name}\n{source.strip()}\n```")
        for node in body:
            text = ast.get_source_segment(source, node) or ast.unparse(node)
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                self.imports.append(text)
            elif isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign)):
                self.definitions |= dict.fromkeys(_defined(node), text)
            else:
                continue
            self.reference.append(text)

    def _tests(self, name: str, cell: Any, points: float) -> None:
        source = _plain(cell.source)
        hidden = _hidden_lines(cell.source)
        asserts = _Asserts(self.functions)
        tree = asserts.visit(ast.parse(source))
        for node in asserts.left:
            said = _(
                "{cell}, line {line}, compares no call of a function with a value, so it is in no "
                "check: {code}"
            )
            code = ast.unparse(node).partition("\n")[0]
            self.say(said, cell=name, line=node.lineno, code=code)
        if not asserts.found:
            said = _("{cell} ({points} points) has become no check: write one.")
            self.say(said, cell=name, points=f"{points:g}")
        sentence = (ast.get_docstring(tree) or "").replace("\\", "\\\\").replace('"', "'")
        about = {
            (function, line in hidden): None for line, function in sorted(asserts.found.items())
        }
        to_write = bool(asserts.left and about)
        number = len(about) + to_write
        worth = f"{points / max(1, number):.6g}"
        if number > 1:
            said = _("The {points} points of {cell} are divided equally among {number} checks.")
            self.say(said, points=f"{points:g}", cell=name, number=number)
        if to_write:
            said = _("Write the check {check}: it has the points of what was left out.")
            self.say(said, check=f"{name}_to_write")
        for function, is_hidden in about:
            lines = {
                line
                for line, of in asserts.found.items()
                if of == function and (line in hidden) == is_hidden
            }
            chosen = (_only(node, lines) for node in tree.body)
            body = "\n".join(ast.unparse(each) for each in chosen if not _is_needless(each))
            check = f"{name}_of_{function}" + ("_hidden" if is_hidden else "")
            visible = "" if is_hidden else ", visible=True"
            self.checks.append(
                f'@check(of="{function}", points={worth}{visible})\n'
                f"def {check}(student):\n"
                + textwrap.indent(f'"""{sentence or f"{function} is right."}"""\n{body}', "    ")
            )
            self.names |= {
                each.id for each in ast.walk(ast.parse(body)) if isinstance(each, ast.Name)
            }
        if to_write:  # it fails on the solution, so the assignment cannot be released without it
            self.checks.append(
                f'@check(of="{next(iter(about))[0]}", points={worth})\n'
                f"def {name}_to_write(student):\n"
                f'    """What was left out of {name}."""\n'
                '    raise NotImplementedError("write this check")'
            )

    def _finish(self) -> None:
        first = next(i for i, part in enumerate(self.lesson) if part.startswith("```{function}"))
        self.lesson.insert(first, "```{runner}\n```")
        needed = self.names - set(vars(builtins)) - {"expect", "student"}
        kept = list(dict.fromkeys(self.definitions.values()))
        kept = kept if needed & set(self.definitions) else []
        head = [
            f'"""The checks of {self.name}, from the asserts of a notebook."""',
            "\n".join([*dict.fromkeys(self.imports), "", IMPORT_CHECKING]).strip(),
        ]
        solution = [f'"""The reference solution of {self.name}."""', *self.reference]
        self.made.files |= {
            f"assignments/{self.name}/lesson.md": "\n\n".join(self.lesson) + "\n",
            f"assignments/{self.name}/checks.py": _file([*head, *kept, *self.checks]),
            f"reference/{self.name}.py": _file(solution),
        }
        if self.checks:
            self.say(_("Say in the docstring of each check what it tests: students read it."))
        checked = "\n".join(self.checks)
        for function in sorted(self.functions):
            if f'@check(of="{function}"' not in checked:
                self.say(_("No check tests {function}: write one."), function=function)
            elif not re.search(rf'@check\(of="{function}", points=\S+, visible=True\)', checked):
                self.say(_("{function} has no visible check: write one."), function=function)


def _file(parts: Sequence[str]) -> str:
    return "\n\n\n".join(part.strip("\n") for part in parts) + "\n"


class _Asserts(ast.NodeTransformer):
    """Replaces asserts by expectations, and calls of students' functions by `student.NAME`.

    Attributes:
        found: the function that each expectation is about, by its line.
        left: the asserts that cannot be replaced; they are removed.
    """

    def __init__(self, functions: set[str]) -> None:
        self.functions = functions
        self.answers: dict[str, str] = {}
        self.found: dict[int, str] = {}
        self.left: list[ast.stmt] = []

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id not in self.functions:
            return node
        return ast.copy_location(ast.Attribute(ast.Name("student"), node.id, ast.Load()), node)

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        function = self._of(node.value)
        for name in _defined(node):
            self.answers.pop(name, None)
            if function is not None:
                self.answers[name] = function
        return self.generic_visit(node)

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        return self._expected(node, node.test)

    def _leave(self, node: ast.stmt) -> ast.AST:
        self.left.append(node)
        return ast.copy_location(ast.Pass(), node)

    # A test that expects an exception would see none: a check gets answers.
    visit_Try = visit_With = visit_Raise = _leave  # noqa: N815  # Python's names

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        called = _name_of(node.value)
        if called in CLOSE | EQUAL and called.startswith("assert_"):
            return self._expected(node, node.value)
        return self.generic_visit(node)

    def _of(self, node: ast.expr) -> str | None:
        """Return the student's function whose answer this is, or a part of it."""
        while isinstance(node, ast.Subscript):
            node = node.value
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return node.func.id if node.func.id in self.functions else None
        return self.answers.get(node.id) if isinstance(node, ast.Name) else None

    def _expected(self, node: ast.stmt, test: ast.expr) -> ast.AST:
        parts = _compared(test)
        if parts is not None:
            how, one, other, tolerances = parts
            for answer, wanted in ((one, other), (other, one)):
                function = self._of(answer)
                if function is not None and not self._asks(wanted):
                    self.found[node.lineno] = function
                    call = ast.Call(
                        ast.Attribute(ast.Name("expect"), how, ast.Load()),
                        [self.visit(answer), wanted],
                        tolerances,
                    )
                    return ast.copy_location(ast.Expr(call), node)
        return self._leave(node)

    def _asks(self, node: ast.expr) -> bool:
        """Return whether the value depends on a student's function."""
        names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
        return bool(names & (self.functions | set(self.answers)))


Compared = tuple[str, ast.expr, ast.expr, list[ast.keyword]]
"""The expectation, what it compares, and its tolerances."""


def _compared(test: ast.expr) -> Compared | None:
    """Return what an assert compares; None if it has another form."""
    if isinstance(test, ast.Call):
        name, tolerances = _name_of(test), []
        if name == "all":  # (f(x) == y).all(), or np.all(f(x) == y)
            inner = test.args[0] if test.args else getattr(test.func, "value", None)
            return _compared(inner) if isinstance(inner, ast.Compare) else None
        if name not in CLOSE | EQUAL or len(test.args) != 2:
            return None
        for each in test.keywords:
            if each.arg not in TOLERANCES or name not in CLOSE:
                return None
            tolerances.append(ast.keyword(TOLERANCES[each.arg], each.value))
        return "close" if name in CLOSE else "equal", test.args[0], test.args[1], tolerances
    if not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return None
    left, operator, right = test.left, test.ops[0], test.comparators[0]
    if isinstance(operator, (ast.Eq, ast.Is)):
        for one, other in ((left, right), (right, left)):
            if isinstance(other, ast.Call) and _name_of(other) == "approx":
                return ("close", one, other.args[0], []) if not other.keywords else None
        return "equal", left, right, []
    if isinstance(operator, (ast.Lt, ast.LtE)) and isinstance(left, ast.Call):
        difference = left.args[0] if _name_of(left) == "abs" and len(left.args) == 1 else None
        if isinstance(difference, ast.BinOp) and isinstance(difference.op, ast.Sub):
            within = [ast.keyword("rtol", ast.Constant(0)), ast.keyword("atol", right)]
            return "close", difference.left, difference.right, within
    return None


def _name_of(node: ast.expr) -> str:
    """Return the name of the function that a call calls, without its module."""
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _only(node: ast.stmt, lines: set[int]) -> ast.stmt:
    """Return a statement with the expectations in these lines, without all others."""

    class Without(ast.NodeTransformer):
        def visit_Expr(self, node: ast.Expr) -> ast.AST:
            expects = ast.unparse(node).startswith("expect.")
            keep = not expects or node.lineno in lines
            return node if keep else ast.copy_location(ast.Pass(), node)

    made = Without().visit(copy.deepcopy(node))
    assert isinstance(made, ast.stmt)  # noqa: S101  # each becomes a statement
    return ast.fix_missing_locations(made)


def _is_needless(node: ast.stmt) -> bool:
    """Return whether a statement of a test cell does nothing in a check."""
    if isinstance(node, ast.Import):
        return all(each.name.partition(".")[0] in TESTING for each in node.names)
    if isinstance(node, ast.ImportFrom):
        return node.module in TESTING or (node.module or "").partition(".")[0] in TESTING
    return isinstance(node, ast.Pass) or (
        isinstance(node, ast.Expr)
        and (isinstance(node.value, ast.Constant) or _name_of(node.value) == "print")
    )


def _is_code_of_students(cell: Any) -> bool:
    marks = cell.metadata.get("nbgrader", {})
    return bool(cell.cell_type == "code" and marks.get("solution") and not marks.get("grade"))


def _functions(cell: Any) -> Iterator[ast.FunctionDef]:
    return (node for node in _body(_plain(cell.source)) if isinstance(node, ast.FunctionDef))


def _plain(source: str) -> str:
    """Return a cell without nbgrader's marks and IPython's magics, with as many lines."""
    lines = source.split("\n")
    return "\n".join("" if MARK.match(each) or MAGIC.match(each) else each for each in lines)


def _body(source: str) -> list[ast.stmt]:
    return ast.parse(source).body


def _hidden_lines(source: str) -> set[int]:
    """Return the numbers of the lines between the marks of hidden tests."""
    hidden, inside = set(), False
    for number, line in enumerate(source.split("\n"), 1):
        mark = MARK.match(line)
        if mark and mark[2] == "HIDDEN TESTS":
            inside = mark[1] == "BEGIN"
        if inside:
            hidden.add(number)
    return hidden


def _printed(node: ast.stmt) -> ast.stmt:
    """Return the last statement of a cell so that it prints what the notebook would show."""
    if not isinstance(node, ast.Expr) or _name_of(node.value) == "print":
        return node
    return ast.fix_missing_locations(ast.Expr(ast.Call(ast.Name("print"), [node.value], [])))


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return [node.name]
    found = (each for each in ast.walk(node) if isinstance(each, ast.Name))
    return [each.id for each in found if isinstance(each.ctx, ast.Store)]
