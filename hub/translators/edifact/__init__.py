"""UN/EDIFACT: syntax, envelope, directory, and one mapping module per message."""
