"""Messages as forms: one description of each that is read and written by."""
