"""The class report: the result of one run as an HTML page that needs no network.

`page` reads a result and writes the page. `items` computes the statistics of the checks, `tally`
counts what happened, `comparison` compares two runs, `pseudonyms` hides names, `charts` draws the
charts, and `drawing` turns them into SVG.
"""

from autograder.reports.html.class_report.page import Wording, page, read

__all__ = ["Wording", "page", "read"]
