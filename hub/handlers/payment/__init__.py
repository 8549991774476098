"""Payments: what is owed, what came in, and which part of the money settled what.

`owing`: an invoice is owed from its issue. `prepaying`: money that a shop's customer paid
with the order is booked when the order is answered and put against its invoices, whichever
comes first. `recording`: money that is recorded goes to the invoices that it names, in
their order, else to the oldest open ones of its payer; what finds nothing open stays
unallocated, until a person says what it is for (`allocating`). `tendering`: a till's receipt
is settled by its own tenders.
"""

from hub.handlers.payment import allocating, owing, prepaying, recording, tendering
from hub.handlers.payment.service import service

__all__ = ["allocating", "owing", "prepaying", "recording", "service", "tendering"]
