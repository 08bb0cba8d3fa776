"""The figures of experiments, drawn by matplotlib without a window."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from autograder.course.embedded import figures, runner


@pytest.fixture(autouse=True)
def shown(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """The figures that were shown."""
    plt = pytest.importorskip("matplotlib.pyplot", reason="experiments draw figures")
    found: list[Any] = []
    with plt.rc_context({"backend": "agg"}):
        monkeypatch.setattr(plt, "show", lambda: found.append(plt.gcf()))
        yield found
    plt.close("all")


def test_an_experiment_that_takes_plot_shows_its_panels_below_its_text(
    shown: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    notebook = runner.Notebook({}, figures=inspect.getsource(figures))

    @notebook.experiment()
    def draws(plot: Any) -> None:
        plot.lines({"cost": [3, 2, 1]}, "step", "$J$", title="left", levels={"end": 1})
        plot.lines({"cost": ([1, 10], [1, 2])}, log="x", at={"here": (1, 1)})
        print("Two panels.")  # noqa: T201  # as an experiment does

    (found,) = shown
    assert capsys.readouterr().out == "Two panels.\n"
    left, right = found.axes
    assert (left.get_xlabel(), left.get_ylabel(), left.get_title()) == ("step", "$J$", "left")
    assert [text.get_text() for text in left.get_legend().get_texts()] == ["cost", "end"]
    assert left.lines[0].get_ydata().tolist() == [3, 2, 1]
    assert right.get_xscale() == "log"
    assert right.lines[0].get_xdata().tolist() == [1, 10]


def test_an_experiment_that_stops_shows_no_figure(shown: list[Any]) -> None:
    notebook = runner.Notebook({}, figures=inspect.getsource(figures))

    @notebook.experiment()
    def draws(plot: Any) -> None:
        plot.lines({"cost": [3, 2, 1]})
        raise ValueError

    assert shown == []


def test_the_rows_of_a_matrix_are_thin_lines_and_their_median_is_thick(shown: list[Any]) -> None:
    plot = figures.Figure()
    plot.lines({"runs": ([0, 5], [[1, 2], [3, 4], [9, 9]])})
    plot.show()
    *thin, thick = shown[0].axes[0].lines
    assert [line.get_ydata().tolist() for line in thin] == [[1, 2], [3, 4], [9, 9]]
    assert thick.get_ydata().tolist() == [3, 4]
    assert thick.get_linewidth() > max(line.get_linewidth() for line in thin)


def test_curves_are_told_apart_without_colours(shown: list[Any]) -> None:
    plot = figures.Figure()
    plot.lines({str(number): [0, number] for number in range(5)})
    plot.show()
    looks = {(line.get_linestyle(), line.get_marker()) for line in shown[0].axes[0].lines}
    assert len(looks) == 5


def test_regions_ask_the_model_about_the_plane_and_draw_the_data_over_it(shown: list[Any]) -> None:
    points, labels = np.array([[-2.0, 1.0, 2.0], [0.0, 1.0, 0.0]]), np.array([[0, 1, 1]])
    plot = figures.Figure()
    plot.regions(lambda X: X[:1] > 0, points, labels)
    plot.show()
    (panel,) = shown[0].axes
    classes = {each.get_label(): each.get_offsets() for each in panel.collections}
    assert classes["label 0"].tolist() == [[-2, 0]]
    assert classes["label 1"].tolist() == [[1, 1], [2, 0]]


def test_a_network_has_a_line_for_each_weight_and_the_names_of_its_units(shown: list[Any]) -> None:
    plot = figures.Figure()
    plot.network([["x1", "x2"], ["a1", "a2"], ["y"]], "0.5")
    plot.bars(["one", "two"], {"left": [1, 2], "right": [3, 4]}, "height")
    plot.show()
    network, bars = shown[0].axes
    assert len(network.lines) == 6
    texts = [text.get_text() for text in network.texts]
    assert sorted(texts) == sorted(["x1", "x2", "a1", "a2", "y", *["0.5"] * 6])
    assert [bar.get_height() for bar in bars.patches] == [1, 2, 3, 4]
