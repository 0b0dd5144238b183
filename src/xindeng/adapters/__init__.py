"""Ports to the outside (payment rail, funder, notifier) and the sandboxes behind them."""
