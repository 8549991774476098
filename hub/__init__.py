"""Crossdock: a message-driven integration hub for sales channels."""
