"""Foreign files, each read with the right translator: a verdict for every file, a traceback for none.

    read              everything in it was understood; nothing is wrong with it
    answered          it was understood well enough to say exactly what is wrong
    refused by name   we know what it is, and that it is not for us
    unknown           we do not know what it is, or reading it failed

Read: EDIFACT (orders are translated, all other messages of our directories are checked),
Shopify and WooCommerce orders, our sale JSON, POSLog, lists of webhook signatures.
"""
