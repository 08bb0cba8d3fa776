"""Draw pictures in the student's notebook that explain why a check failed.

A check declares its picture with `picture=` (see `autograder/checking/checks.py`). The build copies
the text of this file into the notebook, and the runner makes a module of it when the first picture
is needed. Grading never runs it. So this file uses only numpy, the standard library, and `expect`
from the notebook.

A picture is an SVG in the colour of the text around it, and a sentence with the same content for
screen readers and for places that show only text. An answer may be any value. If it cannot be
drawn, an exception is raised and the runner leaves the picture out.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from autograder.checking import expect
from autograder.i18n import _

Picture = tuple[str, str]
"""An SVG, and a sentence that describes it."""

Box = tuple[float, float, float, float]
"""The left, upper, right and lower edge of a rectangle in a picture."""

WIDTH = 300.0
"""Width of a picture; all lengths are in pixels."""

BINS = 41
"""Bins of a histogram; their number is odd, so that zeros are in the middle bin."""

LARGEST = 40
"""The most rows or columns of a matrix whose entries can be seen."""

MAX_POINTS = 400
"""The most points that can be distinguished."""

PALE = "fill='currentColor' fill-opacity='.2' stroke-opacity='.4'"


def histogram(answer: expect.Answer, sd: float) -> Picture:
    """Draw a histogram of the answer's numbers in front of the expected Gaussian around 0.

    Args:
        answer: real numbers, of any shape.
        sd: the expected standard deviation.

    Raises:
        Unmet: the answer has no numbers, or numbers that are not finite or above 1e6.
    """
    numbers = _numbers(answer).ravel()
    most = max(4 * sd, float(np.max(np.abs(numbers))))
    counts, edges = np.histogram(numbers, BINS, (-most, most))
    top, base, middle = 24.0, 110.0, WIDTH / 2

    def x(number: float) -> float:
        return middle * (1 + number / most)

    def y(share: float) -> float:
        return base - share * (base - top)

    # Both are as high as the picture, so that both can be seen if one is far too narrow.
    bell = [f"{x(z * sd):.1f} {y(np.exp(-z * z / 2)):.1f}" for z in np.linspace(-4, 4, 81)]
    steps = [
        f"V{y(count / np.max(counts)):.1f}H{x(edge):.1f}"
        for count, edge in zip(counts, edges[1:], strict=True)
    ]
    shapes = [
        f"<path d='M{'L'.join(bell)}Z' {PALE}/>",
        f"<path d='M0 {base}{''.join(steps)}V{base}' stroke-width='1.5'/>",
        f"<path d='M0 {base}H{WIDTH}'/>",
        "<path d='M0 8H16' stroke-width='1.5'/>",
        _label(22, 12, _("yours")),
        f"<rect x='{middle}' y='4' width='16' height='8' {PALE}/>",
        _label(middle + 22, 12, _("expected")),
        _label(0, base + 14, f"{-most:.2g}"),
        _label(middle, base + 14, "0", "middle"),
        _label(WIDTH, base + 14, f"{most:.2g}", "end"),
    ]
    says = _(
        "Picture: a histogram of {answer} in front of the expected Gaussian. Standard deviation: "
        "{spread}, expected {sd}. Numbers: {size}, from {least} to {most}."
    )
    sentence = says.format(
        answer=answer.name,
        spread=f"{np.std(numbers):.3g}",
        sd=f"{sd:.3g}",
        size=numbers.size,
        least=f"{np.min(numbers):.3g}",
        most=f"{np.max(numbers):.3g}",
    )
    return _svg(base + 18, shapes, sentence), sentence


def rows(answer: expect.Answer) -> Picture | None:
    """Draw the rows of a matrix, with a square for each number; larger numbers are darker.

    Args:
        answer: real numbers, of shape (n, m).

    Returns:
        The picture; None if the matrix is too large to see anything.

    Raises:
        Unmet: the answer has no numbers, or numbers that are not finite or above 1e6.
        ValueError: the answer is not a matrix, or is empty.
    """
    W = _numbers(answer)
    n, m = W.shape
    least, most = float(np.min(W)), float(np.max(W))
    if max(n, m) > LARGEST:
        return None
    left, high = 52.0, 16.0
    wide = min(28.0, (WIDTH - left) / m)

    def square(x: float, y: float, number: float) -> str:
        share = (number - least) / (most - least) if most > least else 0.5
        return (
            f"<rect x='{x:.1f}' y='{y:.1f}' width='{wide - 1:.1f}' height='{high - 3}' "
            f"fill='currentColor' fill-opacity='{0.1 + 0.9 * share:.2f}' stroke='none'/>"
        )

    shapes = []
    for i in range(n):
        shapes.append(_label(0, high * i + 11, _("row {number}").format(number=i)))
        shapes += [square(left + wide * j, high * i, W[i, j]) for j in range(m)]
    for place, number in enumerate(sorted({least, most})):  # the legend
        x, y = left + 110.0 * place, high * n + 10
        shapes += [square(x, y, number), _label(x + wide + 5, y + 11, f"{number:.3g}")]
    says = _(
        "Picture: the rows of {answer}, with a square for each number. Rows: {rows}, distinct "
        "rows: {different}. Numbers: from {least} to {most}."
    )
    sentence = says.format(
        answer=answer.name,
        rows=n,
        different=len(np.unique(W, axis=0)),
        least=f"{least:.3g}",
        most=f"{most:.3g}",
    )
    return _svg(high * n + 28, shapes, sentence), sentence


def agreement(
    answer: expect.Answer, wanted: Mapping[str, npt.ArrayLike], by: str
) -> Picture | None:
    """Draw the numbers of a dict against the right numbers: right numbers are on the diagonal.

    Args:
        answer: a dict with the keys of `wanted`.
        wanted: the right numbers, by their key.
        by: how the right numbers were found, for example "calculation by hand".

    Returns:
        The picture; None if there are too many numbers.

    Raises:
        Unmet: the answer lacks a key, or its numbers cannot be compared.
    """
    points = [point for key in wanted for point in _points(key, answer[key], wanted[key])]
    if len(points) > MAX_POINTS:
        return None
    off = [point for point in points if not point[3]]
    least = min(min(point[1:3]) for point in points)
    most = max(max(point[1:3]) for point in points)
    left, top, side = 52.0, 22.0, 150.0
    base = top + side

    def along(number: float) -> float:
        return side * (0.05 + 0.9 * ((number - least) / (most - least) if most > least else 0.5))

    shapes = [
        f"<path d='M{left} {top}V{base}H{left + side}'/>",
        f"<path d='M{left} {base}L{left + side} {top}' stroke-dasharray='4 3'/>",
        _label(0, 12, _("yours")),
        _label(left + side / 2, base + 30, by, "middle"),
    ]
    for number in sorted({least, most}):
        shapes.append(_label(left - 6, base - along(number) + 4, f"{number:.3g}", "end"))
        shapes.append(_label(left + along(number), base + 15, f"{number:.3g}", "middle"))
    taken = [(0.0, 0.0, left, base + 36), (left, base, WIDTH, base + 36)]  # the axes' labels
    for _key, want, found, right in points:
        fill = "none" if right else "currentColor"
        x, y = left + along(want), base - along(found)
        shapes.append(f"<circle cx='{x:.1f}' cy='{y:.1f}' r='3.5' fill='{fill}'/>")
        taken.append((x - 4, y - 4, x + 4, y + 4))
    named = {point[0]: point for point in sorted(off, key=lambda point: abs(point[1] - point[2]))}
    for key, want, found, _right in named.values():  # each key once, at its worst point
        wide = 7.0 * len(key)
        boxes = [
            (x, y - 9, x + wide, y + 2)
            for y in (base - along(found) + shift for shift in (4, -8, 16, -20, 28))
            for x in (left + along(want) + 7, left + along(want) - 7 - wide)
        ]
        # The first box that covers nothing, or else the one that covers the fewest things.
        box = min(boxes, key=lambda box: sum(_overlap(box, each) for each in taken))
        taken.append(box)
        shapes.append(_label(box[0], box[1] + 9, key))
    says = _(
        "Picture: the numbers of {answer} against the right ones ({by}). On the diagonal, where "
        "both are equal: {right} of {size}. Off the diagonal: {keys}."
    )
    sentence = says.format(
        answer=answer.name,
        by=by,
        right=len(points) - len(off),
        size=len(points),
        keys=", ".join(key for key in wanted if key in named) or "–",
    )
    return _svg(base + 36, shapes, sentence), sentence


def _numbers(answer: expect.Answer) -> expect.Floats:
    """Return the numbers of an answer, if all are finite and at most 1e6."""
    return expect.numbers(answer, expect.array(answer).shape)


def _points(
    key: str, answer: expect.Answer, wanted: npt.ArrayLike
) -> list[tuple[str, float, float, bool]]:
    """Return for each number its key, the right number, the answer's, and whether it is right."""
    want = np.asarray(wanted, dtype=np.float64)
    found = expect.numbers(answer, want.shape)
    right = np.abs(found - want) <= expect.ROUNDING + expect.RTOL * np.max(np.abs(want))
    numbers = zip(want.flat, found.flat, right.flat, strict=True)
    return [(key, float(one), float(other), bool(same)) for one, other, same in numbers]


def _overlap(one: Box, other: Box) -> bool:
    """Return whether two boxes overlap."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _label(x: float, y: float, text: str, anchor: str = "start") -> str:
    return (
        f"<text x='{x:.1f}' y='{y:.1f}' text-anchor='{anchor}' fill='currentColor' stroke='none'>"
        f"{html.escape(text)}</text>"
    )


def _svg(height: float, shapes: Sequence[str], sentence: str) -> str:
    words = html.escape(sentence)
    return (
        f"<svg role='img' aria-label='{words}' viewBox='0 0 {WIDTH} {height}' "
        f"style='display: block; width: {WIDTH}px; max-width: 100%; margin: 0.5em 0' "
        "fill='none' stroke='currentColor' font-size='11'>"
        f"<title>{words}</title>{''.join(shapes)}</svg>"
    )
