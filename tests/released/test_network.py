"""The network agrees with a plain reading of the checkpoint, and with the original's outputs."""

import json

import pytest
import torch
from safetensors.torch import load_file

from diamoe import bundle as bundles
from diamoe.errors import ConfigError
from diamoe.model.released import Compatibility, ReleasedConfig, ReleasedDiT, ReleasedExpertsConfig
from diamoe.released.architecture import Arch
from diamoe.released.checkpoint import Checkpoint
from diamoe.released.importing import import_checkpoint, read_network
from diamoe.released.vocabulary import ReleasedVocabulary
from tests.released.checkpoints import VOCABULARY, Sizes, make, velocity

VARIANTS = {
    "experts": Sizes(),
    "no experts": Sizes(experts=0),
    "two experts an utterance": Sizes(experts=4, top_k=2),
    "transformer experts": Sizes(expert="transformer"),
    "f5 v1": Sizes(experts=0, mask_padding=True, rotary_heads=2),
    "normalised queries, long skip": Sizes(qk_norm=True, long_skip=True),
    "adapted": Sizes(adapter=True),
    "adapted, masked": Sizes(adapter=True, mask_padding=True),
    "other sizes": Sizes(dim=32, depth=1, heads=3, head_dim=8, ff=4, text_dim=8, conv=3, mels=11),
}


def network(sizes):
    """The checkpoint's tensors and our network with them."""
    weights = make(sizes)
    rotary = None if sizes.rotary_heads == sizes.heads else sizes.rotary_heads
    arch = Arch(text_mask_padding=sizes.mask_padding, pe_attn_head=rotary, top_k=sizes.top_k)
    checkpoint = Checkpoint("model.pt", weights, averaged=False)
    config, state = read_network(checkpoint, ReleasedVocabulary(tuple(VOCABULARY)), arch)
    dit = ReleasedDiT(config)
    dit.load_state_dict(state)
    return weights, dit.eval()


def close(found, expected, tolerance=1e-4):
    """Relative error in the largest and in the mean square sense."""
    difference = found - expected
    assert difference.abs().max() <= tolerance * expected.abs().max()
    assert difference.norm() <= tolerance * expected.norm()


@pytest.mark.parametrize("sizes", VARIANTS.values(), ids=VARIANTS.keys())
def test_velocity_is_that_of_a_plain_reading(sizes):
    weights, dit = network(sizes)
    generator = torch.Generator().manual_seed(1)
    x, prompt = torch.randn(2, 1, 23, sizes.mels, generator=generator)
    prompt[:, 9:] = 0
    ids = torch.tensor([[5, 0, 8, 0, 3, 0, 11]])
    with torch.inference_mode():
        conditioning = dit.condition(ids, prompt[:, :9], 23)
        for drop, told in ((False, conditioning), (True, conditioning.null())):
            expected = velocity(weights, sizes, x[0], prompt[0], ids[0], 0.3, drop)
            close(dit(x, torch.tensor([0.3]), told)[0], expected, 1e-5)


def test_padding_is_never_attended_to():
    """What stands in padding, beyond the reach of the convolutions, changes nothing."""
    _, dit = network(Sizes())
    ids, prompt = torch.tensor([[5, 0, 8]]), torch.zeros(1, 0, 20)
    x, time = torch.randn(1, 70, 20), torch.tensor([0.5])
    other = x.clone()
    other[:, 50:] += 3.0
    mask = torch.arange(70).unsqueeze(0) < 12
    with torch.inference_mode():
        masked, plain = (dit.condition(ids, prompt, 70, m) for m in (mask, None))
        close(dit(other, time, masked)[:, :12], dit(x, time, masked)[:, :12])
        assert not torch.allclose(dit(other, time, plain)[:, :12], dit(x, time, plain)[:, :12])


def test_faults_are_settings_that_can_be_left_out():
    """Without them routing looks at tokens only, and the weight of one chosen expert is not 1."""
    experts = ReleasedExpertsConfig(3, hidden=8)
    sizes = {"tokens": 9, "dim": 32, "depth": 1, "heads": 2, "head_dim": 8, "text_dim": 8}
    text, real = torch.randn(1, 12, 8), torch.arange(12).unsqueeze(0) < 5
    torch.manual_seed(0)
    kept = ReleasedDiT(ReleasedConfig(experts=experts, **sizes)).moe
    clean = ReleasedConfig(experts=experts, compatibility=Compatibility(False, False), **sizes)
    left = ReleasedDiT(clean).moe
    left.load_state_dict(kept.state_dict())
    noisy = text.clone()
    noisy[:, 5:] += 3.0
    assert torch.equal(left.gate_logits(text, real), left.gate_logits(noisy, real))
    assert not torch.allclose(kept.gate_logits(text, real), kept.gate_logits(noisy, real))
    torch.nn.init.normal_(kept.experts.down_bias)
    left.load_state_dict(kept.state_dict())
    logits = torch.tensor([[0.2, 1.0, 0.1]])
    weight = logits.softmax(dim=-1)[0, 1]
    with torch.inference_mode():
        close(left(text, logits) - text, weight * (kept(text, logits) - text))


def test_a_network_without_experts_has_no_gate():
    _, dit = network(Sizes(experts=0))
    with pytest.raises(ConfigError, match="no experts"):
        dit.gate_logits(torch.tensor([[1]]), 5)


@pytest.fixture(scope="module", params=["plain", "ema"])
def imported(request, shared, tmp_path_factory):
    """The reference checkpoint through a bundle on disk, its outputs, and its settings."""
    folder = shared / "reference" / "diamoe_tiny"
    out = tmp_path_factory.mktemp("bundles") / request.param
    words = shared / "reference" / "diamoe_vocab.txt"
    import_checkpoint(folder / f"model_{request.param}.pt", words, out)
    settings = json.loads((folder / "config.json").read_text())
    return bundles.load(out).model, load_file(folder / "expected.safetensors"), settings


@pytest.mark.shared
def test_parity_of_text_gate_and_velocity(imported):
    model, given, _ = imported
    x, prompt, ids, time = (given[key] for key in ("x", "cond", "text", "time"))
    frames = x.shape[1]
    close(model.text_embedding(ids, frames), given["text_embed"])
    close(model.gate_logits(ids, frames), given["gate_logits"])
    close(model.velocity(x, prompt, ids, time), given["out_cond"])
    close(model.velocity(x, prompt, ids, time, conditional=False), given["out_uncond"])
    masked = model.velocity(x, prompt, ids, time, mask=given["mask"].bool())
    close(masked, given["out_masked"])


@pytest.mark.shared
def test_parity_of_whole_samples(imported):
    model, given, settings = imported
    wanted = settings["sample"]
    told = {
        "noise": given["sample_y0"],
        "prompt": given["sample_cond"],
        "ids": given["sample_text"],
        "steps": wanted["steps"],
        "guidance": wanted["cfg_strength"],
        "sway": wanted["sway_sampling_coef"],
    }
    close(model.sample(**told), given["sample_out"])
    on_target = model.sample(**told, gate_from=2 * wanted["gate_mask_len"])
    close(on_target, given["sample_out_gate_on_target"])


@pytest.mark.shared
def test_parity_of_the_adapted_model(shared, tmp_path):
    folder = shared / "reference" / "diamoe_tiny"
    words = shared / "reference" / "diamoe_vocab.txt"
    import_checkpoint(folder / "model_peft.pt", words, tmp_path / "peft")
    given = load_file(folder / "expected.safetensors")
    model = bundles.load(tmp_path / "peft").model
    found = model.velocity(given["x"], given["cond"], given["text"], given["time"])
    close(found, given["out_peft"])


@pytest.mark.shared
def test_texts_become_the_ids_of_the_original(shared):
    folder = shared / "reference" / "diamoe_tiny"
    settings = json.loads((folder / "config.json").read_text())
    words = ReleasedVocabulary.read(shared / "reference" / "diamoe_vocab.txt")
    found = words.ids([*settings["reference_text"], *settings["target_text"]])
    assert found == load_file(folder / "expected.safetensors")["sample_text"][0].tolist()
