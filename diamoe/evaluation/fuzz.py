"""`python -m diamoe.evaluation.fuzz`: random strings through the front-end.

Every string must give phones of the vocabulary or a named error; anything else is printed with
the seed that makes it again.
"""

import argparse
import random
import sys
import traceback
from collections import Counter

from tqdm import tqdm

from diamoe.errors import DiamoeError
from diamoe.text.dialect import available_dialects
from diamoe.text.frontend import Frontend, Policy
from diamoe.text.vocabulary import PhoneVocabulary

_RANGES = (
    *((0x4E00, 0x9FFF), (0x4E00, 0x5FFF), (0x20, 0x7E), (0x30, 0x39), (0x41, 0x7A)),
    *((0xA0, 0x24F), (0x250, 0x36F), (0x370, 0x52F), (0x590, 0x6FF), (0x900, 0x97F)),
    *((0x2000, 0x206F), (0x20A0, 0x20CF), (0x2100, 0x21FF), (0x2460, 0x24FF), (0x2600, 0x27BF)),
    *((0x3000, 0x303F), (0x3040, 0x30FF), (0x3400, 0x4DBF), (0xAC00, 0xAFFF), (0xF900, 0xFAFF)),
    *((0xFF00, 0xFFEF), (0x1F300, 0x1FAFF), (0x20000, 0x2A6DF), (0xE000, 0xE0FF), (0, 0x10FFFF)),
)
_PIECES = (
    "的 了 一 不 儿 银行 重庆 3:30 60% ￥48.50元 G102 2024-05-01 13812345678 v2.1.3 -5 1/2 ±3℃ "
    "km/h 。 ， …… ！？ “ ” （ { } {ni3 hao3} {=hao3} [[ ]] [[m ˈaᴴᴴ]] \\ <speak> </speak> "
    "OK iPhone COVID-19 侬好 佢哋嘅 汝食飽未 阿拉 Tâi-gí tsiah8 ß é œ ij ﷽ 👨\u200d👩\u200d👧 ① ½"
).split(" ")


def random_text(dice: random.Random) -> str:
    """A string of up to 40 characters or pieces, from many corners of Unicode."""
    parts = []
    for _ in range(dice.randint(0, 12)):
        if dice.random() < 0.4:
            parts.append(dice.choice(_PIECES))
        else:
            low, high = dice.choice(_RANGES)
            parts.append("".join(chr(dice.randint(low, high)) for _ in range(dice.randint(1, 4))))
    return dice.choice(("", "", " ")).join(parts)


def main() -> int:
    """Run; 1 if any string ended in anything but phones or a named error."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000, help="strings in all")
    parser.add_argument("--seed", type=int, default=0, help="first seed; each string has its own")
    parser.add_argument("--dialect", nargs="*", help="dialect codes (default: all, in turn)")
    arguments = parser.parse_args()
    codes = tuple(arguments.dialect or available_dialects())
    known = PhoneVocabulary.default()
    outcomes: Counter[str] = Counter()
    frontends = {
        (code, skip): Frontend(code, policy=Policy(skip_unreadable=skip))
        for code in codes
        for skip in (False, True)
    }
    failures = 0
    for number in tqdm(range(arguments.count), unit=" strings", disable=None):
        seed = arguments.seed + number
        code = codes[number % len(codes)]
        text = random_text(random.Random(seed))
        try:
            seq = frontends[code, number // len(codes) % 2 == 0](text)
            unknown = [t for t in seq.tokens if t not in known]
            if unknown or not seq.tokens:
                raise AssertionError(f"phones outside the vocabulary: {unknown}")
            outcomes["phones"] += 1
        except DiamoeError as error:
            outcomes[type(error).__name__] += 1
        except Exception:
            failures += 1
            print(f"seed {seed}, {code}: {text!r}\n{traceback.format_exc(limit=-3)}")
    print(", ".join(f"{name} {count}" for name, count in outcomes.most_common()))
    print(f"{arguments.count} strings, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
