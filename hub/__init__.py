"""Crossdock: a message-driven integration hub for sales channels."""

__version__ = "0.1.0"
