"""Sound as it is made: chunks without gaps, from text that is still being written."""

import threading
import time

import numpy as np
import pytest

from diamoe.errors import EmptyText, TextError, UnknownVoice
from diamoe.synthesis.pieces import cut, phone_pieces, word_units
from diamoe.synthesis.request import stream_pieces
from diamoe.synthesis.speech import Seams
from diamoe.synthesis.synthesizer import SynthesisOptions, Synthesizer
from diamoe.synthesis.task import FIRST_STEPS, Task, sooner
from diamoe.text.frontend import Frontend
from diamoe.text.phones import PhoneSeq
from tests.factory import tiny_bundle

QUICK = SynthesisOptions(steps=2)
PHONES = PhoneSeq.parse("n ˈiᴹᴸ 。", "putonghua")
TEXT = "今天天气很好，我们出去走走。明天也去，后天不去，因为要下雨。" * 3


@pytest.fixture(scope="module")
def synthesizer(tmp_path_factory):
    return Synthesizer.from_bundle(tiny_bundle(tmp_path_factory.mktemp("bundle") / "tiny"))


def test_chunks_follow_one_another_and_times_count_from_the_beginning(synthesizer):
    chunks = list(synthesizer.stream(TEXT, options=QUICK))
    assert len(chunks) > 4 and [c.final for c in chunks].index(True) == len(chunks) - 1
    start = 0.0
    for chunk in chunks:
        assert chunk.start == pytest.approx(start)
        start += len(chunk.wave) / chunk.sample_rate
    times = [t for c in chunks for t in c.timing]
    assert times[0].start == 0 and times[-1].end == pytest.approx(chunks[-1].start)
    assert all(a.end == pytest.approx(b.start) for a, b in zip(times, times[1:], strict=False))
    assert "".join(w.text for c in chunks for w in c.words) == TEXT.replace("，", "").replace(
        "。", ""
    )


def test_the_first_chunk_is_short(synthesizer):
    first = next(
        iter(synthesizer.stream("我们今天早上一起去公园里散步还看见了很多花", options=QUICK))
    )
    assert len(first.timing) <= 24


def test_text_may_still_be_being_written(synthesizer):
    """Sound comes before the text has ended."""
    heard = threading.Event()

    def words():
        yield from ("今天", "天气很好，", "我们出去走走。")
        assert heard.wait(20), "no sound before the text's end"
        yield "好吗？"

    texts = []
    for chunk in synthesizer.stream(words(), options=QUICK):
        texts += [w.text for w in chunk.words]
        heard.set()
    assert "".join(texts) == "今天天气很好我们出去走走好吗"


def test_an_error_of_the_writer_reaches_the_listener(synthesizer):
    def words():
        yield "你好。"
        raise RuntimeError("no more")

    with pytest.raises(RuntimeError, match="no more"):
        list(synthesizer.stream(words(), options=QUICK))


def test_nothing_to_say_and_unknown_voices_are_errors_at_once(synthesizer):
    with pytest.raises(UnknownVoice):
        synthesizer.stream("你好", voice="bob")
    with pytest.raises(EmptyText):
        synthesizer.stream("。。。")
    with pytest.raises(EmptyText):
        list(synthesizer.stream(iter(["。", "，"])))


def test_cancelling_ends_the_stream_at_once(synthesizer):
    """While the solver works, and while it waits for text."""
    slow = SynthesisOptions(steps=256)
    for text in (TEXT, (word for word in iter(lambda: time.sleep(0.2) or "", "x"))):
        cancel, moment = threading.Event(), [0.0]
        timer = threading.Timer(
            0.3, lambda c=cancel, m=moment: (c.set(), m.append(time.monotonic()))
        )
        timer.start()
        chunks = list(synthesizer.stream(text, options=slow, cancel=cancel))
        assert cancel.is_set() and time.monotonic() - moment[-1] < 0.25  # a loaded machine's 50 ms
        assert not any(c.final for c in chunks)


def test_seams_fade_one_piece_into_the_next():
    """Two pieces of the same steady tone join without a dip, a bump or a jump."""
    tone = np.ones(100, np.float32)
    seams = Seams(10)
    whole = np.concatenate([seams.join(tone), seams.join(tone), seams.end()])
    assert np.allclose(whole[:180], 1) and len(whole) == 190
    assert np.abs(np.diff(whole)).max() < 0.12


def test_the_energy_at_a_seam_is_bounded():
    """Of steady sounds it is at most the mean of what both pieces have there, at least 4.8 dB
    below it, and 1.8 dB below where they have nothing in common."""
    random, departures = np.random.default_rng(0), []
    for correlation in (-1.0, 0.0, 1.0):
        for louder in (0.1, 1.0, 3.0):
            first = random.normal(size=2048).astype(np.float32)
            other = random.normal(size=2048).astype(np.float32)
            second = np.roll(first, -1024) if correlation else other
            second = louder * (np.sign(correlation) or 1) * second
            seams = Seams(256)
            seams.join(first[:1280])  # its last 256 samples fade into the next
            seam = seams.join(second[:1280])[:256]
            if correlation:
                assert np.allclose(np.abs(second[:256]), louder * np.abs(first[1024:1280]))
            mean = (np.square(first[1024:1280]).mean() + np.square(second[:256]).mean()) / 2
            departures.append(10 * np.log10(np.square(seam).mean() / mean))
    assert min(departures) > -5.2 and max(departures) < 0.4  # of 256 random samples
    assert departures[4] == pytest.approx(-1.8, abs=0.7)


def test_a_very_long_text_is_streamed_at_once_and_refused_as_a_whole(synthesizer):
    """A megabyte: the first sound does not wait for all of it to be read."""
    long = TEXT * (1_000_000 // len(TEXT.encode()))
    assert len(long.encode()) > 900_000
    began = time.monotonic()
    chunks = synthesizer.stream(long, options=QUICK)
    first = [next(chunks) for _ in range(3)]
    assert time.monotonic() - began < 10 and "".join(
        w.text for c in first for w in c.words
    ).startswith("今天天气很好")
    chunks.close()
    with pytest.raises(TextError, match="at most 100000"):
        synthesizer(long, options=QUICK)


def test_a_clause_without_marks_is_cut_between_words():
    units = word_units(Frontend("putonghua").words("我们今天早上一起去公园里散步还看见了很多花。"))
    pieces = list(cut(units, "putonghua", 20, 14))
    assert pieces[0].open_end and pieces[1].open_start and not pieces[-1].open_end
    assert sum((p.units for p in pieces), ()) == tuple(units)
    assert all(len(p.phones) <= 20 for p in pieces)


def test_the_first_piece_takes_fewer_steps_unless_they_are_asked_for(synthesizer):
    def steps(options: SynthesisOptions) -> list[int | None]:
        pieces = stream_pieces([Frontend("putonghua").script(TEXT)], options)
        tasks = [Task(piece, None, options, i) for i, piece in enumerate(pieces)]
        return [task.options.steps for task in sooner(tasks, usual=8)]

    first, *others = steps(SynthesisOptions())
    assert first == FIRST_STEPS and set(others) == {None}
    assert set(steps(SynthesisOptions(steps=7))) == {7}
    few = [Task(next(phone_pieces(PHONES, 9)), None, SynthesisOptions())]
    assert next(sooner(few, usual=4)).options.steps is None
