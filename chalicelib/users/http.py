"""Accounts over HTTP."""

from chalice.app import Request, Response

from chalicelib.api.access import Access
from chalicelib.api.answers import json_response, no_content
from chalicelib.api.decoding import parse_body
from chalicelib.api.routes import Api
from chalicelib.identity import Caller
from chalicelib.users.payloads import (
    LoggedInView,
    LoginBody,
    RefreshedView,
    RefreshTokenBody,
    RegisteredView,
    RegistrationBody,
    UserView,
)
from chalicelib.wiring import wired

users = Api(__name__)


@users.route("/users/register", methods=["POST"], access=Access.SIGNING_IN)
def register(request: Request) -> Response:
    """Open an account."""
    body = parse_body(request, RegistrationBody, wired().settings.max_body_bytes)
    user = wired().accounts.register(body.name, body.email, body.password)
    return json_response(RegisteredView(user.id), status=201)


@users.route("/users/login", methods=["POST"], access=Access.SIGNING_IN)
def login(request: Request) -> Response:
    """Give an access and a refresh token for an e-mail address and its password."""
    body = parse_body(request, LoginBody, wired().settings.max_body_bytes)
    tokens = wired().accounts.login(body.email, body.password)
    return json_response(LoggedInView(tokens.access, tokens.refresh))


@users.route("/users/token/refresh", methods=["POST"], access=Access.SIGNING_IN)
def refresh(request: Request) -> Response:
    """Give a new access token for a refresh token."""
    body = parse_body(request, RefreshTokenBody, wired().settings.max_body_bytes)
    return json_response(RefreshedView(wired().accounts.refresh(body.refresh)))


@users.route("/users/logout", methods=["POST"])
def logout(request: Request) -> Response:
    """End the session of a refresh token."""
    body = parse_body(request, RefreshTokenBody, wired().settings.max_body_bytes)
    wired().accounts.logout(body.refresh)
    return no_content()


@users.route("/users/me", access=Access.SIGNED_IN)
def me(request: Request, caller: Caller) -> Response:
    """Show the caller's own account."""
    user = wired().accounts.user(caller.user_id)
    return json_response(
        UserView(
            id=user.id,
            name=user.name,
            email=user.email,
            role=user.role.value,
            created_at=user.created_at,
        )
    )
