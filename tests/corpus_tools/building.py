"""Small builds, and what they leave."""

from pathlib import Path

from corpus_tools.gates import GateSettings
from corpus_tools.settings import AlignSettings, BuildSettings, SplitSettings


def make_settings(source: Path, out: Path, **changes) -> BuildSettings:
    values = {
        "source": str(source),
        "out": str(out),
        "corpus": ["words", "meta", "side"],
        "table": str(source / "table.yaml"),
        "workers": 1,
        "split": SplitSettings(texts=0.25),
        "align": AlignSettings(recogniser="none"),
        "gates": GateSettings(dnsmos="none", nisqa="none"),
        "shard_size": 4,
        "part": 5,
    }
    return BuildSettings(**values | changes)


def contents(out: Path) -> dict[str, bytes]:
    """Every finished file with its bytes."""
    return {
        str(path.relative_to(out)): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file() and not path.relative_to(out).parts[0].startswith(".")
    }
