"""`python -m corpus_tools STAGE key=value ...`: build corpora."""

import sys
from collections.abc import Sequence

from diamoe.errors import DiamoeError
from diamoe.extras import extra

with extra("corpus", "python -m corpus_tools"):
    from corpus_tools.stages import STAGES, read_settings, run_stage, stage_help

HELP = """usage: python -m corpus_tools STAGE [key=value ...]

Build corpora for training: each becomes a folder in Lhotse Shar form.

stages
{stages}

python -m corpus_tools STAGE --help lists a stage's settings and their defaults.
example: python -m corpus_tools build corpus=nld_nathalie source=../shared/data out=corpora"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a stage; 0 if all went well, 2 if something in the input or the settings is wrong."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words or words[0] in ("-h", "--help", "help"):
        lines = [f"  {name:<10}{stage.purpose}" for name, stage in STAGES.items()]
        print(HELP.format(stages="\n".join(lines)))
        return 0
    name, *overrides = words
    try:
        if "-h" in overrides or "--help" in overrides:
            print(stage_help(name))
        else:
            run_stage(name, read_settings(name, overrides))
    except DiamoeError as error:
        print(f"corpus_tools: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
