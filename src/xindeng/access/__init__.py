"""Who may: callers, what each may do, and how they prove who they are."""
