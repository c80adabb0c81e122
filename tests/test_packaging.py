"""What an installation without extras can do, and what it says of the rest."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROJECT = SETTINGS["project"]
PACKAGE_DATA = SETTINGS["tool"]["setuptools"]["package-data"]

CORE_ONLY = """
import re, sys
from importlib.metadata import distribution, packages_distributions
from packaging.requirements import Requirement

def plain(name):
    return re.sub(r"[-_.]+", "-", name).lower()

core, todo = {"diamoe", "pip"}, DEPENDENCIES
while todo:
    wanted = Requirement(todo.pop())
    name = plain(wanted.name)
    if name not in core and (not wanted.marker or wanted.marker.evaluate({"extra": ""})):
        core.add(name)
        todo += distribution(name).requires or []
outside = {
    module for module, owners in packages_distributions().items()
    if not core & set(map(plain, owners))
}

finders = list(sys.meta_path)

class Wall:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in outside:
            return None
        found = (finder.find_spec(name, path, target) for finder in finders)
        return next((spec for spec in found if spec), None)

    def find_distributions(self, *context):
        for finder in finders:
            yield from getattr(finder, "find_distributions", lambda *_: ())(*context)

for name in [n for n in sys.modules if n.partition(".")[0] in outside]:
    del sys.modules[name]
sys.meta_path[:] = [Wall()]
"""
"""Hides every library that the dependencies without extras do not bring."""

SPEAK = """
from pathlib import Path
from diamoe.errors import MissingBackend
from diamoe.flow.sampling import Sampling
from diamoe.bundle import load
from diamoe.synthesis.synthesizer import Synthesizer
from diamoe.text.frontend import Frontend
from diamoe.text.generic import generic_codes

speaker = Synthesizer(load("shipped"), sampling=Sampling(steps=1))
for dialect, text in (("chengdu", "你好"), ("cantonese", "你好"), ("english", "Hello")):
    assert len(speaker(text, dialect).wave) > 1000
for dialect in ("shanghai", "hokkien", "putonghua"):
    Frontend(dialect)("今天")
assert generic_codes() and not any(c.startswith("epitran") for c in generic_codes())

def voice():
    from diamoe.synthesis.cloning import clone_voice

def picture():
    from diamoe.plots import mel_figure
    mel_figure({"a": speaker("你好", "chengdu").mel})

def vocoder():
    from diamoe.audio.vocoder import VocosVocoder
    folder = Path("vocos")
    folder.mkdir()
    part = "{class_path: vocos.%s, init_args: {}}"
    parts = ("feature_extractor", "backbone", "head")
    (folder / "config.yaml").write_text("\\n".join(f"{p}: {part % p}" for p in parts))
    (folder / "model.safetensors").write_bytes(b"\\x02\\0\\0\\0\\0\\0\\0\\0{}")
    VocosVocoder.load(folder)

def command():
    import diamoe.train

def corpora():
    import corpus_tools.__main__

for task in (voice, picture, vocoder, command, corpora, lambda: Frontend("bildts")("hallo")):
    try:
        task()
        print("no error")
    except MissingBackend as error:
        print(error)
"""


VOICES = """
import os
from diamoe.cli import main

os.environ["DIAMOE_VOICES"] = "voices"
text = "今天天气好，我们去公园。"
assert not main(["synthesize", text, "--dialect", "chengdu", "--steps", "1", "-o", "speech.wav"])
assert not main(["voice", "add", "own", "speech.wav", "--dialect", "chengdu", "--force"])
"""
SERVE = "import diamoe.server.app, diamoe.server.wyoming_server"


@pytest.mark.parametrize("extra, code", [("voices", VOICES), ("serve", SERVE)])
def test_an_extra_brings_all_that_it_is_for(extra, code, tmp_path):
    extras = PROJECT["optional-dependencies"]
    brought = [*PROJECT["dependencies"], *extras["voices"], *extras[extra]]
    carried = "import pkg_resources\n"  # setuptools has libraries of its own within it
    hiding = carried + CORE_ONLY.replace("DEPENDENCIES", repr(brought))
    run = subprocess.run(
        [sys.executable, "-c", hiding + code], cwd=tmp_path, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr


def test_the_core_speaks_and_names_the_extra_of_what_it_lacks(tmp_path):
    code = CORE_ONLY.replace("DEPENDENCIES", repr(PROJECT["dependencies"])) + SPEAK
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    named = re.findall(r"needs \w+: pip install 'diamoe\[(\w+)\]'$", run.stdout, re.MULTILINE)
    assert named == ["voices", "plots", "vocos", "train", "corpus", "epitran"], run.stdout


def test_importing_the_package_takes_less_than_a_tenth_of_a_second():
    code = "import time; t = time.perf_counter(); import diamoe; print(time.perf_counter() - t)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(run.stdout) < 0.1


def test_importing_the_package_lets_waiting_threads_sleep_unless_told():
    """What libgomp reads when PyTorch loads it; see diamoe/__init__.py."""
    code = "import os, diamoe; print(os.environ['GOMP_SPINCOUNT'])"
    for given, seen in (({}, "10000"), ({"GOMP_SPINCOUNT": "7"}, "7")):
        bare = {name: os.environ[name] for name in os.environ if name != "GOMP_SPINCOUNT"}
        run = subprocess.run(
            [sys.executable, "-c", code], env=bare | given, capture_output=True, text=True
        )
        assert run.stdout.strip() == seen


def test_every_extra_that_an_error_names_exists():
    files = [p for room in ("diamoe", "corpus_tools") for p in (ROOT / room).rglob("*.py")]
    text = "".join(p.read_text("utf-8") for p in files)
    named = set(re.findall(r"\bextra\(\s*\"(\w+)\"|diamoe\[(\w+)\]", text))
    assert len(named) > 4
    assert {a or b for a, b in named} <= set(PROJECT["optional-dependencies"])


def test_the_documented_interface_is_typed_strictly():
    """Every module of the reference pages is among those that mypy holds to its strict rules."""
    overrides = SETTINGS["tool"]["mypy"]["overrides"]
    (strict,) = (o["module"] for o in overrides if o.get("disallow_untyped_defs"))
    for page in (ROOT / "docs/api").glob("*.md"):
        for name in re.findall(r"^::: (\S+)$", page.read_text("utf-8"), re.MULTILINE):
            assert any(name == m or name.startswith(f"{m}.") for m in strict), (
                f"{page.name}: {name}"
            )
    assert (ROOT / "diamoe/py.typed").is_file()
    assert "py.typed" in PACKAGE_DATA["diamoe"]
