# Two commands for everybody: `make demo` and `make test`.  Both start from nothing but python3, venv and pip.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: demo test clean

demo: $(VENV)/.installed-demo
	$(BIN)/alliance-nlp annotate data/examples --out out/

test: $(VENV)/.installed-test
	$(BIN)/python -m pytest

# The stamps hold the versions' file and the project's: a second run installs nothing and starts at once.
$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed-demo: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(INSTALL) torch
	$(INSTALL) --editable '.[privacy]'
	touch $@

$(VENV)/.installed-test: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(INSTALL) torch
	$(INSTALL) --editable '.[test]'
	touch $@ $(VENV)/.installed-demo

clean:
	rm -rf $(VENV) out
