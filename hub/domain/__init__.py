"""Rules of trade: pure functions and life cycles, no I/O."""
