"""Why a recording is left out of a corpus."""

from dataclasses import asdict, dataclass
from typing import Any

from diamoe.errors import CorpusError


class Rejected(CorpusError):
    """A recording cannot be used: `kind` is counted in the report, `detail` goes into its list.

    `character` is the character that has no reading, where that is the reason.
    """

    def __init__(self, kind: str, detail: str = "", character: str = ""):
        self.kind, self.detail, self.character = kind, detail, character
        super().__init__(kind, detail, character)

    def __str__(self) -> str:
        return f"{self.kind}: {self.detail}" if self.detail else self.kind


@dataclass(frozen=True)
class Rejection:
    """A recording that is left out, and why."""

    id: str
    kind: str
    detail: str = ""
    character: str = ""

    @property
    def reason(self) -> str:
        """Kind and detail in one line without tabs."""
        text = f"{self.kind}: {self.detail}" if self.detail else self.kind
        return " ".join(text.split())

    @property
    def record(self) -> dict[str, Any]:
        """A line of a stage's records."""
        return {"id": self.id, "rejected": asdict(self)}

    @classmethod
    def of(cls, name: str, reason: Rejected) -> "Rejection":
        """The rejection of the recording `name`."""
        return cls(name, reason.kind, " ".join(reason.detail.split()), reason.character)
