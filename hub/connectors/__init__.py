"""The docks: I/O and authentication, no decisions."""
