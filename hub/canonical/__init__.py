"""The canonical messages: what the hub understands, whoever sent it and in whatever format."""
