"""The house as its imports show it: which room stands on which floor, and who imports whom.

A module imports only from its own floor and those below it. Imports inside functions, which wait
until they are needed, are not drawn and not held to this.
"""

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from diamoe.errors import ConfigError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ROOT = Path(__file__).resolve().parents[2]
"""Where the packages lie."""
PACKAGES = ("diamoe", "corpus_tools")
"""The packages that are looked at."""
FLOORS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("values", (
            "diamoe", "diamoe.errors", "diamoe.config", "diamoe.cancelling", "diamoe.doctor",
            "diamoe.extras", "diamoe.hydra_command", "diamoe.memory", "diamoe.shipped",
        )),
    ("strings", ("diamoe.text.*",)),
    ("sound", ("diamoe.audio.*", "diamoe.corpus", "diamoe.plots", "diamoe.vocoding.spectra")),
    (
        "networks",
        ("diamoe.model.*", "diamoe.flow.*", "diamoe.released.vocabulary", "diamoe.recogniser.*"),
    ),
    ("models as folders", ("diamoe.bundle", "diamoe.synthesis.voices", "diamoe.released.*")),
    ("speaking", ("diamoe.synthesis.*", "diamoe.demo")),
    ("judging", ("diamoe.evaluation.*", "diamoe.listening.*", "diamoe.synthesis.steps")),
    (
        "learning",
        ("diamoe.training.*", "diamoe.export", "diamoe.inspect.*", "diamoe.vocoding.*"),
    ),
    ("a new dialect", ("diamoe.adaptation.*",)),
    ("corpora", ("corpus_tools.*",)),
    (
        "doors",
        (
            "diamoe.cli", "diamoe.server.*", "diamoe.train", "diamoe.adapt", "diamoe.distil",
            "diamoe.evaluate.*", "diamoe.synthesis.lines", "diamoe.*.command", "diamoe.*.commands",
        ),
    ),
)  # fmt: skip
"""Floors from the ground up: name and patterns of modules (`a.*` holds `a`, too); those of
commands come first, then the longest decides."""


@dataclass(frozen=True)
class Import:
    """One module imports another at its top level."""

    importer: str
    imported: str


@dataclass(frozen=True)
class ImportsConfig:
    """Settings of `python -m diamoe.inspect imports`."""

    out: str = "docs/architecture.svg"
    """The picture, SVG or PNG by its name."""


def floor_of(module: str) -> int:
    """The floor on which a module stands, from 0.

    Raises:
        ConfigError: no floor names it.

    >>> FLOORS[floor_of("diamoe.text.phones")][0]
    'strings'
    """
    fitting = [
        (pattern.endswith(("command", "commands")), len(pattern), floor)
        for floor, (_, patterns) in enumerate(FLOORS)
        for pattern in patterns
        if fnmatchcase(module, pattern) or module == pattern.removesuffix(".*")
    ]
    if not fitting:
        raise ConfigError(f"{module} stands on no floor; floors: {', '.join(n for n, _ in FLOORS)}")
    return max(fitting)[2]


def room_of(module: str) -> str:
    """The part of the house that a module belongs to: its package's folder or file.

    >>> room_of("diamoe.text.backends.wu"), room_of("corpus_tools.gates")
    ('text', 'corpus_tools')
    """
    names = module.split(".")
    return names[1] if names[0] == "diamoe" and len(names) > 1 else names[0]


def module_names(root: Path = ROOT) -> dict[str, Path]:
    """Every module of the packages with its file."""
    files = (file for package in PACKAGES for file in (root / package).rglob("*.py"))
    found = {".".join(f.relative_to(root).with_suffix("").parts): f for f in sorted(files)}
    return {name.removesuffix(".__init__"): file for name, file in found.items()}


def imports(root: Path = ROOT) -> list[Import]:
    """Every import of one of our modules by another that is carried out with it."""
    modules = module_names(root)
    return [
        Import(name, other)
        for name, file in modules.items()
        for other in dict.fromkeys(_imported(ast.parse(file.read_text("utf-8")), modules))
        if other != name
    ]


def _imported(tree: ast.AST, modules: Mapping[str, Path]) -> Iterator[str]:
    """Our modules that a module imports outside functions and `if TYPE_CHECKING`."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                if inner in modules or node.module in modules:
                    yield inner if inner in modules else node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        else:
            yield from _imported(node, modules)


def upward(found: list[Import]) -> list[Import]:
    """The imports that go to a higher floor: there should be none."""
    return [i for i in found if floor_of(i.imported) > floor_of(i.importer)]


def picture(found: list[Import]) -> "Figure":
    """Floors from the bottom up, the rooms on them with their modules counted, and who imports whom
    (wider: more often); what the ground floor gives to all is left out."""
    from matplotlib.figure import Figure

    rooms: dict[int, Counter[str]] = {floor: Counter() for floor in range(len(FLOORS))}
    for name in module_names():
        rooms[floor_of(name)][room_of(name)] += 1
    places: dict[tuple[int, str], tuple[float, float]] = {}
    figure = Figure(figsize=(9.5, 0.9 * len(FLOORS)), layout="constrained")
    axis = figure.subplots()
    for floor, (title, _) in enumerate(FLOORS):
        axis.axhspan(floor - 0.42, floor + 0.42, color="#f2f2f2" if floor % 2 else "#e6ecf5")
        axis.text(-0.02, floor, title, ha="right", va="center", fontsize=10)
        for i, (room, count) in enumerate(sorted(rooms[floor].items())):
            x = (i + 0.5 + 0.18 * (floor % 2)) / (len(rooms[floor]) + 0.18)
            places[floor, room] = (x, floor)
            axis.text(
                x, floor, f"{room}\n{count}", ha="center", va="center", fontsize=9, zorder=3,
                bbox={"boxstyle": "round", "facecolor": "white", "edgecolor": "#345"},
            )  # fmt: skip
    lines = Counter(
        ((floor_of(i.importer), room_of(i.importer)), (floor_of(i.imported), room_of(i.imported)))
        for i in found
    )
    for (above, below), count in sorted(lines.items()):
        if above[0] == below[0] or below[0] == 0:  # all rooms use the ground floor
            continue
        (x0, y0), (x1, y1) = places[above], places[below]
        style = {
            "arrowstyle": "->",
            "color": "#7a8aa0",
            "alpha": 0.55,
            "shrinkA": 14,
            "shrinkB": 16,
        }
        style["linewidth"] = 0.5 + 0.45 * count**0.5
        axis.annotate("", (x1, y1), (x0, y0), arrowprops=style, zorder=1)
    axis.set_xlim(0, 1)
    axis.set_ylim(-0.5, len(FLOORS) - 0.5)
    axis.axis("off")
    return figure


def run(config: ImportsConfig) -> list[Import]:
    """Draw, and name what goes upward.

    Raises:
        ConfigError: an import goes upward.
    """
    import matplotlib

    found = imports()
    Path(config.out).parent.mkdir(parents=True, exist_ok=True)
    suffix = Path(config.out).suffix
    metadata = {"Date": None} if suffix == ".svg" else None
    # the same picture every time, its words as text
    with matplotlib.rc_context({"svg.hashsalt": "diamoe", "svg.fonttype": "none"}):
        picture(found).savefig(config.out, dpi=110, metadata=metadata)
    print(f"{config.out}: {len(module_names())} modules, {len(found)} imports")
    wrong = upward(found)
    if wrong:
        named = "; ".join(f"{i.importer} imports {i.imported}" for i in wrong)
        raise ConfigError(f"imports that go to a higher floor: {named}")
    return found
