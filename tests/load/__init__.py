"""`make load`: customers of every kind at once against the whole product, and what must hold meanwhile."""
