"""Shipped test sets: complete, readable, frozen."""

import hashlib
import shutil
from collections import Counter

import pytest

from diamoe.errors import CorpusError
from diamoe.evaluation import testset
from diamoe.evaluation.run import EvaluateConfig, Evaluation
from diamoe.evaluation.testset import KINDS, SETS, read_set, set_sums
from diamoe.text.dialect import available_dialects
from diamoe.text.frontend import Frontend, Policy

FROZEN = {"1": "815a051f6ce270c58641fbba5bb0f58232e3a033f7327ef94d3e39d55f3eb849"}
"""What the lines of SHA256SUMS add up to, by version."""


@pytest.mark.parametrize("version", FROZEN)
def test_a_version_never_changes(version):
    sums = {n: digest for n, digest in set_sums().items() if n.endswith(f"@{version}")}
    lines = "".join(f"{name} {digest}\n" for name, digest in sorted(sums.items()))
    assert hashlib.sha256(lines.encode()).hexdigest() == FROZEN[version]
    for name in sums:
        assert read_set(name, "putonghua")


def test_every_dialect_has_twenty_sentences_of_each_kind_of_its_own():
    items = read_set("dialects@1")
    assert len({item.id for item in items}) == len(items) == 100 * len(available_dialects())
    assert len({item.text for item in items}) == len(items)
    counts = Counter((item.dialect, item.kind) for item in items)
    assert counts == {(d, kind): 20 for d in available_dialects() for kind in KINDS}


@pytest.mark.parametrize("dialect", available_dialects())
def test_every_sentence_can_be_read(dialect):
    frontend = Frontend(dialect, policy=Policy(skip_emoji=False))
    for item in read_set(f"{dialect}@1"):
        assert len(frontend(item.text)) > 3, item


def test_the_hard_set_is_read_whole():
    items = read_set("hard@1", "chengdu")
    assert len({item.text for item in items}) == 500
    frontend = Frontend("chengdu", policy=Policy(skip_emoji=False))
    assert all(len(frontend(item.text)) for item in items)


def test_a_limit_takes_all_kinds(tmp_path):
    config = EvaluateConfig(set=["wuhan@1", "dutch@1"], limit=5, metrics=["per"], out=str(tmp_path))
    found = Counter((item.dialect, item.kind) for item in Evaluation(config).items())
    assert found == {(d, kind): 1 for d in ("wuhan", "dutch") for kind in KINDS}


def test_faults_are_named(tmp_path, monkeypatch):
    with pytest.raises(CorpusError, match="found 'mars@1', allowed: bildts@1"):
        read_set("mars@1")
    with pytest.raises(CorpusError, match="hard@1 is of no one dialect"):
        read_set("hard@1")
    shutil.copytree(SETS, tmp_path / "sets")
    monkeypatch.setattr(testset, "SETS", tmp_path / "sets")
    with (tmp_path / "sets" / "xian@1.tsv").open("a") as file:
        file.write("more\twords\t多一句。\n")
    with pytest.raises(CorpusError, match="not the frozen set"):
        read_set("xian@1")
