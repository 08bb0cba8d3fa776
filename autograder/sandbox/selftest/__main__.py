"""`python -m autograder.sandbox.selftest` tries every escape without and with each layer."""

from autograder.sandbox.selftest.layer_trials import main

if __name__ == "__main__":
    main()
