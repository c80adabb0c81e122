"""Whole evaluations: a bundle, a folder of sound, and every bad input that may come."""

import csv
import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pyarrow.parquet
import pytest
import soundfile

from diamoe import bundle as bundles
from diamoe.audio.files import write_audio
from diamoe.audio.mel import MelConfig
from diamoe.errors import ConfigError, CorpusError, UnknownVoice
from diamoe.evaluation.ear import Ear
from diamoe.evaluation.metric import Figure
from diamoe.evaluation.results import read_results
from diamoe.evaluation.run import EvaluateConfig, Evaluation
from diamoe.evaluation.sanity import KINDS, SanityConfig, judge, sanity
from diamoe.evaluation.scoring import Backends, make_metrics
from diamoe.synthesis.synthesizer import SynthesisOptions
from tests.factory import VOCABULARY, tiny_bundle, tiny_model, tiny_voice
from tests.recogniser.test_pipeline import make_corpus

OFFLINE = ["per", "tone", "prosody", "robustness", "similarity"]
RATE = 24_000


def table(folder, rows) -> str:
    path = folder / "set.tsv"
    path.write_text("id\ttext\tdialect\n" + "".join(f"{i}\t{t}\t{d}\n" for i, t, d in rows))
    return str(path)


def test_a_bundle_is_spoken_scored_and_reported(tmp_path):
    texts = table(tmp_path, [("a", "你好。", "xian"), ("b", "早晨。", "cantonese")])
    config = EvaluateConfig(
        bundle=str(tiny_bundle(tmp_path / "bundle")),
        set=[texts],
        metrics=[*OFFLINE, "wer"],
        synthesis=SynthesisOptions(steps=1, guidance=0.0),
        out=str(tmp_path / "out"),
    )
    summary = Evaluation(config).run()
    out = tmp_path / "out"
    assert {p.name for p in (out / "audio").iterdir()} == {"a.wav", "b.wav"}
    rows, read = read_results(out)
    assert read == json.loads(json.dumps(summary)) and [r["id"] for r in rows] == ["a", "b"]
    with (out / "utterances.csv").open(encoding="utf-8") as file:
        columns = csv.DictReader(file).fieldnames
    assert columns == pyarrow.parquet.read_schema(out / "utterances.parquet").names
    assert rows[0]["first_audio"] > 0 and summary["speed"]["peak_memory_mb"] > 50
    assert summary["figures"]["per"]["dialects"]["xian"]["utterances"] == 1
    assert summary["recogniser"]["heldout"] and "asr.backend" in summary["unavailable"]["wer"]
    page = (out / "report.html").read_text(encoding="utf-8")
    assert 'src="audio/a.wav"' in page and "held-out speech" in page and "asr.backend" in page


def test_voices_take_turns_and_the_report_says_which_suits(tmp_path):
    voices = [tiny_voice("anna"), tiny_voice("ben")]
    bundles.save(tmp_path / "bundle", tiny_model(), VOCABULARY, MelConfig(), voices)
    config = EvaluateConfig(
        bundle=str(tmp_path / "bundle"),
        set=[table(tmp_path, [("a", "你好。", "xian")])],
        metrics=["per"],
        synthesis=SynthesisOptions(steps=1, guidance=0.0),
        voices=["all"],
        out=str(tmp_path / "out"),
    )
    summary = Evaluation(config).run()
    assert [r["id"] for r in read_results(tmp_path / "out")[0]] == ["a-anna", "a-ben"]
    assert set(summary["casting"]["xian"]) == set(summary["figures"]["per"]["voices"])
    assert "Voices by dialect" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    with pytest.raises(UnknownVoice, match="eve"):
        Evaluation(replace(config, voices=["eve"])).run()


def test_bad_input_is_named_and_the_run_goes_on(tmp_path):
    folder = tmp_path / "audio"
    rng = np.random.default_rng(0)
    noise = (0.1 * rng.standard_normal(RATE)).astype(np.float32)
    sounds = {"good": noise, "silence": 0 * noise, "one": noise[:1], "script": noise}
    for name, wave in sounds.items():
        write_audio(folder / f"{name}.wav", wave, RATE)
    soundfile.write(folder / "rate.wav", noise[:8000], 8000)
    write_audio(folder / "stranger.wav", noise, RATE)
    (folder / "junk.wav").write_bytes(b"no sound")
    (folder / "empty.wav").touch()
    names = [*sounds, "rate", "junk", "empty", "missing"]
    texts = table(tmp_path, [(n, "สวัสดี" if n == "script" else "你好。", "xian") for n in names])
    config = EvaluateConfig(
        audio=str(folder), set=[texts], metrics=OFFLINE, out=str(tmp_path / "out")
    )
    summary = Evaluation(config).run()
    rows = {row["id"]: row for row in read_results(tmp_path / "out")[0]}
    assert list(rows) == names and summary["files_without_text"] == ["stranger"]
    problems = {name: row["problems"] for name, row in rows.items()}
    assert problems["good"] == problems["rate"] == ""
    assert "1 samples, shorter than" in problems["one"]
    assert "no sound file" in problems["missing"]
    assert "junk.wav" in problems["junk"] and "empty.wav" in problems["empty"]
    assert "per: cannot read 'ส'" in problems["script"] and rows["script"]["silence"] == 0
    assert rows["silence"]["per"] == 1 and rows["silence"]["swallowed"] == 1
    assert rows["silence"]["silence"] == 1 and rows["rate"]["seconds"] == 1
    assert rows["missing"]["per"] is None
    assert summary["with_problems"] == sum(bool(p) for p in problems.values())


def test_wrong_settings_are_named(tmp_path):
    with pytest.raises(ConfigError, match="allowed: per, tone"):
        make_metrics(["mos"], Ear(bundles.RECOGNISER), Backends())
    with pytest.raises(ConfigError, match="name a shipped set"):
        Evaluation(EvaluateConfig(metrics=["per"], out=str(tmp_path))).run()
    texts = table(tmp_path, [("a", "你好。", "xian")])
    twice = EvaluateConfig(set=[texts, texts], metrics=["per"], out=str(tmp_path))
    with pytest.raises(ConfigError, match="the id 'a' is in two"):
        Evaluation(twice).run()
    with pytest.raises(CorpusError, match="no results"):
        read_results(tmp_path)


def test_naturalness_says_what_to_fetch(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    names = ["dnsmos", "nisqa", "utmos", "utmosv2"]
    metrics, missing = make_metrics(names, Ear(bundles.RECOGNISER), Backends())
    assert metrics == [] and list(missing) == names
    assert "DNS-Challenge" in missing["dnsmos"] and str(tmp_path) in missing["nisqa"]
    assert "utmos22_strong" in missing["utmos"]


@pytest.mark.shared
def test_naturalness_and_phones_know_recordings_from_noise(shared, tmp_path):
    source = shared / "data" / "dialect_prompts"
    rows, folder = [], tmp_path / "audio"
    for path in sorted(source.glob("cantonese*_prompt.txt")):
        text = path.read_text(encoding="utf-8").split("\t")[1]
        (sound,) = [p for p in source.glob(f"{path.stem}.*") if p.suffix != ".txt"]
        wave, rate = soundfile.read(sound, dtype="float32")
        name = path.stem
        write_audio(folder / f"{name}.wav", wave, rate)
        noise = np.random.default_rng(0).standard_normal(len(wave)).astype(np.float32)
        write_audio(folder / f"{name}-noise.wav", 0.1 * noise, rate)
        rows += [(n, text, name.split("_")[0]) for n in (name, f"{name}-noise")]
    config = EvaluateConfig(
        audio=str(folder),
        set=[table(tmp_path, rows)],
        metrics=["per", "dnsmos", "nisqa"],
        backends=Backends(weights=str(shared / "weights")),
        out=str(tmp_path / "out"),
    )
    Evaluation(config).run()
    found = {row["id"]: row for row in read_results(tmp_path / "out")[0]}
    for name in [n for n, *_ in rows if not n.endswith("noise")]:
        real, noise = found[name], found[f"{name}-noise"]
        assert real["per"] < noise["per"] - 0.1
        assert real["dnsmos"] > noise["dnsmos"] + 0.5 and real["nisqa"] > noise["nisqa"] + 0.5


def test_sanity_scores_four_kinds_of_sound(tmp_path):
    make_corpus(tmp_path / "corpus", 3, 0, timed=True)
    config = SanityConfig(
        corpora=[str(tmp_path / "corpus")],
        bundle=str(tiny_bundle(tmp_path / "bundle")),
        metrics=["per", "robustness", "similarity"],
        synthesis=SynthesisOptions(steps=1, guidance=0.0),
        out=str(tmp_path / "out"),
    )
    report = sanity(config)
    assert report == json.loads((tmp_path / "out" / "sanity.json").read_text(encoding="utf-8"))
    entry = report["figures"]["silence"]
    assert all(entry[kind]["utterances"] == 3 for kind in KINDS)
    assert entry["recordings"]["value"] != entry["noise"]["value"]


@pytest.mark.parametrize(
    "bundle, shuffled, verdict, sure",
    [(3.0, 1.0, "orders", True), (4.5, 1.0, "rejects", True), (3.0, 3.5, "unable", False)],
)
def test_sanity_judges_by_the_order(bundle, shuffled, verdict, sure):
    figure = Figure("x", "higher", "")
    values = {"recordings": 4.0, "bundle": bundle, "noise": 1.0, "shuffled": shuffled}
    rows = {kind: [{"x": v - 0.1}, {"x": v + 0.1}] for kind, v in values.items()}
    found = judge(figure, rows)
    assert (found["verdict"], found["sure"]) == (verdict, sure)
    lower = {kind: [{"x": -row["x"]} for row in part] for kind, part in rows.items()}
    assert judge(Figure("x", "lower", ""), lower)["verdict"] == verdict


def test_each_command_names_a_wrong_setting(tmp_path):
    command = [sys.executable, "-m", "diamoe.evaluate.per", "set=none.tsv", f"out={tmp_path}"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1 and "none.tsv: no table of texts" in done.stderr
