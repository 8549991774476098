"""Invoices: what has left the house is billed, once, as agreed.

`keeping` keeps of each answer what invoices need; `billing` bills a shipment for what it
holds, and the first one takes along what is no goods (shipping, fees). An order without
goods is billed when it is accepted. A shipment may overtake the answer that it follows
from: it waits for it. `issuing` writes the invoice. `revenue` books the tills' receipts.

Money that a shop's customer paid before has no invoice of its own, so it is shown as
prepaid (BT-113), oldest invoice first; what is still to be paid is the payment service's.
Days are those of UTC: that of issue is the batch's, that of delivery the despatch's.
"""

from hub.handlers.invoice import billing, keeping, revenue
from hub.handlers.invoice.service import service

__all__ = ["billing", "keeping", "revenue", "service"]
