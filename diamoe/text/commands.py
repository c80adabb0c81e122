"""The commands of `tts` that work on text alone: `ipa`, `dialects`, `lexicon`."""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from diamoe.errors import DiamoeError, TextError
from diamoe.text.dialect import add_dialect_directory, available_dialects, load_dialect
from diamoe.text.frontend import Frontend, Policy, Script
from diamoe.text.lexicon import Lexicon
from diamoe.text.user_lexicon import load_lexicon


def add_text_arguments(command: argparse.ArgumentParser) -> None:
    """The arguments that say which text is read, and how."""
    command.add_argument("text", nargs="?", help="the text; without it, --file or standard input")
    command.add_argument("--file", type=Path, help="read the text from a UTF-8 file")
    command.add_argument("--dialect", default="putonghua", help="dialect code (`tts dialects`)")
    command.add_argument(
        "--lexicon", type=Path, action="append", default=[], metavar="FILE",
        help="your own pronunciations: TSV, RIME .dict.yaml, .xlsx, or a folder of tables; "
        "may be given several times, the last wins",
    )  # fmt: skip
    command.add_argument(
        "--g2pw", type=Path, nargs=2, metavar=("MODEL", "TOKENIZER"),
        help="folders of a g2pW model and its BERT tokenizer, to read Mandarin polyphones",
    )  # fmt: skip
    command.add_argument("--strict", action="store_true", help="an emoji is an error")
    command.add_argument(
        "--skip-unreadable", action="store_true",
        help="leave out characters that cannot be read, and say which",
    )  # fmt: skip


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the text commands to the command line."""
    ipa = commands.add_parser("ipa", help="print the phones of text")
    add_text_arguments(ipa)
    ipa.add_argument("--explain", action="store_true", help="say what gave each syllable")
    ipa.add_argument("--compare", metavar="V,V,…", help="several dialects side by side")
    ipa.add_argument("--json", action="store_true", help="as JSON")
    ipa.add_argument(
        "-o",
        "--out",
        type=Path,
        help="with --file of ID TAB TEXT lines: write ID TAB TEXT TAB PHONES",
    )
    ipa.set_defaults(run=print_phones)

    dialects = commands.add_parser("dialects", help="list the dialects")
    dialects.add_argument("--json", action="store_true", help="as JSON")
    dialects.add_argument(
        "--all", action="store_true", help="also every language of espeak-ng and epitran"
    )
    dialects.set_defaults(run=print_dialects)

    dialect = commands.add_parser("dialect", help="work on a dialect's file")
    steps = dialect.add_subparsers(dest="action", required=True, metavar="ACTION")
    table = steps.add_parser("table", help="print a dialect's tones and syllables")
    table.add_argument("file", help="a dialect's YAML file or code")
    table.add_argument("--tsv", action="store_true", help="as TSV instead of Markdown")
    table.set_defaults(run=print_syllables)

    lexicon = commands.add_parser("lexicon", help="work with your own pronunciations")
    actions = lexicon.add_subparsers(dest="action", required=True, metavar="ACTION")
    check = actions.add_parser("check", help="list the rows of a lexicon that cannot be used")
    check.add_argument("file", type=Path, help="TSV, RIME .dict.yaml, .xlsx or a folder")
    check.add_argument("--dialect", default="putonghua", help="dialect code (`tts dialects`)")
    check.set_defaults(run=check_lexicon)


def read_text(arguments: argparse.Namespace) -> str:
    """The text from the argument, the file or standard input.

    Raises:
        DiamoeError: both an argument and a file, or a file that is not UTF-8 text.
    """
    if arguments.text is not None and arguments.file is not None:
        raise DiamoeError("give the text either as an argument or with --file, not both")
    if arguments.text is not None:
        return arguments.text
    source = str(arguments.file) if arguments.file else "standard input"
    try:
        data = arguments.file.read_bytes() if arguments.file else sys.stdin.buffer.read()
        return data.decode("utf-8-sig")
    except OSError as error:
        raise DiamoeError(f"cannot read {source}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise DiamoeError(f"{source} is not UTF-8 text (byte {error.start + 1})") from error


def build_frontend(arguments: argparse.Namespace, dialect: str | None = None) -> Frontend:
    """The front-end that the arguments ask for; bad rows of a lexicon are named on stderr."""
    code = dialect or arguments.dialect
    lexicons = []
    for path in arguments.lexicon:
        imported = load_lexicon(path, code)
        for fault in imported.faults:
            print(f"tts: {fault}", file=sys.stderr)
        lexicons.append(imported.lexicon)
    policy = Policy(not arguments.strict, arguments.skip_unreadable)
    polyphones = None
    if arguments.g2pw:
        from diamoe.text.g2pw import G2pw

        polyphones = G2pw(*arguments.g2pw)
    return Frontend(code, Lexicon.merged(lexicons), policy, polyphones)


def report_skipped(script: Script, where: str = "") -> None:
    """Name on standard error what was left out of a text."""
    for skipped in script.skipped:
        print(
            f"tts: {where}left out {skipped.character!r} ({skipped.name}) "
            f"at character {skipped.position + 1}",
            file=sys.stderr,
        )


def print_phones(arguments: argparse.Namespace) -> None:
    """`tts ipa`."""
    if arguments.out is not None:
        write_phones(arguments)
        return
    text = read_text(arguments)
    codes = arguments.compare.split(",") if arguments.compare else [arguments.dialect]
    scripts = {}
    for code in codes:
        scripts[code] = build_frontend(arguments, code.strip()).script(text)
        report_skipped(scripts[code])
    words = {code: script.words for code, script in scripts.items()}
    if arguments.json or arguments.explain:
        from diamoe.text.explain import as_json, explain
    if arguments.json:
        found = {code: as_json(own) for code, own in words.items()}
        result = found if arguments.compare else found[codes[0]]
        print(json.dumps(result, ensure_ascii=False, indent=1))
    elif arguments.explain:
        print("\n\n".join(f"{code}\n{explain(own)}" for code, own in words.items()))
    elif arguments.compare:
        from diamoe.text.explain import compare

        print(compare(words))
    else:
        print("\n".join(str(u.phones) for u in scripts[codes[0]].utterances if u.words))


def write_phones(arguments: argparse.Namespace) -> None:
    """`tts ipa --file IN.tsv -o OUT.tsv`: line by line, in order; bad lines are named.

    Raises:
        DiamoeError: there is no input file, or some lines could not be read.
    """
    if arguments.file is None:
        raise DiamoeError("-o needs --file IN.tsv with lines of ID TAB TEXT")
    frontend = build_frontend(arguments)
    good = bad = skipped = 0
    from tqdm import tqdm

    with open(arguments.out, "w", encoding="utf-8") as out:
        lines = tqdm(_lines(arguments.file), unit=" lines", disable=None)
        for number, line in lines:
            try:
                name, text = _split(line)
                script = frontend.script(text)
            except TextError as error:
                print(f"tts: {arguments.file}:{number}: {error}", file=sys.stderr)
                bad += 1
                continue
            report_skipped(script, f"{arguments.file}:{number}: ")
            skipped += len(script.skipped)
            phones = " | ".join(str(u.phones) for u in script.utterances if u.words)
            out.write(f"{name}\t{text}\t{phones}\n")
            good += 1
    found = f"{arguments.out}: {good} lines written, {skipped} characters left out of them"
    if bad:
        raise DiamoeError(f"{found}, {bad} lines left out (named above)")
    print(found, file=sys.stderr)


def _split(line: str) -> tuple[str, str]:
    name, tab, text = line.partition("\t")
    if not tab:
        found = "spaces instead of a tab" if " " in line else "no tab"
        raise TextError(f"expected ID TAB TEXT, found {found} in {line[:60]!r}")
    if "\t" in text:
        raise TextError(f"expected ID TAB TEXT, found {line.count(chr(9))} tabs in {line[:60]!r}")
    return name, text


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with open(path, encoding="utf-8-sig", newline=None) as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield number, line.rstrip("\n")
    except OSError as error:
        raise DiamoeError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise DiamoeError(f"{path} is not UTF-8 text: {error.reason}") from error


def print_dialects(arguments: argparse.Namespace) -> None:
    """`tts dialects`."""
    codes = list(available_dialects())
    if arguments.all:
        from diamoe.text.generic import generic_codes

        codes += generic_codes()
        if not any(code.startswith("epitran:") for code in codes):
            print("languages of epitran: pip install 'diamoe[epitran]'", file=sys.stderr)
    dialects = [load_dialect(code) for code in codes]
    if arguments.json:
        rows = [{"code": d.code, "name": d.name, "name_zh": d.name_zh} for d in dialects]
        print(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        for dialect in dialects:
            tones = " ".join(tone.contour for tone in dialect.tones)
            print(f"{dialect.code:14}{dialect.name:14}{dialect.name_zh}\t{tones}")


def print_syllables(arguments: argparse.Namespace) -> None:
    """`tts dialect table`."""
    from diamoe.text.syllable_table import as_markdown, as_tsv, syllable_table

    code = arguments.file
    if code.endswith(".yaml"):
        file = Path(code)
        if not file.is_file():
            raise DiamoeError(f"{file}: there is no such file")
        add_dialect_directory(file.resolve().parent)
        code = file.stem
    table = syllable_table(code)
    print(as_tsv(table) if arguments.tsv else as_markdown(table))


def check_lexicon(arguments: argparse.Namespace) -> None:
    """`tts lexicon check`.

    Raises:
        DiamoeError: some rows cannot be used; each is named before.
    """
    imported = load_lexicon(arguments.file, arguments.dialect)
    for fault in (*imported.faults, *imported.notes):
        print(fault)
    found = f"{len(imported.lexicon)} entries, {len(imported.lexicon.phones)} syllables"
    if imported.faults:
        raise DiamoeError(f"{arguments.file}: {found}; {len(imported.faults)} rows left out")
    mended = f"{len(imported.notes)} rows mended" if imported.notes else "nothing wrong"
    print(f"{arguments.file}: {found}, {mended}")
