"""A demonstration: the hub on the embedded default and three partners that talk to it over its real doors."""
