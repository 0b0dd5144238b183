"""Pages made here and sent whole: no script needed, nothing fetched from elsewhere."""
