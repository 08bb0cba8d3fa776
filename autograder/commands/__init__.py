"""The commands, by what they are for; `autograder.cli` puts them together."""
