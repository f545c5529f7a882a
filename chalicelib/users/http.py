"""Accounts over HTTP (contract, "Accounts")."""

from chalicelib.api.access import Access
from chalicelib.api.answers import Answer
from chalicelib.api.routes import Api, Call
from chalicelib.users.payloads import (
    LoggedInPayload,
    LoginBody,
    RefreshedPayload,
    RefreshTokenBody,
    RegisteredPayload,
    RegistrationBody,
    UserPayload,
)
from chalicelib.wiring import wired

users = Api(__name__)


@users.post(
    "/users/register",
    body=RegistrationBody,
    answers={201: RegisteredPayload},
    access=Access.SIGNING_IN,
)
def register(call: Call[RegistrationBody, None]) -> Answer[RegisteredPayload]:
    """Open an account."""
    user = wired().users.accounts.register(call.body.name, call.body.email, call.body.password)
    return Answer(RegisteredPayload(user.id), 201)


@users.post("/users/login", body=LoginBody, answers={200: LoggedInPayload}, access=Access.SIGNING_IN)
def login(call: Call[LoginBody, None]) -> Answer[LoggedInPayload]:
    """Give an access and a refresh token for an e-mail address and its password."""
    tokens = wired().users.accounts.login(call.body.email, call.body.password)
    return Answer(LoggedInPayload(tokens.access, tokens.refresh))


@users.post(
    "/users/token/refresh",
    body=RefreshTokenBody,
    answers={200: RefreshedPayload},
    access=Access.SIGNING_IN,
)
def refresh(call: Call[RefreshTokenBody, None]) -> Answer[RefreshedPayload]:
    """Give a new access token for a refresh token."""
    return Answer(RefreshedPayload(wired().users.accounts.refresh(call.body.refresh)))


@users.post("/users/logout", body=RefreshTokenBody, answers={204: None})
def logout(call: Call[RefreshTokenBody, None]) -> Answer[None]:
    """End the session of a refresh token."""
    wired().users.accounts.logout(call.body.refresh)
    return Answer(None, 204)


@users.get("/users/me", answers={200: UserPayload}, access=Access.SIGNED_IN)
def me(call: Call[None, None]) -> Answer[UserPayload]:
    """Show the caller's own account."""
    return Answer(UserPayload.of(wired().users.accounts.user(call.caller.user_id)))
