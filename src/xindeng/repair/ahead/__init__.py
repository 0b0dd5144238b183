"""The days ahead: life goes on, debts are paid, and a copy of the state is walked through it."""
