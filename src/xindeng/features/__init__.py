"""The feature book and its online kernel: events fold into a state, a state gives a vector."""

from xindeng.features.algebra import Feature, Op, Window
from xindeng.features.book import Derived, FeatureBook, load_book
from xindeng.features.kernel import SITTING_GAP, Kernel
from xindeng.features.layout import HOT_LIMIT
from xindeng.features.state import Hold, State

__all__ = [
    "HOT_LIMIT",
    "SITTING_GAP",
    "Derived",
    "Feature",
    "FeatureBook",
    "Hold",
    "Kernel",
    "Op",
    "State",
    "Window",
    "load_book",
]
