"""Pieces of requests: cut for the ear, joined again where many wait."""

import threading
from collections import deque
from dataclasses import replace

import pytest

from diamoe.server.speaking import CROWD_SECONDS, Speaker, read, take
from diamoe.synthesis.options import SynthesisOptions
from diamoe.synthesis.pieces import STREAM_SECONDS, Piece, cut, word_units
from diamoe.synthesis.request import frontend, longest
from tests.server.conftest import running

TEXT = "今天天气好，我们去公园走走。明天早上八点半在火车站见面，不要迟到。"


def test_who_is_alone_hears_the_head_of_a_piece_first():
    asks = deque(read(TEXT, "putonghua"))
    first, *rest = asks
    assert rest
    assert take(asks, crowded=False) == replace(first, soon=True) and list(asks) == rest
    assert take(asks, crowded=False) == rest[0]
    assert len(first.piece.phones) <= longest(STREAM_SECONDS, first.options)


def test_a_crowd_is_spoken_in_longer_pieces():
    asks = deque(read(TEXT, "putonghua"))
    short, options = [ask.piece for ask in asks], asks[0].options
    pieces = []
    while asks:
        pieces.append(take(asks, crowded=True).piece)
    assert len(pieces) < len(short)
    assert sum((p.units for p in pieces), ()) == sum((p.units for p in short), ())
    assert pieces[0].open_start == short[0].open_start
    assert pieces[-1].open_end == short[-1].open_end
    assert max(len(p.phones) for p in pieces) <= longest(CROWD_SECONDS, options)


def test_pieces_that_were_cut_are_joined_as_they_were():
    units = word_units(frontend("chengdu").words(TEXT))
    whole = Piece(tuple(units), "chengdu")
    joined = None
    for piece in cut(units, "chengdu", 20):
        joined = piece if joined is None else joined.followed_by(piece)
    assert joined == whole
    assert list(joined.word_spans()) == list(whole.word_spans())


@pytest.mark.parametrize(
    "other", [{"dialect": "xian"}, {"rate": 1.5}, {"units": (), "pause": 0.5}], ids=str
)
def test_what_differs_is_not_joined(other):
    piece = Piece(tuple(word_units(frontend("chengdu").words("你好。"))), "chengdu")
    assert piece.followed_by(piece) is not None
    assert piece.followed_by(replace(piece, **other)) is None


def test_sounds_are_handed_out_before_all_are_made(synthesizer):
    """Those of about one length at once, the shortest first."""
    speaker = Speaker(synthesizer)
    asks = [read(text, "putonghua")[0] for text in ("好。", TEXT.replace("，", ""))]
    wanted = {0, 1}
    sounds = speaker.speak(asks, wanted.__contains__)
    place, sound = next(sounds)
    assert place == 0 and sound.seconds > 0
    wanted.clear()
    assert list(sounds) == []  # the other is not made any more


def test_the_head_is_handed_out_before_the_rest_of_its_piece(synthesizer):
    slow = SynthesisOptions(steps=2, speed=0.4)
    ask = replace(read(TEXT, "putonghua", options=slow)[0], soon=True)
    sounds = list(Speaker(synthesizer).speak([ask], lambda place: True))
    track = Speaker(synthesizer).track()
    head, rest = (track.place(sound) for place, sound in sounds if place == 0)
    assert len(head.wave) == len(head.mel) * 256 and len(rest.wave) == len(rest.mel) * 256
    phones = [*head.phones, *rest.phones]
    assert all(a.end == pytest.approx(b.start) for a, b in zip(phones, phones[1:], strict=False))
    assert "".join(word.text for word in (*head.words, *rest.words)) == "今天天气好"


def test_it_is_the_first_worker_that_speaks_alone(synthesizer, monkeypatch):
    """A second one that had all cores, too, would have kept helpers, and slowed the first down."""
    speak, names = Speaker.speak, []

    def noted(self, *rest):
        names.append(threading.current_thread().name)
        return speak(self, *rest)

    monkeypatch.setattr(Speaker, "speak", noted)
    with running(synthesizer, workers=3) as server:
        assert all(server.alive() for _ in range(6))
    assert len(names) > 6 and set(names) == {"speaker 0"}
