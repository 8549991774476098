"""Bytes to canonical messages and back: pure functions."""
