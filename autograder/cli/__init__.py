"""The commands, by what they are for; `autograder.cli.main` puts them together."""
