"""Define what can be found out about a wrong answer, and the sentence for each kind of finding.

A finding names a kind, the places where the answer is wrong, a line of the student's code and a few
parameters. The sentence is made from the kind, so both languages, the class report and scripts use
the same finding. A sentence may contain names, sizes by name, keys and lines; it never contains an
argument or a value of a check, or the text of the reference.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum

import msgspec

from autograder.checking.diagnosis.comparison import AnswerPath, Item
from autograder.checking.judge.messages import words
from autograder.i18n import N_, _, plural
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


MAX_PLACES = 6
"""Places that a sentence names: a deep network has many."""

SOME_TERM = N_("a term")
"""What a term is called that has no name which the student knows."""


KINDS: dict[str, tuple[Level, str]] = {
    "nothing_returned": (
        Level.FORM,
        N_("Your function returns nothing: a return statement is missing."),
    ),
    "printed": (Level.FORM, N_("Your function prints its result, and does not return it.")),
    "other_order": (Level.FORM, N_("Your function returns the right values in another order.")),
    "text_for_numbers": (
        Level.FORM,
        N_("Your function returns the right numbers as text; numbers are asked for."),
    ),
    "pairs_for_dict": (
        Level.FORM,
        N_("Your function returns the right pairs in a list; a dict is asked for."),
    ),
    "members_in_tuples": (
        Level.FORM,
        N_(
            "Each entry of what your function returns holds several values; value number {number} "
            "of each is right, and should stand alone."
        ),
    ),
    "members_order": (
        Level.FORM,
        N_("Each entry of what your function returns holds the right values in another order."),
    ),
    "other_spaces": (
        Level.FORM,
        N_(
            "What your function returns is right but for spaces or line breaks at the ends of text."
        ),
    ),
    "other_case": (
        Level.FORM,
        N_("What your function returns is right but for capital and small letters in text."),
    ),
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
        N_("Your function returns the right values in a dict; return them one by one instead."),
    ),
    "list_for_array": (
        Level.FORM,
        N_("Your function returns the right numbers in a list; an array is asked for."),
    ),
    "flat_list": (
        Level.FORM,
        N_(
            "Your function returns the right numbers one after the other in a list; an array with "
            "rows and columns is asked for."
        ),
    ),
    "other_keys": (
        Level.FORM,
        N_("Your function returns the right values under other keys: {keys}."),
    ),
    "missing_keys": (
        Level.FORM,
        N_("These keys are missing from what your function returns: {keys}. The rest is right."),
    ),
    "last_number_missing": (
        Level.FORM,
        N_(
            "The keys with the highest number are missing from what your function returns; the "
            "rest is right."
        ),
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
    "argument_overwritten": (
        Level.SOURCE,
        N_(
            "Line {line} gives `{name}` another value before anything has read it, so the answer "
            "cannot depend on this argument."
        ),
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
    "called_before_loop": (
        Level.SOURCE,
        N_(
            "Your function calls {name} in line {line}, outside the loop: in the later rounds it "
            "goes on with old results."
        ),
    ),
    "called_in_loop": (
        Level.SOURCE,
        N_(
            "Your function calls {name} in line {line} inside the loop, so every round does this "
            "again; it belongs before the loop."
        ),
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
    "place_as_if_less": (
        Level.RELATION,
        N_("{places}: this would be right if `{argument}` were 1 less than it is."),
    ),
    "place_as_if_more": (
        Level.RELATION,
        N_("{places}: this would be right if `{argument}` were 1 more than it is."),
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
    "as_if_times": (
        Level.RELATION,
        N_("Your function answers as if `{argument}` were {factor} times what it is."),
    ),
    "as_if_complement": (
        Level.RELATION,
        N_("Your function answers as if `{argument}` were 1 minus what it is."),
    ),
    "as_if_transposed": (
        Level.RELATION,
        N_("Your function answers as if rows and columns of `{argument}` were exchanged."),
    ),
    "as_if_labels_exchanged": (
        Level.RELATION,
        N_("Your function answers as if 0 and 1 were exchanged in `{argument}`."),
    ),
    "as_if_exchanged": (
        Level.LINE,
        N_("Your function answers as if `{first}` and `{second}` were exchanged."),
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
        N_("{places}: this is one sum over all entries; there should be a number for each row."),
    ),
    "averaged_up": (
        Level.RELATION,
        N_("{places}: this is one mean over all entries; there should be a number for each entry."),
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
        N_("{places}: return {transform} of these numbers, not the numbers themselves."),
    ),
    "reverse_order": (
        Level.RELATION,
        N_("{places}: the numbers are right, in the reverse order."),
    ),
    "one_more": (Level.RELATION, N_("{places}: 1 more than it should be wherever it is wrong.")),
    "one_less": (Level.RELATION, N_("{places}: 1 less than it should be wherever it is wrong.")),
    "counted_once": (
        Level.RELATION,
        N_("{places}: 1 where the count is larger; what occurs again is not added."),
    ),
    "last_missing": (
        Level.RELATION,
        N_("{places}: entries are missing at the end; the others are right."),
    ),
    "first_missing": (
        Level.RELATION,
        N_("{places}: entries are missing at the beginning; the others are right."),
    ),
    "some_missing": (
        Level.RELATION,
        N_("{places}: entries are missing in between; the others are right."),
    ),
    "more_after": (
        Level.RELATION,
        N_("{places}: too many entries; the right ones come first, and others after them."),
    ),
    "more_before": (
        Level.RELATION,
        N_("{places}: too many entries; the right ones come last, and others before them."),
    ),
    "more_around": (
        Level.RELATION,
        N_("{places}: too many entries; the right ones are in the middle."),
    ),
    "only_in": (Level.RELATION, N_("{places}: right in {part}, and 0 everywhere else.")),
    "times_array": (
        Level.RELATION,
        N_("{places}: each number is multiplied by {other}, and otherwise right."),
    ),
    "over_array": (
        Level.RELATION,
        N_("{places}: each number is divided by {other}, and otherwise right."),
    ),
    "factor_of_each": (
        Level.RELATION,
        N_("{places}: {part} is right except for a factor of its own."),
    ),
    "scale_of_each": (
        Level.RELATION,
        N_("{places}: {part} is right except for a factor and an added constant of its own."),
    ),
    "not_finite": (
        Level.RELATION,
        N_(
            "{places}: right wherever it is finite. inf and nan may come from a number that is too "
            "large, a division by zero, the logarithm of 0, the root or logarithm of a negative "
            "number, or the mean of no numbers."
        ),
    ),
    "shifted": (
        Level.RELATION,
        N_("{places}: each number stands one place too early; the first is missing."),
    ),
    "sum_not_one": (
        Level.RELATION,
        N_("{places}: right but for a factor in each call; the sum should be 1."),
    ),
    "length_not_one": (
        Level.RELATION,
        N_("{places}: a vector in the right direction; its length should be 1."),
    ),
    "sum_of_each": (
        Level.RELATION,
        N_("{places}: {part} is right but for a factor; the sum of {part} should be 1."),
    ),
    "any_factor": (
        Level.RELATION,
        N_("{places}: right up to a factor, which is another one in each call."),
    ),
    "right_except": (Level.RELATION, N_("{places}: wrong in {part}, and right everywhere else.")),
    "right_only": (Level.RELATION, N_("{places}: right in {part}, and wrong everywhere else.")),
    "argument_changed": (
        Level.RELATION,
        N_("Your function changes the values in its argument `{argument}`; work on a copy."),
    ),
    "complement": (Level.RELATION, N_("{places}: this is 1 minus what it should be.")),
    "decided": (
        Level.RELATION,
        N_("{places}: this is 0 or 1 already; return the number itself, before the decision."),
    ),
    "undecided": (
        Level.RELATION,
        N_("{places}: these are numbers between 0 and 1, where 0 or 1 is asked for."),
    ),
    "other_labels": (
        Level.RELATION,
        N_("{places}: the two classes are to be 0 and 1, and nothing else."),
    ),
    "bound_varies": (
        Level.RELATION,
        N_(
            "{places}: the bound between 0 and 1 is not the same in all calls; it should not "
            "depend on the other examples."
        ),
    ),
    "right_alone": (
        Level.RELATION,
        N_("{places}: right for a single example, and wrong for several together."),
    ),
    "sign_lost": (Level.RELATION, N_("{places}: right but for the sign, which is lost.")),
    "rounded": (
        Level.RELATION,
        N_("{places}: rounded to {digits}; leave the numbers as they are."),
    ),
    "rounded_too_far": (Level.RELATION, N_("{places}: rounded too far, to {digits}.")),
    "rounded_down": (
        Level.RELATION,
        N_("{places}: rounded down to whole numbers, as // does."),
    ),
    "no_decimals": (
        Level.RELATION,
        N_(
            "{places}: the digits after the decimal point are cut off, as in an array of whole "
            "numbers."
        ),
    ),
    "cut_off": (
        Level.RELATION,
        N_("{places}: right in the middle, and cut off where it is large or small."),
    ),
    "cut_above": (
        Level.RELATION,
        N_("{places}: right where it is small, and cut off where it is large."),
    ),
    "cut_below": (
        Level.RELATION,
        N_("{places}: right where it is large, and cut off where it is small."),
    ),
    "constant": (
        Level.RELATION,
        N_("{places}: {value} in every call that was made."),
    ),
    "one_number": (
        Level.RELATION,
        N_("{places}: one number over and over, where the numbers should differ."),
    ),
    "last_example": (
        Level.RELATION,
        N_("{places}: right but for the last column; is the last example left out?"),
    ),
    "first_example": (
        Level.RELATION,
        N_("{places}: right but for the first column; is the first example left out?"),
    ),
    "only_part": (Level.RELATION, N_("{places}: only {part} counts.")),
    "class_missing": (
        Level.RELATION,
        N_("{places}: the examples with the label {label} do not count; the others are right."),
    ),
    "class_sign": (
        Level.RELATION,
        N_(
            "{places}: the examples with the label {label} count with the wrong sign; the others "
            "are right."
        ),
    ),
    "class_factor": (
        Level.RELATION,
        N_(
            "{places}: the examples with the label {label} count {factor} times as much as they "
            "should; the others are right."
        ),
    ),
    "term_missing": (Level.RELATION, N_("{places}: {term} is not added to it.")),
    "term_added": (
        Level.RELATION,
        N_("{places}: a multiple of {term} is added, and should not be."),
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
    "step_small": (
        Level.RELATION,
        N_("{places}: the step is too small by the factor {factor}."),
    ),
    "step_divided": (
        Level.RELATION,
        N_("{places}: the step is divided by {factor}, and should be multiplied by it."),
    ),
    "step_same": (
        Level.RELATION,
        N_("{places}: the length of the step does not depend on {factor}."),
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
    "start_times": (
        Level.RELATION,
        N_("{places}: the old value is multiplied by {factor}, and only the gradient should be."),
    ),
    "start_changed": (
        Level.RELATION,
        N_("{places}: the step is right, but it does not start from the old value."),
    ),
    "part": (Level.RELATION, N_("Your function answers as if {part} were all there is.")),
    "first_step_part": (
        Level.RELATION,
        N_("The first step of your function is computed from {part} alone."),
    ),
    "step_carried": (
        Level.RELATION,
        N_(
            "The first step of your function is right. The second step adds a part of the first "
            "step; only the gradients of its own round belong to a step."
        ),
    ),
    "fewer_steps": (
        Level.RELATION,
        N_(
            "Your function answers some calls as if `{argument}` were smaller than it is: the loop "
            "ends early."
        ),
    ),
    "first_step_same": (
        Level.RELATION,
        N_(
            "In the first step of your function, every number moves equally far. How far it moves "
            "should depend on its gradient."
        ),
    ),
    "first_step_varies": (
        Level.RELATION,
        N_(
            "The first step of your function goes the right way, but it is too long or too short, "
            "and not by the same factor everywhere."
        ),
    ),
    "second_step_length": (
        Level.RELATION,
        N_(
            "The first step of your function is right. The second goes the right way, and is "
            "{factor} times as long as it should be."
        ),
    ),
    "second_step_short": (
        Level.RELATION,
        N_("The first step of your function is right, and the second is too short."),
    ),
    "second_step_long": (
        Level.RELATION,
        N_("The first step of your function is right, and the second is too long."),
    ),
    "second_step": (
        Level.RELATION,
        N_("The first step of your function is right, and the second is wrong."),
    ),
    "not_zero": (Level.DRAWS, N_("{places}: not zero, and should be.")),
    "sizes_exchanged": (
        Level.DRAWS,
        N_("{places}: the numbers of rows and of columns are exchanged."),
    ),
    "fixed_shape": (
        Level.DRAWS,
        N_("{places}: always of the same shape, whatever sizes the function is given."),
    ),
    "all_zero": (Level.DRAWS, N_("{places}: all zero, and should not be.")),
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
        N_("{places}: the standard deviation does not depend on the arguments in the right way."),
    ),
    "spread_depends": (
        Level.DRAWS,
        N_("{places}: the standard deviation depends on the arguments, and should not."),
    ),
    "spread_same": (
        Level.DRAWS,
        N_(
            "{places}: the standard deviation is the same in every call, and should depend on the "
            "arguments."
        ),
    ),
    "some_zero": (Level.DRAWS, N_("{places}: all zero in some of the calls, and should not be.")),
    "mean_shifted": (Level.DRAWS, N_("{places}: the mean is not 0, and should be.")),
    "bounded": (
        Level.DRAWS,
        N_("{places}: drawn evenly between two bounds, and not from a Gaussian."),
    ),
    "slip_added": (Level.SLIP, N_("{term} is wrongly added")),
    "slip_subtracted": (Level.SLIP, N_("{term} is wrongly subtracted")),
    "slip_sign": (
        Level.SLIP,
        N_("something is added that should be subtracted, or the other way round"),
    ),
    "slip_sign_of": (Level.SLIP, N_("{term} has the wrong sign")),
    "slip_operation": (Level.SLIP, N_("the operation with {term} is the wrong one")),
    "slip_multiplied": (Level.SLIP, N_("something is wrongly multiplied by {term}")),
    "slip_divided": (Level.SLIP, N_("something is wrongly divided by {term}")),
    "slip_not_divided": (Level.SLIP, N_("the division by {term} is left out")),
    "slip_left_out": (Level.SLIP, N_("{term} is left out of the formula")),
    "slip_no_complement": (
        Level.SLIP,
        N_("a quantity is taken where 1 minus this quantity is needed"),
    ),
    "slip_complement": (
        Level.SLIP,
        N_("1 minus a quantity is taken, where the quantity itself is needed"),
    ),
    "slip_matrix_product": (
        Level.SLIP,
        N_("a matrix product is used where an entry-by-entry product is needed"),
    ),
    "slip_by_entries": (
        Level.SLIP,
        N_("a product is taken entry by entry, where a matrix product is needed"),
    ),
    "slip_bracket": (Level.SLIP, N_("a bracket is missing, or stands in the wrong place")),
    "slip_reversed": (Level.SLIP, N_("the two sides of {operation} are exchanged")),
    "slip_no_power": (Level.SLIP, N_("a square or another power is not taken")),
    "slip_power": (Level.SLIP, N_("a power is taken that should not be")),
    "slip_no_minus": (Level.SLIP, N_("a minus sign is left out")),
    "slip_minus": (Level.SLIP, N_("there is a minus sign too many")),
    "slip_not_transposed": (Level.SLIP, N_("{term} is used without being transposed")),
    "slip_transposed": (Level.SLIP, N_("{term} is wrongly transposed")),
    "slip_comparison": (Level.SLIP, N_("a comparison goes the wrong way")),
    "slip_bound": (
        Level.SLIP,
        N_("a number exactly at the bound of a comparison falls on the wrong side"),
    ),
    "slip_round": (
        Level.SLIP,
        N_("a loop treats its first or its last round in the wrong way"),
    ),
    "slip_condition": (Level.SLIP, N_("a condition holds in the wrong cases")),
    "slip_guard": (Level.SLIP, N_("a condition leaves out cases that should count")),
    "slip_order": (Level.SLIP, N_("the order is the reverse of the one that is needed")),
    "slip_end": (Level.SLIP, N_("the entries at the wrong end are taken")),
    "slip_one_less": (Level.SLIP, N_("{term} is taken, where one more is needed")),
    "slip_one_more": (Level.SLIP, N_("{term} is taken, where one less is needed")),
    "slip_no_axis": (
        Level.SLIP,
        N_("{function} is taken over all entries, and not along one axis"),
    ),
    "slip_one_axis": (
        Level.SLIP,
        N_("{function} is taken along one axis, and not over all entries"),
    ),
    "slip_axis": (Level.SLIP, N_("{function} is taken along the wrong axis")),
    "slip_keyword": (Level.SLIP, N_("the argument {term} of a call is not the one that is needed")),
    "slip_exchanged": (Level.SLIP, N_("two arguments of a call are exchanged")),
    "slip_other_function": (
        Level.SLIP,
        N_("{function} is taken, where something else is needed"),
    ),
    "slip_no_function": (Level.SLIP, N_("{function} is left out")),
    "slip_function": (Level.SLIP, N_("{function} is wrongly taken")),
    "slip_called": (Level.SLIP, N_("{name} is wrongly called")),
    "slip_name": (Level.SLIP, N_("{other} is used, where something else is needed")),
    "slip_size": (Level.SLIP, N_("a size of an array is read along the wrong axis")),
    "slip_index": (Level.SLIP, N_("a wrong entry of a list or an array is taken")),
    "slip_axes": (
        Level.SLIP,
        N_("sums, means, largest numbers and the like are taken along the wrong axis"),
    ),
    "slip_no_axes": (
        Level.SLIP,
        N_(
            "sums, means, largest numbers and the like are taken over all entries, and not along "
            "one axis"
        ),
    ),
    "slip_whole": (
        Level.SLIP,
        N_("all entries are taken, where the first or the last should be left out"),
    ),
    "slip_part": (
        Level.SLIP,
        N_("the first or the last entry is left out, where all should be taken"),
    ),
    "slip_all_rows": (
        Level.SLIP,
        N_("an index is taken in all rows or columns, where each of its numbers belongs to one"),
    ),
    "slip_joined": (Level.SLIP, N_("“and” and “or” are exchanged between two conditions")),
    "slip_no_restart": (Level.SLIP, N_("{term} does not start again from its first value")),
    "slip_number": (Level.SLIP, N_("a number in the formula is not the one that is needed")),
    "slip_no_step": (Level.SLIP, N_("the step that computes {term} is left out")),
    "slip_step": (Level.SLIP, N_("a step is taken that should not be")),
    "slip_in_loop": (Level.SLIP, N_("a statement stands in a loop, and belongs after it")),
    "slip_after_loop": (Level.SLIP, N_("a statement stands after a loop, and belongs inside it")),
    "slip_stop": (Level.SLIP, N_("a loop ends before its last round")),
    "slip_fewer_rounds": (Level.SLIP, N_("a loop takes one round too few")),
    "slip_more_rounds": (Level.SLIP, N_("a loop takes one round too many")),
    "slip_round_before": (Level.SLIP, N_("a loop begins one round too early")),
    "slip_first_round": (Level.SLIP, N_("a loop leaves out its first round")),
    "log_of_zero": (
        Level.LINE,
        N_("Line {line} takes the logarithm of 0."),
    ),
    "log_of_negative": (
        Level.LINE,
        N_("Line {line} takes the logarithm of a negative number."),
    ),
    "root_of_negative": (
        Level.LINE,
        N_("Line {line} takes the square root of a negative number."),
    ),
    "zero_divisor": (
        Level.LINE,
        N_("Line {line} divides by 0."),
    ),
    "exp_overflows": (
        Level.LINE,
        N_(
            "Line {line} takes the exponential of a number that is too large, so the result is "
            "infinite."
        ),
    ),
    "overflows": (Level.LINE, N_("Line {line} computes a number that is too large to be kept.")),
    "first_wrong": (
        Level.LINE,
        N_("`{name}` in line {line} is the first wrong value; `{before}` before it is right."),
    ),
    "first_wrong_alone": (
        Level.LINE,
        N_("`{name}` in line {line} is the first quantity that is wrong."),
    ),
    "wrong_since": (
        Level.LINE,
        N_(
            "`{before}` is right, and `{name}` in line {line} is wrong: look at lines {since} to "
            "{line}."
        ),
    ),
}
"""The level of each kind, and its sentence; a slip has a clause that goes into a sentence."""

SLIP = N_("{places}: this is what comes out when {slip}.")
SLIP_IN_LINE = N_("Line {line}: {slip}. {places} would be right without this mistake.")
TRANSLATED = ("transform", "function", "operation", "part")
"""Parameters that are words of ours."""

CHINESE = re.compile("[\u4e00-\u9fff]")


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
    places = [_(each) if each in WORDS else each for each in finding.places]
    first = [  # a word of ours begins with a small letter inside a sentence
        text if not number or each not in WORDS else text[0].lower() + text[1:]
        for number, (text, each) in enumerate(zip(places, finding.places, strict=True))
    ]
    named = words(first)
    if len(first) > MAX_PLACES + 1:
        named = _("{names} and others").format(names=_(", ").join(first[:MAX_PLACES]))
    parameters = {
        name: _(value) if name in TRANSLATED or (name == "term" and " " in value) else value
        for name, value in finding.parameters.items()
    }
    if "digits" in parameters:
        parameters["digits"] = _decimals(int(parameters["digits"]))
    of_kind, template = KINDS[finding.kind]
    line = "…" if finding.line is None else str(finding.line)
    if of_kind is Level.SLIP:
        parameters = {"slip": _spaced(_(template), parameters).format(**parameters)}
        template = SLIP if finding.line is None else SLIP_IN_LINE
    parameters |= {"places": named, "line": line}
    return _spaced(_(template), parameters).format(**parameters)


def _decimals(digits: int) -> str:
    if digits == 0:
        return _("whole numbers")
    return plural("1 decimal", "{number} decimals", digits).format(number=digits)


def _spaced(template: str, parameters: Mapping[str, str]) -> str:
    """Return a sentence without the spaces beside parameters that are Chinese."""
    for name, value in parameters.items():
        if CHINESE.match(value):
            template = template.replace(f" {{{name}}}", f"{{{name}}}")
        if CHINESE.match(value[-1:]):
            template = template.replace(f"{{{name}}} ", f"{{{name}}}")
    return template


def told(finding: Finding, untold: Collection[str]) -> bool:
    """Return whether the author allows a finding: neither its level nor a place is switched off."""
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
    of_tuple = len(path) > 1 and not isinstance(path[1], Item)
    return VALUES.get(path[1], ANSWER) if of_tuple else ANSWER


ANSWER = N_("The answer")
VALUES: dict[object, str] = {
    0: N_("The first value"),
    1: N_("The second value"),
    2: N_("The third value"),
}
WORDS = {ANSWER, *VALUES.values()}
"""The names of places that are words of ours and are translated; all others are keys."""
