"""Which reader reads which layout."""

from collections.abc import Callable, Iterator
from pathlib import Path

from corpus_tools.recipes.aishell3 import prepare_aishell3
from corpus_tools.recipes.commonvoice import prepare_commonvoice
from corpus_tools.recipes.emilia import prepare_emilia
from corpus_tools.recipes.kaldi import prepare_kaldi
from corpus_tools.recipes.kespeech import prepare_kespeech
from corpus_tools.recipes.known import KnownCorpus
from corpus_tools.recipes.lingualibre import prepare_lingualibre
from corpus_tools.recipes.magicdata import prepare_magicdata
from corpus_tools.recipes.metadata import prepare_metadata
from corpus_tools.recipes.mls import prepare_mls
from corpus_tools.recipes.parquet import prepare_parquet
from corpus_tools.recipes.seed import prepare_seed
from corpus_tools.recipes.sidecar import prepare_prompts, prepare_sidecar
from corpus_tools.recipes.southern_min import prepare_southern_min
from corpus_tools.recipes.transcripts import prepare_syllables, prepare_words
from corpus_tools.recipes.utterance import Utterance
from corpus_tools.recipes.wenetspeech import prepare_wenetspeech
from corpus_tools.rejection import Rejection
from diamoe.errors import ConfigError, CorpusError

Recipe = Callable[[KnownCorpus, Path], Iterator[Utterance | Rejection]]
"""A reader of one layout: it streams a corpus' rows in a fixed order and raises only for faults
of the whole corpus."""

LAYOUTS: dict[str, Recipe] = {
    "words": prepare_words,
    "syllables": prepare_syllables,
    "metadata": prepare_metadata,
    "sidecar": prepare_sidecar,
    "prompts": prepare_prompts,
    "aishell3": prepare_aishell3,
    "commonvoice": prepare_commonvoice,
    "emilia": prepare_emilia,
    "kaldi": prepare_kaldi,
    "kespeech": prepare_kespeech,
    "lingualibre": prepare_lingualibre,
    "magicdata": prepare_magicdata,
    "mls": prepare_mls,
    "parquet": prepare_parquet,
    "seed": prepare_seed,
    "southern_min": prepare_southern_min,
    "wenetspeech": prepare_wenetspeech,
}


def read_corpus(corpus: KnownCorpus, source: Path) -> Iterator[Utterance | Rejection]:
    """The rows of a corpus below `source`, one by one, in the order of its tables.

    Ids may stand twice: whoever takes the rows rejects the later.

    Raises:
        ConfigError: the table names an unknown layout.
        CorpusError: the folder is missing, not as the layout says, or holds no rows.
    """
    if corpus.layout not in LAYOUTS:
        raise ConfigError(
            f"{corpus.name}: unknown layout {corpus.layout!r}; known: {', '.join(LAYOUTS)}"
        )
    folder = corpus.root(source)
    if not folder.is_dir():
        raise CorpusError(f"{corpus.name}: no folder {folder}")
    empty = True
    for row in LAYOUTS[corpus.layout](corpus, folder):
        empty = False
        yield row
    if empty:
        raise CorpusError(f"{corpus.name}: {folder} lists no recordings")
