# make demo   render the sample clip with the embedded network to out/nebula-dream.mp4, and with one that was
#             trained on photographs, which it installs (19 MB), to out/nebula-deepdream.mp4
# make test   run the tests, on up to 4 cores at once
# make check  format, lint, types, tests
# make clean  remove what the targets above made
#
# All of them build .venv first, from the exact versions in constraints.txt. Another Python than python3:
# make demo PYTHON=python3.12

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
DEV_READY := $(VENV)/dev-ready
# Named in the environment, the file also binds the isolated environment that pip builds in: old pips read the
# first variable there, new ones the second. A relative path, because pip splits these variables at spaces.
PIP := PIP_CONSTRAINT=constraints.txt PIP_BUILD_CONSTRAINT=constraints.txt \
	$(BIN)/python -m pip --disable-pip-version-check

.PHONY: demo test check format lint types clean
# In order even under make -j: the first complaint ends the run and stands last on the screen.
.NOTPARALLEL:

demo: $(READY)
	mkdir -p out
	$(BIN)/lucidreel render examples/nebula.mp4 --preset lucid --overwrite --output out/nebula-dream.mp4
	$(BIN)/lucidreel render examples/nebula.mp4 --preset menagerie --fps 6 --size 384x216 --iterations 16,12,8,5 --overwrite \
		--output out/nebula-deepdream.mp4

test: $(DEV_READY)
	$(BIN)/python -m pytest --numprocesses=logical --maxprocesses=4 --dist=loadfile

check: format lint types test

format: $(DEV_READY)
	$(BIN)/ruff format --check .

lint: $(DEV_READY)
	$(BIN)/ruff check .

# The tree is the package, whatever the checkout's folder is called: the type checker sees it under its own
# name through a link.
types: $(DEV_READY)
	$(BIN)/mypy -p lucidreel

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "lucidreel needs Python 3.11 or newer, this is " + sys.version.split()[0] + ": make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --editable '.[imagenet]'
	touch $@

$(DEV_READY): $(READY)
	$(PIP) install --quiet --editable '.[dev]'
	mkdir -p $(VENV)/typing && ln -sfn "$(CURDIR)" $(VENV)/typing/lucidreel
	touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info out .mypy_cache .pytest_cache .ruff_cache .hypothesis
