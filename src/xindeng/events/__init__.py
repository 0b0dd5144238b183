"""The catalogue of everything that can happen to a borrower, and how it is read and checked."""
