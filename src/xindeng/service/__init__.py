"""Use cases, one a file: ingest, draw, precheck, show, explain, replay."""
