"""The commands, one module per purpose; `autograder.cli.main` puts them together."""
