"""Build the instructor's notebook of an assignment from its lesson, checks and reference."""

from __future__ import annotations

import ast
import builtins
import hashlib
import inspect
import re
import shutil
import textwrap
from collections.abc import Iterator, Mapping
from importlib.util import decode_source
from pathlib import Path
from types import ModuleType

from markdown_it import MarkdownIt

from autograder.checking import expect
from autograder.checking.checks import Check, near
from autograder.checking.mistakes import function_source
from autograder.course import code_strings, requirements
from autograder.course.assignment import Assignment, BadAssignment
from autograder.course.embedded import figures, packing, pictures, runner
from autograder.course.lesson import Lesson, Part, Role, source_path
from autograder.i18n import ENGLISH, _, current_language, use_language

STUB = "# YOUR CODE HERE\nraise NotImplementedError()"
"""The text that nbgrader puts in place of a solution."""

ANSWER_STUB = "YOUR ANSWER HERE"
"""The text that nbgrader puts in place of a written answer."""

DIRECTIVES = ("setup", "given", "runner", "experiment", "function", "answer")
"""The names of blocks that become cells."""


def build(assignment: Assignment) -> Lesson:
    """Build the notebook of an assignment.

    Raises:
        BadAssignment: the lesson, the checks and the reference do not fit together.
    """
    builder = _Builder(assignment)
    with use_language(assignment.language):
        parts = tuple(builder.parts())
    lesson = Lesson(assignment.name, parts, builder.canary, assignment.language)
    taken = {f"{assignment.name}.ipynb", requirements.FILE} & assignment.beside.files.keys()
    if taken:
        ours = _("{file} in {folder} has the name of a file that is made: give it another name.")
        raise BadAssignment(ours.format(file=min(taken), folder=assignment.folder))
    ids = [part.id for part in lesson.parts]
    if twice := {each for each in ids if ids.count(each) > 1}:
        two = _("The lesson has two cells called {cells}: rename one.")
        raise BadAssignment(two.format(cells=", ".join(sorted(twice))))
    placed = set(lesson.functions)
    for check in assignment.checks:
        if check.of not in placed:
            homeless = _(
                "The check {check} tests {function}, but the lesson has no cell for that "
                "function: add a {block} block."
            )
            block = f"```{{function}} {check.of}"
            raise BadAssignment(
                homeless.format(check=check.id, function=check.of, block=block)
                + near(check.of, placed)
            )
    for function in lesson.functions:
        if not any(check.of == function for check in assignment.checks):
            unchecked = _(
                "Students write {function}, but no check tests it: add a check with "
                'of="{function}".'
            )
            raise BadAssignment(unchecked.format(function=function))
    return lesson


def write_source(assignment: Assignment) -> Path:
    """Build an assignment into the course's `source/`, and return the path.

    The files that students get are copied beside the notebook.
    """
    import nbformat

    notebook = build(assignment).source_notebook()
    path = source_path(assignment)
    path.parent.mkdir(parents=True, exist_ok=True)
    for place, file in assignment.beside.files.items():
        target = path.parent / place
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
    path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")
    return path


class _Builder:
    def __init__(self, assignment: Assignment) -> None:
        self.assignment = assignment
        self.canary = f"canary-{hashlib.sha256(assignment.name.encode()).hexdigest()[:16]}"
        # Loaded before it is parsed: a file that cannot be loaded has its own message.
        self.checks = assignment.checks
        text = decode_source((assignment.folder / "checks.py").read_bytes())
        self.lines = text.split("\n")
        self.nodes = ast.parse(text).body
        self.texts = 0
        self.has_runner = False
        self.defined: set[str] = set()
        self.say = assignment.say

    def _code(self, source: str) -> str:
        """Return code that students see in the language of the assignment."""
        return source if self.say is str else code_strings.in_code(source, self.say)

    def parts(self) -> Iterator[Part]:
        lines = self.assignment.lesson.splitlines(keepends=True)
        done = 0
        for token in MarkdownIt().parse(self.assignment.lesson):
            directive = re.fullmatch(r"\{(\w+)\}\s*(.*?)\s*", token.info.strip())
            if token.type != "fence" or token.map is None:
                continue
            _demand_closed(token.markup, token.map[0], lines[token.map[0] : token.map[1]])
            if not directive:
                continue
            if token.level:
                inside = _(
                    "lesson.md, line {line}: a {directive} block stands in a list or a quotation, "
                    "and would be text. Move it to the beginning of the line."
                )
                wrong = f"{{{directive[1]}}}"
                raise BadAssignment(inside.format(line=token.map[0] + 1, directive=wrong))
            yield from self._text("".join(lines[done : token.map[0]]))
            if directive[1] not in DIRECTIVES:
                unknown = _(
                    "lesson.md, line {line}: unknown block {directive}. The blocks are "
                    "{directives}."
                )
                there = ", ".join(f"{{{each}}}" for each in DIRECTIVES)
                wrong = f"{{{directive[1]}}}"
                raise BadAssignment(
                    unknown.format(line=token.map[0] + 1, directive=wrong, directives=there)
                )
            make = getattr(self, f"_{directive[1]}")
            yield from make(directive[2], token.content.rstrip("\n"))
            done = token.map[1]
        yield from self._text("".join(lines[done:]))

    def _text(self, text: str) -> Iterator[Part]:
        for section in re.split(r"(?m)^(?=##? )", text):
            if section.strip():
                self.texts += 1
                text = code_strings.in_markdown(section.strip(), self.say)
                yield _shown(Role.TEXT, f"text-{self.texts}", text)

    def _setup(self, name: str, body: str) -> Iterator[Part]:
        self.defined |= _defines(body)
        yield _shown(Role.SETUP, name, self._code(body))

    def _demand_runner(self, block: str) -> None:
        if not self.has_runner:
            lacks = _(
                "The lesson has no {runner} block above {block}, whose cells need it: put one "
                "below the imports."
            )
            raise BadAssignment(lacks.format(runner="{runner}", block=block))

    def _experiment(self, name: str, body: str) -> Iterator[Part]:
        self._demand_runner(f"{{experiment}} {name}")
        yield _shown(Role.EXPERIMENT, name, self._code(body))

    def _given(self, name: str, _body: str) -> Iterator[Part]:
        source = function_source(self.assignment.reference, name).rstrip()
        self.defined.add(name)
        yield _shown(Role.SETUP, name, self._code(source))

    def _runner(self, _name: str, _body: str) -> Iterator[Part]:
        self.has_runner = True
        yield _shown(Role.RUNNER, "runner", runner_source())

    def _answer(self, words: str, body: str) -> Iterator[Part]:
        name, _space, points = words.partition(" ")
        try:
            worth = float(points)
        except ValueError:
            pointless = _("The written answer {name} has no points. Write, for example, {example}")
            example = f"```{{answer}} {name} 10"
            raise BadAssignment(pointless.format(name=repr(name), example=example)) from None
        hint = f"{code_strings.in_markdown(body, self.say)}\n\n" if body else ""
        model = code_strings.in_markdown(self.assignment.answer(name), self.say)
        model = f"<!-- {self.canary} -->\n{model}"
        source = f"{hint}### BEGIN SOLUTION\n{model}\n### END SOLUTION"
        yield Part(Role.ANSWER, name, source, hint + ANSWER_STUB, worth)

    def _function(self, name: str, hints: str) -> Iterator[Part]:
        self._demand_runner(f"{{function}} {name}")
        head, body = _split(function_source(self.assignment.reference, name), name)
        if hints:
            head += textwrap.indent(hints, "    ") + "\n"
        head = self._code(head)
        solution = f"# {self.canary}\n{body}"
        marked = f"### BEGIN SOLUTION\n{solution}\n### END SOLUTION"
        yield Part(
            Role.SOLUTION,
            name,
            head + textwrap.indent(marked, "    "),
            head + textwrap.indent(STUB, "    "),
        )
        checks = [check for check in self.checks if check.of == name]
        visible = self._visible(name, [check for check in checks if check.visible])
        yield _shown(Role.VISIBLE, f"{name}_visible", visible, 0)
        taken = _("The hidden checks of {function} are run when your notebook is graded.")
        comment = f"# {taken.format(function=name)}\n"
        # Without our preprocessors, a cell without output would get full points from nbgrader.
        refusal = (
            "### BEGIN HIDDEN TESTS\n"
            f"# {self.canary}\n"
            'raise RuntimeError("Nobody has graded this cell: name the preprocessors of autograder '
            'in nbgrader_config.py.")\n'
            "### END HIDDEN TESTS"
        )
        points = sum(check.points for check in checks)
        yield Part(Role.HIDDEN, f"{name}_hidden", comment + refusal, comment.rstrip("\n"), points)

    def _visible(self, function: str, checks: list[Check]) -> str:
        """Return the cell with the visible checks of a function and the code that runs them."""
        if not checks:
            hidden = _(
                "{function} has no visible check: add one, so that students get feedback "
                "while they work."
            )
            raise BadAssignment(hidden.format(function=function))
        defined = {
            name: node
            for node in self.nodes
            for name in _names(node)
            if not isinstance(node, (ast.Import, ast.ImportFrom))
        }
        own = [defined[check.id] for check in checks]
        draws: dict[ast.stmt, str] = {}
        for node in own:
            assert isinstance(node, ast.FunctionDef)  # noqa: S101  # load_checks has seen to it
            picture = _picture(node)
            node.decorator_list = [] if picture is None else [picture]  # it may need helpers too
            if picture is not None:
                draws[node] = f"@notebook.picture({ast.unparse(picture)})\n"
        order = self._with_helpers(function, own, defined)
        self._demand_names(function, order)
        sources = [
            draws.get(node, "") + self._source(node, decorated=node not in own) for node in order
        ]
        table = "".join(
            f"    {check.id}: [{', '.join(each.id for each in check.after if each.visible)}],\n"
            for check in checks
        )
        body = "\n\n".join([*sources, f"return {{\n{table}}}"])
        # Inside a function, the helpers of a check do not change the student's names.
        code = (
            f'@notebook.visible_checks("{function}")\n'
            f"def visible_checks_of_{function}():\n{textwrap.indent(body, '    ')}"
        )
        about = _("Run this cell to check {function}; unfold it to see how.")
        return f"# {about.format(function=function)}\n{self._code(code)}"

    def _with_helpers(
        self, function: str, checks: list[ast.stmt], defined: Mapping[str, ast.stmt]
    ) -> list[ast.stmt]:
        """Return the visible checks of a function and all that they use, in the file's order."""
        wanted: list[ast.stmt] = []

        def want(node: ast.stmt) -> None:
            for inner in ast.walk(node):
                if isinstance(inner, ast.Attribute) and inner.attr == "rewound":
                    rewinds = _(
                        "A visible check of {function} repeats a call with the same random state, "
                        "which a notebook on its own cannot do: hide the check."
                    )
                    raise BadAssignment(rewinds.format(function=function))
                if not isinstance(inner, ast.Name) or self._is_class_of_the_notebook(inner.id):
                    continue
                known = defined.get(inner.id)
                if known is not None and known is not node and known not in wanted:
                    want(known)
            if node not in wanted:
                wanted.append(node)

        for node in checks:
            want(node)
        order = [node for node in self.nodes if node in wanted]
        for node in order:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node not in checks:
                # A notebook on its own has no other students whose answers could be remembered.
                node.decorator_list = [
                    each for each in node.decorator_list if ast.unparse(each) != "remember"
                ]
        return order

    def _is_class_of_the_notebook(self, name: str) -> bool:
        """Return whether the notebook defines a class of this name too: no copy of it is equal."""
        has = inspect.unwrap(self.checks[0].asks).__globals__
        return name in self.defined and isinstance(has.get(name), type)

    def _demand_names(self, function: str, wanted: list[ast.stmt]) -> None:
        """Refuse visible checks that read a name which the notebook does not have."""
        there = {"expect", "notebook", "experiment", *vars(builtins), *self.defined}
        there.update(name for node in wanted for name in _names(node))
        has = inspect.unwrap(self.checks[0].asks).__globals__
        for node in wanted:
            for name in _reads(node):
                if name in there or name not in has:
                    continue
                lacks = _(
                    "checks.py, line {line}: a visible check of {function} uses {name}, which the "
                    "notebook does not have there. Import it in a {setup} block above the "
                    "function, or define it in checks.py with = or def."
                )
                raise BadAssignment(
                    lacks.format(line=node.lineno, function=function, name=name, setup="{setup}")
                )

    def _source(self, node: ast.stmt, *, decorated: bool = True) -> str:
        """Return the text of a statement at the top of the file.

        `ast.get_source_segment` does too, but reads the whole file each time.
        """
        start = node.lineno
        if decorated and isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            start = min([start, *(each.lineno for each in node.decorator_list)])
        *lines, last = self.lines[start - 1 : node.end_lineno]
        return "\n".join([*lines, last.encode()[: node.end_col_offset].decode()])


def _shown(role: Role, name: str, source: str, points: float | None = None) -> Part:
    """Return a cell of which students see all."""
    return Part(role, name, source, source, points)


def _demand_closed(markup: str, start: int, lines: list[str]) -> None:
    """Refuse a block that begins with this markup and is not closed."""
    last = lines[-1].strip()
    closed = len(lines) > 1 and last.startswith(markup) and not last.strip(markup[0])
    if not closed or any(line.startswith(f"{markup}{{") for line in lines[1:]):
        open_ = _(
            "lesson.md, line {line}: the block that begins here is not closed. End it with a line "
            "that holds {markup} and nothing else."
        )
        raise BadAssignment(open_.format(line=start + 1, markup=markup))


def _names(node: ast.stmt) -> list[str]:
    """Return the names that a statement at the top of a file defines."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else []
    if isinstance(node, ast.AnnAssign):
        targets = [node.target]
    inner = [each for target in targets for each in ast.walk(target)]
    return [
        each.id for each in inner if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
    ]


def _reads(node: ast.AST) -> Iterator[str]:
    """Return the names that a statement reads and does not define inside itself."""
    bound = _bound(node)
    for each in ast.walk(node):
        if isinstance(each, ast.arg):
            bound.add(each.arg)
        elif isinstance(each, ast.ExceptHandler) and each.name:
            bound.add(each.name)
    for each in ast.walk(node):
        if isinstance(each, ast.Name) and each.id not in bound:
            yield each.id


def _defines(source: str) -> set[str]:
    """Return the names that a cell of the lesson defines."""
    from IPython.core.inputtransformer2 import TransformerManager  # half a second

    try:
        tree = ast.parse(source)
    except SyntaxError:
        try:
            tree = ast.parse(TransformerManager().transform_cell(source))
        except SyntaxError as error:
            no_python = _("A cell of the lesson is not valid Python: {error}. It begins: {start}")
            start = source.strip().partition("\n")[0]
            raise BadAssignment(no_python.format(error=error, start=start)) from error
    return _bound(tree)


def _bound(tree: ast.AST) -> set[str]:
    """Return the names that code assigns, defines or imports."""
    found = set()
    for each in ast.walk(tree):
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
            found.add(each.id)
        elif isinstance(each, (ast.FunctionDef, ast.ClassDef)):
            found.add(each.name)
        elif isinstance(each, (ast.Import, ast.ImportFrom)):
            found.update((name.asname or name.name).partition(".")[0] for name in each.names)
    return found


def _picture(check: ast.FunctionDef) -> ast.expr | None:
    """Return the function that draws the picture of a check; None if it has no picture."""
    made = [each for each in check.decorator_list if isinstance(each, ast.Call)]
    given = {keyword.arg: keyword.value for each in made for keyword in each.keywords}
    return given.get("picture")


def _split(source: str, name: str) -> tuple[str, str]:
    """Split a function's source after the docstring, up to which students see it."""
    definition = ast.parse(source).body[0]
    if not isinstance(definition, ast.FunctionDef) or ast.get_docstring(definition) is None:
        silent = _(
            "{name} in the reference solution has no docstring: write one, students see "
            "it in their notebook."
        )
        raise BadAssignment(silent.format(name=name))
    lines = source.splitlines(keepends=True)
    end = definition.body[0].end_lineno or 0
    return "".join(lines[:end]), textwrap.dedent("".join(lines[end:])).strip("\n")


def runner_source() -> str:
    """Return the cell with the code that visible checks and experiments need."""
    about = _("What the checks and experiments of this notebook need. There is nothing to do here.")
    packed = _(
        'It is packed to be short; print(sources["expect"]) and print(sources["runner"]) show it.'
    )
    modules = {"expect": expect, "runner": runner, "pictures": pictures, "figures": figures}
    return (
        f"# {about}\n"
        f"# {packed}\n"
        "import base64\n"
        "import json\n"
        "import types\n"
        "import zlib\n\n"
        f"{packing.pack({name: _spoken(module) for name, module in modules.items()})}\n"
        "sources = json.loads(zlib.decompress(base64.b64decode(PACKED)))\n"
        'expect = types.ModuleType("expect")\n'
        "expect._ = str\n"
        'exec(sources["expect"], vars(expect))\n'
        'runner = types.ModuleType("runner")\n'
        "runner.expect, runner._ = expect, str\n"
        'exec(sources["runner"], vars(runner))\n'
        'notebook = runner.Notebook(globals(), sources["pictures"], sources["figures"])\n'
        "experiment = notebook.experiment"
    )


def _spoken(module: ModuleType) -> str:
    """Return the source of a module of this package with its sentences translated."""
    source = inspect.getsource(module)
    for line in ("from autograder.checking import expect\n", "from autograder.i18n import _\n"):
        source = source.replace(line, "")
    return source if current_language() == ENGLISH else code_strings.in_calls(source, _)
