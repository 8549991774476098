"""One run of one contestant in a process of its own, so that nobody inherits another's memory or caches.

python -m bench.child <contestant> '<settings as JSON>'
"""

import importlib
import json
import sys

import uvloop


def main() -> None:
    """Run and print the result as the last line."""
    name, settings = sys.argv[1], json.loads(sys.argv[2])
    result = uvloop.run(importlib.import_module(f"bench.{name}").run(settings))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
