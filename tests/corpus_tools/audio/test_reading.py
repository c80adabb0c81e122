"""Decoding files of every kind, and refusing by name those that are none."""

import io
from pathlib import Path

import numpy as np
import pytest
import soundfile

from corpus_tools.audio.reading import SAMPLE_RATE, content_hash, read_sound
from corpus_tools.rejection import Rejected
from diamoe.audio.decode import decode


def tone(seconds: float = 1.5, rate: int = 24_000, pitch: float = 300.0) -> np.ndarray:
    time = np.arange(round(seconds * rate)) / rate
    return (0.3 * np.sin(2 * np.pi * pitch * time)).astype(np.float32)


def write_m4a(path: Path, wave: np.ndarray, rate: int) -> None:
    import av

    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=rate, layout="mono")
        frame = av.AudioFrame.from_ndarray(wave[None], format="fltp", layout="mono")
        frame.rate = rate
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)


def encode(format: str, subtype: str | None = None, seconds: float = 1.5, rate=24_000) -> bytes:
    buffer = io.BytesIO()
    samples = np.round(tone(seconds, rate) * 32767).astype(np.int16)
    soundfile.write(buffer, samples, rate, subtype, format=format)
    return buffer.getvalue()


def refusal(source: Path | bytes, **options) -> Rejected:
    with pytest.raises(Rejected) as error:
        read_sound(source, where="a.xyz", **options)
    assert "a.xyz" in error.value.detail and "\n" not in error.value.detail
    return error.value


@pytest.mark.parametrize(
    ("name", "subtype", "rate", "channels"),
    [
        ("a.wav", "PCM_16", 8_000, 1),
        ("a.wav", "PCM_U8", 11_025, 1),
        ("a.wav", "PCM_24", 96_000, 2),
        ("a.wav", "FLOAT", 44_100, 2),
        ("a.wav", "ULAW", 8_000, 1),
        ("a.flac", "PCM_16", 48_000, 1),
        ("a.ogg", "VORBIS", 32_000, 2),
        ("a.opus", "OPUS", 16_000, 1),
        ("a.mp3", "MPEG_LAYER_III", 22_050, 1),
        ("a.mp3", "MPEG_LAYER_III", 44_100, 2),
    ],
)
def test_formats(tmp_path: Path, name: str, subtype: str, rate: int, channels: int):
    wave = np.stack([tone(1.5, rate)] * channels, axis=1)
    format = "OGG" if name.endswith(("ogg", "opus")) else None
    soundfile.write(tmp_path / name, wave, rate, subtype, format=format)
    for source in (tmp_path / name, (tmp_path / name).read_bytes()):
        sound = read_sound(source)
        assert sound.channels == channels
        assert sound.seconds == pytest.approx(1.5, abs=0.06)
        middle = sound.wave[6000:-6000]
        assert np.sqrt((middle**2).mean()) == pytest.approx(0.3 / np.sqrt(2), rel=0.05)
        spectrum = np.abs(np.fft.rfft(middle))
        assert spectrum.argmax() * SAMPLE_RATE / len(middle) == pytest.approx(300, abs=3)


def test_m4a(tmp_path: Path):
    write_m4a(tmp_path / "a.m4a", tone(rate=44_100), 44_100)
    sound = read_sound(tmp_path / "a.m4a")
    assert sound.sample_rate == 44_100
    assert sound.seconds == pytest.approx(1.5, abs=0.06)
    part = read_sound(tmp_path / "a.m4a", start=0.5, end=1.0)
    assert part.seconds == pytest.approx(0.5, abs=0.03)
    data = (tmp_path / "a.m4a").read_bytes()
    assert refusal(data[: len(data) // 2]).kind in ("unreadable", "truncated")


def test_opposite_channels_are_mixed_not_chosen(tmp_path: Path):
    wave = tone()
    soundfile.write(tmp_path / "a.wav", np.stack([wave, np.zeros_like(wave)], 1), 24_000)
    assert np.abs(read_sound(tmp_path / "a.wav").wave).max() == pytest.approx(0.15, abs=0.01)


def test_parts_of_recordings(tmp_path: Path):
    wave = np.concatenate([tone(1.0), tone(1.0, pitch=900.0)])
    soundfile.write(tmp_path / "a.flac", wave, 24_000)
    part = read_sound(tmp_path / "a.flac", start=1.0, end=1.5)
    assert len(part.wave) == 12_000
    assert np.allclose(part.wave, wave[24_000:36_000], atol=1e-4)
    for start, end in ((1.0, 2.5), (1.0, 0.5), (3.0, 4.0)):
        assert refusal(tmp_path / "a.flac", start=start, end=end).kind == "bad part"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html><body>404", "not audio"),
        (b"  <html>not found</html>", "not audio"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "not audio"),
        (b"404: Not Found", "not audio"),
        (bytes(range(256)) * 20, "unreadable"),
        (b"RIFF\x00\x00\x00\x00WAVE", "unreadable"),
        (b"OggS" + bytes(200), "unreadable"),
        (b"ID3\x04\x00\x00\x00\x00\x00\x00" + bytes(300), "unreadable"),
    ],
)
def test_files_that_are_no_sound(content: bytes, kind: str):
    assert refusal(content).kind == kind


def test_wav_without_samples():
    assert refusal(encode("WAV", seconds=0)).kind == "empty"


def test_missing_file(tmp_path: Path):
    assert refusal(tmp_path / "nothing.wav").kind == "missing audio"


@pytest.mark.parametrize(
    ("format", "subtype"),
    [("WAV", None), ("OGG", "VORBIS"), ("OGG", "OPUS"), ("MP3", None), ("FLAC", None)],
)
def test_truncated_files(format: str, subtype: str | None):
    whole = encode(format, subtype, seconds=4.0)
    read_sound(whole)
    for share in (0.35, 0.6, 0.93):
        found = refusal(whole[: round(share * len(whole))])
        assert found.kind in ("truncated", "unreadable"), share
    assert found.kind == "truncated" or format == "FLAC"


def test_streamed_wav_has_no_length():
    whole = bytearray(encode("WAV"))
    place = whole.find(b"data")
    whole[place + 4 : place + 8] = b"\xff\xff\xff\xff"
    assert read_sound(bytes(whole)).seconds == pytest.approx(1.5)


def test_long_recordings_are_refused_unread(tmp_path: Path):
    path = tmp_path / "a.wav"
    with soundfile.SoundFile(path, "w", 8_000, 1) as file:
        for _ in range(180):
            file.write(np.zeros(8_000 * 60, np.int16))
    assert "10800.0 s" in refusal(path, longest=60.0).detail
    assert read_sound(path, longest=60.0, start=9000.0, end=9010.0).seconds == 10.0


def test_same_sound_same_hash():
    wav, flac = read_sound(encode("WAV")), read_sound(encode("FLAC", "PCM_16"))
    assert wav.content == flac.content == content_hash(wav.wave)
    assert read_sound(encode("WAV", seconds=1.6)).content != wav.content


def test_samples_that_are_no_numbers():
    buffer = io.BytesIO()
    soundfile.write(buffer, np.full(24_000, np.nan, np.float32), 24_000, "FLOAT", format="WAV")
    assert refusal(buffer.getvalue()).kind == "unreadable"


def test_random_cuts_and_flips_never_raise_anything_else():
    rng = np.random.default_rng(0)
    for format, subtype in (("WAV", None), ("OGG", "OPUS"), ("MP3", None), ("FLAC", None)):
        whole = encode(format, subtype, seconds=0.7)
        for _ in range(25):
            data = bytearray(whole[: int(rng.integers(1, len(whole) + 1))])
            for place in rng.integers(0, len(data), 3):
                data[place] = int(rng.integers(0, 256))
            try:
                read_sound(bytes(data), longest=30.0)
            except Rejected:
                continue


def test_decode_names_the_file(tmp_path: Path):
    path = tmp_path / "b.flac"
    path.write_bytes(encode("FLAC"))
    assert decode(path).samples.shape == (36_000, 1)
