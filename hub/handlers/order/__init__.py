"""Orders: what buyers want becomes what is agreed, and is followed until all of it is shipped, invoiced and paid.

`buying` judges an order, asks stock for its goods and answers when stock has spoken;
`again` tells what to do when its number is known; `following` counts what happens to it
elsewhere; `selling` keeps the tills' receipts. The header's state is derived from the
lines.
"""

from hub.handlers.order import buying, following, selling
from hub.handlers.order.service import service

__all__ = ["buying", "following", "selling", "service"]
