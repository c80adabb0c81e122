"""Readings of Mandarin polyphones that depend on the words around them."""

import re
from collections.abc import Sequence
from functools import lru_cache

_DEGREE = "很|太|最|更|好|多|真|这么|那么|不|够|挺|越|特别|非常"
_AFTER_DE = "到|了|意|的|出|知|分|奖|病|罪|逞"
_TRIED = "看|想|试|说|听|走|笑|数|量|谈|聊|坐|等|尝|问|讲|写|读"
_PRONOUN = "我|你|您|他|她|它|们|咱|谁|大家"

# A rule is (character, what stands before, what stands after, pinyin). Patterns touch the
# character; an empty one always matches; `/` in a pattern is a word boundary at the character's
# edge, `^` and `$` the edges of the phrase. The first rule that holds decides.
RULES: tuple[tuple[str, str, str, str], ...] = (
    ("长", _DEGREE + "|[米里年月天]", "(?!大|辈|官|老|子)", "chang2"),
    ("还", "", f"(?:{_PRONOUN}|给|清|债|账|款)(?:的)?(?:钱|债|书|账|款|一)", "huan2"),
    ("还", "", "给|清|债|账|款|钱", "huan2"),
    ("得", f"{_PRONOUN}|就|也|还|都|又|总|可|必|非", f"(?!{_AFTER_DE}|$)", "dei3"),
    ("了", "(?<!不)(?<!得)", "$", "le5"),
    ("地", r"(.)\1/", "(?!$|里|上|下|面)", "de5"),
    ("地", "[^/]{2,}/", "/(?!里|上|下|面|的)", "de5"),
    ("数", "^|来|要|去|不|再|你|我|他", "一数|一下|数|清|不清", "shu3"),
    ("数", "数一|数了", "", "shu3"),
    ("量", "", "一量|一下", "liang2"),
    ("量", "量一", "", "liang2"),
    ("一", _TRIED, f"(?:{_TRIED})(?!下)", "yi5"),
    ("尽", "", "管|量|快|早|可能", "jin3"),
    ("教", "", f"{_PRONOUN}|会|给|孩", "jiao1"),
    ("教", "来|我|你|他|在", "$", "jiao1"),
    ("片", "相|照|名|唱|图|影", "", "pian4"),
    ("着", "睡|找|猜|点|够", "了|$", "zhao2"),
    ("种", "[一二三四五六七八九十两几这那各某哪每多]", "", "zhong3"),
    ("为", "以[^/]{1,6}", "", "wei2"),
    ("重", "^|再|[^/]/", "做|写|新|来|复|建", "chong2"),
    ("中", "打|射|击|命|看|猜|抽", "了|奖|$", "zhong4"),
    ("空", "有|没|没有|抽", "$|/", "kong4"),
    ("干", "", "/?(?:什么|嘛|吗|活|啥)", "gan4"),
    ("转", "[打旋自]", "", "zhuan4"),
    ("卷", "试|考|答|画|上|下|[一二三]", "", "juan4"),
    ("划", "", "算", "hua2"),
    ("折", "打|骨|曲|挫", "", "zhe2"),
    ("和", "[^/]/", "/", "he2"),
    ("和", "暖", "", "huo5"),
    ("行", "不|还|真|也|就|都", "$|吗|啊|吧|了|的", "xing2"),
    ("乐", "音|器|声|奏", "", "yue4"),
    ("曲", "歌|乐|戏|作|谱|小|舞|名", "", "qu3"),
    ("朝", "今|明", "", "zhao1"),
    ("便", "", "宜", "pian2"),
    ("都", "首|成|京|古|丰|新", "", "du1"),
    ("倒", "摔|跌|打|推|病|晕|卖|击", "", "dao3"),
)  # fmt: skip

# Everyday words whose second syllable is neutral.
NEUTRAL_SECOND = frozenset(
    "东西 漂亮 学生 先生 朋友 时候 暖和 答应 大夫 便宜 明白 告诉 喜欢 认识 衣服 意思 消息 事情 "
    "地方 眼睛 头发 耳朵 钥匙 葡萄 豆腐 点心 窗户 客气 麻烦 力气 脾气 运气 亲戚 姑娘 媳妇 太太 "
    "打听 打算 收拾 休息 商量 舒服 清楚 干净 聪明 糊涂 热闹 凉快 关系 晚上 早上 薄荷 丈夫 师傅 "
    "月亮 云彩 石头 木头 骨头 馒头 包袱 萝卜 核桃 蘑菇 玻璃 护士 大方 老实 厉害 精神 "
    "笑话 故事 名字 多少 生意 招呼 部分 使唤 应付 照顾 罗嗦 耽误 琢磨 折腾 晃荡 "
    "哥哥 姐姐 弟弟 妹妹 爷爷 奶奶 叔叔 舅舅 姥姥 爸爸 妈妈 谢谢 星星 娃娃 宝宝 "
    "我们 你们 他们 她们 它们 咱们 人们 那么 这么 怎么 什么 什麽 行李 知道".split()
)


@lru_cache(maxsize=1)
def _table() -> dict[str, list[tuple[re.Pattern[str], re.Pattern[str], str]]]:
    table: dict[str, list[tuple[re.Pattern[str], re.Pattern[str], str]]] = {}
    for character, before, after, pinyin in RULES:
        left = f"(?:{before})$" if "/" in before else f"(?:{before})/?$"
        right = f"(?:{after})" if after.startswith("/") else f"/?(?:{after})"
        table.setdefault(character, []).append((re.compile(left), re.compile(right), pinyin))
    return table


def correct(words: Sequence[str], readings: Sequence[str]) -> list[str]:
    """The readings of all characters of one phrase, with the rules applied.

    >>> correct(["很", "长"], ["hen3", "zhang3"])
    ['hen3', 'chang2']
    >>> correct(["漂亮"], ["piao4", "liang4"])
    ['piao4', 'liang5']
    """
    text = "".join(words)
    starts = {0}
    for word in words:
        starts.add(max(starts) + len(word))
    corrected = list(readings)
    for i, character in enumerate(text):
        for before, after, pinyin in _table().get(character, ()):
            left = text[:i] + ("/" if i in starts and i else "")
            right = ("/" if i + 1 in starts and i + 1 < len(text) else "") + text[i + 1 :]
            if before.search(left) and after.match(right):
                corrected[i] = pinyin
                break
    position = 0
    for word in words:
        if word in NEUTRAL_SECOND:
            corrected[position + 1] = corrected[position + 1].rstrip("012345") + "5"
        position += len(word)
    return corrected
