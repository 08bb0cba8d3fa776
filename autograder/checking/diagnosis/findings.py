"""Define what can be found out about a wrong answer, and the sentence for each kind of finding.

A finding names a kind, the places where the answer is wrong, a line of the student's code and a few
parameters. The sentence is made from the kind, so both languages, the class report and scripts use
the same finding. A sentence may contain names, sizes by name, keys and lines; it never contains an
argument or a value of a check, or the text of the reference.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import StrEnum

import msgspec

from autograder.checking.diagnosis.comparison import AnswerPath
from autograder.checking.judge.messages import words
from autograder.i18n import N_, _
from autograder.result import Finding

__all__ = [
    "KINDS",
    "Finding",
    "Level",
    "found",
    "level",
    "merged",
    "of_any_line",
    "place_name",
    "sentence",
    "told",
]


class Level(StrEnum):
    """The methods, in the order in which they are believed; an author can switch each off."""

    FORM = "form"
    SOURCE = "source"
    RELATION = "relation"
    DRAWS = "draws"
    SLIP = "slip"
    LINE = "line"


SOME_TERM = N_("a term")
"""What a term is called that has no name which the student knows."""


KINDS: dict[str, tuple[Level, str]] = {
    "nothing_returned": (
        Level.FORM,
        N_("Your function returns nothing: a return statement is missing."),
    ),
    "printed": (Level.FORM, N_("Your function prints its result, and does not return it.")),
    "other_order": (Level.FORM, N_("Your function returns the right values in another order.")),
    "values_for_dict": (
        Level.FORM,
        N_(
            "Your function returns the right values one by one, as a tuple; {keys} are to be "
            "keys of a dict."
        ),
    ),
    "other_container": (
        Level.FORM,
        N_(
            "Your function returns the right values in other containers; {keys} are to be "
            "keys of a dict."
        ),
    ),
    "dict_for_values": (
        Level.FORM,
        N_(
            "Your function returns a dict; the values are right, and are to be returned one by one."
        ),
    ),
    "other_keys": (
        Level.FORM,
        N_("Your function returns the right values under other keys: {keys}."),
    ),
    "missing_keys": (
        Level.FORM,
        N_("{keys} is missing from what your function returns; the rest is right."),
    ),
    "only_one_value": (
        Level.FORM,
        N_(
            "Your function returns only value number {number} of those that are asked for; "
            "this one is right."
        ),
    ),
    "too_many_values": (
        Level.FORM,
        N_("Your function returns more than is asked for; value number {number} alone is right."),
    ),
    "last_values_missing": (
        Level.FORM,
        N_(
            "Your function returns too few values: those that it returns are right, and the "
            "last are missing."
        ),
    ),
    "values_before": (
        Level.FORM,
        N_(
            "Your function returns too many values: the right ones come last, and others "
            "before them."
        ),
    ),
    "values_after": (
        Level.FORM,
        N_(
            "Your function returns too many values: the right ones come first, and others "
            "after them."
        ),
    ),
    "undefined_name": (
        Level.SOURCE,
        N_(
            "Your function reads `{name}` in line {line}, which is neither an argument nor "
            "defined before."
        ),
    ),
    "notebook_variable": (
        Level.SOURCE,
        N_(
            "Your function reads the notebook's variable `{name}` in line {line}, which is "
            "none of its arguments: with other arguments it still has the notebook's value."
        ),
    ),
    "argument_unread": (
        Level.SOURCE,
        N_("Your function never reads its argument `{name}`, so its answer cannot depend on it."),
    ),
    "argument_order": (
        Level.SOURCE,
        N_("Your function takes its arguments in another order than asked for: {names}."),
    ),
    "other_default": (
        Level.SOURCE,
        N_("The default of the argument `{name}` is not the one that is asked for."),
    ),
    "return_in_loop": (
        Level.SOURCE,
        N_("The return in line {line} stands inside the loop, and ends it in its first round."),
    ),
    "result_not_kept": (
        Level.SOURCE,
        N_("Your function calls {name} in line {line} and does not keep what {name} returns."),
    ),
    "seed_inside": (
        Level.SOURCE,
        N_("Line {line} sets a seed inside the function, so every call draws the same numbers."),
    ),
    "as_if": (Level.RELATION, N_("Your function answers as if `{argument}` were always {value}.")),
    "as_if_less": (
        Level.RELATION,
        N_("Your function answers as if `{argument}` were 1 less than it is."),
    ),
    "as_if_more": (
        Level.RELATION,
        N_("Your function answers as if `{argument}` were 1 more than it is."),
    ),
    "as_if_at_most": (
        Level.RELATION,
        N_("Your function answers as if `{argument}` were {value} at most."),
    ),
    "as_if_default": (
        Level.RELATION,
        N_("Your function answers as if `{argument}` had its default value, whatever it is given."),
    ),
    "as_if_centred": (
        Level.RELATION,
        N_("Your function answers as if the mean of each row had been taken away from {argument}."),
    ),
    "as_if_zero": (Level.RELATION, N_("Your function answers as if `{argument}` were zero.")),
    "as_if_negative": (
        Level.RELATION,
        N_("Your function answers as if `{argument}` had the opposite sign."),
    ),
    "as_if_labels_exchanged": (
        Level.RELATION,
        N_("Your function answers as if 0 and 1 were exchanged in `{argument}`."),
    ),
    "transposed": (
        Level.RELATION,
        N_("{places}: the numbers are right and transposed; rows and columns are exchanged."),
    ),
    "other_shape": (Level.RELATION, N_("{places}: the numbers are right, in a wrong shape.")),
    "not_averaged": (
        Level.RELATION,
        N_("{places}: an array whose mean is right, where the mean itself is asked for."),
    ),
    "not_summed": (
        Level.RELATION,
        N_("{places}: an array whose sum is right, where the sum itself is asked for."),
    ),
    "summed_up": (
        Level.RELATION,
        N_("{places}: one sum over all, where there is to be a number for each row."),
    ),
    "wrong_sign": (Level.RELATION, N_("{places}: the sign is wrong, and all else is right.")),
    "too_large": (
        Level.RELATION,
        N_("{places}: {factor} times as large as it should be, and otherwise right."),
    ),
    "too_small": (
        Level.RELATION,
        N_("{places}: too small by the factor {factor}, and otherwise right."),
    ),
    "multiple": (
        Level.RELATION,
        N_("{places}: always {factor} times what it should be, and otherwise right."),
    ),
    "equals": (Level.RELATION, N_("{places}: this is {other}, and should be something else.")),
    "equals_transformed": (
        Level.RELATION,
        N_("{places}: this is {transform} of {other}, which is not what is asked for."),
    ),
    "transformed": (
        Level.RELATION,
        N_("{places}: this is {transform} of what it should be."),
    ),
    "transform_missing": (
        Level.RELATION,
        N_("{places}: {transform} of these numbers is asked for, and not the numbers themselves."),
    ),
    "complement": (Level.RELATION, N_("{places}: this is 1 minus what it should be.")),
    "decided": (
        Level.RELATION,
        N_("{places}: already decided for 0 or 1, where the number itself is asked for."),
    ),
    "undecided": (
        Level.RELATION,
        N_("{places}: these are numbers between 0 and 1, where 0 or 1 is asked for."),
    ),
    "other_labels": (
        Level.RELATION,
        N_("{places}: the two classes are to be 0 and 1, and nothing else."),
    ),
    "sign_lost": (Level.RELATION, N_("{places}: right but for the sign, which is lost.")),
    "rounded": (
        Level.RELATION,
        N_("{places}: rounded to {digits} decimals; leave the numbers as they are."),
    ),
    "cut_off": (
        Level.RELATION,
        N_("{places}: right in the middle, and cut off where it is large or small."),
    ),
    "constant": (
        Level.RELATION,
        N_("{places}: always {value}, whatever the arguments are."),
    ),
    "one_number": (
        Level.RELATION,
        N_("{places}: one number over and over, where the numbers should differ."),
    ),
    "last_example": (
        Level.RELATION,
        N_("{places}: right but for the last column; is the last example left out?"),
    ),
    "term_missing": (Level.RELATION, N_("{places}: {term} is not added to it.")),
    "term_added": (
        Level.RELATION,
        N_("{places}: a multiple of {term} is added to it, which has no place there."),
    ),
    "stays": (Level.RELATION, N_("{places}: stays where it was; no step is taken with it.")),
    "wrong_way": (
        Level.RELATION,
        N_("{places}: the step is as long as it should be, and goes the wrong way."),
    ),
    "step_without": (
        Level.RELATION,
        N_("{places}: the step is not multiplied by {factor}."),
    ),
    "step_length": (
        Level.RELATION,
        N_("{places}: the step is {factor} times as long as it should be."),
    ),
    "first_step": (
        Level.RELATION,
        N_(
            "The first step of your function is {factor} times as long as it should be, in "
            "the right direction."
        ),
    ),
    "not_zero": (Level.DRAWS, N_("{places}: not zero, and should be.")),
    "sizes_exchanged": (
        Level.DRAWS,
        N_("{places}: the numbers of rows and of columns are exchanged in its shape."),
    ),
    "fixed_shape": (
        Level.DRAWS,
        N_("{places}: always of the same shape, whatever sizes the function is given."),
    ),
    "all_zero": (Level.DRAWS, N_("{places}: all zero, and should be drawn at random.")),
    "all_equal": (
        Level.DRAWS,
        N_("{places}: all numbers are the same, and each should be a draw of its own."),
    ),
    "equal_rows": (
        Level.DRAWS,
        N_("{places}: all rows are the same, and each number should be a draw of its own."),
    ),
    "same_draws": (Level.DRAWS, N_("{places}: every call returns the same numbers.")),
    "one_sign": (Level.DRAWS, N_("{places}: no number is negative, and half of them should be.")),
    "spread_factor": (
        Level.DRAWS,
        N_("{places}: the standard deviation is about {factor} times what it should be."),
    ),
    "spread_varies": (
        Level.DRAWS,
        N_("{places}: the standard deviation changes otherwise with the sizes than it should."),
    ),
    "bounded": (
        Level.DRAWS,
        N_("{places}: drawn evenly between two bounds, and not from a Gaussian."),
    ),
    "slip_added": (Level.SLIP, N_("{term} is wrongly added")),
    "slip_subtracted": (Level.SLIP, N_("{term} is wrongly subtracted")),
    "slip_multiplied": (Level.SLIP, N_("something is wrongly multiplied by {term}")),
    "slip_divided": (Level.SLIP, N_("something is wrongly divided by {term}")),
    "slip_not_divided": (Level.SLIP, N_("the division by {term} is left out")),
    "slip_left_out": (Level.SLIP, N_("{term} is left out of the formula")),
    "slip_no_complement": (
        Level.SLIP,
        N_("a quantity is taken where 1 minus this quantity is needed"),
    ),
    "slip_matrix_product": (
        Level.SLIP,
        N_("a matrix product is taken, where the product goes entry by entry"),
    ),
    "slip_by_entries": (
        Level.SLIP,
        N_("a product is taken entry by entry, where a matrix product is needed"),
    ),
    "slip_reversed": (Level.SLIP, N_("{operation} is taken the other way round")),
    "slip_no_power": (Level.SLIP, N_("a square or another power is not taken")),
    "slip_power": (Level.SLIP, N_("a power is taken that should not be")),
    "slip_no_minus": (Level.SLIP, N_("a minus sign is left out")),
    "slip_minus": (Level.SLIP, N_("there is a minus sign too many")),
    "slip_not_transposed": (Level.SLIP, N_("{term} is not transposed, and should be")),
    "slip_transposed": (Level.SLIP, N_("{term} is transposed, and should not be")),
    "slip_comparison": (Level.SLIP, N_("a comparison goes the wrong way")),
    "slip_bound": (
        Level.SLIP,
        N_("a number exactly at the bound of a comparison falls on the wrong side"),
    ),
    "slip_condition": (Level.SLIP, N_("a condition holds in the wrong cases")),
    "slip_no_axis": (
        Level.SLIP,
        N_("{function} is taken over all entries, and not along one axis"),
    ),
    "slip_one_axis": (
        Level.SLIP,
        N_("{function} is taken along one axis, and not over all entries"),
    ),
    "slip_axis": (Level.SLIP, N_("{function} is taken along the wrong axis")),
    "slip_exchanged": (Level.SLIP, N_("two arguments of a call are exchanged")),
    "slip_other_function": (
        Level.SLIP,
        N_("{function} is taken, where another function is needed"),
    ),
    "slip_no_function": (Level.SLIP, N_("{function} is not taken, and should be")),
    "slip_function": (Level.SLIP, N_("{function} is taken, and should not be")),
    "slip_name": (Level.SLIP, N_("{other} is used, where something else is needed")),
    "slip_index": (Level.SLIP, N_("a wrong entry of a list or an array is read")),
    "slip_number": (Level.SLIP, N_("a number in the formula is not the one that is needed")),
    "slip_no_step": (Level.SLIP, N_("the step that computes {term} is left out")),
    "slip_step": (Level.SLIP, N_("a step is taken that should not be")),
    "slip_fewer_rounds": (Level.SLIP, N_("a loop takes one round too few")),
    "slip_more_rounds": (Level.SLIP, N_("a loop takes one round too many")),
    "slip_first_round": (Level.SLIP, N_("a loop leaves out its first round")),
    "first_wrong": (
        Level.LINE,
        N_("`{name}` in line {line} is the first that is wrong; `{before}` before it is right."),
    ),
    "first_wrong_alone": (
        Level.LINE,
        N_("`{name}` in line {line} is the first quantity that is wrong."),
    ),
}
"""The level of each kind, and its sentence; a slip has a clause that goes into a sentence."""

SLIP = N_("{places}: this is what comes out when {slip}.")
SLIP_IN_LINE = N_("Line {line}: {slip}. {places} would be right without this.")
TRANSLATED = ("transform", "function", "operation")
"""Parameters that are words of ours."""


def level(finding: Finding) -> Level:
    """Return the method that a finding comes from; a slip with a line is in the student's code."""
    of_kind = KINDS[finding.kind][0]
    return Level.LINE if of_kind is Level.SLIP and finding.line is not None else of_kind


def found(kind: str, *places: str, line: int | None = None, **parameters: object) -> Finding:
    """Return a finding."""
    return Finding(kind, places, line, {name: str(value) for name, value in parameters.items()})


def of_any_line(finding: Finding) -> Finding:
    """Return a finding without its line, so that students who share a cause can be counted."""
    return msgspec.structs.replace(finding, line=None)


def sentence(finding: Finding) -> str:
    """Return the sentence that a student reads, in the current language.

    Without a line, the sentence has dots in its place.
    """
    places = words([_(each) if each in WORDS else each for each in finding.places])
    parameters = {
        name: _(value) if name in TRANSLATED or value == SOME_TERM else value
        for name, value in finding.parameters.items()
    }
    of_kind, template = KINDS[finding.kind]
    line = "…" if finding.line is None else str(finding.line)
    if of_kind is Level.SLIP:
        parameters = {"slip": _(template).format(**parameters)}
        template = SLIP if finding.line is None else SLIP_IN_LINE
    return _(template).format(places=places, line=line, **parameters)


def told(finding: Finding, untold: Collection[str]) -> bool:
    """Whether an author lets a finding be told: neither its level nor a place is switched off."""
    return not {level(finding).value, finding.kind, *finding.places} & set(untold)


def merged(findings: Iterable[Finding]) -> list[Finding]:
    """Join findings that differ in their places only."""
    joined: dict[tuple[object, ...], Finding] = {}
    for each in findings:
        key = (each.kind, each.line, *sorted(each.parameters.items()))
        if key in joined:
            places = dict.fromkeys((*joined[key].places, *each.places))
            each = msgspec.structs.replace(joined[key], places=tuple(places))
        joined[key] = each
    return list(joined.values())


def place_name(path: AnswerPath) -> str:
    """Return what a student calls a place in an answer: its key, or its number among the values."""
    keys = [key for key in path[1:] if isinstance(key, str)]
    if keys:
        return keys[-1]
    return ANSWER if len(path) == 1 else VALUES.get(path[1], ANSWER)


ANSWER = N_("The answer")
VALUES: dict[object, str] = {
    0: N_("The first value"),
    1: N_("The second value"),
    2: N_("The third value"),
}
WORDS = {ANSWER, *VALUES.values()}
"""The names of places that are words of ours and are translated; all others are keys."""
