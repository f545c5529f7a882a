"""The same search in SQLite, with trigrams (FTS5) or `LIKE '%…%'`, on one table and its index."""

import sqlite3
from collections.abc import Iterable, Sequence

from chalicelib.search.engine.text import fold, words
from chalicelib.search.model import IndexedProduct, ProductQuery, Sort

TABLES = """
CREATE TABLE products (id INTEGER PRIMARY KEY, title, description, category, cents, category_id, created_at, anywhere);
CREATE TABLE stock (store_id, product_id, PRIMARY KEY (store_id, product_id)) WITHOUT ROWID;
CREATE VIRTUAL TABLE texts USING fts5
    (title, description, category, content='products', content_rowid='id', tokenize='trigram');
"""
ORDERS = {
    Sort.RELEVANCE: "title",
    Sort.TITLE: "title",
    Sort.PRICE: "cents, id",
    Sort.PRICE_DESC: "cents DESC, id",
    Sort.NEWEST: "created_at DESC, id",
}


def fill(database: sqlite3.Connection, products: Iterable[IndexedProduct]) -> None:
    """Store the products, folded, with indexes for what is sorted by."""
    database.executescript(TABLES)
    for each in products:
        database.execute(
            "INSERT INTO products VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (each.id, fold(each.title), fold(each.description), fold(each.category_name), int(each.price * 100),
             each.category_id, each.created_at.timestamp(), bool(each.in_stock_at)),
        )  # fmt: skip
        database.executemany(
            "INSERT INTO stock VALUES (?, ?)", [(store, each.id) for store in each.in_stock_at]
        )
    database.execute("INSERT INTO texts (texts) VALUES ('rebuild')")
    for name in ("title", "cents", "created_at", "category_id"):
        database.execute(f"CREATE INDEX by_{name} ON products ({name})")
    database.commit()


def by_trigrams(database: sqlite3.Connection, query: ProductQuery) -> object:
    """Return count and page; words too short for trigrams are left to LIKE."""
    typed = words(query.q)
    match = " ".join(f'"{word}"' for word in typed if len(word) >= 3)
    if not match:
        return by_like(database, query)
    tables = "texts JOIN products ON products.id = texts.rowid"
    short = [word for word in typed if len(word) < 3]
    order = "texts.rank" if query.sort is Sort.RELEVANCE else None
    return _ask(database, query, tables, ["texts MATCH ?"], [match], short, order)


def by_like(database: sqlite3.Connection, query: ProductQuery) -> object:
    """Return count and page, by title where relevance is asked for, which LIKE does not know."""
    return _ask(database, query, "products", [], [], words(query.q))


def _ask(
    database: sqlite3.Connection,
    query: ProductQuery,
    tables: str,
    conditions: list[str],
    values: list[object],
    like: Sequence[str],
    order: str | None = None,
) -> object:
    for word in like:
        any_field = (f"products.{field} LIKE ?" for field in ("title", "description", "category"))
        conditions.append(f"({' OR '.join(any_field)})")
        values += [f"%{word}%"] * 3
    if query.category is not None:
        conditions.append("? IN (category_id, products.category)")
        values.append(int(query.category) if query.category.isdigit() else fold(query.category))
    if query.price_min is not None and query.price_max is not None:
        conditions.append("cents BETWEEN ? AND ?")
        values += [int(query.price_min * 100), int(query.price_max * 100)]
    if query.in_stock is not None:
        if query.store_id is None:
            conditions.append("anywhere = ?")
            values.append(query.in_stock)
        else:
            conditions.append("id IN (SELECT product_id FROM stock WHERE store_id = ?)")
            values.append(query.store_id)
    rest = f"FROM {tables} WHERE {' AND '.join(conditions) or 'TRUE'}"
    order = order or ", ".join(f"products.{part}" for part in ORDERS[query.sort].split(", "))
    count = database.execute(f"SELECT count(*) {rest}", values).fetchone()
    page = database.execute(
        f"SELECT products.* {rest} ORDER BY {order} LIMIT {query.limit} OFFSET {query.offset}", values
    ).fetchall()
    return count, page
