"""Spark as the engine of a backtest, for a past that one machine has outgrown.

Files are all that passes between Spark and this process: it reads the lake's, writes features,
facts and answers beside them as Parquet, and so needs nothing of ours on its workers.
"""
