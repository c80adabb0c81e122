"""The notebooks run from beginning to end with what the package ships, and show what they say."""

import os
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
LARGEST = 300_000
"""Bytes of a notebook with its outputs."""
LONGEST = 180
"""Seconds that a notebook may take."""


def outputs(notebook):
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def pictures(notebook):
    """Cells that show a picture or a player."""
    found = [output.get("data", {}) for output in outputs(notebook)]
    return sum(any(k.startswith("image/") or k == "text/html" for k in data) for data in found)


def test_there_are_six():
    assert [path.stem[0] for path in NOTEBOOKS] == list("123456")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_as_stored(path):
    """Small, executed in order, without errors, warnings or names of this machine's folders."""
    text = path.read_text(encoding="utf-8")
    assert len(text.encode()) <= LARGEST
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))
    assert pictures(notebook) >= 2
    title, *_ = notebook.cells[0].source.splitlines()
    assert re.match(rf"# {path.stem[0]} · \w", title), "the first cell is the title"
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            assert "# #" not in cell.source and "\n# " not in cell.source, "text, no comments"
    said = "".join(o.get("text", "") for o in outputs(notebook) if o.output_type == "stream")
    assert not re.search(r"Traceback|Warning|/home/|/tmp/|/var/|/root/", said)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_runs(path, tmp_path):
    notebook = nbformat.read(path, as_version=4)
    stored = pictures(notebook)
    client = NotebookClient(
        notebook,
        timeout=LONGEST,
        kernel_name="python3",
        resources={"metadata": {"path": str(tmp_path)}},
    )
    threads = {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"}
    client.execute(env={**os.environ, **threads})
    assert pictures(notebook) == stored
