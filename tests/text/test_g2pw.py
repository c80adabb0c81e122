"""A g2pW model as a second opinion: the package, onnxruntime and a small model of its kind."""

import sys
from pathlib import Path

import numpy as np
import pytest

from diamoe.errors import MissingBackend, NotationError
from diamoe.text.frontend import Frontend
from diamoe.text.g2pw import FILES, G2pw
from diamoe.text.words import read_words


def write_g2pw(folder: Path) -> None:
    """A model with the published one's files, inputs and output: words that vote for readings."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"他長很大了得走我"]
    readings = ["長\tㄓㄤ3", "長\tㄔㄤ2", "得\tㄉㄜ5", "得\tㄉㄟ3"]
    labels = sorted({line.split("\t")[1] for line in readings})
    votes = np.full((len(vocabulary), len(labels)), 0.01, np.float32)
    for word, label in (("大", "ㄓㄤ3"), ("很", "ㄔㄤ2"), ("走", "ㄉㄟ3")):
        votes[vocabulary.index(word), labels.index(label)] = 1
    whole = {"input_ids": "bt", "token_type_ids": "bt", "attention_mask": "bt"}
    shapes = {**whole, "phoneme_mask": "bl", "char_ids": "b", "position_ids": "b"}
    inputs = [
        helper.make_tensor_value_info(
            name, TensorProto.FLOAT if name == "phoneme_mask" else TensorProto.INT64, list(shape)
        )
        for name, shape in shapes.items()
    ]
    nodes = [
        helper.make_node("Gather", ["votes", "input_ids"], ["each"]),
        helper.make_node("ReduceSum", ["each", "axes"], ["all"], keepdims=0),
        helper.make_node("Mul", ["all", "phoneme_mask"], ["probs"]),
    ]
    output = helper.make_tensor_value_info("probs", TensorProto.FLOAT, ["b", "l"])
    constants = [
        numpy_helper.from_array(votes, "votes"),
        numpy_helper.from_array(np.array([1]), "axes"),
    ]
    graph = helper.make_graph(nodes, "g2pw", inputs, [output], constants)
    opset = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=9), folder / "g2pw.onnx")
    (folder / "vocab.txt").write_text("\n".join(vocabulary), "utf-8")
    (folder / "POLYPHONIC_CHARS.txt").write_text("\n".join(readings), "utf-8")
    (folder / "MONOPHONIC_CHARS.txt").write_text("他\tㄊㄚ1", "utf-8")
    (folder / "config.py").write_text("use_mask = True\nbatch_size = 2\n", "utf-8")
    (folder / "version").write_text("1.0", "utf-8")


def test_g2pw_reads_polyphones(tmp_path: Path) -> None:
    pytest.importorskip("g2pw")
    pytest.importorskip("onnx")
    with pytest.raises(MissingBackend, match=r"g2pw\.onnx"):
        G2pw(tmp_path, tmp_path)
    write_g2pw(tmp_path)
    model = G2pw(tmp_path, tmp_path)
    assert model("他长大了") == [None, "zhang3", None, None]
    assert model("很长") == [None, "chang2"]
    syllables = [s for w in read_words("我得走了", polyphones=model) for s in w.readings]
    assert str(syllables[1]) == "dei3"
    assert str(Frontend("chengdu", polyphones=model)("很长")).endswith("t͜sʰ ˈɑᴹᴸ ŋ")


def test_g2pw_writes_its_own_u(tmp_path: Path) -> None:
    model = G2pw.of(lambda sentences: [["lu:4" if c == "绿" else None for c in sentences[0]]])
    assert model("绿色") == ["lv4", None]
    assert read_words("绿色", polyphones=model)[0].readings[0].final == "v"


def test_g2pw_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*FILES, "vocab.txt"):
        (tmp_path / name).write_text("")
    monkeypatch.setitem(sys.modules, "g2pw", None)
    with pytest.raises(MissingBackend, match="pip install g2pw"):
        G2pw(tmp_path, tmp_path)
    with pytest.raises(NotationError):
        G2pw.of(lambda sentences: [["a1"]])("两个")
