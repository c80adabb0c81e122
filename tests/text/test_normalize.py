"""What is written and what is said."""

import pytest

from diamoe.text.normalize import normalize


@pytest.mark.parametrize(
    "text,said",
    [
        ("60%", "百分之六十"),
        ("3:30", "三点半"),
        ("￥48.50元", "四十八元五角"),
        ("￥0.05", "五分"),
        ("v2.1.3", "v二点一点三"),
        ("G102", "G一零二"),
        ("１２３", "一百二十三"),
        ("2024年3月5日", "二零二四年三月五日"),
        ("13.5公斤", "十三点五公斤"),
        ("你好!!（真的）", "你好！真的，"),
        ("他说：“好”", "他说：好"),
        ("A4 B5", "A四，B五"),
    ],
)
def test_normalize(text: str, said: str) -> None:
    assert normalize(text, "putonghua") == said
