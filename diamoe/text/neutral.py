"""Neutral tone in Mandarin: everyday words, suffixes, complements, verbs said twice."""

from collections.abc import Sequence
from functools import lru_cache

from diamoe.text.dictionary import open_dictionary
from diamoe.text.syllable import Syllable, parse_pinyin

# Everyday words whose second syllable is neutral.
NEUTRAL_SECOND = frozenset(
    "东西 漂亮 学生 先生 朋友 时候 暖和 答应 大夫 便宜 明白 告诉 喜欢 认识 衣服 意思 消息 事情 "
    "地方 眼睛 头发 耳朵 钥匙 葡萄 豆腐 点心 窗户 客气 麻烦 力气 脾气 运气 亲戚 姑娘 媳妇 太太 "
    "打听 打算 收拾 休息 商量 舒服 清楚 干净 聪明 糊涂 热闹 凉快 关系 晚上 早上 薄荷 丈夫 师傅 "
    "月亮 云彩 石头 木头 骨头 馒头 包袱 萝卜 核桃 蘑菇 玻璃 护士 大方 老实 厉害 精神 笑话 故事 "
    "名字 多少 生意 招呼 部分 使唤 应付 照顾 罗嗦 耽误 琢磨 折腾 晃荡 哥哥 姐姐 弟弟 妹妹 爷爷 "
    "奶奶 叔叔 舅舅 姥姥 爸爸 妈妈 谢谢 星星 娃娃 宝宝 公公 婆婆 伯伯 姑姑 姨姨 婶婶 嫂嫂 姥爷 "
    "猩猩 蛐蛐 蝈蝈 饽饽 我们 你们 他们 她们 它们 咱们 人们 那么 这么 怎么 什么 什麽 多么 要么 "
    "行李 知道 觉得 记得 懂得 舍得 值得 晓得 认得 显得 免得 省得 懒得 爱人 巴结 包涵 本事 别扭 "
    "裁缝 柴火 称呼 出息 刺猬 凑合 搭理 打扮 打发 打量 打扫 耽搁 灯笼 嘀咕 动静 动弹 对付 队伍 "
    "风筝 福气 干粮 高粱 胳膊 疙瘩 工夫 功夫 姑爷 官司 棺材 规矩 闺女 寒碜 行当 合同 和尚 狐狸 "
    "胡琴 皇上 火候 伙计 机灵 脊梁 记号 记性 家伙 架势 嫁妆 见识 将就 交情 叫唤 街坊 结实 戒指 "
    "口袋 窟窿 阔气 喇叭 喇嘛 篱笆 里头 利落 利索 痢疾 连累 粮食 啰嗦 骆驼 买卖 忙活 冒失 眉毛 "
    "门道 眯缝 迷糊 苗条 名堂 模糊 难为 脑袋 念叨 奴才 女婿 牌楼 盘算 屁股 欺负 前头 亲家 勤快 "
    "热和 人家 软和 扫帚 上司 烧饼 少爷 牲口 实在 拾掇 似的 收成 首饰 舒坦 疏忽 爽快 思量 算计 "
    "岁数 踏实 抬举 挑剔 铁匠 妥当 挖苦 稳当 相声 心思 秀才 玄乎 学问 丫头 衙门 哑巴 胭脂 烟筒 "
    "秧歌 养活 吆喝 妖精 影子 鸳鸯 冤枉 约莫 在乎 渣滓 张罗 丈人 帐篷 芝麻 指甲 主意 转悠 庄稼 "
    "壮实 状元 字号 自在 祖宗 嘴巴 作坊 尾巴 胡子 下巴 委屈 稀罕 痛快 比方 打点 大爷 大娘 牡丹 "
    "琵琶 枇杷 扁担 苍蝇 唾沫 棉花".split()
)

_COMPLEMENTS = frozenset("起来 出来 出去 过来 过去 回来 回去 上来 上去 下来 下去 进来 进去".split())
_MODALS = frozenset(
    "能 会 要 想 可以 应该 必须 得 去 来 可能 敢 肯 愿 愿意 打算 准备 快 该".split()
)
_TWICE = frozenset("v vn vi".split())
_TRIED = frozenset(
    "看想试说听走笑数量谈聊坐等尝问讲写读找查学练闻摸猜算比歇躺动转逛玩吃喝洗擦扫拖翻挑选收挖修补画"
    "唱跳跑管帮劝骂打捏揉按敲推拉摇闹逗哄养种浇晒吹熬煮炒烤炖泡磨切剪缝搓抖拍照谢见认背教改用跟陪"
)


_SUFFIXES = frozenset("们么子头的了着过得地儿个里上下来去家面边吧吗呢啊")
_ALWAYS_SOFT = frozenset("们么子头")


@lru_cache(maxsize=16384)
def full_tone(word: str, reading: Syllable) -> Syllable:
    """The second syllable of a word in its own tone, for dialects that soften suffixes only.

    >>> str(full_tone("学问", parse_pinyin("wen0"))), str(full_tone("桌子", parse_pinyin("zi0")))
    ('wen4', 'zi0')
    """
    if len(word) != 2 or not reading.neutral or word[0] == word[1] or word[1] in _ALWAYS_SOFT:
        return reading
    if word[1] in _SUFFIXES and word not in NEUTRAL_SECOND:
        return reading
    for pinyin in ("liang2",) if word[1] == "量" else open_dictionary().readings(word[1]):
        full = parse_pinyin(pinyin)
        if not full.neutral and (full.initial, full.final) == (reading.initial, reading.final):
            return full
    return reading


def soften(words: Sequence[str], readings: Sequence[str], tags: Sequence[str]) -> list[str]:
    """The readings with neutral tones (`5`) where Mandarin usage has them.

    >>> soften(["跑", "出来"], ["pao3", "chu1", "lai2"], ["v", "v"])
    ['pao3', 'chu1', 'lai5']
    >>> soften(["看", "看"], ["kan4", "kan4"], ["v", "v"])
    ['kan4', 'kan5']
    """
    soft = list(readings)
    start = 0
    for n, word in enumerate(words):
        last = start + len(word) - 1
        before = (words[n - 1], tags[n - 1]) if n else ("", "")
        if len(word) <= 2 and _ends_softly(word, tags[n], *before):
            soft[last] = _neutral(soft[last])
        start = last + 1
    text = "".join(words)
    place = text.find("一", 1)
    while 0 < place < len(text) - 1:
        if text[place - 1] == text[place + 1] and text[place - 1] in _TRIED:
            soft[place] = "yi5"
        place = text.find("一", place + 1)
    return soft


def _ends_softly(word: str, tag: str, before: str, tag_before: str) -> bool:
    if len(word) == 1:
        return word == before and word in _TRIED
    if word in _COMPLEMENTS:
        return tag_before in _TWICE and before not in _MODALS
    return word in NEUTRAL_SECOND or (word[0] == word[1] and word[0] in _TRIED and word != "等等")


def _neutral(pinyin: str) -> str:
    return pinyin.rstrip("12345") + "5"
