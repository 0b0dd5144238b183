"""xindeng 信灯: decides each draw on a credit line, explains it, and finds the way back."""

__version__ = "0.1.0"
