"""Sound as it is made: chunks without gaps, from text that is still being written."""

import threading
import time
from dataclasses import replace

import numpy as np
import pytest
import torch

from diamoe.errors import EmptyText, TextError, UnknownVoice
from diamoe.synthesis.making import AHEAD_FRAMES, HEAD_FRAMES, Made
from diamoe.synthesis.pieces import cut, word_units
from diamoe.synthesis.request import stream_pieces
from diamoe.synthesis.speech import Seams
from diamoe.synthesis.synthesizer import SynthesisOptions, Synthesizer
from diamoe.synthesis.task import Task
from diamoe.text.frontend import Frontend
from tests.factory import tiny_bundle

QUICK = SynthesisOptions(steps=2)
SLOW = replace(QUICK, speed=0.4)
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
    assert not first.final and len(first.wave) < first.sample_rate  # a second


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
    pieces = list(cut(units, "putonghua", 20))
    assert pieces[0].open_end and pieces[1].open_start and not pieces[-1].open_end
    assert sum((p.units for p in pieces), ()) == tuple(units)
    assert all(len(p.phones) <= 20 for p in pieces)


def first_parts(synthesizer: Synthesizer, options: SynthesisOptions) -> list[Made]:
    """What the first piece of a stream is made in."""
    piece = next(stream_pieces([Frontend("putonghua").script(TEXT)], options))
    task = Task(piece, None, options, soon=True)
    return [made for _, made in synthesizer.in_turn([task])]


def test_the_head_of_a_stream_is_made_before_the_rest_and_is_kept(synthesizer):
    head, rest = first_parts(synthesizer, SLOW)
    assert head.begin == 0 and HEAD_FRAMES <= head.end == rest.begin and not head.last
    assert rest.last and rest.end == len(rest.mel) == int(rest.durations.sum())
    assert torch.equal(rest.mel[: len(head.mel)], head.mel)
    ends = head.durations.cumsum(0).tolist()
    assert head.end in ends and len(head.mel) == head.end + AHEAD_FRAMES


def test_the_rest_goes_on_where_the_head_ends_in_the_same_phase(synthesizer):
    """What the head has of the rest's first frame is what the rest has there, or nearly."""
    head, rest = first_parts(synthesizer, SLOW)
    piece = next(stream_pieces([Frontend("putonghua").script(TEXT)], SLOW))
    hop = synthesizer.bundle.mel.hop
    before = synthesizer.renderer.sound(piece, head, None, SLOW)[-hop:]
    after = synthesizer.renderer.sound(piece, rest, None, SLOW)[:hop]
    assert np.corrcoef(before, after)[0, 1] > 0.9


def test_what_is_changed_or_checked_as_a_whole_is_made_in_one_go(synthesizer):
    for options in (replace(SLOW, verify=1), replace(SLOW, pitch=2.0)):
        (made,) = first_parts(synthesizer, options)
        assert made.begin == 0 and made.last
