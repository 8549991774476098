"""The composition root: settings in, a running hub out. The only place that knows all parts.

Each module is imported by whoever needs it: a command that only asks a running hub loads
none of the parts.
"""
