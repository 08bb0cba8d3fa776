"""pygal's charts as SVG that takes its colours from the page: without its styles and scripts."""

from __future__ import annotations

import sys
from typing import Any
from xml.etree import ElementTree

from markupsafe import Markup
from pygal import XY, Histogram, PluginImportFixer

__all__ = ["XY", "Histogram", "config", "svg"]

# pygal looks for plugins at every import from now on, in a way that Python warns of; we have none.
sys.meta_path[:] = [each for each in sys.meta_path if not isinstance(each, PluginImportFixer)]


def config(x_title: str, y_title: str, height: int, **more: Any) -> dict[str, Any]:
    """Return the configuration that all charts share, with further options of the chart."""
    return {
        "x_title": x_title,
        "y_title": y_title,
        "width": 760,
        "height": height,
        "margin": 10,
        "js": [],
        "css": [],
        "show_legend": False,
        **more,
    }


def svg(chart: Any, label: str) -> Markup:
    """Return a chart as an SVG image that the label describes in words."""
    root = chart.render_tree()
    for parent in list(root.iter()):
        parent.attrib.pop("id", None)
        for child in list(parent):
            if child.tag == "desc" and child.get("class") == "label":  # ours, of a bar or dot
                child.tag = "title"  # browsers show it as a tooltip
                child.attrib.clear()
            elif (parent is root and child.tag == "title") or not _is_drawn(child):
                parent.remove(child)
    root.set("role", "img")
    root.set("aria-label", label)
    return Markup(ElementTree.tostring(root, encoding="unicode"))  # noqa: S704  # pygal's own


def _is_drawn(element: ElementTree.Element) -> bool:
    """Return whether an element is drawn: no comment, style, script or tooltip."""
    drawn = isinstance(element.tag, str) and element.tag not in ("defs", "script", "desc")
    return drawn and not {"tooltip", "tooltip-overlay"} & set(element.get("class", "").split())
