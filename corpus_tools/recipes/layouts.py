"""Which reader reads which layout."""

from collections.abc import Callable, Iterator
from pathlib import Path

from corpus_tools.recipes.known import KnownCorpus
from corpus_tools.recipes.metadata import prepare_metadata
from corpus_tools.recipes.sidecar import prepare_sidecar
from corpus_tools.recipes.transcripts import prepare_syllables, prepare_words
from corpus_tools.recipes.utterance import Utterance
from diamoe.errors import ConfigError, CorpusError

Recipe = Callable[[KnownCorpus, Path], Iterator[Utterance]]

LAYOUTS: dict[str, Recipe] = {
    "words": prepare_words,
    "syllables": prepare_syllables,
    "metadata": prepare_metadata,
    "sidecar": prepare_sidecar,
}


def read_corpus(corpus: KnownCorpus, source: Path) -> list[Utterance]:
    """All utterances of a corpus below `source`, in the order of its table.

    Raises:
        ConfigError: the table names an unknown layout.
        CorpusError: the folder is missing or not as the layout says.
    """
    if corpus.layout not in LAYOUTS:
        raise ConfigError(
            f"{corpus.name}: unknown layout {corpus.layout!r}; known: {', '.join(LAYOUTS)}"
        )
    folder = corpus.root(source)
    if not folder.is_dir():
        raise CorpusError(f"{corpus.name}: no folder {folder}")
    utterances = list(LAYOUTS[corpus.layout](corpus, folder))
    if not utterances:
        raise CorpusError(f"{corpus.name}: {folder} lists no recordings")
    return utterances
