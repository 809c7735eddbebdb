# `make run` and `make test` set up all that they need; `make` alone is `make test`.
.DEFAULT_GOAL := test
.PHONY: install install-dev run stack test lint bench chaos transitions gallery clean

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
# Words: what joins and turns letters, and fonts for Chinese, Japanese, Korean and emoji. The rest is
# in the package.
WORDS := libfribidi0 fonts-noto-cjk fonts-noto-color-emoji

install: $(VENV)/.installed

install-dev: $(VENV)/.installed-dev

$(VENV)/.installed: requirements.txt requirements-moviepy.txt
	scripts/require python3-venv
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -r requirements-moviepy.txt
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

run: install
	-@scripts/require $(WORDS)
	$(BIN)/gunicorn app:app

stack: install
	scripts/require redis-server
	-@scripts/require $(WORDS)
	scripts/stack $(BIN)

lint: install-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint
	scripts/require redis-server chromium curl $(WORDS)
	$(BIN)/pytest -n 2

bench: install-dev
	$(BIN)/python -m benchmarks

chaos: install-dev
	scripts/require redis-server
	$(BIN)/python -m chaos

transitions: install-dev
	$(BIN)/python -m benchmarks.transitions

gallery: install-dev
	scripts/require $(WORDS)
	$(BIN)/python -m benchmarks.gallery

clean:
	rm -rf $(VENV) build .pytest_cache .mypy_cache .ruff_cache .hypothesis
