"""Delivery: from what an order was promised to the goods that leave the house.

`planning` makes delivery orders of what is confirmed and in none yet; `moving` takes the
warehouse's word that they are released, picked, packed and despatched.
"""

from hub.handlers.delivery import moving, planning
from hub.handlers.delivery.service import service

__all__ = ["moving", "planning", "service"]
