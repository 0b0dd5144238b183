"""The PBOC credit report, second generation: 简版, 详版, institutional structure → one event."""
