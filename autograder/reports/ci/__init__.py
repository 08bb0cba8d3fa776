"""Reports for build servers: GitHub, JUnit, Gradescope."""
