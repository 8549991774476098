"""How fast the hub is, as shares of raw floors that are measured in the same run."""
