"""Search and suggestions over HTTP (contract, "Search")."""

from chalicelib.api.access import Access
from chalicelib.api.answers import Answer
from chalicelib.api.routes import Api, Call
from chalicelib.search.payloads import FoundPayload, SearchQuery, SuggestionsPayload, SuggestQuery
from chalicelib.wiring import wired

search = Api(__name__)


@search.get("/api/search/products", query=SearchQuery, answers={200: FoundPayload})
def search_products(call: Call[None, SearchQuery]) -> Answer[FoundPayload]:
    """Find products, a page at a time."""
    hits = wired().search.products.search(call.query.product_query())
    return Answer(FoundPayload.of(call.query, hits))


@search.get(
    "/api/search/suggest",
    query=SuggestQuery,
    answers={200: SuggestionsPayload},
    access=Access.SUGGESTING,
)
def suggest(call: Call[None, SuggestQuery]) -> Answer[SuggestionsPayload]:
    """Complete what is being typed."""
    return Answer(SuggestionsPayload(wired().search.products.suggest(call.query.text())))
