"""README and guides keep their word: every block is run, or a rule says why it is not."""

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml
from hydra.errors import HydraException

from corpus_tools.stages import STAGES
from diamoe import bundle as bundles
from diamoe.audio.mel import MelConfig
from diamoe.cli import main as tts
from diamoe.errors import DiamoeError
from diamoe.inspect.__main__ import COMMANDS
from tests.command_lines import understand
from tests.factory import VOCABULARY, tiny_model, tiny_voice

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
TOOLS = {
    "tts", "python", "pip", "make", "export", "docker", "torchrun", "srun", "echo", "brew",
    "tensorboard", "mkdocs", "jupyter", "python3.11", "py", "curl", "systemctl", "DIAMOE_API_KEYS",
}  # fmt: skip
"""First words by which an indented block is known for commands."""

NOT_RUN = {
    r"(\S*/)?pip |\.venv\\|python3\.11 -m venv|py -3\.11|brew ": "installs into a new environment",
    r"make ": "installs or tests everything; that the target exists is checked",
    r"export ": "sets a variable of the reader's shell",
    r"docker |torchrun |srun |tensorboard|\S*pre-commit|systemctl|curl ": "another program's",
    r"mkdocs |jupyter ": "run by tests of their own: test_builds here, test_notebooks.py",
    r"(\w+=\S+ )?tts serve": "goes on until it is stopped: tests/server starts it",
    r"tts (import|voice |adapter)|tts .*--(adapter|bundle|g2pw|voice grandma|style)":
        "needs weights or a recording: tests/released, adaptation, text and synthesis run them",
    r"tts listen": "needs two systems' sound: tests/listening runs it",
    r"python -m corpus_tools": "needs recordings or minutes: tests/corpus_tools runs every stage",
    r"python -m diamoe\.(train|adapt|adaptation|distil|recogniser|export|vocoding)":
        "needs corpora and hours: tests/training, adaptation, recogniser run them on little data",
    r"python -m diamoe\.(evaluate|evaluation|synthesis\.(steps|streamed|onnx_field))":
        "needs a set and minutes: tests/evaluation, synthesis run them on tiny models",
    r"python -m diamoe\.inspect (routing|pinyin|ablation|speed)":
        "needs corpora or minutes: tests/inspect runs them on tiny models",
    r"python -m diamoe\.server": "loads a server for minutes: tests/server does it for seconds",
    r"python -m corpus_tools\.|python -m (diamoe\.doctor|pytest)": "measures or mends",
    r"python -c .*torch\.cuda": "needs a GPU",
    r"\S*python -m diamoe\.doctor": "changes this installation",
}  # fmt: skip
"""Commands that are not run, by their beginning: why not, and what runs the like."""
PYTHON_NOT_RUN = {
    "put_on": "needs two adapters: tests/adaptation puts several on",
    "load_dataset": "needs a built corpus: tests/corpus_tools/test_output.py reads one so",
    "open_corpus": "needs a built corpus: tests/corpus_tools/test_output.py reads one so",
    "base_url": "needs a running server: tests/server/test_openai.py asks one so",
    "ws://": "needs a running server: tests/server/test_agents.py asks one so",
    "import_checkpoint": "needs a released checkpoint: tests/released/test_docs.py runs it",
}
"""Python blocks that are not run, by a word in them."""


@dataclass(frozen=True)
class Block:
    """A block of code of a page."""

    page: str
    language: str
    text: str


def blocks_of(page: Path) -> list[Block]:
    """Fenced blocks, and indented ones that hold commands."""
    name, text = str(page.relative_to(ROOT)), page.read_text(encoding="utf-8")
    fence = re.compile(r"^( *)```(\w*)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
    found = [Block(name, m[2] or "text", m[3]) for m in fence.finditer(text)]
    rest = fence.sub("", text)
    for match in re.finditer(r"(?:^|\n\n)((?:    .+\n?)+)", rest):
        lines = [line[4:] for line in match[1].splitlines()]
        if re.split(r"[ =]", lines[0])[0].removeprefix(".venv/bin/") in TOOLS:
            found.append(Block(name, "bash", "\n".join(lines)))
    return found


BLOCKS = [block for page in PAGES for block in blocks_of(page)]


def commands(language: tuple[str, ...] = ("bash", "sh", "text")) -> list[tuple[str, str]]:
    """Every command line with its page."""
    found = []
    for block in BLOCKS:
        if block.language not in language:
            continue
        for line in re.sub(r" *\\\n *", " ", block.text).splitlines():
            line = re.sub(r"\s+#\s.*$", "", line).strip()
            word = re.split(r"[ =]", line)[0].removeprefix(".venv/bin/")
            if line and not line.startswith("#") and (word in TOOLS or block.language != "text"):
                found.append((block.page, line))
    return list(dict.fromkeys(found))


def not_run(line: str) -> str | None:
    """Why a command is not run; None if it is."""
    return next((why for rule, why in NOT_RUN.items() if re.match(rule, line)), None)


RUN = sorted({line for _, line in commands() if not_run(line) is None})


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A folder with the files that the examples name, and a small bundle with their voices."""
    desk = tmp_path_factory.mktemp("desk")
    names = ("tan", "luilui", "kt", "teacher")
    voices = [tiny_voice(name) for name in names]
    bundles.save(desk / "bundle", tiny_model(), VOCABULARY, MelConfig(), voices)
    texts = {
        "in.tsv": "a\t今天天气好。\n",
        "lines.txt": "今天天气好。\n",
        "article.txt": "今天天气好。\n",
        "script.txt": "[店家|chengdu] 你要啥子？\n[客人] 一碗面。\n",
        "score.json": '[{"phone": "ˈaᴴᴴ", "seconds": 0.4, "hz": 220}]',
        "mine.tsv": "火锅\tho3 go1\n",
    }
    for name, text in texts.items():
        (desk / name).write_text(text, encoding="utf-8")
    (desk / "my-dialects").mkdir()
    page = ROOT / "docs/new-dialect.md"
    (whole,) = (b.text for b in blocks_of(page) if b.language == "yaml")
    (desk / "my-dialects/lizhen.yaml").write_text(whole, encoding="utf-8")
    return desk


@pytest.mark.parametrize("line", RUN)
def test_commands_run(line, desk, monkeypatch, capsys):
    monkeypatch.chdir(desk)
    monkeypatch.setenv("HOME", str(desk))
    monkeypatch.setenv("DIAMOE_DIALECTS", str(desk / "my-dialects"))
    monkeypatch.setenv("DIAMOE_VOICES", str(desk / "voices"))
    monkeypatch.setattr(bundles, "SHIPPED", desk / "bundle")
    if "|" in re.sub(r"\"[^\"]*\"", "", line):
        places = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        shell = ["bash", "-o", "pipefail", "-c", line]
        run = subprocess.run(shell, env={**os.environ, "PATH": places}, capture_output=True)
        assert run.returncode == 0, run.stderr.decode()
        return
    words = [os.path.expanduser(word) for word in shlex.split(line)]
    assert words[0] in ("tts", "python"), f"neither run nor named in NOT_RUN: {line}"
    if words[0] == "tts":
        assert tts(words[1:]) == 0, capsys.readouterr().err
    else:
        assert words[1] == "-m", line
        run = subprocess.run([sys.executable, *words[1:]], capture_output=True)
        assert run.returncode == 0, run.stderr.decode()


def test_commands_that_are_not_run_are_understood():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for page, line in commands():
        where = f"{page}: {line}"
        for target in re.findall(r"^make (\w+)", line):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), where
        for module in re.findall(r"python -m ((?:diamoe|corpus_tools)[\w.]*)", line):
            assert find_spec(module), where
        for names in re.findall(r"(?:diamoe|\.)\[([\w,]+)\]", line):
            assert set(names.split(",")) <= set(extras["optional-dependencies"]), where
        try:
            understand(line)
        except (DiamoeError, HydraException, SystemExit, ValueError) as error:
            raise AssertionError(f"{where}: {error}") from error


def test_commands_in_the_text_exist():
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for module in re.findall(r"python -m ((?:diamoe|corpus_tools)[\w.]*\w)", text):
            assert find_spec(module), f"{page.name}: {module}"


def python_blocks():
    texts = dict.fromkeys(b.text for b in BLOCKS if b.language == "python")
    return [t for t in texts if not any(word in t for word in PYTHON_NOT_RUN)]


@pytest.mark.parametrize("text", python_blocks(), ids=lambda text: text.splitlines()[-1])
def test_python_runs(text, tmp_path):
    run = subprocess.run([sys.executable, "-c", text], cwd=tmp_path, capture_output=True)
    assert run.returncode == 0, run.stderr.decode()


def test_python_that_is_not_run_is_python():
    for block in BLOCKS:
        if block.language == "python":
            compile(block.text, block.page, "exec")


def test_data_blocks_are_well_formed():
    read = {"yaml": yaml.safe_load, "json": json.loads, "toml": tomllib.loads}
    found = [b for b in BLOCKS if b.language in read]
    assert {b.language for b in found} >= {"yaml", "json"}
    for block in found:
        assert read[block.language](block.text), block.page


def test_links_lead_somewhere():
    for page in PAGES:
        text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
            known = target.startswith(("http://", "https://"))
            assert known or (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_chinese_dialect_is_the_english_one():
    pages = [ROOT / "docs" / name for name in ("new-dialect.md", "zh/new-dialect.md")]
    english, chinese = (
        [yaml.safe_load(b.text) for b in blocks_of(p) if b.language == "yaml"] for p in pages
    )
    assert english == chinese
    rows = [
        set(re.findall(r"^\| (.+。|.+？) \| (.+) \|$", p.read_text("utf-8"), re.M)) for p in pages
    ]
    assert rows[0] == rows[1] and len(rows[0]) == 3


def test_the_chinese_readme_has_what_the_english_one_has():
    """As many sections; the same dialects, examples and sources of what ships."""
    readme, chinese = (
        (ROOT / name).read_text("utf-8") for name in ("README.md", "docs/zh/index.md")
    )
    row = re.compile(r"^\| (`[a-z:…` ]+`) \|[^|\n]*\|[^|\n]*\|$", re.MULTILINE)
    rows = [row.findall(text) for text in (readme, chinese)]
    assert rows[0] == rows[1] and len(rows[0]) == 8
    sections = [len(re.findall("^## ", text, re.MULTILINE)) for text in (readme, chinese)]
    assert sections[1] == sections[0] + 1  # and one on consent
    blocks = [
        {line for b in blocks_of(ROOT / name) for line in b.text.splitlines() if line[:4] == "tts "}
        for name in ("README.md", "docs/zh/index.md")
    ]
    assert blocks[0] == blocks[1]
    for name in ("Yue Tan", "Chen Wang", "Lingua Libre", "jyutnet", "Kathleen", "Flemish Guy"):
        assert name in readme and name in chinese


def test_troubleshooting_names_every_error():
    import pkgutil

    import corpus_tools
    import diamoe

    def below(kind):
        return {kind}.union(*(below(k) for k in kind.__subclasses__()))

    for package in (diamoe, corpus_tools):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                __import__(module.name)
    ours = {k for k in below(DiamoeError) if k.__module__.startswith(("diamoe", "corpus_tools"))}
    page = (ROOT / "docs/troubleshooting.md").read_text(encoding="utf-8")
    named = re.findall(r"^### (\w+)$", page, re.MULTILINE)
    assert sorted(named) == sorted({k.__name__ for k in ours} - {"DiamoeError"})


def test_every_known_corpus_is_in_the_guide():
    page = (ROOT / "docs/corpora-where.md").read_text(encoding="utf-8")
    known = yaml.safe_load((ROOT / "conf/corpus/known.yaml").read_text(encoding="utf-8"))
    families = re.findall(r"`(\w+_)\w+`, …", page)
    left_out = [k for k in known if f"`{k}`" not in page and not k.startswith(tuple(families))]
    assert len(families) == 2 and not left_out


def test_every_command_is_in_the_guide():
    """`tts` is written into the page when it is built; here is every `python -m` and `make`."""
    page = (ROOT / "docs/commands.md").read_text(encoding="utf-8")
    named = set()
    for row in re.findall(r"^\| `python -m .*", page, re.MULTILINE):
        first, *others = re.findall(r"`([^`]+)`", row.split("|")[1])
        named |= {first, *(first.rpartition(".")[0] + other for other in others)}
    files = [p for room in ("diamoe", "corpus_tools") for p in (ROOT / room).rglob("*.py")]
    runnable = [p for p in files if '__name__ == "__main__"' in p.read_text("utf-8")]
    modules = {".".join(p.relative_to(ROOT).with_suffix("").parts) for p in runnable}
    there = {f"python -m {m.removesuffix('.__main__')}" for m in modules - {"diamoe.cli"}}
    for whole, parts in (("corpus_tools", STAGES), ("diamoe.inspect", COMMANDS)):
        there.remove(f"python -m {whole}")
        there |= {f"python -m {whole} {part}" for part in parts}
    assert named == there
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):.*##", makefile, re.MULTILINE)) - {"help"}
    assert set(re.findall(r"`make ([a-z-]+)`", page)) == targets | {"help"}


def test_builds(tmp_path):
    """The documentation builds without a warning, with every page and the help of every command."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-q"]
    command += ["-f", str(ROOT / "docs/site/mkdocs.yml"), "-d", str(tmp_path)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    run = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert "WARNING" not in run.stderr
    pages = [p.relative_to(ROOT / "docs").with_suffix("") for p in PAGES[1:]]
    for page in pages:
        place = tmp_path / (page.parent if page.name == "index" else page)
        assert (place / "index.html").is_file(), page
    reference = [p.read_text(encoding="utf-8") for p in tmp_path.glob("api/*/index.html")]
    assert not any("<blockquote>" in page for page in reference), "a doctest is no block of code"
    assert "tts synthesize" in (tmp_path / "commands/index.html").read_text(encoding="utf-8")
