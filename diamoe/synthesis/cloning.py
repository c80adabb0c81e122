"""A voice of a few seconds of somebody's speech, with or without what was said in them."""

from functools import lru_cache

import torch

from diamoe.audio.mel import LogMel, MelConfig
from diamoe.bundle import RECOGNISER
from diamoe.errors import CorpusError, TextError
from diamoe.flow.duration import utterance_pace
from diamoe.recogniser.alignment import Alignment, align_phones
from diamoe.recogniser.decode import Recogniser, posteriors
from diamoe.recogniser.storage import load_recogniser
from diamoe.synthesis.prompt import BadPrompt, Prompt
from diamoe.synthesis.voices import Voice
from diamoe.text.frontend import Frontend
from diamoe.text.phones import SYLLABLE, PhoneSeq, parse_phone
from diamoe.text.vocabulary import PhoneVocabulary

WORST_SCORE = -3.5
"""Mean log-likelihood of a phone below which a transcript is not what was said."""
LEVEL_TONE = "ᴹᴹ"
"""Tone of a heard vowel whose tone the recogniser does not tell."""
_GLIDES = frozenset(("j", "w", "ɥ"))


@lru_cache(maxsize=1)
def built_in_recogniser() -> Recogniser:
    """The recogniser that comes with the package."""
    return load_recogniser(RECOGNISER)


def clone_voice(
    name: str,
    prompt: Prompt,
    dialect: str,
    text: str | None = None,
    description: str = "",
    licence: str = "",
    attribution: str = "",
) -> Voice:
    """A voice that speaks as the prompt does.

    Without `text` the built-in recogniser says which phones it hears; they are as good as its
    ears, so a transcript makes a better voice.

    Raises:
        BadPrompt: the transcript is not what is said, or nothing is heard.
        TextError, UnknownDialect: the transcript cannot be read in the dialect.
    """
    mel_config = MelConfig()
    mel = LogMel(mel_config)(torch.from_numpy(prompt.wave)[None])[0]
    recogniser = built_in_recogniser()
    frames = torch.tensor([len(mel)])
    log_probs = posteriors(recogniser.model, mel[None], frames)[0].numpy()
    seq = Frontend(dialect)(text) if text else heard_phones(mel, dialect)
    try:
        found = align_phones(log_probs, seq, recogniser.labels, prompt.seconds)
    except (CorpusError, TextError) as error:
        raise BadPrompt(f"{name}: the recording does not fit its words ({error})") from error
    if text and found.score < WORST_SCORE:
        raise BadPrompt(
            f"{name}: the transcript {text!r} is not what is heard (score {found.score:.1f}, at "
            f"least {WORST_SCORE} is wanted); without a transcript the recogniser listens by itself"
        )
    durations = token_frames(found, seq, len(mel), mel_config)
    spoken = torch.tensor(
        [t != SYLLABLE and not parse_phone(t).is_pause for t in seq.with_edges().tokens]
    )
    pace = float(utterance_pace(durations[None], spoken[None])[0])
    return Voice(name, description, licence, attribution, seq, mel, durations, pace)


def token_frames(found: Alignment, seq: PhoneSeq, frames: int, mel: MelConfig) -> torch.Tensor:
    """Frames of every token of `seq.with_edges()`, (tokens,); they sum to `frames`."""
    edges = [min(frames, round((t.start + t.duration) * mel.frame_rate)) for t in found.times]
    edges[-1] = frames
    lengths = iter(b - a for a, b in zip([0, *edges], edges, strict=False))
    tokens = seq.with_edges().tokens
    return torch.tensor([0 if t == SYLLABLE else next(lengths) for t in tokens])


def heard_phones(mel: torch.Tensor, dialect: str) -> PhoneSeq:
    """The phones that the recogniser hears in a log-mel (frames, n_mels), as the notation has
    them: vowels with a tone, syllables apart.

    Raises:
        BadPrompt: it hears no vowel.
    """
    (heard,) = built_in_recogniser().hear(mel[None], torch.tensor([len(mel)]), [dialect])
    return spelt(heard.segments, heard.tones or [], dialect)


def spelt(segments: list[str], tones: list[str], dialect: str) -> PhoneSeq:
    """Segments and tones as a phone sequence.

    >>> str(spelt(["m", "a", "n", "i"], ["ᴴᴴ", "ᴸᴴ"], "putonghua"))
    'm ˈaᴴᴴ | n ˈiᴸᴴ'

    Raises:
        BadPrompt: there is no vowel among them.
    """
    known = set(PhoneVocabulary.default().tokens)
    vowels = [i for i, s in enumerate(segments) if f"ˈ{s}{LEVEL_TONE}" in known]
    if not vowels:
        raise BadPrompt("no speech is heard in the recording")
    matched = tones if len(tones) == len(vowels) else [LEVEL_TONE] * len(vowels)
    tokens: list[str] = []
    after = 0
    for place, tone in zip(vowels, matched, strict=True):
        between = segments[after:place]
        onset = len(between)
        if tokens:
            onset = min(onset, 2 if between[-1:] and between[-1] in _GLIDES else 1)
        coda = between[: len(between) - onset]
        tokens += [*coda, SYLLABLE] if tokens else coda
        tokens += between[len(between) - onset :]
        nucleus = f"ˈ{segments[place]}{tone}"
        tokens.append(nucleus if nucleus in known else f"ˈ{segments[place]}{LEVEL_TONE}")
        after = place + 1
    tokens += segments[after:]
    return PhoneSeq(tuple(t for t in tokens if t == SYLLABLE or t in known), dialect)
