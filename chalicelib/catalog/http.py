"""Reading the catalogue over HTTP."""

from chalice.app import Request, Response

from chalicelib.api.answers import json_response
from chalicelib.api.decoding import parse_path_id, parse_query
from chalicelib.api.fields import Id
from chalicelib.api.paging import PageQuery, page_response
from chalicelib.api.routes import Api
from chalicelib.wiring import wired

catalog = Api(__name__)


class ProductsQuery(PageQuery, frozen=True):
    """A page of the products, perhaps of one category."""

    category: Id | None = None


@catalog.route("/categories")
def categories(request: Request) -> Response:
    """List the categories, by id."""
    return page_response(
        request,
        parse_query(request, PageQuery),
        wired().catalog.repository.categories,
        position=Id,
        position_of=lambda category: category.id,
    )


@catalog.route("/products")
def products(request: Request) -> Response:
    """List the products, by id."""
    query = parse_query(request, ProductsQuery)
    return page_response(
        request,
        query,
        lambda after, limit: wired().catalog.repository.products(after, limit, query.category),
        position=Id,
        position_of=lambda product: product.id,
    )


@catalog.route("/products/{product_id}")
def product(request: Request, product_id: str) -> Response:
    """Show one product."""
    return json_response(wired().catalog.repository.product(parse_path_id(product_id, "product")))
