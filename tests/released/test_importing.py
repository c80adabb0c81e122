"""Checkpoint files: every kind that is read, every fault that is named, and speech."""

import json
import pickle

import pytest
import torch
from safetensors.torch import load_file, save_file

from diamoe import bundle as bundles
from diamoe.errors import BundleError, CheckpointError, UnknownPhone
from diamoe.released.importing import LICENCE, import_checkpoint
from diamoe.released.vocabulary import ReleasedVocabulary
from diamoe.text.phones import PhoneSeq
from tests.released.checkpoints import VOCABULARY, Sizes, make, write_words

IDS = torch.tensor([[5, 0, 8, 0, 3]])


def bring(folder, content, **options):
    """Write `content` with torch, import it, and load the bundle."""
    file = folder / "model.pt"
    torch.save(content, file)
    import_checkpoint(file, write_words(folder), folder / "bundle", **options)
    return bundles.load(folder / "bundle")


def averaged(weights):
    """The same weights as a moving average is saved."""
    inside = {f"ema_model.{name}": tensor for name, tensor in weights.items()}
    return {**inside, "initted": torch.tensor(True), "step": torch.tensor(7)}


def heard(bundle):
    """A velocity, to tell models apart."""
    x = torch.linspace(-1, 1, 12 * 20).view(1, 12, 20)
    return bundle.model.velocity(x, x[:, :4], IDS, torch.tensor([0.4]))


def test_plain_averaged_and_bare_files_are_told_apart(tmp_path):
    plain, mean = make(Sizes(), seed=1), make(Sizes(), seed=2)
    both = {"ema_model_state_dict": averaged(mean), "model_state_dict": plain, "update": 3}
    folders = [tmp_path / str(i) for i in range(5)]
    for folder in folders:
        folder.mkdir()
    only_plain = heard(bring(folders[0], {"model_state_dict": plain}))
    only_mean = heard(bring(folders[1], averaged(mean)))
    assert not torch.equal(only_plain, only_mean)
    assert torch.equal(heard(bring(folders[2], both)), only_mean)
    assert torch.equal(heard(bring(folders[3], both, which="model")), only_plain)
    assert torch.equal(heard(bring(folders[4], plain)), only_plain)


@pytest.mark.parametrize("prefix", ["", "ema_model."])
def test_safetensors(tmp_path, prefix):
    weights, file = make(Sizes()), tmp_path / "model.safetensors"
    save_file({prefix + name: tensor for name, tensor in weights.items()}, file)
    imported = import_checkpoint(file, write_words(tmp_path), tmp_path / "bundle")
    assert imported.description.startswith("DiaMoE-TTS, 3 mlp experts, ")
    assert ("averaged" in imported.description) == bool(prefix)
    expected = heard(bring(tmp_path, {"model_state_dict": weights}))
    assert torch.equal(heard(bundles.load(tmp_path / "bundle")), expected)


def test_half_precision_stays_half_on_disk(tmp_path):
    bring(tmp_path, {name: tensor.half() for name, tensor in make(Sizes()).items()})
    stored = load_file(tmp_path / "bundle" / "model.safetensors")
    assert {tensor.dtype for tensor in stored.values()} == {torch.float16}


def test_what_is_no_part_of_the_network_is_left_out_and_said(tmp_path):
    weights = make(Sizes())
    weights["mel_spec.mel_stft.spectrogram.window"] = torch.ones(8)
    weights["transformer.moe.dialect_classifier.weight"] = torch.ones(3, 16)
    torch.save(weights, tmp_path / "model.pt")
    imported = import_checkpoint(tmp_path / "model.pt", write_words(tmp_path), tmp_path / "bundle")
    assert any("dialect_classifier" in note and "mel_stft" in note for note in imported.notes)
    assert any("text_mask_padding false" in note for note in imported.notes)


def test_licence_and_compatibility_are_kept(tmp_path):
    bundle = bring(tmp_path, make(Sizes()))
    assert bundle.origin.licence == LICENCE and "CC-BY-NC-4.0" in LICENCE
    assert len({source["licence"] for source in bundle.origin.sources}) > 1
    written = json.loads((tmp_path / "bundle" / "bundle.json").read_text())
    assert written["network"] == "released"
    assert written["model"]["network"]["compatibility"] == {
        "route_over_filler": True,
        "softmax_over_chosen": True,
        "space_between_tokens": True,
    }


def test_settings_come_from_a_name_a_file_or_beside(tmp_path):
    sizes = Sizes(experts=0, mask_padding=True, rotary_heads=2)
    v1 = bring(tmp_path, make(sizes), arch="f5-v1").model.config.network
    assert v1.mask_padding and v1.rotary_heads == 2
    arch = {"arch": {"heads": 2, "pe_attn_head": 0, "text_mask_padding": True, "dropout": 0.1}}
    (tmp_path / "config.json").write_text(json.dumps(arch))
    beside = bring(tmp_path, make(sizes)).model.config.network
    assert beside.mask_padding and beside.rotary_heads == 0


def drop(name):
    return lambda weights: weights.pop(name)


def swap(name, tensor):
    return lambda weights: weights.update({name: tensor})


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (drop("transformer.proj_out.bias"), "1 tensors do not fit: missing transformer.proj_out.b"),
        (drop("transformer.rotary_embed.inv_freq"), "missing transformer.rotary_embed.inv_freq"),
        (drop("transformer.moe.experts.2.net.0.bias"), "missing transformer.moe.experts.2.net.0.b"),
        (drop("transformer.text_embed.text_embed.weight"), "missing transformer.text_embed.text_e"),
        (swap("transformer.extra", torch.ones(2)), "unknown transformer.extra"),
        (swap("transformer.proj_out.weight", torch.ones(20, 7)), r"is \(20, 7\), not \(20, 48\)"),
        (
            swap("transformer.transformer_blocks.1.attn.to_k.bias", torch.ones(1)),
            r"blocks.1.attn.to_k.bias is \(1,\), not \(32,\)",
        ),
        (swap("transformer.proj_out.bias", torch.full((20,), torch.nan)), "is not finite"),
        (swap("transformer.proj_out.bias", torch.ones(20).int()), "not floating point"),
        (swap("transformer.rotary_embed.inv_freq", torch.ones(8)), "base 10000"),
        (
            swap("transformer.input_embed.proj.lora_A", torch.ones(4, 56)),
            "missing transformer.input_embed.proj.lora_B",
        ),
        (lambda weights: weights.clear(), "missing transformer.time_embed"),
        (swap("transformer.proj_out.bias", "text"), "is str, not a tensor"),
    ],
)
def test_a_tensor_that_does_not_fit_is_named(tmp_path, damage, message):
    weights = make(Sizes())
    damage(weights)
    with pytest.raises(CheckpointError, match=message):
        bring(tmp_path, {"model_state_dict": weights})
    assert not (tmp_path / "bundle").exists()


EVERYTHING = make(Sizes(adapter=True, qk_norm=True))


@pytest.mark.parametrize("name", sorted(EVERYTHING))
def test_every_tensor_is_needed(tmp_path, name):
    weights = {other: tensor for other, tensor in EVERYTHING.items() if other != name}
    with pytest.raises(CheckpointError, match=f"missing {name}(;|,|$)"):
        bring(tmp_path, weights)


def test_twenty_faults_are_listed_and_the_rest_counted(tmp_path):
    weights = make(Sizes())
    weights.update({f"extra.{i}": torch.ones(1) for i in range(30)})
    with pytest.raises(CheckpointError, match="30 tensors do not fit: .*; and 10 more$") as caught:
        bring(tmp_path, weights)
    assert str(caught.value).count("unknown extra.") == 20


class Trap:
    """Runs when it is unpickled."""

    def __reduce__(self):
        return (open, ("trapped", "w"))


@pytest.mark.parametrize("protocol", ["zip", "legacy", "pickle"])
def test_pickled_code_is_refused_and_not_run(tmp_path, monkeypatch, protocol):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "model.pt"
    content = {"model_state_dict": make(Sizes(depth=1)), "trap": Trap()}
    if protocol == "pickle":
        file.write_bytes(pickle.dumps(content, protocol=2))
    else:
        torch.save(content, file, _use_new_zipfile_serialization=protocol == "zip")
    with pytest.raises(CheckpointError, match=r"pickled code \((_io|io|torch)[\w.]*\)"):
        import_checkpoint(file, write_words(tmp_path), tmp_path / "bundle")
    assert not (tmp_path / "trapped").exists()


@pytest.mark.parametrize("kind", ["pt", "safetensors", "legacy"])
@pytest.mark.parametrize("kept", [0, 4, 40, 0.5, 0.99])
def test_a_truncated_file_is_named(tmp_path, kind, kept):
    file = tmp_path / f"model.{kind}"
    if kind == "safetensors":
        save_file(make(Sizes()), file)
    else:
        torch.save(make(Sizes()), file, _use_new_zipfile_serialization=kind == "pt")
    data = file.read_bytes()
    file.write_bytes(data[: int(len(data) * kept) if isinstance(kept, float) else kept])
    with pytest.raises(CheckpointError, match="truncated or corrupt"):
        import_checkpoint(file, write_words(tmp_path), tmp_path / "bundle")


def test_a_file_that_is_not_there_or_holds_something_else(tmp_path):
    with pytest.raises(CheckpointError, match="cannot read .*nothing.pt"):
        import_checkpoint(tmp_path / "nothing.pt", write_words(tmp_path), tmp_path / "bundle")
    with pytest.raises(CheckpointError, match="no ema_model_state_dict in it; it holds model_s"):
        bring(tmp_path, {"model_state_dict": make(Sizes())}, which="ema")
    with pytest.raises(CheckpointError, match="it holds optimizer, step"):
        bring(tmp_path, {"optimizer": {}, "step": 3})
    with pytest.raises(CheckpointError, match="expected a mapping"):
        bring(tmp_path, [1, 2])
    with pytest.raises(CheckpointError, match="is it an F5-TTS or DiaMoE-TTS checkpoint"):
        bring(tmp_path, {"conv.weight": torch.ones(3)})


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([" ", "a", "b", "a"], r"vocab.txt:4: 'a' stands in line 2 already"),
        (["a", " "], "the first entry must be a space, found 'a'"),
        (VOCABULARY[:-1], f"has {len(VOCABULARY) + 1} rows, .* has {len(VOCABULARY) - 1} entries"),
    ],
)
def test_a_wrong_vocabulary_is_named(tmp_path, lines, message):
    torch.save(make(Sizes()), tmp_path / "model.pt")
    words = write_words(tmp_path, lines)
    with pytest.raises(CheckpointError, match=message):
        import_checkpoint(tmp_path / "model.pt", words, tmp_path / "bundle")


@pytest.mark.parametrize(
    ("arch", "message"),
    [
        ({"heads": 4}, "by its tensors, heads is 2, not 4"),
        ({"num_experts": 9, "expert_type": "transformer"}, "num_experts is 3, not 9; expert_type"),
        ({"colour": 1}, "unknown setting 'colour'; known settings: dim, depth"),
        ({"top_k": 4}, "top_k 4 must be 1 to 3"),
        ({"pe_attn_head": 3}, "pe_attn_head 3 must be 0 to 2"),
        ({"pe_attn_head": "one"}, "pe_attn_head must be a number"),
        ({"text_mask_padding": 1}, "text_mask_padding: expected bool"),
        ({"text_embedding_average_upsampling": True}, "is not supported"),
        ([], "expected settings"),
        (None, "neither a JSON file .* nor one of f5-base"),
    ],
)
def test_wrong_settings_are_named(tmp_path, arch, message):
    file = tmp_path / "arch.json"
    file.write_text("{" if arch is None else json.dumps(arch))
    with pytest.raises(CheckpointError, match=message):
        bring(tmp_path, make(Sizes()), arch=str(file))


def test_phones_are_found_whichever_way_they_are_written():
    words = ReleasedVocabulary((" ", "上[ˌoᴸᴸ]", "[ă]", "，", "[ə]", "上[ə]"))
    seq = PhoneSeq.parse("ˌoᴸᴸ | ă ： ə _", "shanghai")
    assert words.encode(seq) == [1, 0, 2, 0, 3, 0, 4]
    with pytest.raises(UnknownPhone, match="'k' .* not in the imported model's vocabulary"):
        words.encode(PhoneSeq.parse("k", "shanghai"))


def test_our_own_training_does_not_start_from_an_imported_network(tmp_path):
    bring(tmp_path, make(Sizes()))
    with pytest.raises(BundleError, match="imported network"):
        bundles.load_own(tmp_path / "bundle")


def test_a_bundle_with_another_vocabulary_or_network_is_named(tmp_path):
    bring(tmp_path, make(Sizes()))
    folder = tmp_path / "bundle"
    (folder / "vocabulary.json").write_text('[" ", "a"]')
    with pytest.raises(BundleError, match=f"2 entries, the network has {len(VOCABULARY)}"):
        bundles.load(folder)
    description = json.loads((folder / "bundle.json").read_text())
    (folder / "bundle.json").write_text(json.dumps({**description, "network": "other"}))
    with pytest.raises(BundleError, match="network 'other'"):
        bundles.load(folder)
