"""The charts of the class report. A table has the same numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from autograder.i18n import _
from autograder.reports.distribution import Bin
from autograder.reports.html.class_report.drawing import XY, Histogram, config, svg
from autograder.reports.html.class_report.items import MIN_DISCRIMINATION, Item
from autograder.reports.labels import points


def histogram(bins: Sequence[Bin], label: str) -> Markup:
    """Draw the histogram of the scores; the label describes it in words."""
    edges = [bins[0].low, *(each.high for each in bins)]
    chart = Histogram(
        **config(
            _("points"),
            _("students"),
            height=260,
            x_labels=edges,
            xrange=(edges[0], edges[-1]),
            value_formatter=points,
            x_value_formatter=points,
            y_labels=_whole_numbers(max(each.students for each in bins)),
        )
    )
    bars = [
        {
            "value": (each.students, each.low, each.high),
            "label": _("{low} to {high} points: {students}").format(
                low=points(each.low), high=points(each.high), students=each.students
            ),
        }
        for each in bins
        if each.students
    ]
    chart.add("students", bars)
    return svg(chart, label)


def item_map(items: Iterable[Item], label: str) -> Markup:
    """Draw difficulty and discrimination of the checks that have both; mark the low ones."""
    plotted = [
        (each.difficulty, each.discrimination.value, each.id)
        for each in items
        if each.difficulty is not None and each.discrimination is not None
    ]
    ticks = [-1, -0.75, -0.5, -0.25, 0, MIN_DISCRIMINATION, 0.5, 0.75, 1]
    lowest = min([0.0, *(value for _difficulty, value, _name in plotted)])
    shown = [each for each in ticks if each >= max(t for t in ticks if t <= lowest)]
    chart = XY(
        **config(
            _("difficulty: average share of the points"),
            _("discrimination"),
            height=320,
            stroke=False,
            dots_size=5,
            xrange=(0, 1),
            range=(shown[0], 1),
            x_labels=[0, 0.25, 0.5, 0.75, 1],
            y_labels=shown,
            value_formatter=points,
            x_value_formatter=points,
        )
    )
    dot = _("{check}: difficulty {difficulty}, discrimination {discrimination}")
    for series, poor in (("good", False), ("poor", True)):
        dots = [
            {
                "value": (difficulty, value),
                "label": dot.format(
                    check=name, difficulty=f"{difficulty:.2f}", discrimination=f"{value:.2f}"
                ),
            }
            for difficulty, value, name in plotted
            if (value < MIN_DISCRIMINATION) is poor
        ]
        chart.add(series, dots)
    return svg(chart, label)


def _whole_numbers(most: int) -> list[int]:
    """Return about five round numbers from 0 to the largest value or above."""
    step = next(
        step * 10**power for power in range(9) for step in (1, 2, 5) if most <= 5 * step * 10**power
    )
    return list(range(0, most + step, step))
