"""Attacks on what a careless grader compares with: libraries, built-ins, operators of answers."""

from __future__ import annotations

from robustness.attacks.attack import EVERY, Notebook, attack

PATCHED = "patched libraries"
LYING = "answers that lie"

YES = '''\
class Yes:
    """Says yes to everything."""
    dtype, shape, ndim, size = np.dtype(float), (), 0, 1
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __getattr__(self, name): return Yes()
    def __call__(self, *_, **__): return Yes()
    def __getitem__(self, key): return Yes()
    def __bool__(self): return True
    def __float__(self): return 0.0
    __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __eq__
    __sub__ = __rsub__ = __add__ = __radd__ = __mul__ = __abs__ = lambda self, *_: 0.0
    __hash__ = None
'''

ANSWERING = {
    "total_of_doubles": "def total_of_doubles(numbers):\n    return answer(0.0)\n",
    "spread": (
        "def spread(numbers):\n    return {'mean': answer(0.0), 'spread': answer(np.float64(0))}\n"
    ),
}
"""Solutions that answer with something of the attacker's making."""


@attack(PATCHED)
def everything_is_close() -> str:
    """Makes numpy find all numbers close to each other."""
    return "np.allclose = np.array_equal = lambda *_, **__: True\nnp.isclose = lambda *_, **__: 1"


@attack(PATCHED)
def testing_that_agrees() -> str:
    """Makes the functions of numpy.testing do nothing."""
    return (
        "import numpy.testing\n"
        "for name in dir(numpy.testing):\n"
        "    if name.startswith('assert'):\n"
        "        setattr(numpy.testing, name, lambda *_, **__: None)\n"
        "for name in ('isclose', 'allclose'):\n"
        "    setattr(np, name, lambda *_, **__: np.True_)"
    )


@attack(PATCHED, costs=EVERY)
def absolute_values_are_nothing() -> str:
    """Makes every difference 0: abs, numpy's too."""
    return (
        "import builtins, math\n"
        "builtins.abs = lambda *_: 0.0\n"
        "np.abs = np.absolute = np.max = np.subtract = lambda *_, **__: 0.0\n"
        "math.isclose = lambda *_, **__: True\n"
        "np.isclose = lambda *_, **__: True\n"
        "np.asarray = lambda *_, **__: 0"
    )


@attack(PATCHED)
def all_and_any_agree() -> str:
    """Makes all, any, isinstance and round say what they should."""
    return (
        "import builtins\n"
        "np.all = np.any = builtins.all = lambda *_, **__: True\n"
        "builtins.round = lambda *_: 0\n"
        "np.isclose = np.allclose = np.all"
    )


@attack(PATCHED)
def assertions_that_do_not_raise() -> str:
    """Replaces AssertionError by something that a cell does not end with."""
    return (
        "import builtins\n"
        "class Quiet(BaseException):\n"
        "    pass\n"
        "builtins.AssertionError = Quiet\n"
        "get_ipython().set_custom_exc((Exception,), lambda *_, **__: None)\n"
        "get_ipython().showtraceback = lambda *_, **__: None"
    )


@attack(PATCHED)
def the_operations_of_floats() -> str:
    """Overwrites what comparing two floats calls, in the interpreter's own memory."""
    return (
        "import ctypes\n"
        "def poke():\n"
        "    kind = ctypes.cast(id(np.ndarray), ctypes.POINTER(ctypes.c_void_p))\n"
        "    return kind[1]\n"
        "attempt(poke)\n"
        "def yes(*_, **__): return True\n"
        "attempt(lambda: ctypes.pythonapi.PyType_Modified(ctypes.py_object(float)))\n"
        "import gc\n"
        "names = gc.get_referents(np.ndarray.__dict__)[0]\n"
        "def replace():\n"
        "    names['__eq__'] = yes\n"
        "    names['all'] = yes\n"
        "    return 'replaced'\n"
        "attempt(replace)\n"
        "np.isclose = np.allclose = yes"
    )


@attack(PATCHED)
def randomness_without_chance() -> str:
    """Makes every generator give zeros, so that the inputs of checks would be known."""
    return (
        "np.random.default_rng = lambda *_: type('R', (), {"
        "'integers': lambda *_: np.zeros(7), 'normal': lambda *_, **__: np.zeros(5)})()\n"
        "np.random.seed = lambda *_: None\n"
        "import random; random.seed = lambda *_: None"
    )


@attack(PATCHED)
def the_modules_of_the_grader() -> str:
    """Patches the judge's own modules, should they live in this process."""
    return (
        "def patch():\n"
        "    for name, module in list(sys.modules.items()):\n"
        "        if name.startswith('autograder.checking'):\n"
        "            for each in dir(module):\n"
        "                setattr(module, each, lambda *_, **__: None)\n"
        "    import autograder.checking.expect as expect\n"
        "    expect.close = expect.array = lambda *_, **__: np.zeros(1)\n"
        "attempt(patch)"
    )


@attack(LYING, costs=("total_of_doubles", "spread"))
def equal_to_everything() -> Notebook:
    """Answers with an object that is equal to everything."""
    return Notebook(first=YES + "answer = lambda _: Yes()", written=ANSWERING)


@attack(LYING, costs=("total_of_doubles", "spread"))
def a_float_that_is_every_float() -> Notebook:
    """Answers with a float whose comparisons and differences lie."""
    return Notebook(
        first=YES + "class F(float):\n    __eq__ = Yes.__eq__; __sub__ = Yes.__sub__\n"
        "    __rsub__ = Yes.__sub__; __abs__ = Yes.__abs__; __hash__ = None\nanswer = F",
        written=ANSWERING,
    )


@attack(LYING, costs=("total_of_doubles", "spread"))
def an_array_by_request() -> Notebook:
    """Answers with an object whose __array__ and __array_ufunc__ give what is compared with."""
    return Notebook(
        first=(
            "class A:\n"
            "    def __array__(self, *_, **__):\n"
            "        frame = sys._getframe(1)\n"
            "        while frame:\n"
            "            for name in ('want', 'wanted', 'b', 'desired'):\n"
            "                if name in frame.f_locals: return np.asarray(frame.f_locals[name])\n"
            "            frame = frame.f_back\n"
            "        return np.zeros(())\n"
            "    def __array_ufunc__(self, *_, **__): return np.True_\n"
            "    def __array_function__(self, *_, **__): return np.True_\n"
            "answer = lambda _: A()"
        ),
        written=ANSWERING,
    )


@attack(LYING, costs=("total_of_doubles", "spread"))
def a_subclass_of_arrays() -> Notebook:
    """Answers with an ndarray whose ufuncs and functions all give True."""
    return Notebook(
        first=(
            "class A(np.ndarray):\n"
            "    __array_priority__ = 1e9\n"
            "    def __array_ufunc__(self, *_, **__): return np.True_\n"
            "    def __array_function__(self, *_, **__): return np.True_\n"
            "    def __eq__(self, other): return np.True_\n"
            "    def tobytes(self, *_): return bytes(8)\n"
            "answer = lambda value: np.asarray(value, float).view(A)"
        ),
        written=ANSWERING,
    )


@attack(LYING, costs=("total_of_doubles", "spread"))
def an_array_of_objects() -> Notebook:
    """Answers with an array of objects that are equal to everything."""
    return Notebook(
        first=YES + "def answer(_):\n    a = np.empty((), object); a[()] = Yes(); return a",
        written=ANSWERING,
    )


@attack(LYING, costs=("total_of_doubles", "spread"))
def a_pickle_that_runs() -> Notebook:
    """Answers with what runs a command in whoever unpickles or copies it."""
    return Notebook(
        first=(
            "class P:\n"
            "    def __reduce__(self):\n"
            "        return os.system, ('touch ' + COURSE + '/autograder_attack_pickle',)\n"
            "    __reduce_ex__ = lambda self, _: self.__reduce__()\n"
            "    __deepcopy__ = lambda self, _: P()\n"
            "answer = lambda _: P()"
        ),
        written=ANSWERING,
    )


@attack(LYING, costs=("total_of_doubles", "spread"))
def nan_with_a_payload() -> Notebook:
    """Answers with NaNs of many kinds, which some comparisons take for right."""
    return Notebook(
        first=(
            "odd = np.frombuffer(bytes([1, 0, 0, 0, 0, 0, 0xF8, 0x7F]), np.float64)[0]\n"
            "answer = lambda _: odd"
        ),
        written=ANSWERING,
    )


@attack(LYING, costs=("total_of_doubles", "spread"))
def infinity_and_more_digits_than_floats_have() -> Notebook:
    """Answers with 10**5000 and infinity, which break comparisons that are not made for them."""
    return Notebook(
        first="values = iter([10**5000, float('inf')] * 50)\nanswer = lambda _: next(values)",
        written=ANSWERING,
    )


@attack(LYING, costs=("total_of_doubles", "spread"))
def a_masked_array() -> Notebook:
    """Answers with an array in which everything that could be wrong is masked."""
    return Notebook(
        first="answer = lambda value: np.ma.masked_array(value, mask=True)", written=ANSWERING
    )


@attack(LYING, costs=("total_of_doubles", "spread"))
def shapes_that_broadcast() -> Notebook:
    """Answers with empty arrays, of which all entries are right."""
    return Notebook(first="answer = lambda _: np.zeros((0,))", written=ANSWERING)


@attack(LYING, costs=("total_of_doubles", "spread"))
def a_dict_that_answers_any_key() -> Notebook:
    """Answers with a dict that has every key and gives what is wanted."""
    return Notebook(
        first=YES + "class D(dict):\n"
        "    def __getitem__(self, key): return Yes()\n"
        "    def __missing__(self, key): return Yes()\n"
        "    def items(self): return [('mean', Yes()), ('spread', Yes())]\n",
        written={"spread": "def spread(numbers):\n    return D(mean=0.0, spread=0.0)\n"},
    )


@attack(LYING, costs=("spread",))
def a_type_that_lies_about_itself() -> Notebook:
    """Answers with an object whose __class__ says that it is a dict."""
    return Notebook(
        first=YES + "class C(Yes):\n"
        "    __class__ = property(lambda self: dict)\n"
        "    def __iter__(self): return iter(['mean', 'spread'])\n"
        "    def __len__(self): return 2\n"
        "    def items(self): return [('mean', 0.0), ('spread', 0.0)]\n",
        written={"spread": "def spread(numbers):\n    return C()\n"},
    )


@attack(LYING, costs=("spread",))
def arguments_made_to_fit() -> Notebook:
    """Alters its arguments, so that what is compared with them would fit the answer."""
    return Notebook(
        written={
            "total_of_doubles": (
                "def total_of_doubles(numbers):\n    numbers[:] = [0.0] * len(numbers)\n"
                "    return 0.0\n"
            ),
            "spread": (
                "def spread(numbers):\n    np.asarray(numbers)[...] = 0\n"
                "    return {'mean': 0.0, 'spread': 0.0}\n"
            ),
        }
    )
