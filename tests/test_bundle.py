"""Bundles on disk: the round trip, and every way they can be wrong."""

import json

import pytest
import torch
from safetensors.torch import load_file, save_file

from diamoe import bundle as bundles
from diamoe.audio.mel import MelConfig
from diamoe.errors import BundleError
from diamoe.synthesis.synthesizer import Synthesizer
from tests.factory import VOCABULARY, make_batch, tiny_bundle, tiny_model, tiny_voice


@pytest.fixture
def folder(tmp_path):
    return tiny_bundle(tmp_path / "bundle")


def test_round_trip(folder):
    loaded = bundles.load(folder)
    model = tiny_model()
    batch = make_batch([0, 1])
    with torch.inference_mode():
        expected, _ = model.dit.encode_text(batch.ids, batch.token_mask, batch.dialect)
        found, _ = loaded.model.dit.encode_text(batch.ids, batch.token_mask, batch.dialect)
    torch.testing.assert_close(found, expected, rtol=1e-2, atol=1e-3)
    assert loaded.model.config == model.config
    voice = loaded.voices["anna"]
    assert int(voice.durations.sum()) == len(voice.mel)


def test_a_dialect_is_spoken_by_the_voice_cast_for_it(tmp_path):
    voices, folder = [tiny_voice("anna"), tiny_voice("ben")], tmp_path / "bundle"
    bundles.save(folder, tiny_model(), VOCABULARY, MelConfig(), voices, casting={"xian": "ben"})
    synthesizer = Synthesizer(bundles.load(folder))
    assert synthesizer.voice(None, "xian").name == "ben"
    assert synthesizer.voice("anna", "xian").name == synthesizer.voice(None, "wuhan").name == "anna"
    with pytest.raises(BundleError, match="'eve' is cast for 'xian'; .* the voices anna, ben"):
        bundles.save(folder, tiny_model(), VOCABULARY, MelConfig(), voices, casting={"xian": "eve"})


def edit_json(folder, change):
    file = folder / "bundle.json"
    data = json.loads(file.read_text())
    change(data)
    file.write_text(json.dumps(data))


def edit_weights(folder, change):
    file = folder / "model.safetensors"
    weights = load_file(file)
    change(weights)
    save_file(weights, file)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda f: (f / "bundle.json").unlink(), "not a bundle"),
        (lambda f: (f / "bundle.json").write_text("{"), "not valid JSON"),
        (lambda f: edit_json(f, lambda d: d.update(format=99)), "format 99"),
        (lambda f: edit_json(f, lambda d: d.pop("mel")), "expected the keys"),
        (lambda f: edit_json(f, lambda d: d["model"].update(colour=1)), "unknown setting 'colour'"),
        (lambda f: edit_json(f, lambda d: d["dialects"].reverse()), "dialect ids"),
        (lambda f: edit_json(f, lambda d: d.update(casting={"mars": "anna"})), "cast for 'mars'"),
        (lambda f: (f / "vocabulary.json").unlink(), "vocabulary"),
        (lambda f: (f / "model.safetensors").unlink(), "weights"),
        (lambda f: (f / "model.safetensors").write_bytes(b"junk" * 9), "cannot read the weights"),
        (lambda f: edit_weights(f, lambda w: w.pop("dit.project_in.bias")), "missing dit.project"),
        (lambda f: edit_weights(f, lambda w: w.update(x=torch.zeros(1))), "unknown x"),
        (
            lambda f: edit_weights(f, lambda w: w.update({"dit.project_in.bias": torch.zeros(3)})),
            r"is \(3,\), not \(32,\)",
        ),
        (lambda f: (f / "voices" / "anna.safetensors").write_bytes(b""), "not a readable voice"),
    ],
)
def test_a_damaged_bundle_is_named(folder, damage, message):
    damage(folder)
    with pytest.raises(BundleError, match=message):
        bundles.load(folder)


def test_a_truncated_file_is_named(folder):
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(BundleError, match="model.safetensors"):
        bundles.load(folder)
