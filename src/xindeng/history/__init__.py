"""The past in bulk: the lake of Parquet files, features at points in time, and backtests."""
