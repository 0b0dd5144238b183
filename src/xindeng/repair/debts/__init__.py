"""Debts month by month: strategies, the gate, closing debts with a sum, consolidation."""
