"""Word error rates over a real local server; models made here; what absent ones say."""

import json
import threading
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO

import numpy as np
import pytest
import soundfile

from corpus_tools.teacher.espeak import espeak
from diamoe import bundle as bundles
from diamoe.audio.files import write_audio
from diamoe.errors import ConfigError
from diamoe.evaluation.clip import Clip
from diamoe.evaluation.ear import Ear
from diamoe.evaluation.items import Item
from diamoe.evaluation.metric import NotScored, Unavailable
from diamoe.evaluation.similarity import SpeakerEmbedding
from diamoe.evaluation.transcription import AsrConfig, Transcription
from tests.evaluation.tiny_models import tiny_wavlm, tiny_whisper

TEXT = "我们3点去。"


class Server(BaseHTTPRequestHandler):
    """Answers as OpenAI's transcription service does; checks what it is sent."""

    replies: list[tuple[int, str]] = []
    asked: list[dict[str, str]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        form = {
            part.get_param("name", header="Content-Disposition"): part.get_payload(decode=True)
            for part in BytesParser(policy=HTTP).parsebytes(head + body).iter_parts()
        }
        seconds = soundfile.info(BytesIO(form.pop("file"))).duration
        self.asked.append(
            {k: v.decode() for k, v in form.items()}
            | {"path": self.path, "key": self.headers["Authorization"], "seconds": str(seconds)}
        )
        status, text = self.replies.pop(0)
        reply = json.dumps({"text": text}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server():
    Server.replies, Server.asked = [], []
    running = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}/v1"
    running.shutdown()
    running.server_close()


@pytest.fixture(scope="module")
def clip(tmp_path_factory) -> Clip:
    path = tmp_path_factory.mktemp("sound") / "a.wav"
    rng = np.random.default_rng(0)
    write_audio(path, (0.1 * rng.standard_normal(16_000)).astype(np.float32), 16_000)
    item = Item("a", TEXT, "cantonese", prompt=str(path))
    return Clip(item, path, Ear(bundles.RECOGNISER))


def test_a_server_is_asked_and_its_transcript_counted(server, clip, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    Server.replies = [(200, "我們三點來")]
    row = Transcription(AsrConfig("url", "model-x", server)).score(clip)
    assert row["wer_part"] == 1 and row["wer_of"] == 5 and row["cer"] == 0.2
    (asked,) = Server.asked
    assert asked["path"] == "/v1/audio/transcriptions" and asked["key"] == "Bearer secret"
    assert asked["model"] == "model-x" and asked["language"] == "zh"
    assert float(asked["seconds"]) == pytest.approx(1.0, abs=0.01)


def test_a_transcript_in_another_script_counts_as_wrong(server, clip):
    Server.replies = [(200, "women san dian qu"), (200, "")]
    metric = Transcription(AsrConfig("url", url=server))
    assert metric.score(clip)["wer"] == 1.0
    assert metric.score(clip)["wer"] == 1.0


def test_a_server_that_fails_is_asked_again_and_then_named(server, clip):
    Server.replies = [(500, "busy"), (200, "我们三点去")]
    metric = Transcription(AsrConfig("url", url=server))
    assert metric.score(clip)["wer"] == 0
    Server.replies = [(503, "down")] * 3
    with pytest.raises(NotScored, match="503 .*3 tries"):
        metric.score(clip)


def test_faster_whisper_reads_a_folder(clip, tmp_path):
    pytest.importorskip("faster_whisper")
    pytest.importorskip("transformers")
    row = Transcription(AsrConfig("whisper", str(tiny_whisper(tmp_path)))).score(clip)
    assert row["wer_of"] == 5 and row["wer"] > 0 and isinstance(row["transcript"], str)


def test_speaker_embeddings_from_a_folder(clip, tmp_path):
    pytest.importorskip("transformers")
    metric = SpeakerEmbedding("wavlm", str(tiny_wavlm(tmp_path)))
    assert metric.score(clip)["speaker"] > 0.95  # the prompt is the clip itself, at another rate


@pytest.fixture(scope="module")
def english(tmp_path_factory):
    """English that espeak-ng says: an independent voice for an independent recogniser."""
    folder = tmp_path_factory.mktemp("english")
    text = "seven yellow windows and eleven brown horses"
    teacher = espeak()
    teacher.set_voice("en-us+m3", rate=140)
    said = teacher.say(f"]] {text} [[")  # between the brackets for mnemonics: as it is written
    write_audio(folder / "a.wav", said.samples, said.sample_rate)
    return text, folder / "a.wav"


def test_pocketsphinx_hears_the_words_it_may_hear(english, tmp_path):
    text, path = english
    (tmp_path / "words.txt").write_text(text + " purple morning twelve")
    metric = Transcription(AsrConfig("sphinx", vocabulary=str(tmp_path / "words.txt")))
    row = metric.score(Clip(Item("a", text, "english"), path, Ear(bundles.RECOGNISER)))
    assert row["wer_of"] == 7 and row["wer_part"] <= 2, row["transcript"]
    silent = tmp_path / "silent.wav"
    write_audio(silent, np.zeros(24000, np.float32), 24000)
    row = metric.score(Clip(Item("a", text, "english"), silent, Ear(bundles.RECOGNISER)))
    assert row["wer"] > 0.8


def test_pocketsphinx_is_for_english_and_for_words_it_knows(clip, tmp_path):
    with pytest.raises(NotScored, match="English only, not cantonese"):
        Transcription(AsrConfig("sphinx")).score(clip)
    for text, said in (("hello xyzzyx", "no pronunciation of xyzzyx"), ("…", "no word in it")):
        (tmp_path / "words.txt").write_text(text)
        with pytest.raises(ConfigError, match=said):
            Transcription(AsrConfig("sphinx", vocabulary=str(tmp_path / "words.txt")))
    with pytest.raises(ConfigError, match="nowhere.txt"):
        Transcription(AsrConfig("sphinx", vocabulary="nowhere.txt"))


@pytest.mark.parametrize(
    "make, match",
    [
        (lambda: Transcription(AsrConfig()), "asr.backend=whisper"),
        (lambda: Transcription(AsrConfig("funasr")), "SenseVoiceSmall there"),
        (lambda: Transcription(AsrConfig("whisper", "/nowhere")), "faster-whisper"),
        (lambda: SpeakerEmbedding("wavlm", ""), "wavlm-base-plus-sv there"),
        (lambda: SpeakerEmbedding("ecapa", "/nowhere"), "spkrec-ecapa-voxceleb there"),
    ],
)
def test_what_is_absent_says_what_to_fetch(make, match):
    with pytest.raises(Unavailable, match=match):
        make()


def test_wrong_settings_are_named():
    with pytest.raises(ConfigError, match="allowed: whisper, funasr, url, sphinx"):
        Transcription(AsrConfig("google"))
    with pytest.raises(ConfigError, match="asr.url: empty"):
        Transcription(AsrConfig("url"))
    with pytest.raises(ConfigError, match="allowed: wavlm, ecapa"):
        SpeakerEmbedding("xvector", "")
