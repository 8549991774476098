"""What moves messages: topology, broker, the embedded stand-in, relay and runner."""
