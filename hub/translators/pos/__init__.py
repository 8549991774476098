"""Tills: our own sale JSON and ARTS POSLog."""
