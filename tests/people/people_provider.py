"""A sign-in service in the hand of a test: it says whatever it is told to say."""

import base64
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


def key(name: str) -> jwt.PyJWK:
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    fields = jwt.algorithms.RSAAlgorithm.to_jwk(made, as_dict=True)
    return jwt.PyJWK({**fields, "kid": name, "alg": "RS256", "use": "sig"})


def public(one: jwt.PyJWK) -> dict[str, Any]:
    fields = jwt.algorithms.RSAAlgorithm.to_jwk(one.key.public_key(), as_dict=True)
    return {**fields, "kid": one.key_id, "alg": "RS256", "use": "sig"}


@dataclass
class FakeProvider:
    """`claims` go over what is right; `forge` makes the token otherwise."""

    base: str = ""
    keys: list[jwt.PyJWK] = field(default_factory=lambda: [key("one")])
    claims: dict[str, Any] = field(default_factory=dict)
    discovery: dict[str, Any] = field(default_factory=dict)
    forge: Any = None
    asked: dict[str, str] = field(default_factory=dict)
    redeemed: dict[str, str] = field(default_factory=dict)

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._discovery),
                Route("/keys", self._keys),
                Route("/token", self._token, methods=["POST"]),
            ]
        )

    def answer(self, address: str) -> dict[str, str]:
        """What the browser brings back after it was sent to this address."""
        self.asked = dict(parse_qsl(urlsplit(address).query))
        return {"code": "the-code", "state": self.asked["state"], "iss": self.base}

    async def _discovery(self, _request: Request) -> Response:
        return JSONResponse({
            "issuer": self.base, "authorization_endpoint": f"{self.base}/authorize",
            "token_endpoint": f"{self.base}/token", "jwks_uri": f"{self.base}/keys",
            **self.discovery,
        })  # fmt: skip

    async def _keys(self, _request: Request) -> Response:
        return JSONResponse({"keys": [public(one) for one in self.keys]})

    async def _token(self, request: Request) -> Response:
        self.redeemed = dict(parse_qsl((await request.body()).decode()))
        self.redeemed["who"] = base64.b64decode(
            request.headers.get("authorization", "Basic ").partition(" ")[2]
        ).decode()
        if self.redeemed.get("code") != "the-code":
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": self.token()})

    def token(self) -> str:
        at = int(time.time())
        claims = {
            "iss": self.base, "aud": "refuz", "sub": "42", "iat": at, "exp": at + 300,
            "nonce": self.asked["nonce"], "email": "ana@shop.example", "email_verified": True,
            "auth_time": at, **self.claims,
        }  # fmt: skip
        claims = {name: value for name, value in claims.items() if value is not None}
        if self.forge is not None:
            return str(self.forge(self, claims))
        one = self.keys[-1]
        return jwt.encode(claims, one.key, algorithm="RS256", headers={"kid": one.key_id})
