"""Draw the figures of experiments, so that their cells show an idea and not how it is drawn.

An experiment that takes `plot` gets a `Figure`:

    @experiment("sigmoid")
    def look_at_the_sigmoid(plot):
        z = np.linspace(-8, 8, 321)
        plot.lines({"your sigmoid": (z, sigmoid(z))}, "score", "probability")

Each call adds a panel, and the figure is shown when the experiment ends. The build copies the text
of this file into the notebook; grading never runs it. So it uses only numpy, and matplotlib when a
figure is shown.

Curves differ in colour, in style and in their marks, so that they can be told apart in grey. Marks
are hollow, and those of later curves smaller: curves that lie on top of each other are all seen.
"""

from __future__ import annotations

import importlib
import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#7A3E9D", "black")
STYLES = ("-", "--", "-.", (0, (1, 1)), "-")
MARKS = ("o", "s", "^", "x", "D")
SIZES = (9, 7, 5, 4, 3)

CLASSES = ((0, "o", "#0072B2"), (1, "x", "#D55E00"))
"""Label, mark and colour of the two classes of a data set."""

MAX_MARKS = 12
"""The most marks on a curve."""

IN_A_ROW = 3
"""The most panels in a row."""

Curve = npt.ArrayLike | tuple[npt.ArrayLike, npt.ArrayLike]
"""The heights of a curve, or a pair of its places and its heights."""


class Figure:
    """A figure that grows by a panel with each call."""

    def __init__(self) -> None:
        self._panels: list[tuple[Callable[[Any], None], str, str, str]] = []

    def _add(self, draw: Callable[[Any], None], x: str = "", y: str = "", title: str = "") -> None:
        self._panels.append((draw, x, y, title))

    def lines(
        self,
        curves: Mapping[str, Curve],
        x: str = "",
        y: str = "",
        *,
        title: str = "",
        log: str = "",
        at: Mapping[str, tuple[float, float]] | None = None,
        levels: Mapping[str, float] | None = None,
        bars: Mapping[str, tuple[npt.ArrayLike, npt.ArrayLike]] | None = None,
        heights: tuple[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike] | None = None,
    ) -> None:
        """Draw curves.

        Args:
            curves: by their names; a name that begins with "_" is not in the legend. If the heights
                are a matrix, each row is a thin line, and their median is a thick one.
            x: what the horizontal axis shows.
            y: what the vertical axis shows.
            title: the title of the panel.
            log: the axes that are logarithmic: "x", "y" or "xy".
            at: single points by their names.
            levels: horizontal lines by their names.
            bars: histograms by their names, as edges and counts.
            heights: places along both axes, and heights above them, whose lines of equal height are
                drawn below the curves.
        """

        def draw(panel: Any) -> None:
            if heights is not None:
                lowest = float(np.min(heights[2]))
                steps = lowest * (1 + 0.01 * 2.0 ** np.arange(13))
                panel.contour(*heights, levels=steps, colors="grey", linewidths=0.5)
            for name, (edges, counts) in (bars or {}).items():
                panel.stairs(counts, edges, fill=True, color="#56B4E9", label=name)
            for number, (name, curve) in enumerate(curves.items()):
                along, found = curve if isinstance(curve, tuple) else (None, curve)
                rows = np.atleast_2d(np.asarray(found, dtype=float))
                places = np.arange(rows.shape[1]) if along is None else np.asarray(along)
                look: dict[str, Any] = {
                    "color": COLOURS[number % 5],
                    "linestyle": STYLES[number % 5],
                }
                for row in rows if len(rows) > 1 else []:
                    panel.plot(places, row, linewidth=0.6, alpha=0.6, **look)
                few = rows.shape[1] <= 4 * MAX_MARKS
                panel.plot(
                    places,
                    np.median(rows, axis=0),
                    marker=MARKS[number % 5] if few else None,
                    markersize=SIZES[number % 5],
                    markevery=max(1, rows.shape[1] // MAX_MARKS),
                    fillstyle="none",
                    linewidth=1.8,
                    label=name,
                    **look,
                )
            for number, (name, (across, up)) in enumerate((at or {}).items()):
                panel.plot(
                    [across], [up], MARKS[number % 5], color="black", markersize=8, label=name
                )
            for name, level in (levels or {}).items():
                panel.axhline(level, color="grey", linestyle=":", label=name)
            if "x" in log:
                panel.set_xscale("log")
            if "y" in log:
                panel.set_yscale("log")

        self._add(draw, x, y, title)

    def bars(self, places: Sequence[str], groups: Mapping[str, npt.ArrayLike], y: str = "") -> None:
        """Draw bars side by side at each place, for two groups of numbers."""

        def draw(panel: Any) -> None:
            along = np.arange(len(places))
            for number, (name, numbers) in enumerate(groups.items()):
                colour, hatch = (("#56B4E9", ""), ("#D55E00", "//"))[number % 2]
                shift = 0.4 * number - 0.2
                panel.bar(along + shift, numbers, 0.38, color=colour, hatch=hatch, label=name)
            panel.axhline(0, color="black", linewidth=0.8)
            panel.set_xticks(along, places)

        self._add(draw, "", y)

    def points(self, points: npt.ArrayLike, labels: npt.ArrayLike) -> None:
        """Draw a data set in the plane, with a mark and a colour for each label."""
        self._add(lambda panel: _points(panel, points, labels), "$x_1$", "$x_2$")

    def regions(
        self,
        answers: Callable[[npt.NDArray[np.float64]], npt.ArrayLike],
        points: npt.ArrayLike,
        labels: npt.ArrayLike,
        *,
        title: str = "",
    ) -> None:
        """Hatch where a model answers 1, and draw a data set over it.

        Args:
            answers: returns the answers 0 and 1 of the model for columns of inputs.
            points: the inputs of the data set.
            labels: its labels.
            title: the title of the panel.
        """
        across, up = np.meshgrid(*[np.linspace(-1.1, 1.1, 121) * np.max(np.abs(points))] * 2)
        found = np.asarray(answers(np.vstack([across.ravel(), up.ravel()])), dtype=float)

        def draw(panel: Any) -> None:
            panel.contourf(
                across,
                up,
                found.reshape(across.shape),
                levels=[-0.5, 0.5, 1.5],
                colors=["#DCEBF5", "#FBE3D6"],
                hatches=["", "//"],
            )
            _points(panel, points, labels)
            panel.set_aspect("equal", "box")

        self._add(draw, "$x_1$", "$x_2$", title)

    def network(self, layers: Sequence[Sequence[str]], weight: str) -> None:
        """Draw the units of each layer by their names, and every weight between two layers."""
        place = {
            name: (1.5 * column, row - (len(layer) - 1) / 2)
            for column, layer in enumerate(layers)
            for row, name in enumerate(layer)
        }

        def draw(panel: Any) -> None:
            for left, right in itertools.pairwise(layers):
                for start, end in ((place[one], place[other]) for one in left for other in right):
                    panel.plot(*zip(start, end, strict=True), color="grey", zorder=1)
                    third = np.array(start) + 0.32 * (np.array(end) - start)
                    panel.text(*third, weight, ha="center", va="center", backgroundcolor="white")
            for name, (x, y) in place.items():
                panel.scatter([x], [y], s=1100, color="white", edgecolor="black", zorder=3)
                panel.text(x, y, name, ha="center", va="center", fontsize=14, zorder=4)
            panel.margins(0.2)
            panel.axis("off")

        self._add(draw)

    def show(self) -> None:
        """Show the figure, if it has a panel."""
        if not self._panels:
            return
        plt: Any = importlib.import_module("matplotlib.pyplot")
        number = len(self._panels)
        columns = number if number <= IN_A_ROW else 2
        rows = -(-number // columns)
        figure, axes = plt.subplots(
            rows, columns, figsize=((6.5, 10, 12)[columns - 1], 3.8 * rows), squeeze=False
        )
        with plt.rc_context({"hatch.color": "#D9A58C", "hatch.linewidth": 0.7}):
            for panel, (draw, x, y, title) in zip(axes.ravel(), self._panels, strict=True):
                draw(panel)
                panel.set(xlabel=x, ylabel=y, title=title)
                if panel.get_legend_handles_labels()[0]:
                    panel.legend()
            figure.tight_layout()
            plt.show()


def _points(panel: Any, points: npt.ArrayLike, labels: npt.ArrayLike) -> None:
    for label, mark, colour in CLASSES:
        chosen = np.asarray(points)[:, np.ravel(labels) == label]
        panel.scatter(*chosen, marker=mark, color=colour, s=14, label=f"label {label}")
    panel.set_aspect("equal", "datalim")
