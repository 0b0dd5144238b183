"""Files that people and systems hand in, each turned into events by one importer in one file."""
