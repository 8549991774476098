"""The models of trade mean their own names, whoever asks for them first."""

import subprocess
import sys

ELSEWHERE = """
from hub.canonical import trade
from hub.canonical.finding import Location
from hub.canonical.party import OtherParty as Place

stated = {"kind": "17", "quantity": {"value": "3", "unit": "PCE"}, "locations": [{"kind": "14"}]}
line = {"item": {}, "quantities": [stated], "places": [{"role": "BY"}]}
read = trade.TradeLine.model_validate(line)
print(*{type(read.quantities[0].locations[0]).__module__, type(read.places[0]).__module__})
"""


def test_a_module_with_its_own_location_builds_the_location_of_trade() -> None:
    """Models are built when they are first used, which must not look names up where they are used."""
    ran = subprocess.run([sys.executable, "-c", ELSEWHERE], capture_output=True, text=True, timeout=60, check=False)
    assert (ran.stdout.split(), ran.stderr) == (["hub.canonical.trade"], "")
