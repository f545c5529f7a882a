"""Reading the catalogue over HTTP (contract, "Catalogue reads")."""

from chalicelib.api.answers import Answer
from chalicelib.api.paging import ID_CURSORS, PageQuery, page
from chalicelib.api.routes import Api, Call
from chalicelib.catalog.payloads import CategoryPayload, ProductPayload, ProductsQuery
from chalicelib.wiring import wired

catalog = Api(__name__)


@catalog.get("/categories", query=PageQuery, answers={200: list[CategoryPayload]})
def categories(call: Call[None, PageQuery]) -> Answer[list[CategoryPayload]]:
    """List the categories, by id."""
    return page(
        call,
        ID_CURSORS,
        wired().catalog.repository.categories,
        position_of=lambda category: category.id,
        render=CategoryPayload.of,
    )


@catalog.get("/products", query=ProductsQuery, answers={200: list[ProductPayload]})
def products(call: Call[None, ProductsQuery]) -> Answer[list[ProductPayload]]:
    """List the products, by id."""
    return page(
        call,
        ID_CURSORS,
        lambda after, limit: wired().catalog.repository.products(after, limit, call.query.category),
        position_of=lambda product: product.id,
        render=ProductPayload.of,
    )


@catalog.get("/products/{product_id}", answers={200: ProductPayload})
def product(_: Call[None, None], product_id: int) -> Answer[ProductPayload]:
    """Show one product."""
    return Answer(ProductPayload.of(wired().catalog.repository.product(product_id)))
