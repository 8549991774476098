"""Web shops: their signatures and their orders."""
