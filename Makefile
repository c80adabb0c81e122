# Everything a fresh machine needs: `make speak` and `make test`. Neither needs root.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
PIP_ARGS ?=
BIN := $(VENV)/bin
READY := $(VENV)/ready

TEXT ?=
DIALECT ?= putonghua
VOICE ?=
OUT ?= out/speech.wav

.PHONY: help setup speak test bench lint clean

help:  ## list the commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 10

setup: $(READY)  ## make the virtual environment and install everything

# The mark is written last, so an interrupted install is taken up again by the next call.
$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(PIP_ARGS) -c constraints.txt pip wheel
	$(BIN)/python -m pip install --disable-pip-version-check --progress-bar on $(PIP_ARGS) -c constraints.txt -e '.[train,test]'
	$(BIN)/python -m diamoe.doctor
	touch $(READY)

speak: $(READY)  ## speak: TEXT="..." DIALECT=chengdu VOICE=... OUT=out.wav, or five sentences into out/
ifeq ($(strip $(TEXT)),)
	$(BIN)/python -m diamoe.demo
else
	$(BIN)/tts synthesize --dialect $(DIALECT) $(if $(VOICE),--voice $(VOICE)) --plot $(basename $(OUT)).png -o $(OUT) -- "$(TEXT)"
endif

test: $(READY)  ## run the tests
	$(BIN)/python -m pytest

bench: $(READY)  ## measure the speed of the front-end, and speed and quality of the shipped bundle
	$(BIN)/python -m diamoe.evaluation.frontend_speed
	$(BIN)/python -m diamoe.evaluation.speed
	$(BIN)/python -m corpus_tools.speed
	$(BIN)/python -m corpus_tools.boundaries --recogniser shipped
	$(BIN)/python -m corpus_tools.boundaries --recogniser train --steps 300

lint: $(READY)  ## ruff and mypy
	$(BIN)/python -m pip install --quiet $(PIP_ARGS) -c constraints.txt -e '.[dev]'
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

clean:  ## remove what the commands made
	rm -rf $(VENV) out build *.egg-info
