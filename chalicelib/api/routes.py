"""Declaring routes: what each takes, answers and allows, and what happens around every view.

A view is a function of a `Call` and of the ids in its path, by name. It returns an `Answer`:

    @inventory.get("/stores/{store_id}/inventory", query=InventoryQuery, answers={200: list[StockPayload]})
    def store_inventory(call: Call[None, InventoryQuery], store_id: int) -> Answer[list[StockPayload]]:
"""

import functools
import inspect
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Concatenate, Generic, Required, TypeAlias, TypedDict, TypeVar, Unpack, overload

import msgspec
from chalice.app import Blueprint, Request, Response

from chalicelib.api import problems, rate_limits
from chalicelib.api.access import Access, identify, sender
from chalicelib.api.answers import Answer, render
from chalicelib.api.bodies import Body, Either, OneKind
from chalicelib.api.decoding import (
    decode_body,
    decode_idempotency_key,
    decode_path,
    decode_query,
    path_parameters,
)
from chalicelib.errors import RateLimited, StockroomError
from chalicelib.identity import Caller
from chalicelib.wiring import wired

S = TypeVar("S", bound=msgspec.Struct)
Q = TypeVar("Q", bound=msgspec.Struct)
B_co = TypeVar("B_co", covariant=True)
Q_co = TypeVar("Q_co", covariant=True)
V = TypeVar("V", bound=Callable[..., Answer[object]])

_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})

logger = logging.getLogger(__name__)


class Call(msgspec.Struct, Generic[B_co, Q_co], frozen=True):
    """One request to a route, decoded.

    Args:
        request: as it came.
        body: of the declared type; None when the route takes none.
        query: of the declared type; None when the route takes none.
        known_caller: who sent it; None without a token, or when the route's access does not read one.
        idempotency_key: None when there is none, or the route takes none.
    """

    request: Request
    body: B_co
    query: Q_co
    known_caller: Caller | None
    idempotency_key: str | None

    @property
    def caller(self) -> Caller:
        """The caller, where the access of the route or the kind of body needs one."""
        if self.known_caller is None:
            raise LookupError("Nothing on this route makes sure that the caller is known.")
        return self.known_caller

    @property
    def sender(self) -> str:
        """The name under which the sender is counted and its idempotency keys are kept."""
        return sender(self.request, self.known_caller)


# What an answer's JSON is decoded into: a struct, a list of structs, or a union; None for an empty answer.
Shape: TypeAlias = type | UnionType | None
View: TypeAlias = Callable[Concatenate[Call[B_co, Q_co], ...], Answer[object]]
Decorator: TypeAlias = Callable[[View[B_co, Q_co]], View[B_co, Q_co]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The declaration of a route.

    Args:
        method: the HTTP method.
        path: with its parameters in braces.
        view: answers the call.
        body: what it takes as a body, if it takes one.
        query: what it takes as query parameters, if it takes any.
        answers: the type of the answer by its status; errors are not among them.
        access: who may call it.
        takes_idempotency_key: whether it reads the Idempotency-Key header.
    """

    method: str
    path: str
    view: Callable[..., Answer[object]]
    body: Body[object] | None
    query: type[msgspec.Struct] | None
    answers: Mapping[int, Shape]
    access: Access = Access.PUBLIC
    takes_idempotency_key: bool = False

    def __post_init__(self) -> None:
        """Check what a type checker cannot.

        Raises:
            LookupError: the path has a parameter that no decoder knows.
            TypeError: the view does not take exactly the path's parameters.
        """
        _, *taken = inspect.signature(self.view).parameters
        if set(taken) != path_parameters(self.path):
            raise TypeError(f"{self.path}: the view takes {taken} of the path")

    @property
    def summary(self) -> str:
        """The first line of the view's docstring."""
        return (self.view.__doc__ or "").partition("\n")[0]

    def answer(self, request: Request, parameters: Mapping[str, str]) -> Response:
        """Answer a request; an error of the domain becomes its problem, any other a logged, opaque 500.

        Args:
            request: the request.
            parameters: those of its path, by name.
        """
        quota: dict[str, str] = {}
        try:
            caller = identify(self.access, request)
            if decision := rate_limits.count(self.access, request, caller):
                quota = rate_limits.headers(decision)
                if not decision.allowed:
                    raise RateLimited(f"Too many requests; try again in {decision.retry_after_seconds} s.")
            response = self._call(request, parameters, caller)
        except StockroomError as error:
            logger.info("Refused: %s: %s", error.code, error)
            response = problems.problem_of(error)
        except Exception:
            logger.exception("Unexpected error")
            response = problems.unexpected_error()
        response.headers.update(quota)
        return response

    def _call(self, request: Request, parameters: Mapping[str, str], caller: Caller | None) -> Response:
        ids = decode_path(parameters)
        query = self.query and decode_query(request, self.query)
        max_bytes = wired().settings.max_body_bytes
        body = self.body and decode_body(request, self.body, caller, max_bytes)
        key = decode_idempotency_key(request) if self.takes_idempotency_key else None
        answer = self.view(Call(request, body, query, caller, key), **ids)
        if answer.status not in self.answers:
            raise LookupError(f"{self.method} {self.path} does not declare status {answer.status}")
        return render(answer)


class Declared(TypedDict, total=False):
    """What any route declares; see `Route`."""

    answers: Required[Mapping[int, Shape]]
    access: Access
    takes_idempotency_key: bool


class _Method:
    """Declares the routes of one HTTP method; several paths may lead to the same view."""

    def __init__(self, method: str, add: Callable[[Route], None]) -> None:
        self._method = method
        self._add = add

    @overload
    def __call__(self, *paths: str, **declared: Unpack[Declared]) -> Decorator[None, None]: ...
    @overload
    def __call__(self, *paths: str, query: type[Q], **declared: Unpack[Declared]) -> Decorator[None, Q]: ...
    @overload
    def __call__(
        self, *paths: str, body: type[S] | Either[S], **declared: Unpack[Declared]
    ) -> Decorator[S, None]: ...
    def __call__(
        self,
        *paths: str,
        query: type[msgspec.Struct] | None = None,
        body: type[msgspec.Struct] | Body[object] | None = None,
        **declared: Unpack[Declared],
    ) -> Callable[[V], V]:
        decoded = OneKind(body) if isinstance(body, type) else body

        def decorate(view: V) -> V:
            for path in paths:
                self._add(
                    Route(method=self._method, path=path, view=view, body=decoded, query=query, **declared)
                )
            return view

        return decorate


class Api:
    """The routes of one feature; `get`, `post`, `put`, `patch` and `delete` declare them."""

    def __init__(self, name: str) -> None:
        self.blueprint = Blueprint(name)
        self.routes: list[Route] = []
        self.get = _Method("GET", self._add)
        self.post = _Method("POST", self._add)
        self.put = _Method("PUT", self._add)
        self.patch = _Method("PATCH", self._add)
        self.delete = _Method("DELETE", self._add)

    def _add(self, route: Route) -> None:
        @functools.wraps(route.view)
        def handler(**parameters: str) -> Response:
            return route.answer(self.blueprint.current_request, parameters)

        self.routes.append(route)
        types = ["application/json"] if route.method in _WITH_BODY else []
        self.blueprint.route(route.path, methods=[route.method], content_types=types)(handler)
