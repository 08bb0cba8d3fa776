"""Convert values of pandas to and from their wire form.

pandas is no dependency of ours. A sender that has a value of pandas has imported it; a receiver
imports it when such a value comes. Every array of pandas crosses as numpy's, or as its entries with
the name of its type, which is one of those listed here.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.sandbox.protocol.forms import (
    BadMessage,
    Column,
    Frame,
    Labels,
    NoForm,
    Series,
    Stamp,
    Struct,
    Value,
)

OWN = re.compile(
    r"U?Int(8|16|32|64)|Float(32|64)|boolean|string|str|category"
    r"|datetime64\[(s|ms|us|ns), (UTC|[A-Z][A-Za-z_]{1,20}/[A-Z][A-Za-z_]{1,30})\]"
)
"""The types of pandas' own whose arrays cross."""

Part = Callable[[Any], Value]


def pack(value: Any, part: Part) -> Value:
    """Return a value of pandas in its wire form; None if it has no such form.

    `part` packs a part of it, and raises `NoForm` if the part has no form.

    Raises:
        NoForm: the value exceeds a bound, or has a part without a form.
    """
    pandas: Any = sys.modules.get("pandas")
    if pandas is None:
        return None
    if value is pandas.NA:
        return Stamp(None)
    if isinstance(value, (pandas.Timestamp, pandas.Timedelta)) or value is pandas.NaT:
        if getattr(value, "tzinfo", None) is not None:
            return part(value.to_pydatetime())
        return Stamp(part(value.to_numpy()))
    if isinstance(value, pandas.DataFrame):
        columns = tuple(_column(value.iloc[:, i], part) for i in range(value.shape[1]))
        return Frame(columns, _labels(value.columns, part), _labels(value.index, part))
    if isinstance(value, pandas.Series):
        name = part(value.name)
        return Series(_column(value, part), _labels(value.index, part), name)
    if isinstance(value, pandas.Index):
        return _labels(value, part)
    if isinstance(value, pandas.api.extensions.ExtensionArray):
        return _column(value, part)
    return None


def _column(array: Any, part: Part) -> Column:
    if isinstance(array.dtype, np.dtype):
        return Column("", part(array.to_numpy()))
    if not OWN.fullmatch(str(array.dtype)):
        raise NoForm
    return Column(str(array.dtype), part(np.asarray(array.astype(object), dtype=object)))


def _labels(index: Any, part: Part) -> Labels:
    names = tuple(part(name) for name in index.names)
    if index.nlevels > 1:
        return Labels(Column("", part(index.to_numpy())), names, True)
    pandas: Any = sys.modules["pandas"]
    if isinstance(index, pandas.RangeIndex):
        return Labels(part(range(index.start, index.stop, index.step)), names, False)
    return Labels(_column(index, part), names, False)


def unpack(value: Struct, part: Callable[[Value], Any]) -> Any:
    """Return the value of pandas that was sent; `part` unpacks a part of it.

    Raises:
        BadMessage: there is no such value, or pandas is not installed.
    """
    try:
        pandas: Any = importlib.import_module("pandas")
    except ImportError as error:
        raise BadMessage("a value of pandas, which is not installed") from error
    try:
        return _Builder(pandas, part).build(value)
    except BadMessage:
        raise
    except Exception as error:  # pandas raises many kinds
        raise BadMessage("a value of pandas that cannot be") from error


class _Builder:
    def __init__(self, pandas: Any, part: Callable[[Value], Any]) -> None:
        self.pandas = pandas
        self.part = part

    def build(self, value: Struct) -> Any:
        pandas = self.pandas
        if isinstance(value, Stamp):
            return self._stamp(value)
        if isinstance(value, Column):
            return pandas.array(self._column(value), copy=False)
        if isinstance(value, Labels):
            return self._index(value)
        if isinstance(value, Series):
            column, index = self._column(value.column), self._index(value.index)
            name = self.part(value.name)
            hash(name)
            return pandas.Series(column, index=index, name=name)
        assert isinstance(value, Frame)  # noqa: S101  # there is no other
        index = self._index(value.index)
        columns = {i: self._column(each) for i, each in enumerate(value.columns)}
        if any(len(each) != len(index) for each in columns.values()):
            raise BadMessage("a column does not fit its index")
        made = pandas.DataFrame(columns, index=index)
        made.columns = self._index(value.labels)
        return made

    def _stamp(self, value: Stamp) -> Any:
        if value.value is None:
            return self.pandas.NA
        moment = self.part(value.value)
        if isinstance(moment, np.datetime64):
            return self.pandas.Timestamp(moment)
        if isinstance(moment, np.timedelta64):
            return self.pandas.Timedelta(moment)
        raise BadMessage("a moment is none")

    def _column(self, value: Value) -> Any:
        if not isinstance(value, Column):
            raise BadMessage("a column is none")
        values = self.part(value.values)
        if type(values) is not np.ndarray or values.ndim != 1:
            raise BadMessage("a column is no array of one axis")
        if not value.dtype:
            return values
        if not OWN.fullmatch(value.dtype):
            raise BadMessage("a column of an unknown type")
        return self.pandas.array(values, dtype=value.dtype)

    def _index(self, value: Value) -> Any:
        if not isinstance(value, Labels):
            raise BadMessage("an index is none")
        names = [self.part(name) for name in value.names]
        for name in names:
            hash(name)
        pandas = self.pandas
        if isinstance(value.column, Column):
            column = self._column(value.column)
            if value.levels:
                return pandas.MultiIndex.from_tuples(list(column), names=names)
            dtype = object if column.dtype == object else None
            index = pandas.Index(column, dtype=dtype)
        else:
            steps = self.part(value.column)
            if not isinstance(steps, range):
                raise BadMessage("an index is none")
            index = pandas.RangeIndex(steps)
        index.names = names
        return index
