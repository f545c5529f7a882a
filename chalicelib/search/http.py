"""Search and suggestions over HTTP."""

from chalice.app import Request, Response

from chalicelib.api.access import Access
from chalicelib.api.answers import json_response
from chalicelib.api.decoding import parse_query
from chalicelib.api.routes import Api
from chalicelib.search.payloads import (
    FoundProductView,
    FoundView,
    SearchParameters,
    SuggestionsView,
    SuggestParameters,
    product_query,
    suggest_text,
)
from chalicelib.wiring import wired

search = Api(__name__)


@search.route("/api/search/products")
def search_products(request: Request) -> Response:
    """Find products, a page at a time."""
    parameters = parse_query(request, SearchParameters)
    hits = wired().search.products.search(product_query(parameters))
    return json_response(
        FoundView(
            count=hits.count,
            page=parameters.page,
            page_size=parameters.page_size,
            results=[
                FoundProductView(
                    id=hit.product.id,
                    title=hit.product.title,
                    description=hit.product.description,
                    price=hit.product.price,
                    category_name=hit.product.category_name,
                    quantity=hit.quantity,
                )
                for hit in hits.hits
            ],
            corrected=hits.corrected,
        )
    )


@search.route("/api/search/suggest", access=Access.SUGGESTING)
def suggest(request: Request) -> Response:
    """Complete what somebody is typing."""
    q = suggest_text(parse_query(request, SuggestParameters))
    return json_response(SuggestionsView(wired().search.products.suggest(q)))
