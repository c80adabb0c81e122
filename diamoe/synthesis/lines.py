"""Many texts to many files, or to one: in batches, in parallel, taken up again where it broke."""

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from tqdm import tqdm

from diamoe.errors import ConfigError, DiamoeError, TextError
from diamoe.synthesis.commands import options_of, style_of, synthesizer_of
from diamoe.synthesis.speech import Speech
from diamoe.synthesis.synthesizer import Request, Synthesizer
from diamoe.synthesis.writing import write_sound
from diamoe.text.commands import build_frontend, read_text

TOGETHER = 16
"""Texts that go through the model together."""
_ID = re.compile(r"[\w.-]{1,80}")


@dataclass(frozen=True)
class Row:
    """One text and the file it becomes."""

    id: str
    text: str


def parse_rows(source: str) -> list[Row]:
    """`TEXT` or `ID TAB TEXT`, one a line; without an id the line's number is the name.

    >>> parse_rows("你好。\\n\\nb\\t再见。")
    [Row(id='0001', text='你好。'), Row(id='b', text='再见。')]

    Raises:
        ConfigError: an id is no file name, or stands twice; no line at all.
    """
    rows: list[Row] = []
    for number, line in enumerate(source.splitlines(), start=1):
        if not line.strip():
            continue
        id, tab, text = line.partition("\t")
        row = Row(id.strip(), text) if tab else Row(f"{number:04}", line)
        if not _ID.fullmatch(row.id) or row.id.startswith("."):
            raise ConfigError(f"line {number}: {row.id!r} is no file name (letters, digits, . - _)")
        rows.append(row)
    ids = [row.id for row in rows]
    twice = sorted({i for i in ids if ids.count(i) > 1}) if len(set(ids)) < len(ids) else []
    if twice or not rows:
        raise ConfigError(f"the id {twice[0]!r} stands twice" if twice else "no line to speak")
    return rows


def speak_lines(arguments: argparse.Namespace) -> None:
    """`tts synthesize --lines`.

    Raises:
        DiamoeError: some lines could not be spoken; the others are there.
    """
    rows, out = parse_rows(read_text(arguments)), Path(arguments.out)
    options_of(arguments)  # wrong ones are said before any work
    if arguments.jobs < 1:
        raise ConfigError(f"--jobs must be 1 or more, found {arguments.jobs}")
    if not out.suffix:
        return _speak_into(rows, out, arguments)
    with TemporaryDirectory() as folder:
        arguments.format = "wav"
        _speak_into(rows, Path(folder), arguments)
        _join([Path(folder) / f"{row.id}.wav" for row in rows], out)


def _join(files: Sequence[Path], out: Path, gap: float = 0.4) -> None:
    import numpy as np

    from diamoe.audio.files import read_audio

    waves, rate = [], 0
    for file in files:
        wave, rate = read_audio(file)
        waves += [wave, np.zeros(round(gap * rate), np.float32)]
    write_sound(out, np.concatenate(waves[:-1]), rate)
    print(f"{out}: {sum(map(len, waves)) / rate:.2f} s", file=sys.stderr)


def _speak_into(rows: Sequence[Row], folder: Path, arguments: argparse.Namespace) -> None:
    left = [row for row in rows if not (folder / f"{row.id}.{arguments.format}").is_file()]
    if len(left) < len(rows):
        print(f"{len(rows) - len(left)} of {len(rows)} are there already", file=sys.stderr)
    ordered = sorted(left, key=lambda row: len(row.text))
    groups = [ordered[i : i + TOGETHER] for i in range(0, len(ordered), TOGETHER)]
    faults: list[str] = []
    with tqdm(total=len(left), unit="text", disable=not left) as bar:
        for group, wrong in zip(groups, _results(groups, folder, arguments), strict=True):
            faults += wrong
            bar.update(len(group))
    for fault in sorted(faults):
        print(f"tts: {fault}", file=sys.stderr)
    if faults:
        raise DiamoeError(f"{len(faults)} of {len(rows)} lines could not be spoken")


def _results(
    groups: Sequence[list[Row]], folder: Path, arguments: argparse.Namespace
) -> Iterator[list[str]]:
    if arguments.jobs == 1 or len(groups) < 2:
        worker = Worker(folder, arguments)
        with worker.opened:
            yield from map(worker, groups)
        return
    with ProcessPoolExecutor(
        arguments.jobs, get_context("spawn"), _start, (folder, arguments)
    ) as pool:
        yield from pool.map(_work, groups)


class Worker:
    """Speaks groups of rows into a folder."""

    def __init__(self, folder: Path, arguments: argparse.Namespace):
        self.folder, self.format, self.voice = folder, arguments.format, arguments.voice
        self.opened = ExitStack()  # an adapter speaks as long as the worker lives
        self.synthesizer: Synthesizer = self.opened.enter_context(synthesizer_of(arguments))
        self.options = style_of(arguments, self.synthesizer)
        self.frontend = build_frontend(arguments)

    def __call__(self, rows: Sequence[Row]) -> list[str]:
        """Write a file a row; returns what is wrong with rows that cannot be spoken."""
        faults, fine, asked = [], [], []
        for row in rows:
            try:
                script = self.frontend.script(row.text)
            except TextError as error:
                faults.append(f"{row.id}: {error}")
                continue
            fine.append(row)
            asked.append(Request(script, voice=self.voice, options=self.options))
        speeches: list[Speech] = self.synthesizer.batch(asked) if asked else []
        for row, speech in zip(fine, speeches, strict=True):
            file = self.folder / f"{row.id}.{self.format}"
            write_sound(file, speech.wave, speech.sample_rate)
        return faults


_worker: list[Worker] = []


def _start(folder: Path, arguments: argparse.Namespace) -> None:
    import torch

    torch.set_num_threads(1)  # processes side by side, not threads
    _worker.append(Worker(folder, arguments))


def _work(rows: Sequence[Row]) -> list[str]:
    return _worker[0](rows)
