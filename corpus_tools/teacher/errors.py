"""Named errors of the pronunciation teacher."""

from diamoe.errors import CorpusError


class TeacherError(CorpusError):
    """The teacher cannot speak what it was asked to; the message says which syllable and why."""


class UnmappedPhone(TeacherError):
    """A phone has no mnemonic in any of the synthesiser's phone tables, nor an approximation."""

    def __init__(self, phone: str, where: str):
        self.phone, self.where = phone, where
        super().__init__(
            f"the teacher has no sound for phone {phone!r} in {where}: "
            "add it to corpus_tools/teacher/mnemonics.py"
        )
