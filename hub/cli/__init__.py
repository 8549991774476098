"""The `hub` command: starts the hub's processes, and is a client of the API for everything else."""
