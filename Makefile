# The commands everyone relies on. Each sets up what it needs in .venv, with the exact versions of constraints.txt.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
OUT ?= out

.PHONY: help demo chat test check format docs constraints wheel clean
.DEFAULT_GOAL := help

help:
	@echo "make demo   draws the hedgehog story with the bundled models"
	@echo "make chat   opens the chat"
	@echo "make test   runs the tests"
	@echo "make check  everything that must hold: format, lint, types, imports, documents, tests"

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "chatdraw needs Python 3.11 or newer: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: $(BIN)/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

demo: $(VENV)/.run
	$(BIN)/chatdraw --home $(OUT)/demo/home replay examples/hedgehog.toml --out $(OUT)/demo
	@echo "The story in one picture: $(OUT)/demo/hedgehog/contact.png"

chat: $(VENV)/.run
	@$(BIN)/chatdraw

test: $(VENV)/.dev
	$(BIN)/python -m pytest

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m chatdraw.reference --check docs/commands.md
	$(BIN)/python -m pytest

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# The reference of all commands, from the program itself.
docs: $(VENV)/.dev
	$(BIN)/python -m chatdraw.reference docs/commands.md

# Exact pins of everything that is installed. The local version of torch (+cpu, +cu130) is left out: every build of that release fits.
constraints: $(VENV)/.dev
	$(BIN)/python -m pip freeze --all --exclude-editable | grep -Ev '^(pip|setuptools|wheel|chatdraw)==' | sed -E 's/\+[a-z0-9.]+$$//' > constraints.txt

wheel: $(VENV)/.dev
	$(BIN)/python -m build --wheel --no-isolation

clean:
	rm -rf $(VENV) $(OUT) build dist
