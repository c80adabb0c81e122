"""From a corpus to an adapter that speaks, is merged, and is refused where it does not belong."""

import json
import shutil
from dataclasses import replace
from itertools import count

import numpy as np
import pytest
import soundfile
import torch
from safetensors.torch import load_file

from diamoe import bundle as bundles
from diamoe.adaptation.data import check_sound, read_speech
from diamoe.adaptation.fitting import Fitter, HeldOut
from diamoe.adaptation.loading import put_on, take_off
from diamoe.adaptation.merging import merge_adapter, merged
from diamoe.adaptation.run import Adaptation
from diamoe.adaptation.settings import AdaptConfig, FitConfig
from diamoe.adaptation.storage import load_adapter, read_card
from diamoe.audio.augment import PerturbConfig
from diamoe.cli import main
from diamoe.errors import AdapterError, AudioError, ConfigError, CorpusError, UnknownDialect
from diamoe.flow.sampling import Sampling
from diamoe.model.adapters import using
from diamoe.synthesis.options import bundle_sampling, save_sampling
from diamoe.synthesis.synthesizer import Request, SynthesisOptions, Synthesizer
from diamoe.text.dialect import DIALECT_CODES
from tests.adaptation.adapters import everything
from tests.adaptation.corpus import dialect_corpus
from tests.factory import tiny_bundle
from tests.training.corpus import make_cut

FIT = FitConfig(steps=4, check_every=2, batch_seconds=6.0, draws=1)


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return tiny_bundle(tmp_path_factory.mktemp("base") / "bundle")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return dialect_corpus(tmp_path_factory.mktemp("corpus") / "sines")


def settings(base, corpus, out, **more):
    values = {"perturb": PerturbConfig(0.5), "fit": FIT, "rank": 2, "valid": [str(corpus)]} | more
    return AdaptConfig("chengdu", [str(corpus)], str(base), str(out), **values)


@pytest.fixture(scope="module")
def adapter(base, corpus, tmp_path_factory):
    out = tmp_path_factory.mktemp("adapters") / "town"
    Adaptation(settings(base, corpus, out, others=[str(corpus)])).run()
    return out


def test_an_adapter_holds_the_difference_alone_and_says_what_it_is(adapter, base):
    card = read_card(adapter)
    assert (card.name, card.dialect, card.licence) == ("town", "chengdu", "CC0-1.0")
    assert card.base == bundles.fingerprint(base)
    assert card.sources[0]["attribution"] == "nobody"
    assert card.figures["flow"]["after"] <= card.figures["flow"]["before"]
    assert set(card.figures["others"]["sines"]) == {"off", "on", "change"}
    tensors = load_file(adapter / "adapter.safetensors")
    assert sum(t.numel() for t in tensors.values()) == card.parameters
    assert all(t.dtype == torch.float16 for t in tensors.values())
    assert (adapter / "curve.png").stat().st_size > 1000
    assert not (adapter / "progress.pt").exists()


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"warmup": 10.0}, "fit.warmup must lie between 0 and 1, found 10.0"),
        ({"perturbed": -0.1}, "fit.perturbed must lie between 0 and 1, found -0.1"),
        ({"patience": 0}, "fit.patience must be above 0, found 0"),
        ({"least": 9, "most": 3}, "least 9, most 3"),
    ],
)
def test_settings_that_cannot_be_are_named(wrong, named):
    with pytest.raises(ConfigError, match=named):
        FitConfig(**wrong)


def test_perturbation_lasts_for_its_share_of_the_steps(base, corpus, tmp_path):
    def losses(name, share, perturbed):
        out = tmp_path / name
        more = {"perturb": PerturbConfig(share), "fit": replace(FIT, perturbed=perturbed)}
        Adaptation(settings(base, corpus, out, **more)).run()
        return json.loads((out / "curve.json").read_text())["train"][1:]

    never, ended, first = losses("a", 0.0, 0.6), losses("b", 1.0, 0.0), losses("c", 1.0, 0.5)
    assert ended == never
    assert first[0] != never[0]


def test_patience_begins_when_perturbation_has_ended(base, corpus, tmp_path, monkeypatch):
    """Speech as it is has as many measurements to improve as if there had been nothing before."""
    worse = count(1.0)
    monkeypatch.setattr(HeldOut, "measure", lambda self, model: (next(worse), 1.0))

    def last(name, share):
        fit = replace(FIT, steps=12, check_every=1, patience=2, perturbed=0.5)
        out = tmp_path / name
        Adaptation(settings(base, corpus, out, perturb=PerturbConfig(share), fit=fit)).run()
        return json.loads((out / "curve.json").read_text())["steps"][-1]

    assert last("clean", 0.0) == 2 and last("perturbed", 1.0) == 8


def test_warnings_name_what_is_wrong_with_the_data(adapter):
    text = " ".join(read_card(adapter).warnings)
    assert "too little" in text and "phones absent" in text


def test_the_command_line_speaks_lists_and_shows_it(adapter, base, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("DIAMOE_ADAPTERS", str(adapter.parent))
    out = tmp_path / "out.wav"
    words = ["synthesize", "你好", "--bundle", str(base), "-o", str(out), "--steps", "2"]
    assert main([*words, "--adapter", "town"]) == 0
    assert soundfile.info(out).frames > 1000
    assert main(["adapter", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["licence"] == "CC0-1.0"
    assert main(["adapter", "info", "town"]) == 0
    assert "rank 2" in capsys.readouterr().out
    assert main([*words, "--adapter", "village"]) == 1
    assert "unknown adapter 'village'" in capsys.readouterr().err


def test_the_adapters_voice_and_dialect_come_with_it_and_go_with_it(adapter, base):
    bundle = put_on(bundles.load(base), adapter)
    assert list(bundle.voices) == ["town", "anna"]
    assert bundle.voices["town"].phones.dialect == "chengdu"
    plain = take_off(bundle, "town")
    assert list(plain.voices) == ["anna"] and not plain.adapters
    with pytest.raises(AdapterError, match="on are: none"):
        take_off(plain, "town")


def test_merged_it_speaks_the_same_without_being_asked(adapter, base, tmp_path):
    bundle = put_on(bundles.load(base), adapter)
    with torch.no_grad():  # louder than four steps make it
        for name, parameter in bundle.model.named_parameters():
            if "@town" in name:
                parameter.add_(torch.randn_like(parameter) * 0.05)
    with using([bundle.adapters["town"]]):
        expected = everything(bundle.model)
    card = read_card(adapter)
    plain = merged(bundle.model, bundle.vocabulary, bundle.adapters["town"], card)
    for one, other in zip(everything(plain), expected, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)
    merge_adapter(base, adapter, tmp_path / "merged")
    loaded = bundles.load(tmp_path / "merged")
    assert loaded.model.config.conditioning == [0] and "town" in loaded.voices
    assert loaded.origin.sources[-1]["name"] == "sines"
    with pytest.raises(AdapterError, match="there already"):
        merge_adapter(base, adapter, tmp_path / "merged")
    with pytest.raises(AdapterError, match="another base"):
        put_on(loaded, adapter)


def test_merged_it_keeps_the_bases_sampling_and_vocoder(adapter, base, tmp_path):
    told = tmp_path / "told"
    shutil.copytree(base, told)
    save_sampling(told, Sampling(steps=3, prompt_from=0.1))
    (told / "vocoder").mkdir()
    (told / "vocoder" / "config.yaml").write_text("of the base")
    merge_adapter(told, adapter, tmp_path / "merged")
    assert bundle_sampling(tmp_path / "merged") == Sampling(steps=3, prompt_from=0.1)
    assert (tmp_path / "merged" / "vocoder" / "config.yaml").read_text() == "of the base"


def test_an_adapter_of_another_base_is_refused_by_name(adapter, tmp_path):
    other = bundles.load(tiny_bundle(tmp_path / "other", seed=1))
    with pytest.raises(AdapterError, match="'town' belongs to another base"):
        put_on(other, adapter)


def test_a_file_cut_short_is_named(adapter, tmp_path):
    copy = tmp_path / "town"
    shutil.copytree(adapter, copy)
    file = copy / "adapter.safetensors"
    whole = file.read_bytes()
    for kept in (len(whole) - 100, 4, 0):
        file.write_bytes(whole[:kept])
        with pytest.raises(AdapterError, match="adapter.safetensors"):
            load_adapter(copy)
    card = (adapter / "adapter.json").read_text()
    (copy / "adapter.json").write_text(card.replace('"format": 2', '"format": 1'))
    with pytest.raises(AdapterError, match="format 1, this version reads 2"):
        load_adapter(copy)
    (copy / "adapter.json").write_text(card[:200])
    with pytest.raises(AdapterError, match="adapter.json"):
        load_adapter(copy)


def test_an_interrupted_adaptation_ends_where_an_uninterrupted_one_does(
    adapter, base, corpus, tmp_path, monkeypatch
):
    class Interrupted(Exception):
        pass

    learn = Fitter._learn

    def stop_at_three(self, cuts):
        if self.step == 3:
            raise Interrupted
        return learn(self, cuts)

    out = tmp_path / "town"
    monkeypatch.setattr(Fitter, "_learn", stop_at_three)
    with pytest.raises(Interrupted):
        Adaptation(settings(base, corpus, out)).run()
    monkeypatch.setattr(Fitter, "_learn", learn)
    with pytest.raises(AdapterError, match="other settings"):
        Adaptation(settings(base, corpus, out, fit=replace(FIT, learning_rate=0.5))).run()
    Adaptation(settings(base, corpus, out)).run()
    expected, found = load_adapter(adapter).tensors, load_adapter(out).tensors
    for name, tensor in expected.items():
        assert torch.equal(tensor, found[name]), name
    with pytest.raises(AdapterError, match="finished adapter"):
        Adaptation(settings(base, corpus, out)).run()


def test_a_borrowed_routing_and_a_dialect_of_the_users_own(base, tmp_path, monkeypatch):
    files = tmp_path / "dialects"
    files.mkdir()
    chengdu = DIALECT_CODES.index("chengdu")
    (files / "mytown.yaml").write_text(
        "name: My town\nname_zh: 我镇\nbackend: sinitic\nparent: chengdu\n", encoding="utf-8"
    )
    monkeypatch.setenv("DIAMOE_DIALECTS", str(files))
    corpus = dialect_corpus(tmp_path / "sines", dialect="mytown")
    config = settings(base, corpus, tmp_path / "mytown", fit=replace(FIT, steps=1))
    config = replace(config, dialect="mytown", parent="wuhan")
    card = Adaptation(config).run()
    assert (card.place, card.shape.route) == (DIALECT_CODES.index("wuhan"), "parent") != chengdu
    bundle = put_on(bundles.load(base), tmp_path / "mytown")
    assert bundle.adapters["mytown"].place == card.place
    with pytest.raises(AdapterError, match="cannot be merged"):
        merge_adapter(base, tmp_path / "mytown", tmp_path / "merged")


def test_three_utterances_are_too_few(base, tmp_path):
    corpus = dialect_corpus(tmp_path / "few", utterances=3)
    with pytest.raises(CorpusError, match="3 utterances|at least 8"):
        Adaptation(replace(settings(base, corpus, tmp_path / "x"), valid=[])).run()


def test_sound_that_is_no_number_is_named(tmp_path):
    cut = make_cut(tmp_path, 5)
    file = tmp_path / "utt5.wav"
    wave, rate = soundfile.read(file)
    wave[100:110] = np.nan
    soundfile.write(file, wave, rate, subtype="FLOAT")
    with pytest.raises(AudioError, match="utt5: 10 of"):
        check_sound(cut)
    file.write_bytes(b"no sound")
    with pytest.raises(AudioError, match="utt5: the sound cannot be read"):
        check_sound(cut)


def test_a_dialect_without_a_file_is_named(base, corpus, tmp_path):
    with pytest.raises(UnknownDialect, match="nowhere"):
        Adaptation(replace(settings(base, corpus, tmp_path / "x"), dialect="nowhere"))


def test_speech_of_another_dialect_is_named(base, corpus, tmp_path):
    with pytest.raises(CorpusError, match="speaks chengdu, not xian"):
        Adaptation(replace(settings(base, corpus, tmp_path / "x"), dialect="xian")).run()


def test_no_phones_in_common_is_refused(base, tmp_path):

    def click(cut, index):
        supervision = cut.supervisions[0]
        mark = "ʘ" if index % 2 else "ǂ"
        supervision.custom["phones"] = f"{mark} {mark}"
        item = supervision.alignment["phone"][0]
        times = [item._replace(symbol=s) for s in ("_", mark, mark, "_")]
        supervision.alignment["phone"] = times

    corpus = dialect_corpus(tmp_path / "clicks", change=click)
    with pytest.raises(AdapterError, match="no phones in common"):
        Adaptation(settings(base, corpus, tmp_path / "x")).run()


@pytest.mark.parametrize(
    "wrong", [{"route": "parent"}, {"rank": -1}, {"route": "elsewhere"}, {"data": []}]
)
def test_impossible_settings_are_named(wrong):
    values = {"dialect": "chengdu", "data": ["x"]} | wrong
    with pytest.raises(ConfigError):
        AdaptConfig(**values)


def test_a_folder_without_speech_is_named(base, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(CorpusError, match="neither a prepared corpus"):
        Adaptation(settings(base, tmp_path / "empty", tmp_path / "x")).run()


def test_requests_of_one_batch_go_through_their_own_adapters(adapter, base):
    bundle = put_on(bundles.load(base), adapter)
    with torch.no_grad():
        for name, parameter in bundle.model.named_parameters():
            if "@town" in name and "duration" not in name:
                parameter.add_(torch.randn_like(parameter) * 0.1)
    synthesizer = Synthesizer(bundle)
    options = SynthesisOptions(steps=2)
    through = Request("你好", "chengdu", "anna", options, adapter="town")
    without = Request("你好", "chengdu", "anna", options)
    alone = [synthesizer.batch([request])[0].mel for request in (through, without)]
    assert alone[0].shape != alone[1].shape or np.abs(alone[0] - alone[1]).max() > 0.01
    together = [speech.mel for speech in synthesizer.batch([through, without])]
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-3)
    with pytest.raises(AdapterError, match="on are: town"):
        synthesizer.batch([replace(through, adapter="village")])


@pytest.mark.shared
def test_a_folder_of_recordings_and_texts_becomes_a_corpus_first(shared, base, tmp_path):
    folder = tmp_path / "kathleen"
    folder.mkdir()
    for text in sorted((shared / "data" / "eng_kathleen").rglob("*.txt"))[:10]:
        for file in text.parent.glob(f"{text.stem}.*"):
            shutil.copy(file, folder)
    config = AdaptConfig("english", [str(folder)], str(base), str(tmp_path / "out"))
    with pytest.raises(AdapterError, match="licence= and attribution="):
        read_speech(config)
    speech = read_speech(replace(config, licence="CC0-1.0", attribution="Kathleen", valid=[]))
    assert len(speech.train) >= 8 and speech.held_out
    assert speech.sources[0]["attribution"] == "Kathleen"
    assert {cut.supervisions[0].speaker for cut in speech.train} == {"kathleen"}
