"""A folder of results: utterances.parquet, utterances.csv, summary.json."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from diamoe.evaluation.metric import Row


def write_results(folder: Path, rows: Sequence[Row], summary: dict[str, Any]) -> None:
    """Write rows (every column in each file, empty where a row lacks it) and summary."""
    import pyarrow
    import pyarrow.parquet

    folder.mkdir(parents=True, exist_ok=True)
    columns = list(dict.fromkeys(name for row in rows for name in row))
    full = [{name: row.get(name) for name in columns} for row in rows]
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(full), folder / "utterances.parquet")
    with (folder / "utterances.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(full)
    text = json.dumps(summary, ensure_ascii=False, indent=1)
    (folder / "summary.json").write_text(text, encoding="utf-8")


def read_results(folder: str | Path) -> tuple[list[Row], dict[str, Any]]:
    """What `write_results` wrote.

    Raises:
        CorpusError: the folder holds no results.
    """
    import pyarrow.parquet

    from diamoe.errors import CorpusError

    folder = Path(folder)
    try:
        summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        rows = pyarrow.parquet.read_table(folder / "utterances.parquet").to_pylist()
    except (OSError, ValueError) as error:
        raise CorpusError(f"{folder}: no results of diamoe.evaluate ({error})") from error
    return rows, summary
