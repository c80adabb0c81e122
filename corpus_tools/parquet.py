"""Parquet files that `datasets.load_dataset` opens and plays."""

import json
from pathlib import Path
from types import TracebackType
from typing import Any

from corpus_tools.audio.cleaning import SAMPLE_RATE

BATCH = 100
"""Rows of a row group: few, for their sound is in memory."""
_TIER = [{"symbol": "string", "start": "float64", "duration": "float64"}]
COLUMNS: dict[str, Any] = {
    "id": "string",
    "audio": {"bytes": "binary", "path": "string"},
    "text": "string",
    "phones": "string",
    "dialect": "string",
    "speaker": "string",
    "seconds": "float64",
    "licence": "string",
    "attribution": "string",
    "copy_of": "string",
    "phone_times": _TIER,
    "word_times": _TIER,
}


def make_schema() -> Any:
    """The columns, with the description that `datasets` takes their meaning from."""
    import pyarrow

    schema = pyarrow.schema([(name, _arrow(kind)) for name, kind in COLUMNS.items()])
    features = {name: _feature(kind) for name, kind in COLUMNS.items()}
    features["audio"] = {"sampling_rate": SAMPLE_RATE, "_type": "Audio"}
    described = json.dumps({"info": {"features": features}})
    return schema.with_metadata({"huggingface": described})


def _arrow(kind: Any) -> Any:
    import pyarrow

    if isinstance(kind, str):
        return getattr(pyarrow, kind)()
    if isinstance(kind, list):
        return pyarrow.list_(_arrow(kind[0]))
    return pyarrow.struct([(name, _arrow(inner)) for name, inner in kind.items()])


def _feature(kind: Any) -> Any:
    if isinstance(kind, str):
        return {"dtype": kind, "_type": "Value"}
    if isinstance(kind, list):
        return {"feature": _feature(kind[0]), "_type": "List"}
    return {name: _feature(inner) for name, inner in kind.items()}


class ParquetFile:
    """A Parquet file that rows are added to, one at a time."""

    def __init__(self, path: Path):
        from pyarrow import parquet

        self._schema = make_schema()
        self._writer = parquet.ParquetWriter(path, self._schema, compression="zstd")
        self._rows: list[dict[str, Any]] = []

    def add(self, cut: dict[str, Any], flac: bytes, licence: str, attribution: str) -> None:
        """One utterance, given as the cut that stands in the shard beside it."""
        (supervision,) = cut["supervisions"]
        times = supervision.get("alignment", {})
        row = {
            "id": cut["id"],
            "audio": {"bytes": flac, "path": f"{cut['id']}.flac"},
            "text": supervision["text"],
            "phones": supervision["custom"]["phones"],
            "dialect": supervision["language"],
            "speaker": supervision["speaker"],
            "seconds": cut["duration"],
            "licence": licence,
            "attribution": attribution,
            "copy_of": supervision["custom"].get("augmented", {}).get("of", ""),
        }
        for tier in ("phone", "word"):
            row[f"{tier}_times"] = [
                {"symbol": symbol, "start": start, "duration": duration}
                for symbol, start, duration, _ in times.get(tier, ())
            ]
        self._rows.append(row)
        if len(self._rows) == BATCH:
            self._flush()

    def _flush(self) -> None:
        import pyarrow

        if self._rows:
            self._writer.write_table(pyarrow.Table.from_pylist(self._rows, self._schema))
            self._rows = []

    def __enter__(self) -> "ParquetFile":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._flush()
        self._writer.close()
