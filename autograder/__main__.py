"""`python -m autograder` is `autograder`."""

from autograder.cli.main import main

if __name__ == "__main__":
    main()
