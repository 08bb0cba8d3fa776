"""The class report: a round of grading as one HTML file, which needs no network.

`reading` takes in a result, `items` knows the statistics of the checks, `tally` counts,
`comparison` holds two runs side by side, `pseudonyms` hides who is who, `charts` draws, and `page`
puts all of it together.
"""

from autograder.reports.html.class_report.page import Wording, page, read

__all__ = ["Wording", "page", "read"]
