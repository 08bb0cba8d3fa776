"""A course whose settings name `autograder.books` goes on working."""

from __future__ import annotations

import importlib

import pytest
from traitlets.utils.importstring import import_item

from autograder import nbgrader


@pytest.mark.parametrize(
    ("former", "name"),
    [
        ("autograder.books.exporters.Canvas", "Canvas"),
        ("autograder.books.exporters.Moodle", "Moodle"),
        ("autograder.books.feedback.Exporter", "FeedbackExporter"),
        ("autograder.books.preprocessors.set_aside", "pre_convert"),
        ("autograder.books.preprocessors.TakeIn", "TakeIn"),
        ("autograder.books.preprocessors.Grade", "Grade"),
        ("autograder.books.preprocessors.Settle", "Settle"),
        ("autograder.books.unfinished.finish", "post_convert"),
        ("autograder.books.unfinished.clear", "clear"),
    ],
)
def test_a_former_name_is_the_new_one_and_warns(former: str, name: str) -> None:
    with pytest.warns(DeprecationWarning, match=rf"{former} is now autograder.nbgrader.{name}\."):
        assert import_item(former) is getattr(nbgrader, name)


def test_a_name_that_never_was_is_an_attribute_error() -> None:
    unfinished = importlib.import_module("autograder.books.unfinished")
    with pytest.raises(AttributeError, match="no attribute 'set_aside'"):
        _ = unfinished.set_aside
