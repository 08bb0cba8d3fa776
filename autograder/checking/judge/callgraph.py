"""Find out which functions of a reference build on which, by the names in their code.

The search follows comprehensions, generator expressions, lambdas and nested functions, helpers of
the module that students do not write, methods of classes, default arguments, closures, decorators,
`partial` objects, and lists and dicts of the module. It does not see a function that is looked up
by a string, as in `globals()["f"]`.
"""

from __future__ import annotations

import dis
from collections.abc import Collection, Iterable, Iterator, Mapping
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

HELD = (list, tuple, set, frozenset)


def builds_on(reference: ModuleType, functions: Collection[str]) -> Mapping[str, frozenset[str]]:
    """Return, for each function, the other functions that it calls directly or indirectly.

    Args:
        reference: the module that defines them.
        functions: their names.
    """
    names = {id(getattr(reference, name)): name for name in functions}
    calls = {name: _found(reference, name, names) for name in functions}
    reached = {}
    for name in functions:
        known: set[str] = set()
        left = [*calls[name]]
        while left:
            another = left.pop()
            if another not in known:
                known.add(another)
                left += calls[another]
        reached[name] = frozenset(known - {name})
    return reached


def _found(reference: ModuleType, function: str, names: Mapping[int, str]) -> set[str]:
    """Return the functions that are reached from one of them without passing through another."""
    start = getattr(reference, function)
    seen: dict[int, object] = {id(start): start}  # which keeps it, so that its id stays its own
    left = list(_next_to(start, reference))
    found = set()
    while left:
        value = left.pop()
        if id(value) in seen:
            continue
        seen[id(value)] = value
        if id(value) in names:
            found.add(names[id(value)])
        else:
            left += _next_to(value, reference)
    return found


def _next_to(value: Any, reference: ModuleType) -> Iterator[object]:
    """Yield the values that a value holds or, if it is code of the reference, names."""
    if isinstance(value, FunctionType):
        if value.__globals__ is vars(reference):
            for name in global_names(value.__code__):
                if name in value.__globals__:
                    yield value.__globals__[name]
        yield from value.__defaults__ or ()
        yield from (value.__kwdefaults__ or {}).values()
        yield from _contents(value.__closure__ or ())
        yield from vars(value).values()  # `__wrapped__` is there
    elif isinstance(value, MethodType):
        yield value.__func__
        yield value.__self__
    elif isinstance(value, (staticmethod, classmethod)):
        yield value.__func__
    elif isinstance(value, property):
        yield from (value.fget, value.fset, value.fdel)
    elif isinstance(value, HELD):
        yield from value
    elif isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, type):
        if value.__module__ == reference.__name__:
            yield from vars(value).values()
            yield from value.__bases__
    elif not isinstance(value, ModuleType):
        yield type(value)
        for part in ("func", "args", "keywords"):  # of a `partial`, which has them in no dict
            yield getattr(value, part, None)
        yield from getattr(value, "__dict__", {}).values()


def _contents(cells: Iterable[Any]) -> Iterator[object]:
    for cell in cells:
        try:
            yield cell.cell_contents
        except ValueError:  # nothing is in it yet
            continue


def global_names(code: CodeType) -> set[str]:
    """Return the global names that code reads, including the functions nested in it."""
    read = ("LOAD_GLOBAL", "LOAD_NAME")  # the second in the body of a class
    found = {each.argval for each in dis.get_instructions(code) if each.opname in read}
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            found |= global_names(constant)
    return found
