"""Word and character error rates with speech recognisers of one's own."""

import io
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from diamoe.audio.files import resample, write_audio
from diamoe.errors import ConfigError
from diamoe.evaluation.clip import Clip
from diamoe.evaluation.metric import Figure, Metric, NotScored, Row, Unavailable
from diamoe.evaluation.normalisation import characters, words
from diamoe.evaluation.recognition import errors
from diamoe.text.dialect import load_dialect

WER = Figure("wer", "lower", "words (Chinese: characters) wrong, missing or added", rate=True)
CER = Figure("cer", "lower", "characters wrong, missing or added", rate=True)
LANGUAGES = {"english": "en", "french": "fr", "german": "de", "dutch": "nl", "bildts": "nl"}
"""What a recogniser is told; dialects of Chinese are `zh`, Cantonese too (`yue` is not in every
recogniser)."""
TRIES = 3
"""How often a request is made before the utterance is left out."""

Transcriber = Callable[[Clip], str]


@dataclass(frozen=True)
class AsrConfig:
    """A speech recogniser; without one, word error rates are left out."""

    backend: str = ""
    """`whisper` (faster-whisper), `funasr` (FunASR, SenseVoice), `url` (an OpenAI-compatible
    server), `sphinx` (pocketsphinx with its own English model), or empty."""
    model: str = ""
    """Folder of the model's files; for `url` the name that the server knows it by."""
    url: str = ""
    """Base of the server's address, such as http://localhost:8000/v1."""
    key_variable: str = "OPENAI_API_KEY"
    """Environment variable with the server's key, where it wants one."""
    vocabulary: str = ""
    """Text file whose words are all that `sphinx` may hear, in any order; empty: its own language
    model decides, which knows running text only."""
    timeout: float = 60.0
    """Seconds to wait for the server."""


class Transcription(Metric):
    """WER and CER with jiwer after the dialect's normalisation (`normalisation.py`).

    Raises:
        Unavailable: no back-end is set, or its library or model is missing.
        ConfigError: another back-end.
    """

    name = "wer"
    figures = (WER, CER)

    def __init__(self, config: AsrConfig):
        makers = {"whisper": whisper, "funasr": funasr, "url": server, "sphinx": sphinx}
        if not config.backend:
            raise Unavailable(
                "wer: no recogniser of words; set asr.backend=whisper asr.model=FOLDER, "
                "asr.backend=funasr asr.model=FOLDER, asr.backend=url asr.url=http://... or, for "
                "English, asr.backend=sphinx"
            )
        if config.backend not in makers:
            raise ConfigError(
                f"asr.backend: found {config.backend!r}, allowed: {', '.join(makers)}"
            )
        self._transcribe = makers[config.backend](config)

    def score(self, clip: Clip) -> Row:
        said = self._transcribe(clip)
        dialect = clip.item.dialect
        wanted, heard = words(clip.item.text, dialect), words(said, dialect)
        if not wanted:
            raise NotScored(f"no word in the text {clip.item.text!r}")
        row = {"transcript": said} | WER.of(errors(wanted, heard), len(wanted))
        letters = characters(clip.item.text, dialect), characters(said, dialect)
        return row | CER.of(errors(*letters), len(letters[0]))


def language(dialect: str) -> str:
    """The language code that recognisers know for a dialect."""
    found = load_dialect(dialect)
    return LANGUAGES.get(dialect, "zh" if found.tones else "")


def whisper(config: AsrConfig) -> Transcriber:
    """faster-whisper from a folder of CTranslate2 files; nothing is downloaded."""
    try:
        from faster_whisper import WhisperModel
    except ImportError as error:
        raise Unavailable("wer: pip install faster-whisper") from error
    if not (Path(config.model) / "model.bin").is_file():
        raise Unavailable(
            f"wer: no model.bin in {config.model or 'asr.model (empty)'}; put the files of a model "
            "of huggingface.co/Systran (faster-whisper-large-v3, say) there"
        )
    model = WhisperModel(config.model, device="auto", local_files_only=True)

    def transcribe(clip: Clip) -> str:
        wave = resample(clip.wave, clip.rate, 16_000)
        code = language(clip.item.dialect) or None
        segments, _ = model.transcribe(wave, language=code if model.model.is_multilingual else "en")
        return " ".join(segment.text.strip() for segment in segments)

    return transcribe


def funasr(config: AsrConfig) -> Transcriber:
    """FunASR (Paraformer, SenseVoice) from a folder."""
    if not Path(config.model).is_dir() or not config.model:
        raise Unavailable(
            f"wer: no model in {config.model or 'asr.model (empty)'}; put the files of "
            "modelscope.cn/models/iic/SenseVoiceSmall there"
        )
    try:
        from funasr import AutoModel
        from funasr.utils.postprocess_utils import rich_transcription_postprocess
    except ImportError as error:
        raise Unavailable("wer: pip install funasr") from error
    model = AutoModel(model=config.model, disable_update=True)

    def transcribe(clip: Clip) -> str:
        wave = resample(clip.wave, clip.rate, 16_000)
        found = model.generate(input=wave, language=language(clip.item.dialect) or "auto")
        return rich_transcription_postprocess(found[0]["text"])

    return transcribe


def sphinx(config: AsrConfig) -> Transcriber:
    """pocketsphinx: an English model of triphones that comes with the library, so that a
    recogniser which shares nothing with ours can be asked offline.

    Raises:
        ConfigError: the vocabulary cannot be read, is empty, or has words without pronunciation.
    """
    try:
        from pocketsphinx import Decoder
    except ImportError as error:
        raise Unavailable("wer: pip install pocketsphinx") from error
    rate = 16_000
    if config.vocabulary:
        decoder = Decoder(samprate=rate, lm=None, loglevel="FATAL")
        allowed = " | ".join(_vocabulary(Path(config.vocabulary), decoder))
        grammar = f"#JSGF V1.0; grammar words; public <said> = ( {allowed} )+ ;"
        decoder.add_jsgf_string("words", grammar)
        decoder.activate_search("words")
    else:
        decoder = Decoder(samprate=rate, loglevel="FATAL")

    def transcribe(clip: Clip) -> str:
        if language(clip.item.dialect) != "en":
            raise NotScored(f"sphinx hears English only, not {clip.item.dialect}")
        wave = np.clip(resample(clip.wave, clip.rate, rate), -1, 1)
        decoder.start_utt()
        decoder.process_raw((wave * 32767).astype("<i2").tobytes(), full_utt=True)
        decoder.end_utt()
        best = decoder.hyp()
        return best.hypstr if best else ""

    return transcribe


def _vocabulary(path: Path, decoder: Any) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"asr.vocabulary: {path}: {error}") from error
    found = sorted(set(words(text, "english")))
    strange = [word for word in found if decoder.lookup_word(word) is None]
    if strange or not found:
        raise ConfigError(
            f"asr.vocabulary: {path}: no pronunciation of {', '.join(strange)}"
            if strange
            else f"asr.vocabulary: {path}: no word in it"
        )
    return found


def server(config: AsrConfig) -> Transcriber:
    """Any server that answers POST .../audio/transcriptions as OpenAI's does."""
    import requests

    if not config.url:
        raise ConfigError("asr.url: empty; such as http://localhost:8000/v1")
    address = config.url.rstrip("/") + "/audio/transcriptions"
    key = os.environ.get(config.key_variable, "")
    headers = {"Authorization": f"Bearer {key}"} if key else {}

    def transcribe(clip: Clip) -> str:
        sound = io.BytesIO()
        write_audio(sound, clip.wave, clip.rate, "WAV")
        data = {"model": config.model or "whisper-1", "response_format": "json"}
        if language(clip.item.dialect):
            data["language"] = language(clip.item.dialect)
        fault = ""
        for attempt in range(TRIES):
            time.sleep(attempt)
            file = {"file": (f"{clip.path.stem}.wav", sound.getvalue(), "audio/wav")}
            try:
                reply = requests.post(
                    address, headers=headers, data=data, files=file, timeout=config.timeout
                )
                if reply.ok:
                    return str(reply.json()["text"])
                fault = f"{reply.status_code} {reply.text[:200]}"
            except (requests.RequestException, ValueError, KeyError) as error:
                fault = f"{type(error).__name__}: {error}"
        raise NotScored(f"{address}: {fault} ({TRIES} tries)")

    return transcribe
