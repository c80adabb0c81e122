"""`tts listen`: pages for listening tests, and the count of what listeners answered."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any


def add_listen_command(commands: Any) -> None:
    """Add `listen` to the subcommands of `tts`."""
    command = commands.add_parser(
        "listen",
        help="make a page on which people rate or compare speech, and count their answers",
        description="A page of one folder, without a server: it keeps answers in the browser and "
        "saves them as CSV.",
    )
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    for kind, text in (("ab", "which of two systems is better"), ("mos", "a mark from 1 to 5")):
        make = actions.add_parser(kind, help=text)
        make.add_argument(
            "systems", nargs="+", type=Path,
            help="folders of diamoe.evaluate, or of sound files (then with --set)",
        )  # fmt: skip
        make.add_argument("-o", "--out", type=Path, required=True, help="folder of the page")
        make.add_argument("--set", help="what is said in folders of sound: xian@1, or a table")
        make.add_argument("--dialect", default="", help="dialect of texts that name none")
        make.add_argument("--limit", type=int, default=20, help="texts, drawn by the seed; 0: all")
        make.add_argument("--seed", type=int, default=0, help="of texts, order and sides")
        make.add_argument("--question", default="", help="what is asked (how natural it sounds)")
        make.set_defaults(run=make_page, kind=kind)
    score = actions.add_parser("score", help="count the answers")
    score.add_argument("key", type=Path, help="FOLDER.key.json, written beside the page's folder")
    score.add_argument("answers", nargs="+", type=Path, help="files that listeners saved")
    score.add_argument("--json", action="store_true", help="as JSON")
    score.set_defaults(run=print_scores)


def make_page(arguments: argparse.Namespace) -> None:
    """`tts listen ab` and `tts listen mos`."""
    from diamoe.evaluation.items import read_items
    from diamoe.evaluation.testset import is_set_name, read_set
    from diamoe.listening.candidates import common_ids, read_system
    from diamoe.listening.study import make_study, write_study

    name = arguments.set
    read = read_set if name and is_set_name(name) else read_items
    items = read(name, arguments.dialect) if name else []
    systems = [read_system(folder, items) for folder in arguments.systems]
    ids, missing = common_ids(systems, arguments.limit, arguments.seed)
    if missing:
        print(f"not in every folder, left out: {', '.join(missing)}", file=sys.stderr)
    made = make_study(arguments.kind, systems, ids, arguments.seed, arguments.question)
    page, key = write_study(arguments.out, *made)
    print(f"{page}: {len(made[0].trials)} trials; the key, which listeners must not see: {key}")


def print_scores(arguments: argparse.Namespace) -> None:
    """`tts listen score`."""
    from diamoe.listening.scores import lines, read_answers, summarise
    from diamoe.listening.study import read_key

    key = read_key(arguments.key)
    report = summarise(read_answers(arguments.answers, key), key)
    if arguments.json:
        print(json.dumps(report, ensure_ascii=False, indent=1))
    else:
        print("\n".join(lines(report)))
