"""`python -m diamoe.evaluation.frontend_speed` (`make bench`): how fast text becomes phones here.

Sentences a second on one core, every one of them new, and the time of a whole `tts ipa` process.
"""

import argparse
import subprocess
import sys
import time
from itertools import product
from pathlib import Path

from diamoe.errors import DiamoeError
from diamoe.text.frontend import Frontend

DIALECTS = ("putonghua", "chengdu", "xian", "zhengzhou", "shijiazhuang")
COLD = ("putonghua", "xian", "chengdu", "cantonese")
WHO = (
    *("今天早上我妈妈", "住在楼上的邻居", "我们单位的司机", "昨天下午王老师", "隔壁班的女同学"),
    *("他的大学同学", "开饭馆的老板娘", "我爷爷和奶奶", "这个星期天弟弟", "刚毕业的年轻人"),
    *("门口卖水果的", "北京来的客人", "放暑假的孩子们", "修自行车的师傅", "前天晚上小李"),
    *("公司新来的经理", "病房里的护士", "跑长途的货车司机", "我认识的一位作家", "村子里的老人"),
    *("学校食堂的阿姨", "踢足球的男孩子", "去年冬天我们家", "坐地铁的上班族", "表姐的未婚夫"),
)
WHAT = (
    *("去菜市场买了两斤豆腐", "高高兴兴地参加了比赛", "把钥匙落在办公室里了", "又忘了给花浇水"),
    *("打算下个月搬到郊区住", "排了一个小时的队", "一边听音乐一边洗碗", "正在厨房里包饺子"),
    *("觉得这部电影没意思", "从银行取出五千块钱", "慢慢地走过那座石桥", "不小心摔倒在雪地上"),
    *("教孩子们画山水画", "为了省钱天天骑车", "把借的书还给图书馆", "终于学会了弹钢琴"),
    *("在院子里种了几棵树", "等了半天也没等着车", "请医生重新量了血压", "说明天可能要下大雨"),
    *("坐高铁去成都看熊猫", "买了一条长长的围巾", "热得一夜没睡着觉", "把空调调低了两度"),
    *("跟朋友约好去爬山", "给我发了三张照片", "得赶紧去派出所报案", "吃完早饭就出门了"),
    *("抽空去理发店剪头发", "喜欢吃辣的和酸的", "在车站门口卖报纸", "忙着准备期末考试"),
    *("收到一个很重的包裹", "帮大家数了数人数", "要求退还多交的钱", "看了一会儿电视就睡了"),
    *("送给奶奶一件毛衣", "骑着摩托车进城了", "挨着窗户坐了下来", "差点儿错过了飞机"),
)


def everyday_sentences() -> list[str]:
    """A thousand different sentences of 12 to 20 characters."""
    return [f"{who}{what}。" for who, what in product(WHO, WHAT)]


def bulk(dialect: str, sentences: list[str]) -> float:
    """Sentences a second, after the dictionary's pages for them have been read once."""
    frontend = Frontend(dialect)
    for who, what in zip(WHO, WHAT, strict=False):
        frontend(f"{who}，{what}")
    for what in WHAT:
        frontend(what)
    began = time.perf_counter()
    for sentence in sentences:
        frontend(sentence)
    return len(sentences) / (time.perf_counter() - began)


def cold_start(dialect: str) -> float:
    """Seconds of a whole `tts ipa` process, the best of three."""
    command = [sys.executable, "-m", "diamoe.cli", "ipa", "今天天气很好。", "--dialect", dialect]
    times = []
    for _ in range(3):
        began = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        times.append(time.perf_counter() - began)
    return min(times)


def main() -> int:
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(prog="diamoe.evaluation.frontend_speed", description=__doc__)
    parser.add_argument("--text", type=Path, help="sentences to read instead, one a line")
    parser.add_argument("--dialect", nargs="*", default=DIALECTS, help="rule dialects to measure")
    arguments = parser.parse_args()
    try:
        lines = arguments.text.read_text("utf-8").splitlines() if arguments.text else []
        sentences = lines or everyday_sentences()
        for dialect in arguments.dialect:
            print(f"{dialect}: {bulk(dialect, sentences):.0f} sentences a second")
        for dialect in COLD:
            print(f"tts ipa --dialect {dialect}: {cold_start(dialect):.2f} s, a whole process")
    except (DiamoeError, OSError, subprocess.CalledProcessError) as error:
        print(f"frontend_speed: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
