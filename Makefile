# Two commands do everything: `make run` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help run test check format lint types floors bench checks lock clean

help: ## Show these targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: $(VENV)/.run-stamp ## Serve the app on 127.0.0.1:8000 (settings: README, "Configuration")
	@exec $(BIN)/bookapp serve

test: $(VENV)/.dev-stamp ## Run every test this machine can run
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

check: format lint types floors test ## What CI runs: format, lint, types, import floors, tests

format: $(VENV)/.dev-stamp ## Check the formatting (fix with: .venv/bin/ruff format .)
	$(BIN)/ruff format --check .

lint: $(VENV)/.dev-stamp ## Lint
	$(BIN)/ruff check .

types: $(VENV)/.dev-stamp ## Check the types
	$(BIN)/mypy

floors: $(VENV)/.dev-stamp ## Check that imports go down the stairs
	$(BIN)/lint-imports

bench: $(VENV)/.dev-stamp ## Measure speed and write docs/performance.md (needs wrk)
	$(BIN)/python -m tests.bench

checks: $(VENV)/.dev-stamp ## Fault and abuse checks, one figure line each
	$(BIN)/python -m tests.checks

lock: ## Pin every dependency again, with hashes (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header -q pyproject.toml -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header -q --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock

clean: ## Remove what was made here (never your data)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache htmlcov

$(VENV)/.run-stamp: requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing bookapp ..."
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps -e .
	@touch $@

$(VENV)/.dev-stamp: $(VENV)/.run-stamp requirements-dev.lock
	@echo "Installing the test tools ..."
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@
