# Everything starts from Python 3.11+ and a package index; nothing is installed outside .venv.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help demo test soak check format lock clean

help: ## what this file can do
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

$(VENV)/.runtime: requirements/runtime.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "xindeng needs Python 3.11 or newer; set PYTHON=/path/to/python3.11")'
	@echo "setting up $(VENV) (about a minute, mostly download)"
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) --require-hashes -r requirements/runtime.txt
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt requirements/benchmarks.txt requirements/spark.txt $(VENV)/.runtime
	@echo "adding the tools that check and test"
	@$(PIP) --require-hashes -r requirements/dev.txt
	@$(PIP) --require-hashes --no-deps -r requirements/benchmarks.txt
	@$(PIP) --require-hashes --no-deps -r requirements/spark.txt
	@touch $@

demo: $(VENV)/.runtime ## simulate a population, run a day of draws, show one borrower in full
	@$(BIN)/xindeng demo $(DEMO)

test: $(VENV)/.dev ## the whole test suite, against a real embedded PostgreSQL
	@$(BIN)/python -m pytest -n auto --dist loadfile -q $(or $(TESTS),-m "not alone")
	@$(if $(TESTS),,$(BIN)/python -m pytest -q -m alone tests/fault)

soak: $(VENV)/.dev ## the tests of what survives, long: 2,000 kills, 10 minutes of overload (hours; SOAK=... picks files)
	@XINDENG_SOAK_KILLS=2000 XINDENG_SOAK_OVERLOAD_S=600 XINDENG_SOAK_EXAMPLES=800 $(BIN)/python -m pytest -q -s $(or $(SOAK),tests/fault)

check: $(VENV)/.dev ## style, types, layers, tidiness
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest -q tests/unit/test_tidy.py

format: $(VENV)/.dev ## rewrite to the house style
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

lock: ## pin requirements/*.in again (needs uv on the PATH)
	@requirements/lock

clean: ## remove what make made
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache build dist
