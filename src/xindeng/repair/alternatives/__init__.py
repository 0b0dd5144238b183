"""Other ways to have the money, what a fund of one's own takes, and what spending could spare."""
