"""A name of the canonical messages means one thing, in the contracts as in the code, whoever asks for it first."""

import importlib
import pkgutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator

from hub import canonical
from hub.canonical.values import Value

ELSEWHERE = """
from hub.canonical import trade
from hub.canonical.party import OtherParty as Place, Party as StatedLocation

stated = {"kind": "17", "quantity": {"value": "3", "unit": "PCE"}, "locations": [{"kind": "14"}]}
line = {"item": {}, "quantities": [stated], "places": [{"role": "BY"}]}
read = trade.TradeLine.model_validate(line)
print(*{type(read.quantities[0].locations[0]).__module__, type(read.places[0]).__module__})
"""


def models(root: type[Value]) -> Iterator[type[Value]]:
    for model in root.__subclasses__():
        if model.__module__.startswith("hub.canonical."):
            yield model
        yield from models(model)


def test_models_of_trade_do_not_look_their_names_up_where_they_are_first_used() -> None:
    ran = subprocess.run([sys.executable, "-c", ELSEWHERE], capture_output=True, text=True, timeout=60, check=False)
    assert (ran.stdout.split(), ran.stderr) == (["hub.canonical.trade"], "")


def test_no_two_models_share_a_name() -> None:
    """The contracts know a model by its name alone: of two, one would be told as the other."""
    for module in pkgutil.walk_packages(canonical.__path__, "hub.canonical."):
        importlib.import_module(module.name)
    names = Counter(model.__name__ for model in models(Value))
    assert names["Location"] == names["StatedLocation"] == 1
    assert [name for name, times in names.items() if times > 1] == []
