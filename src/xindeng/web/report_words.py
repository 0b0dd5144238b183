"""The few words of a page that are no part of what it reports."""

from __future__ import annotations

from typing import Final

PAGE: Final[dict[str, dict[str, str]]] = {
    "zh": {
        "contents": "目录",
        "do": "可以这样做",
        "behind": "图中的数字",
        "show": "展开",
        "legend": "● 正常　▲ 注意　■ 未通过　○ 暂无数据　◇ 平台原因",
        "brand": "信灯",
    },
    "en": {
        "contents": "Contents",
        "do": "What helps",
        "behind": "The numbers behind it",
        "show": "show",
        "legend": "● fine   ▲ take care   ■ not passed   ○ no data yet   ◇ our side",
        "brand": "xindeng 信灯",
    },
}
