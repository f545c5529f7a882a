"""What other systems of this kind take: given numbers, which this benchmark does not measure.

They were measured once, side by side with an earlier version of this product on one machine: gunicorn with two
workers over PostgreSQL 15 and persistent connections, one client at a time, CPU of the application per request.
"""

# Milliseconds of the better peer; a remark where the number needs one.
PEERS: dict[str, tuple[float, str]] = {
    "store_order": (10.2, ""),
    "personal_order": (4.3, ""),
    "own_orders": (5.2, ""),
    "inventory_20": (4.4, "3.1 from a stale cache"),
    "inventory_320": (15.2, ""),
    "search_few": (6.5, ""),
    "search_many": (7.0, "6.5 to 7.8"),
    "suggest": (2.2, ""),
    # For each store order: queue, mail, marking.
    "background": (3.3, "an order"),
}
