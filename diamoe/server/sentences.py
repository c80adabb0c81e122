"""Text that is still being written, handed on as soon as a stretch of it can be spoken."""

from diamoe.synthesis.incoming import FIRST_CHARACTERS, LONG_CHARACTERS, _end


class Sentences:
    """Collects text and hands out what is complete, cut as `Synthesizer.stream` cuts it.

    >>> written = Sentences()
    >>> written.add("今天天气好。我们"), written.add("去公园！走"), written.finish()
    (['今天天气好。'], ['我们去公园！'], ['走'])
    """

    def __init__(self) -> None:
        self._text = ""
        self._first = True

    def add(self, text: str) -> list[str]:
        """Stretches that are complete with this."""
        self._text += text
        found: list[str] = []
        while not self._text.lstrip().startswith("<speak"):
            end = _end(self._text, FIRST_CHARACTERS if self._first else LONG_CHARACTERS)
            if not end:
                break
            found.append(self._text[:end])
            self._text, self._first = self._text[end:], False
        return [stretch for stretch in found if stretch.strip()]

    def finish(self) -> list[str]:
        """What is left."""
        left, self._text = self._text, ""
        return [left] if left.strip() else []
