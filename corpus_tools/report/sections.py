"""The report's sections: figures to HTML."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from html import escape
from math import isnan
from typing import Any

from corpus_tools.gates import balance
from corpus_tools.report.charts import bar, contour, histogram
from corpus_tools.report.coverage import coverage
from corpus_tools.report.left_out import LeftOut, rescues
from corpus_tools.report.listening import Heard
from corpus_tools.report.page import Html, folded, paragraph, table
from corpus_tools.report.pitch import PitchTally
from corpus_tools.report.tally import BINS, DialectTally, Tally
from diamoe.text.dialect import load_dialect

CHARTS = {
    "duration": ("Length of utterances", "s"),
    "rate": ("Speech rate, phones a second", "/s"),
    "snr": ("Signal-to-noise ratio", "dB"),
    "align_score": ("Alignment score", "nats"),
    "dnsmos": ("Naturalness by DNSMOS, 1 to 5", ""),
    "nisqa": ("Naturalness by NISQA, 1 to 5", ""),
}
DOMINANT = 0.8
"""Share of the speech that one speaker may have before the report warns."""
UNLIKE, FAR = 0.5, 2.0
"""Correlation below which, or levels from which on a measured tone is not like the specified."""


def hours(seconds: float) -> float:
    """Seconds as hours."""
    return seconds / 3600


_ALIGNERS = {"shipped": "shipped aligner", "train": "own aligner", "none": "nobody"}
"""What the page calls the aligners that cards name."""


def summary(cards: Sequence[Mapping[str, Any]], tally: Tally) -> str:
    """The figures one looks for first."""
    read, kept = (sum(float(c.get(k, 0.0)) for c in cards) for k in ("hours_read", "hours"))
    lost = sum(sum(c.get("rejected_hours", {}).values()) for c in cards)
    figures = [
        (f"{read:.2f} h", "read, pauses and all"),
        (f"{kept:.2f} h", "of speech to train on"),
        (f"{lost:.2f} h", "left out"),
        (f"{sum(int(c['utterances']) for c in cards):,}", "utterances"),
        (f"{len(tally.speakers):,}", "speakers"),
        (f"{len(tally.dialects):,}", "dialects"),
    ]
    tiles = "".join(f"<div><b>{escape(value)}</b>{escape(name)}</div>" for value, name in figures)
    return f'<div class="tiles">{tiles}</div>'


def corpora_section(cards: Sequence[Mapping[str, Any]]) -> str:
    """Hours in and out of every corpus, its licence and whom to credit."""
    rows = [
        (
            card["name"],
            float(card.get("hours_read", 0.0)),
            float(card["hours"]),
            float(card.get("augmented", {}).get("hours", 0.0)),
            int(card["utterances"]),
            len(card.get("speakers", ())),
            _ALIGNERS.get(card.get("aligner", ""), card.get("aligner", "")),
            card.get("licence", ""),
            card.get("attribution", ""),
        )
        for card in cards
    ]
    sums = ("all", *(sum(row[i] for row in rows) for i in range(1, 5)))
    head = [
        "corpus",
        "hours read",
        "hours",
        "hours of copies",
        "utterances",
        "speakers",
        "times by",
        "licence",
        "credit",
    ]
    return table(head, [*rows, (*sums, "", "", "", "")])


def hours_section(tally: Tally) -> str:
    """Hours by dialect and by speaker."""
    most = max((d.seconds for d in tally.dialects.values()), default=1.0)
    by_size = sorted(tally.dialects.items(), key=lambda item: -item[1].seconds)
    dialects = [
        (code, _chinese_name(code), hours(d.seconds), d.utterances, Html(bar(d.seconds / most)))
        for code, d in by_size
    ]
    return table(["dialect", "", "hours", "utterances", ""], dialects) + _speakers(tally)


def _chinese_name(code: str) -> str:
    return load_dialect(code).name_zh


def _speakers(tally: Tally) -> str:
    by_corpus: dict[str, dict[str, float]] = defaultdict(dict)
    for (corpus, speaker), spoken in tally.speakers.items():
        by_corpus[corpus][speaker or "(no name)"] = spoken
    parts = []
    for corpus, seconds in by_corpus.items():
        even, total = balance(seconds), sum(seconds.values())
        ordered = sorted(seconds.items(), key=lambda item: -item[1])
        rows = [(n, hours(s), f"{s / total:.0%}", Html(bar(s / total))) for n, s in ordered]
        note = f"{corpus}: {even.speakers} speakers, as even as {even.effective:.1f} equal ones"
        if even.speakers > 1 and even.largest_share > DOMINANT:
            note += f"; {ordered[0][0]} has {even.largest_share:.0%} of the speech"
        parts.append(folded(note, table(["speaker", "hours", "share", ""], rows)))
    return "<h3>Speakers</h3>" + "".join(parts)


def left_out_section(left_out: Sequence[LeftOut]) -> str:
    """What each gate and check took, and examples."""
    groups: dict[tuple[str, str], list[LeftOut]] = defaultdict(list)
    for row in left_out:
        groups[row.stage, row.kind].append(row)
    ordered = sorted(groups.items(), key=lambda item: -len(item[1]))
    rows = [
        (
            kind,
            stage,
            len(rows),
            hours(sum(r.seconds for r in rows)),
            Html(bar(len(rows) / len(ordered[0][1]))),
            rows[0].id,
            rows[0].detail,
        )
        for (stage, kind), rows in ordered
    ]
    head = ["reason", "stage", "recordings", "hours", "", "for example", "what was found"]
    return table(head, rows, "nothing was left out")


def rescue_section(left_out: Sequence[LeftOut]) -> str:
    """The lexicon entries that would bring most back."""
    rows = [
        (r.character, _code(r.character), r.dialect, r.recordings, hours(r.seconds), r.example)
        for r in rescues(left_out)
    ]
    head = ["character", "code", "dialect", "recordings", "hours", "for example"]
    note = "Characters without a reading, by the recordings they keep out. A lexicon with their "
    note += "readings (docs/text.md) brings these back."
    return paragraph(note) + table(head, rows, "every text could be read")


def _code(characters: str) -> str:
    return " ".join(f"U+{ord(c):04X}" for c in characters)


def distributions_section(tally: Tally) -> str:
    """Histograms."""
    charts = [
        histogram(tally.distributions[name], BINS[name], title, unit)
        for name, (title, unit) in CHARTS.items()
    ]
    return f'<div class="row">{"".join(charts)}</div>'


def coverage_section(tally: Tally) -> str:
    """Phones and tones of every dialect."""
    return "".join(_dialect_coverage(code, tally.dialects[code]) for code in sorted(tally.dialects))


def _dialect_coverage(code: str, tally: DialectTally) -> str:
    found = coverage(code, tally)
    parts = [f"<h3>{escape(code)} {escape(_chinese_name(code))}</h3>"]
    if found.tones or found.missing_tones:
        parts.append(f"<p>Tones: {_chips(found.tones, found.missing_tones)}</p>")
    if found.has_inventory:
        lack = f"{len(found.missing_phones)} phones of its syllables missing"
    else:
        lack = "read by words, so there is no list of its phones to compare with"
    parts.append(f'<p class="note">{len(found.phones)} phones; {escape(lack)}.</p>')
    if found.missing_phones:
        parts.append(f"<p>Missing: {_chips({}, found.missing_phones)}</p>")
    if found.rare:
        parts.append(f"<p>Rare: {_chips(found.rare, ())}</p>")
    parts.append(folded("all phones", _chips(found.phones, ())))
    return "".join(parts)


def _chips(counts: Mapping[str, int], missing: Sequence[str]) -> str:
    chips = [f'<span class="missing">{escape(name)} missing</span>' for name in missing]
    chips += [f"<span>{escape(name)} {count:,}</span>" for name, count in counts.items()]
    return f'<span class="chips">{"".join(chips)}</span>'


def worst_section(tally: Tally, heard: Heard) -> str:
    """The utterances with the lowest alignment scores, to be heard."""
    rows = [
        (
            round(worst.score, 2),
            _player(heard.players.get((worst.corpus, worst.id))),
            worst.text,
            Html(f'<span class="phones">{escape(worst.phones)}</span>'),
            worst.speaker,
            worst.id,
        )
        for worst in tally.worst_first()
    ]
    note = "The lowest alignment scores: wrong transcripts, wrong readings, noise, or a way of "
    note += "speaking that the recogniser has not met."
    head = ["score", "sound", "text", "phones", "speaker", "id"]
    return paragraph(note) + table(head, rows, "no cut has an alignment score")


def _player(sound: str | None) -> Html:
    if sound is None:
        return Html("")
    return Html(f'<audio controls preload="none" src="{sound}"></audio>')


def pitch_section(dialects: Sequence[str], pitch: PitchTally) -> str:
    """Measured contours beside the specified ones."""
    parts = []
    for code in sorted(dialects):
        names, tones = _tone_names(code), pitch.tones(code)
        foreign = pitch.foreign.get(code, [])
        if foreign:
            text = f"{code}: {len(foreign)} utterances not measured; the first: {min(foreign)}"
            parts.append(f'<p class="warning">{escape(text)}</p>')
        if not tones or not names:
            continue
        charts, odd = [], []
        for tone in sorted(tones, key=lambda tone: names.get(tone.contour, "neutral")):
            name = names.get(tone.contour, "neutral")
            title = f"{name} {tone.contour} ({tone.syllables})"
            charts.append(contour(tone.specified, tone.measured, tone.spread, title))
            if tone.distance >= FAR or (not isnan(tone.likeness) and tone.likeness < UNLIKE):
                odd.append(f"{tone.contour} ({tone.distance:.1f} levels off)")
        parts.append(f'<h3>{escape(code)}</h3><div class="row">{"".join(charts)}</div>')
        if odd:
            parts.append(f'<p class="warning">Not as specified: {escape(", ".join(odd))}</p>')
    note = "F0 of a sample of syllables on levels 1 to 5 (each speaker's own scale): "
    note += "solid as measured, with quartiles; dashed as the dialect's file has it. In brackets: "
    note += "how many syllables."
    none = '<p class="none">no tones: no dialect has them, or no phone times are known</p>'
    return paragraph(note) + ("".join(parts) or none)


def _tone_names(code: str) -> dict[str, str]:
    """Names of a dialect's tones by their contours, those before other syllables included."""
    names: dict[str, str] = {}
    for tone in load_dialect(code).tones:
        names.setdefault(tone.contour, f"{tone.number} {tone.name}")
        if tone.nonfinal:
            names.setdefault(tone.nonfinal, f"{tone.number} {tone.name}, not final")
    return names
