"""The console page and the public API: reads from the store, writes only by commands."""
