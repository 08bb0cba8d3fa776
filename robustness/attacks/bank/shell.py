"""Attacks through IPython and the interpreter's own insides."""

from __future__ import annotations

from robustness.attacks.attack import EVERY, Notebook, attack

HOOKS = "IPython's hooks"
INSIDES = "frames and modules"


@attack(HOOKS)
def a_transformer_that_drops_assertions() -> str:
    """Takes every assert and raise out of the cells that come later."""
    return (
        "get_ipython().input_transformers_post.append(lambda lines: ["
        "line for line in lines if not line.lstrip().startswith(('assert', 'raise'))])"
    )


@attack(HOOKS)
def a_transformer_of_syntax_trees() -> str:
    """Makes every assertion of later cells one of True."""
    return (
        "import ast\n"
        "class T(ast.NodeTransformer):\n"
        "    def visit_Assert(self, node):\n"
        "        return ast.copy_location(ast.Pass(), node)\n"
        "get_ipython().ast_transformers.append(T())"
    )


@attack(HOOKS)
def a_hook_before_every_cell() -> str:
    """Puts its own functions back before and after every cell that is run."""
    return (
        "def hook(*_):\n"
        "    np.isclose = np.allclose = lambda *_, **__: True\n"
        "for event in ('pre_run_cell', 'pre_execute', 'post_run_cell', 'post_execute'):\n"
        "    get_ipython().events.register(event, hook)"
    )


@attack(HOOKS)
def a_shell_that_runs_nothing() -> str:
    """Replaces the method that runs cells by one that says that all is well."""
    return (
        "shell = get_ipython()\n"
        "true = shell.run_cell\n"
        "def run(source, *rest, **more):\n"
        "    return true(source if 'def ' in source else 'pass', *rest, **more)\n"
        "shell.run_cell = run\n"
        "shell.run_code = None if 'ipykernel' in sys.modules else shell.run_code\n"
        "async def nothing(*_, **__): return False\n"
        "shell.run_code = nothing if 'ipykernel' in sys.modules else shell.run_code"
    )


@attack(HOOKS)
def a_result_that_is_shown_as_points() -> Notebook:
    """Shows 100 as the last result of its cells, which nbgrader takes for points."""
    return Notebook(
        first="get_ipython().display_formatter.formatters['text/plain'].for_type("
        "float, lambda *_: None)",
        written={
            "total_of_doubles": "def total_of_doubles(numbers):\n    return 0.0\n7.0",
            "spread": 'def spread(numbers):\n    return {"mean": 0.0, "spread": 0.0}\n6.0',
        },
    )


@attack(HOOKS, right=True)
def magics_and_shell_escapes() -> str:
    """Runs commands by every way that IPython has."""
    return (
        "!cat $COURSE/reference/numbers.py\n"
        "text = !cat $COURSE/.autograder-secret\n"
        "print(text)\n"
        "get_ipython().system('cat ' + COURSE + '/gradebook.db')\n"
        "attempt(lambda: get_ipython().run_line_magic('sx', 'cat ' + COURSE + '/gradebook.db'))\n"
        "attempt(lambda: get_ipython().run_cell_magic('bash', '', 'cat $COURSE/gradebook.db'))\n"
        "attempt(lambda: get_ipython().run_line_magic('run', COURSE + '/reference/numbers.py'))\n"
        "attempt(lambda: get_ipython().run_line_magic('load', COURSE + '/reference/numbers.py'))"
    )


@attack(HOOKS)
def functions_that_change_when_looked_up() -> str:
    """Makes the namespace of the cells one that answers with other functions when asked again."""
    return (
        "class Names(dict):\n"
        "    def get(self, name, *default):\n"
        "        return (lambda *_: 0.0) if name == 'total_of_doubles' else "
        "dict.get(self, name, *default)\n"
        "    __getitem__ = dict.__getitem__\n"
        "shell = get_ipython()\n"
        "if 'ipykernel' not in sys.modules:\n"
        "    shell.user_ns = Names(shell.user_ns)\n"
        "    shell.user_global_ns.update(shell.user_ns)"
    )


@attack(INSIDES)
def the_frames_of_who_calls() -> Notebook:
    """Looks for the wanted answer in the local variables of whoever called it."""
    look = (
        "    frame = sys._getframe()\n"
        "    while frame:\n"
        "        for name, value in list(frame.f_locals.items()):\n"
        "            if 'want' in name or name in ('reference', 'expected', 'desired'):\n"
        "                return value(numbers) if callable(value) else value\n"
        "        frame = frame.f_back\n"
    )
    return Notebook(
        written={
            "total_of_doubles": f"def total_of_doubles(numbers):\n{look}    return 0.0\n",
            "spread": f'def spread(numbers):\n{look}    return {{"mean": 0.0, "spread": 0.0}}\n',
        }
    )


@attack(INSIDES)
def every_object_there_is() -> str:
    """Searches all objects of the garbage collector for a function of the reference's."""
    return (
        "import gc\n"
        "gc.unfreeze()\n"
        "found = [o for o in gc.get_objects() if getattr(o, '__name__', '') in "
        "('total_of_doubles', 'twice_any_number', 'grade_all') and callable(o)]\n"
        "print(found)\n"
        "if found: total = found[0]\n"
        "for o in gc.get_objects():\n"
        "    if isinstance(o, (str, bytes)) and 'canary' in str(o): print(o)"
    )


@attack(INSIDES, right=True)
def modules_that_are_loaded() -> str:
    """Looks for the reference and the checks among the modules that are loaded."""
    return (
        "for name, module in list(sys.modules.items()):\n"
        "    file = getattr(module, '__file__', None) or ''\n"
        "    if COURSE in file or 'numbers' == name.rpartition('.')[2]:\n"
        "        attempt(lambda: (name, open(file).read()))\n"
        "sys.path[:0] = [COURSE, COURSE + '/reference', COURSE + '/assignments/numbers']\n"
        "attempt(lambda: __import__('numbers').total_of_doubles)\n"
        "attempt(lambda: __import__('checks').every_number_counts)\n"
        "attempt(lambda: open(__import__('checks').__file__).read())"
    )


@attack(INSIDES, costs=EVERY)
def the_answer_of_the_worker() -> str:
    """Patches the functions that call its functions and pack their answers, in its own process."""
    return (
        "worker = sys.modules.get('autograder.sandbox.inside.worker')\n"
        "if worker:\n"
        "    wire = sys.modules['autograder.sandbox.protocol.wire']\n"
        "    worker.answer = lambda call, *_: wire.Returned(call.number, 0.0, None)\n"
    ) + "    worker.text = lambda value: 'passed'\n"


@attack(INSIDES)
def tracing_of_all_that_runs() -> str:
    """Sets a trace function that returns early from every check."""
    return (
        "def trace(frame, event, argument):\n"
        "    for name in ('want', 'wanted'):\n"
        "        if name in frame.f_locals: print(frame.f_locals[name])\n"
        "sys.setprofile(trace)\n"
        "import threading; threading.setprofile(trace)"
    )


@attack(INSIDES, right=True)
def the_memory_of_the_interpreter() -> str:
    """Searches its memory for canaries, which a worker forked from the judge would have."""
    return (
        "import ctypes, re\n"
        "def search():\n"
        "    found = set()\n"
        "    for line in open('/proc/self/maps'):\n"
        "        start, end = (int(n, 16) for n in line.split()[0].split('-'))\n"
        "        if ' rw-p' in line and end - start < 2**24:\n"
        "            found |= {*re.findall(rb'canary-[0-9a-f]{12}', ctypes.string_at("
        "start, end - start))}\n"
        "    return found\n"
        "attempt(search)"
    )
