"""Whether two names are of one lender: people write 招行, a report writes it out in full.

Names are compared by their core: without legal form, card centre and branch, and with the usual
short names written out. What only looks alike is a "maybe", which other facts must confirm.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, Literal

_LEGAL: Final = re.compile(r"股份|有限|责任|公司|集团|信用卡(?:中心)?|贷记卡|银行卡中心|总行")
_BRANCH: Final = re.compile(r"(?<=银行).*(?:分行|支行|营业部)$")
_NOISE: Final = re.compile(r"[\W_]+")
_SHORT: Final = {
    "工行": "工商银行", "建行": "建设银行", "农行": "农业银行", "中行": "中国银行",
    "交行": "交通银行", "招行": "招商银行", "邮储": "邮政储蓄银行", "邮储银行": "邮政储蓄银行",
    "浦发": "上海浦东发展银行", "浦发银行": "上海浦东发展银行", "光大": "光大银行",
    "民生": "民生银行", "兴业": "兴业银行", "中信": "中信银行", "广发": "广发银行",
    "华夏": "华夏银行", "微粒贷": "微众银行", "微众": "微众银行", "网商贷": "网商银行",
    "花呗": "蚂蚁消费金融", "借呗": "蚂蚁消费金融",
}  # fmt: skip
_ANY: Final = frozenset({
    "银行", "小贷", "小额贷款", "消费金融", "消金", "贷款", "网贷", "平台", "分期", "借款", "车贷",
    "房贷", "bank", "card", "loan", "lender",
})  # fmt: skip
"""Names of a sort of lender and of none."""
_WHOLE: Final = 4

Likeness = Literal["same", "maybe", "other"]


def likeness(one: str, other: str) -> Likeness:
    """Return whether two names are of the same lender, may be, or are not."""
    short, long = sorted((core(one), core(other)), key=len)
    if not short or short in _ANY:
        return "same" if short and short == long and one == other else "other"
    if short == long or (short in long and len(short) >= _WHOLE):
        return "same"
    if len(short) >= 2 and short[0] == long[0] and _within(short, long):
        return "maybe"
    return "maybe" if len(short) >= 2 and short in long else "other"


def core(name: str) -> str:
    """Return what is left of a name without legal form, branch and signs, short names in full."""
    plain = _NOISE.sub("", unicodedata.normalize("NFKC", name).lower())
    bare = _LEGAL.sub("", _BRANCH.sub("", plain))
    return _at_home(_SHORT.get(bare, bare))


def _at_home(name: str) -> str:
    """Return a name without 中国 before it, unless only a sort of lender would be left."""
    rest = name.removeprefix("中国")
    return name if rest in _ANY else rest


def _within(short: str, long: str) -> bool:
    """Return whether the signs of the short name stand in the long one in the same order."""
    rest = iter(long)
    return all(sign in rest for sign in short)
