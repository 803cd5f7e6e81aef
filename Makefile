# Two commands do everything on a fresh machine: `make demo` and `make test`.

PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$p && break; done)
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: demo test soak lint bench catalogue clean packages

demo: $(VENV)/demo.installed ## Set up, then open the sample company's console; without a terminal its story plays by itself.
	@$(BIN)/deskline demo $(DEMO_ARGS)

test: $(VENV)/test.installed packages ## Set up, install what tests need, and run them all.
	$(BIN)/pytest -m "not soak" --numprocesses auto --dist loadfile $(PYTEST_ARGS)

soak: $(VENV)/test.installed packages ## The slow tests: two hundred kills, long random stories.
	$(BIN)/pytest -m soak --timeout 3600 $(PYTEST_ARGS)

lint: $(VENV)/test.installed ## Style, types and layers.
	$(BIN)/ruff check --output-format concise .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports --verbose

bench: $(VENV)/bench.installed packages ## One table: our figure, the limit or peer in the same run, the ratio, the worst round.
	$(BIN)/python -m bench $(BENCH_ARGS)

catalogue: $(VENV)/test.installed ## Write the text catalogue that translators work from.
	$(BIN)/python -m console.catalogue

# Dovecot and PostgreSQL are Debian packages; without root the tests that need them say that they were skipped, and why.
packages:
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then sh tests/packages.sh; \
	else echo "No root or no apt-get: tests that need Dovecot or PostgreSQL are skipped unless they are installed."; fi

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer with its venv module is needed (Debian: apt-get install python3-venv)."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/demo.installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) install --constraint constraints.txt --editable '.[demo]'
	@touch $@

$(VENV)/test.installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) install --constraint constraints.txt 'pip>=25.1'
	$(PIP) install --constraint constraints.txt --editable '.[demo,postgres]' --group dev
	@touch $@ $(VENV)/demo.installed

$(VENV)/bench.installed: $(VENV)/test.installed
	$(PIP) install --constraint constraints.txt --group bench
	@touch $@

clean: ## Remove what was set up.
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
