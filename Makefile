# make demo: render the sample clip with the embedded network.   make test: run the tests.
# make check: format, lint, types, tests.   All of them build .venv first, from pinned versions.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
DEV_READY := $(VENV)/dev-ready

.PHONY: demo test check format lint types clean

demo: $(READY)
	$(BIN)/lucidreel render examples/nebula.mp4 --preset nebula-bestiary -o out/nebula-dream.mp4

test: $(DEV_READY)
	$(BIN)/python -m pytest

check: format lint types test

format: $(DEV_READY)
	$(BIN)/ruff format --check .

lint: $(DEV_READY)
	$(BIN)/ruff check .

# The tree is the package, whatever the checkout's folder is called: the type checker sees it under its own
# name through a link.
types: $(DEV_READY)
	$(BIN)/mypy -p lucidreel
	$(BIN)/mypy tests benchmarks examples

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "lucidreel needs Python 3.11 or newer: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	touch $@

$(DEV_READY): $(READY)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	mkdir -p $(VENV)/typing && ln -sfn "$(CURDIR)" $(VENV)/typing/lucidreel
	touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info out
