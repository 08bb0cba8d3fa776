"""Reports: in the terminal, as HTML, and for build servers."""
