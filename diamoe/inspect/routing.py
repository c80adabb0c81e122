"""Which expert speaks which dialect, and how much the choice tells about the dialect."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from diamoe import bundle as bundles
from diamoe.errors import ConfigError
from diamoe.flow.matching import AcousticModel
from diamoe.text.dialect import DIALECT_CODES, load_dialect
from diamoe.text.vocabulary import PhoneVocabulary

USED = 0.01
"""Smallest share of the choices with which an expert counts as used."""


@dataclass(frozen=True)
class Dependence:
    """How much the expert tells about the dialect."""

    bits: float
    """Mutual information of expert and dialect."""
    entropy: float
    """Entropy of the dialect, bits: the most that anything can tell."""

    @property
    def share(self) -> float:
        """Mutual information as a share of the entropy; 0 where there is but one dialect."""
        return self.bits / self.entropy if self.entropy > 0 else 0.0


def dependence(joint: np.ndarray) -> Dependence:
    """Mutual information of a table of counts or weights, (dialects, experts).

    >>> round(dependence(np.eye(4)).bits, 6), round(dependence(np.ones((4, 2))).bits, 6)
    (2.0, 0.0)
    """
    p = joint / joint.sum()
    rows, columns = p.sum(axis=1, keepdims=True), p.sum(axis=0, keepdims=True)
    seen = p > 0
    bits = float((p[seen] * np.log2(p[seen] / (rows * columns)[seen])).sum())
    rows = rows[rows > 0]
    return Dependence(max(bits, 0.0), float(-(rows * np.log2(rows)).sum()))


class RoutingTable:
    """What the gate did with utterances, by dialect.

    Attributes:
        weights: (dialects, experts) sum of the gate's probabilities.
        first: (dialects, experts) how often each expert was the most probable.
        left_out: utterances with phones that the model does not know.
    """

    def __init__(self, experts: int):
        self.weights = np.zeros((len(DIALECT_CODES), experts))
        self.first = np.zeros((len(DIALECT_CODES), experts))
        self.left_out = 0

    def add(self, dialect: Tensor, weights: Tensor) -> None:
        """Take in utterances: (batch,) dialect ids and (batch, experts) `Routing.weights`."""
        rows, values = dialect.numpy(force=True), weights.float().numpy(force=True)
        np.add.at(self.weights, rows, values)
        np.add.at(self.first, (rows, values.argmax(axis=1)), 1)

    @property
    def rows(self) -> dict[str, np.ndarray]:
        """Mean gate probabilities of every dialect that was heard, (experts,)."""
        heard = np.flatnonzero(self.first.sum(axis=1))
        return {DIALECT_CODES[d]: self.weights[d] / self.first[d].sum() for d in heard}

    @property
    def usage(self) -> np.ndarray:
        """Share of the utterances that each expert was first for, dialects alike: (experts,)."""
        return np.asarray(_alike(self.first).sum(axis=0))

    def report(self) -> dict[str, Any]:
        """All figures; dialects are counted alike, however many utterances each has."""
        first, mean = dependence(_alike(self.first)), dependence(_alike(self.weights))
        rows = {code: [round(float(w), 4) for w in row] for code, row in self.rows.items()}
        return {
            "utterances": int(self.first.sum()),
            "left_out": self.left_out,
            "dialects": rows,
            "dialect_entropy_bits": first.entropy,
            "first_choice": {"bits": first.bits, "share": first.share},
            "mean_weights": {"bits": mean.bits, "share": mean.share},
            "usage": [round(float(u), 4) for u in self.usage],
            "unused": [e for e, u in enumerate(self.usage) if u < USED],
        }

    def text(self) -> str:
        """The table as people read it."""
        report = self.report()
        width = max(map(len, report["dialects"]))
        lines = [" " * width + "".join(f"{e:6d}" for e in range(len(self.usage)))]
        for code, row in report["dialects"].items():
            lines.append(f"{code:{width}}" + "".join(f"{w:6.2f}" for w in row))
        lines.append(f"{'first':{width}}" + "".join(f"{u:6.2f}" for u in self.usage))
        for name in ("first_choice", "mean_weights"):
            found = report[name]
            lines.append(
                f"mutual information with the dialect by {name.replace('_', ' ')}: "
                f"{found['bits']:.2f} of {report['dialect_entropy_bits']:.2f} bits "
                f"({found['share']:.0%})"
            )
        unused = ", ".join(map(str, report["unused"])) or "none"
        lines.append(f"experts that are never first (under {USED:.0%}): {unused}")
        if self.left_out:
            lines.append(f"left out, with phones that the model does not know: {self.left_out}")
        return "\n".join(lines)

    def title(self) -> str:
        """One line for a figure."""
        first = self.report()["first_choice"]
        return f"I(expert; dialect) = {first['bits']:.2f} bits, {first['share']:.0%} of H(dialect)"


def _alike(table: np.ndarray) -> np.ndarray:
    """Rows that hold anything, scaled to the same sum."""
    heard = table[table.sum(axis=1) > 0]
    return np.asarray(heard / heard.sum(axis=1, keepdims=True) / max(len(heard), 1))


@torch.inference_mode()
def measure_routing(
    model: AcousticModel,
    vocabulary: PhoneVocabulary,
    corpora: Sequence[str],
    told: bool = True,
    limit: int = 0,
) -> RoutingTable:
    """The gate's choices over prepared corpora (folders or patterns).

    Args:
        told: the model is told the dialect; otherwise it has the phones alone.
        limit: most utterances of each corpus; 0 for all.

    Raises:
        ConfigError: the model has no experts, or a pattern matches nothing.
        CorpusError: a folder is no prepared corpus.
    """
    from diamoe.corpus import cut_phones, open_corpus
    from diamoe.training.shards import find_corpora

    if model.dit.moe is None:
        raise ConfigError("this model has no experts: there is no routing to look at")
    table = RoutingTable(model.config.model.moe.experts)
    for folder in tqdm(find_corpora(corpora), desc="routing", unit="corpus"):
        for number, cut in enumerate(open_corpus(folder)):
            if limit and number >= limit:
                break
            seq = cut_phones(cut)
            if not all(token in vocabulary for token in seq.tokens):
                table.left_out += 1
                continue
            ids = torch.tensor([vocabulary.encode(seq)])
            dialect = torch.tensor([load_dialect(seq.dialect).id])
            mask = torch.ones_like(ids, dtype=torch.bool)
            _, routing = model.dit.encode_text(ids, mask, dialect if told else None)
            assert routing is not None
            table.add(dialect, routing.weights)
    return table


@dataclass(frozen=True)
class RoutingConfig:
    """Settings of `python -m diamoe.inspect routing`."""

    bundle: str = str(bundles.SHIPPED)
    """Bundle folder."""
    data: list[str] = field(default_factory=lambda: ["corpora/teacher_*_test"])
    """Prepared corpora, folders or patterns."""
    out: str = "runs/inspect/routing"
    """Path of the PNG and the JSON, without ending."""
    told: bool = True
    """Tell the model the dialect; false shows what it infers from the phones."""
    limit: int = 0
    """Most utterances of each corpus; 0 for all."""


def run(config: RoutingConfig) -> dict[str, Any]:
    """Measure, print, and write `out`.png and `out`.json."""
    from diamoe.plots import routing_figure

    model, vocabulary = bundles.load_own(config.bundle)
    table = measure_routing(model, vocabulary, config.data, config.told, config.limit)
    report = {"bundle": config.bundle, "told": config.told, **table.report()}
    out = Path(config.out)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.with_suffix(".json").write_text(json.dumps(report, indent=1), encoding="utf-8")
    routing_figure(table.rows, table.title()).savefig(out.with_suffix(".png"), dpi=110)
    print(table.text())
    return report
