"""`python -m diamoe.inspect`: its commands on small real parts."""

import json
import re
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from diamoe import bundle as bundles
from diamoe.corpus import cut_phones, open_corpus
from diamoe.inspect.__main__ import main
from diamoe.inspect.cost import saved_bytes
from diamoe.inspect.flops import make_model, random_batch
from diamoe.inspect.pinyin import FINALS, INITIALS, pinyin_cut, pinyin_units
from diamoe.inspect.routing import RoutingTable, dependence
from diamoe.text.vocabulary import VOWELS, PhoneVocabulary
from tests.factory import tiny_bundle
from tests.training.corpus import make_corpus

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return make_corpus(tmp_path_factory.mktemp("inspect") / "corpus", 8)


def test_mutual_information_of_known_tables():
    pairs = np.repeat(np.eye(2), 2, axis=0)  # four dialects, two to an expert
    assert dependence(pairs).bits == pytest.approx(1.0)
    assert dependence(pairs).share == pytest.approx(0.5)
    table = RoutingTable(2)
    table.add(torch.tensor([0, 0, 0, 5]), torch.tensor([[0.9, 0.1]] * 3 + [[0.2, 0.8]]))
    report = table.report()
    assert report["first_choice"]["share"] == pytest.approx(1.0)  # dialects count alike
    assert report["mean_weights"]["share"] < 0.5
    assert report["usage"] == [0.5, 0.5] and report["unused"] == []


def test_routing_draws_and_writes(tmp_path, corpus, capsys):
    bundle = tiny_bundle(tmp_path / "bundle")
    assert main(["routing", f"bundle={bundle}", f"data=[{corpus}]", f"out={tmp_path}/map"]) == 0
    report = json.loads((tmp_path / "map.json").read_text())
    assert set(report["dialects"]) == {"putonghua", "chengdu", "cantonese", "xian"}
    assert report["utterances"] == 8 and report["dialect_entropy_bits"] == pytest.approx(2.0)
    assert (tmp_path / "map.png").stat().st_size > 5000
    assert "mutual information" in capsys.readouterr().out


def test_cost_counts_what_is_there(tmp_path):
    out = tmp_path / "cost.json"
    assert main(["cost", "model=tiny", "rate=1e12", f"out={out}"]) == 0
    report = json.loads(out.read_text())
    model, _ = bundles.load_own()
    model = model.grown(_, PhoneVocabulary.default())
    assert report["parameters"]["all"] == sum(p.numel() for p in model.parameters())
    blocks = 2 * report["parameters"]["blocks"] / model.config.model.patch
    assert blocks < report["flops_per_frame"] < 2 * blocks  # matrices, then attention and the rest
    assert 0 < report["bytes_activations_checkpointed"] < report["bytes_activations"]


def test_activations_are_those_that_are_kept():
    """Counted without computing anything: what a real forward pass keeps."""
    counted = []
    for mode in (FakeTensorMode(), nullcontext()):
        with mode:
            model = make_model("test", "cpu")
            batch = random_batch(2, 200, model.config.model, PhoneVocabulary.default(), "cpu")
            counted.append([saved_bytes(model, batch, again) for again in (False, True)])
    assert counted[0] == counted[1]


@pytest.mark.parametrize("size", ["tiny", "seed"])
def test_the_guide_s_figures_are_the_command_s(size, tmp_path):
    guide = (ROOT / "docs/training-scale.md").read_text("utf-8")
    rows = re.findall(rf"^\| `{size}` \| (.*) \|$", guide, re.MULTILINE)
    memory, hours = ([float(w.split()[0]) for w in row.split(" | ")] for row in rows)
    out = tmp_path / "cost.json"
    words = [f"model={size}", "hours=1000", "epochs=100", "rate=1e14", f"out={out}"]
    assert main(["cost", *words]) == 0
    found = json.loads(out.read_text())
    bytes_ = {k: v / 2**30 for k, v in found.items() if k.startswith("bytes")}
    wanted = [
        found["parameters"]["all"] / 1e6,
        bytes_["bytes_inference_float16"],
        bytes_["bytes_training_state"],
        bytes_["bytes_activations"] / 2,
        bytes_["bytes_activations_checkpointed"] / 2,
    ]
    assert memory == pytest.approx(wanted, abs=0.051)
    slow = found["training_hours"]
    assert hours == pytest.approx([slow, slow / 4], rel=0.03)


def test_speed_compares_both_sides(tmp_path):
    out = tmp_path / "speed.json"
    words = ["model=test", "seconds=0.5", "batch=1", "rounds=1", "steps=1", f"out={out}"]
    assert main(["speed", *words]) == 0
    report = json.loads(out.read_text())
    assert set(report["sampling"]["of_plain"]) == {"float32", "bfloat16"}
    assert report["training"]["of_plain"]["ours"] > 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "expected one of"),
        (["dance"], "dance"),
        (["cost", "seed"], "key=value"),
        (["cost", "size=seed"], "unknown setting 'size'"),
        (["cost", "model=huge"], "known sizes"),
        (["routing", "data=[nowhere/x*]"], "no folder matches"),
        (["ablation", "runs=nowhere"], "no run folders"),
    ],
)
def test_bad_input_is_named(words, said, capsys):
    assert main(words) == 1
    assert said in capsys.readouterr().err


def test_pinyin_is_the_same_for_every_dialect_and_keeps_the_time(corpus):
    assert len(set(INITIALS)) == 21 and len(set(FINALS)) == len(FINALS) <= len(VOWELS)
    assert pinyin_units("你") == pinyin_units("你") != pinyin_units("泥")
    cut = next(iter(open_corpus(corpus)))  # n i | χ ɑ ʊ̯ | 。
    cut.supervisions[0].text = "你好。"
    changed = pinyin_cut(cut)
    seq = cut_phones(changed)
    assert len(PhoneVocabulary.default().encode(seq)) == len(seq)
    assert len(list(seq.syllables())) == 5  # silence, two syllables, full stop, silence
    before, after = (c.supervisions[0].alignment["phone"] for c in (cut, changed))
    assert after[0] == before[0] and after[-1] == before[-1]
    assert [i.start for i in after[1:]] == pytest.approx([i.end for i in after[:-1]])
