"""The floors of the house hold."""

import re
from pathlib import Path

import pytest

from diamoe.errors import ConfigError
from diamoe.inspect.imports import (
    FLOORS,
    ROOT,
    ImportsConfig,
    floor_of,
    imports,
    module_names,
    room_of,
    run,
    upward,
)


def test_every_module_stands_on_a_floor():
    floors = {FLOORS[floor_of(name)][0] for name in module_names()}
    assert floors == {name for name, _ in FLOORS}


def test_no_import_goes_up():
    assert [f"{i.importer} -> {i.imported}" for i in upward(imports())] == []


def test_an_import_that_goes_up_is_found(tmp_path):
    for name, text in {
        "diamoe/text/phones.py": "def late():\n    import diamoe.cli\n",
        "diamoe/text/words.py": "from diamoe.model import dit\n",
        "diamoe/model/dit.py": "import diamoe.text.phones\n",
        "diamoe/cli.py": "from diamoe.text.phones import late\n",
    }.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (found,) = upward(imports(tmp_path))
    assert (found.importer, found.imported) == ("diamoe.text.words", "diamoe.model.dit")


def test_an_unknown_room_is_an_error():
    with pytest.raises(ConfigError, match="diamoe.attic stands on no floor"):
        floor_of("diamoe.attic")


def words(picture: Path) -> set[str]:
    """What is written in the picture, the counts left out."""
    found = re.findall(r">([^<>]+)</text>", picture.read_text(encoding="utf-8"))
    return {word for word in found if not word.isdigit()}


def test_the_stored_picture_shows_every_floor_and_room(tmp_path):
    """Else: `python -m diamoe.inspect imports`."""
    there = {name for name, _ in FLOORS} | {room_of(name) for name in module_names()}
    assert words(ROOT / "docs/architecture.svg") == there
    run(ImportsConfig(out=str(tmp_path / "now.svg")))
    assert words(tmp_path / "now.svg") == there
