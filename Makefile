# `make demo` plays a class, `make test` runs the fast tests, `make test-all` runs all of them and
# `make docs` builds the documentation. Each installs what it needs into .venv/.

PYTHON ?= python3
BIN := .venv/bin

# Otherwise each of the hundreds of processes that tests start would compile the package again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: install constraints demo screenshots docs lint test test-all bench bench-class format messages clean

install: .venv/installed

# An environment that exists is kept, whatever Python it was made with.
$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "autograder needs Python 3.11 or later: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	@echo "Creating .venv/ with $$($(PYTHON) --version)."
	@$(PYTHON) -m venv .venv

.venv/installed: pyproject.toml constraints.txt requirements-grading.txt requirements-nbgrader.txt | $(BIN)/pip
	@echo "Installing autograder, what it needs and the tools for development into .venv/, in the versions"
	@echo "of constraints.txt. This takes from one minute to five minutes, most of it downloads (about"
	@echo "200 MB the first time); pip prints nothing meanwhile."
	@started=$$(date +%s) && \
		$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]' && \
		echo "Installed in $$(($$(date +%s) - started)) seconds; \`. $(BIN)/activate\` puts it on the path."
	@touch $@

# Writes constraints.txt anew after a change of the requirements: for each package the version, and
# markers where one version does not do for all of Python 3.11.0 to 3.14. A pin is raised only on
# request: `make constraints UPGRADE=--upgrade`, or `UPGRADE='--upgrade-package numpy'`.
constraints:
	$(PYTHON) -m venv build/uv
	build/uv/bin/pip install --quiet --disable-pip-version-check uv
	build/uv/bin/uv pip compile --quiet --universal --python-version 3.11.0 --extra dev --extra docs \
		$(UPGRADE) --no-header --no-annotate --no-emit-index-url -o constraints.txt pyproject.toml

demo: install
	$(BIN)/python -m demo

screenshots: install
	$(BIN)/python -m demo.screenshots

.venv/installed-docs: .venv/installed
	@echo "Installing MkDocs and its theme, in the versions of constraints.txt (some 20 MB)."
	@$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[docs]'
	@touch $@

# Builds the site in build/site; a warning, such as a broken link, is an error, unless --quiet hides
# it. The variable silences a notice about MkDocs 2 that the theme prints at every start.
docs: .venv/installed-docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict
	@echo "The documentation is in build/site: python -m http.server -d build/site shows it."

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Each file of tests is one process's, so that what its tests share is set up once.
PYTEST := $(BIN)/pytest --dist loadfile --no-loadscope-reorder

test: lint
	$(PYTEST) --numprocesses auto -m "not slow"

test-all: lint
	$(PYTEST) --numprocesses logical

bench: install
	$(BIN)/python -m benchmarks.one_submission

bench-class: install
	$(BIN)/python -m benchmarks.classes

format: install
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Brings the catalogues of translations up to date; see docs/authors/translating.md.
messages: install
	mkdir -p build
	$(BIN)/pybabel -q extract -F pyproject.toml --no-location -k plural:1,2 \
		-o build/autograder.pot autograder
	$(BIN)/pybabel -q update --ignore-obsolete --ignore-pot-creation-date -w 100 \
		-D autograder -i build/autograder.pot -d autograder/locale
	$(BIN)/pybabel -q compile -D click -d autograder/locale
	$(BIN)/autograder messages --lang zh

clean:
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
