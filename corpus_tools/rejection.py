"""Why a recording is left out of a corpus."""

from dataclasses import dataclass

from diamoe.errors import CorpusError


class Rejected(CorpusError):
    """A recording cannot be used: `kind` is counted in the report, `detail` goes into its list."""

    def __init__(self, kind: str, detail: str = ""):
        self.kind, self.detail = kind, detail
        super().__init__(kind, detail)

    def __str__(self) -> str:
        return f"{self.kind}: {self.detail}" if self.detail else self.kind


@dataclass(frozen=True)
class Rejection:
    """One line of rejected.tsv."""

    id: str
    kind: str
    detail: str = ""

    @property
    def reason(self) -> str:
        """Kind and detail in one line without tabs."""
        text = f"{self.kind}: {self.detail}" if self.detail else self.kind
        return " ".join(text.split())
