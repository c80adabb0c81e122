"""How one dialect says what Chinese writes in digits and signs."""

from dataclasses import dataclass
from functools import lru_cache

# The characters of the readings in this package; 里 and 厘 are the same in 公里 and 厘米.
_SIMPLIFIED = (
    "万两于亿兰兹减划华卢号叹吨奥对尔币帧摄无时杠欧泽点玛码穷约纳纽线缪贝负转达钟铢镑门问韩顷马龙"
)
_TRADITIONAL = (
    "萬兩於億蘭茲減劃華盧號嘆噸奧對爾幣幀攝無時槓歐澤點瑪碼窮約納紐線繆貝負轉達鐘銖鎊門問韓頃馬龍"
)
_TO_TRADITIONAL = str.maketrans(_SIMPLIFIED, _TRADITIONAL)


@dataclass(frozen=True)
class Manner:
    """What differs between dialects: script, and a few words.

    `one` is the digit one in a telephone number, `dollar` what a bare `$` is, `to` stands between
    the ends of a range; `day_first` is the order of 01/05/2024.
    """

    traditional: bool = False
    one: str = "幺"
    dollar: str = "美元"
    to: str = "到"
    day_first: bool = False

    def write(self, said: str) -> str:
        """A generated reading in the dialect's script.

        >>> Manner(traditional=True).write("两点")
        '兩點'
        """
        return said.translate(_TO_TRADITIONAL) if self.traditional else said


@lru_cache(maxsize=64)
def manner_of(dialect: str) -> Manner:
    """The manner of a dialect; those without one of their own speak as Mandarin does."""
    match dialect:
        case "cantonese":
            return Manner(traditional=True, one="一", dollar="元", to="至", day_first=True)
        case "hokkien":
            return Manner(traditional=True, one="一", dollar="元")
    return Manner()
