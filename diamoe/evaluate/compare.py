"""Several systems or checkpoints side by side, with paired significance.

`python -m diamoe.evaluate.compare FOLDER FOLDER ... --out FOLDER` reads folders that
`python -m diamoe.evaluate` wrote and writes compare.html and compare.json.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from diamoe.errors import DiamoeError


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, compare, write, print."""
    from diamoe.evaluation.comparison import compare_systems, read_systems
    from diamoe.evaluation.comparison_page import lines, write_comparison

    parser = argparse.ArgumentParser(prog="diamoe.evaluate.compare", description=__doc__)
    parser.add_argument("results", nargs="+", type=Path, help="folders of diamoe.evaluate")
    parser.add_argument("--out", type=Path, default=Path("runs/compare"), help="folder to write")
    parser.add_argument("--seed", type=int, default=0, help="of the bootstrap")
    options = parser.parse_args(arguments)
    try:
        report = compare_systems(read_systems(options.results), options.seed)
    except DiamoeError as error:
        print(f"diamoe.evaluate.compare: {error}", file=sys.stderr)
        return 1
    page = write_comparison(options.out, report)
    print("\n".join([*lines(report), str(page)]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
