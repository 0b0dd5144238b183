"""What stands before the rooms: the first page, signing in and out, the settings, the demo."""
