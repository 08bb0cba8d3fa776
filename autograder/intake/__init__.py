"""Read submissions, however broken their files are."""
