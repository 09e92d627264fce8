"""Another service that says who somebody is: found by its address, asked over HTTP, checked.

OpenID Connect Core 1.0 with Discovery 1.0; the code flow with PKCE (RFC 7636). Configured by
the environment, or in Settings and REFUZ_CONFIG (`service`); one service a desk.
"""

import base64
import json
import os
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from core import clock
from core.audit import outside
from core.errors import RefuzError
from core.reasons import N_, ReasonCode, Value
from core.store import desk

TIMEOUT = 10.0  # seconds, of a whole call
LONGEST_ANSWER = 512_000  # bytes
LONGEST_SETTINGS = 2_000  # letters of all settings of a service together
KNOWN_FOR = 3600.0  # seconds that addresses and keys are believed
ASKED_AGAIN = 60.0  # seconds between two looks for a key that is not known yet
LEEWAY = 60  # seconds that two clocks may differ
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")  # none with a secret
VARIABLES = {
    "issuer": "REFUZ_OPENID_ISSUER",
    "client": "REFUZ_OPENID_CLIENT",
    "secret": "REFUZ_OPENID_SECRET",
    "name": "REFUZ_OPENID_NAME",
    "roles": "REFUZ_OPENID_ROLES",
    "trust_email": "REFUZ_OPENID_TRUST_EMAIL",
}
_CLAIM = re.compile(r"\s*((?:https?://)?[^:]+):(.*)", re.DOTALL)
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class ProviderCode(ReasonCode):
    """What is wrong with the other service, with how it is set up, or with its word."""

    NO_CLIENT = "provider_no_client", N_("REFUZ_OPENID_CLIENT is missing.")
    ROLES = (
        "provider_roles",
        N_("REFUZ_OPENID_ROLES must read like groups: desk-admins=admin"),
    )
    NOT_HTTPS = "provider_not_https", N_("{what} must be an https address.")  # what: its name
    NO_ANSWER = "provider_no_answer", N_("There was no answer ({kind}).")  # kind of the error
    ANSWERED = "provider_answered", N_("It answered {status}: {said}")
    NO_OBJECT = "provider_no_object", N_("Its answer is no JSON object.")
    OTHER_NAME = "provider_other_name", N_("It names itself otherwise.")
    NO_KEYS = "provider_no_keys", N_("It has no keys that can be read.")
    OTHER_KEY = "provider_other_key", N_("Its word is signed by a key that it does not show.")
    NO_TOKEN = "provider_no_token", N_("It gave no id_token.")
    NOT_SIGNED = "provider_not_signed", N_("Its word is not signed as it must be.")
    NOT_HOLDING = "provider_not_holding", N_("Its word does not hold ({kind}).")
    OTHER_PROGRAM = "provider_other_program", N_("Its word was given to another program.")
    OTHER_SIGN_IN = "provider_other_sign_in", N_("Its word was given for another sign-in.")


class WrongProvider(RefuzError):
    """The other service cannot be used, or what it says does not hold; for the record."""

    def __init__(self, code: ProviderCode, **parameters: Value) -> None:
        """What is wrong, with the code's parameters."""
        self.reason = code.of(**parameters)
        super().__init__(str(self.reason))


@dataclass(frozen=True)
class Provider:
    """The other service as configured. `roles`: values of `claim` with the roles they give."""

    issuer: str
    client: str
    secret: str = field(repr=False)
    name: str = ""
    claim: str = ""
    roles: Mapping[str, str] = field(default_factory=dict)
    trust_email: bool = False


def configured(environment: Mapping[str, str] | None = None) -> Provider | None:
    """As REFUZ_OPENID_ISSUER and the like say; None where there is none. Raises WrongProvider."""
    variables = os.environ if environment is None else environment
    return of({name: variables.get(variable, "") for name, variable in VARIABLES.items()})


def of(settings: Mapping[str, str]) -> Provider | None:
    """The service that these texts describe, by the names of REFUZ_OPENID_… in small letters.

    None without an issuer. Raises WrongProvider.
    """
    issuer = settings.get("issuer", "").strip()
    if not issuer:
        return None
    _must_be_safe(issuer, "REFUZ_OPENID_ISSUER")
    client = settings.get("client", "").strip()
    if not client:
        raise WrongProvider(ProviderCode.NO_CLIENT)
    claim, roles = _roles(settings.get("roles", ""))
    return Provider(
        issuer=issuer,
        client=client,
        secret=settings.get("secret", ""),
        name=settings.get("name", "").strip() or urlsplit(issuer).hostname or "",
        claim=claim,
        roles=roles,
        trust_email=settings.get("trust_email", "") in ("1", "true"),
    )


def _roles(setting: str) -> tuple[str, dict[str, str]]:
    """`groups: desk-admins=admin, warehouse=operator` → the claim and its values' roles.

    A claim may be an address with no port, as Auth0 and others name those that they do not own.
    """
    if not setting.strip():
        return "", {}
    named = _CLAIM.match(setting)
    claim, pairs = (named[1], named[2]) if named else ("", "")
    found = [one.partition("=") for one in pairs.split(",")]
    roles = {value.strip(): role.strip() for value, _, role in found}
    if not claim.strip() or not all(value and role for value, role in roles.items()):
        raise WrongProvider(ProviderCode.ROLES)
    return claim.strip(), roles


def is_safe(address: str) -> bool:
    """Whether an address is https, or http on this computer."""
    try:
        parts = urlsplit(address)
        local = parts.scheme == "http" and parts.hostname in LOOPBACK
        named = parts.username or parts.password or parts.port == 0  # a wrong port raises
    except ValueError:
        return False
    return bool(parts.hostname) and not named and (parts.scheme == "https" or local)


def _must_be_safe(address: str, what: str) -> str:
    if not is_safe(address):
        raise WrongProvider(ProviderCode.NOT_HTTPS, what=what)
    return address


# ---------------------------------------------------------------- asked over HTTP


def _ask(method: str, address: str, **more: Any) -> dict[str, object]:
    """The JSON object that the service answers, 200, without following it elsewhere."""
    try:
        status, raw = outside.ask(method, address, seconds=TIMEOUT, longest=LONGEST_ANSWER, **more)
    except outside.NotAnswered as error:
        raise WrongProvider(ProviderCode.NO_ANSWER, kind=error.args[0]) from error
    if status != 200:
        raise WrongProvider(ProviderCode.ANSWERED, status=status, said=_error_of(raw))
    return _object(raw)


def _object(raw: bytes) -> dict[str, object]:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise WrongProvider(ProviderCode.NO_OBJECT)
    return found


def _error_of(raw: bytes) -> str:
    try:
        return str(_object(raw).get("error", ""))[:80]
    except WrongProvider:
        return ""


class _Cache:
    """What the service told of itself, for an hour."""

    def __init__(self, _desk: desk.Desk) -> None:
        self.lock = threading.Lock()
        self.issuer = ""  # whose the rest is
        self.until = self.keys_at = -KNOWN_FOR
        self.document: dict[str, object] = {}
        self.keys: dict[str, object] = {}


def discovery(provider: Provider) -> dict[str, Any]:
    """The service's addresses (its discovery document). Raises WrongProvider."""
    cache = desk.current().part(_Cache)
    with cache.lock:
        if cache.issuer == provider.issuer and clock.current().uptime() < cache.until:
            return cache.document
        address = provider.issuer.rstrip("/") + "/.well-known/openid-configuration"
        document = _ask("GET", address)
        if document.get("issuer") != provider.issuer:
            raise WrongProvider(ProviderCode.OTHER_NAME)
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            _must_be_safe(str(document.get(name, "")), name)
        cache.issuer, cache.document, cache.keys = provider.issuer, document, {}
        cache.keys_at = -KNOWN_FOR
        cache.until = clock.current().uptime() + KNOWN_FOR
        return document


def _key(provider: Provider, name: str) -> Any:
    """The public key of this name, "" for the only one.

    Where it is not known the service is asked anew, now and then.
    """
    from jwt import PyJWKSet
    from jwt.exceptions import PyJWTError

    document, cache = discovery(provider), desk.current().part(_Cache)
    with cache.lock:
        up = clock.current().uptime()
        if name not in cache.keys and (not cache.keys or up - cache.keys_at > ASKED_AGAIN):
            try:
                found = PyJWKSet.from_dict(_ask("GET", str(document["jwks_uri"])))
            except (PyJWTError, ValueError, TypeError, KeyError, AttributeError) as error:
                raise WrongProvider(ProviderCode.NO_KEYS) from error
            signing = [one for one in found.keys if one.public_key_use in (None, "sig")]
            cache.keys = {one.key_id or "": one for one in signing}
            if len(signing) == 1:
                cache.keys[""] = signing[0]
            cache.keys_at = up
        if name not in cache.keys:
            raise WrongProvider(ProviderCode.OTHER_KEY)
        return cache.keys[name]


def redeem(provider: Provider, code: str, verifier: str, back: str) -> str:
    """The id_token for a code. Raises WrongProvider."""
    document = discovery(provider)
    form = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": back,
        "code_verifier": verifier,
    }  # fmt: skip
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    methods = document.get("token_endpoint_auth_methods_supported")
    if not provider.secret:
        form["client_id"] = provider.client
    elif not isinstance(methods, list) or "client_secret_basic" in methods:  # the usual one
        who = f"{quote(provider.client, safe='')}:{quote(provider.secret, safe='')}"
        headers["Authorization"] = f"Basic {base64.b64encode(who.encode()).decode()}"
    else:
        form |= {"client_id": provider.client, "client_secret": provider.secret}
    body = urlencode(form).encode()
    answer = _ask("POST", str(document["token_endpoint"]), body=body, headers=headers)
    token = answer.get("id_token")
    if not isinstance(token, str):
        raise WrongProvider(ProviderCode.NO_TOKEN)
    return token


def checked(provider: Provider, token: str, nonce: str) -> dict[str, object]:
    """The claims of an id_token whose signature, issuer, audience, times and nonce hold.

    Raises WrongProvider.
    """
    import jwt
    from jwt.exceptions import PyJWTError

    try:
        header = jwt.get_unverified_header(token)
        if header.get("alg") not in ALGORITHMS:
            raise WrongProvider(ProviderCode.NOT_SIGNED)
        claims: dict[str, object] = jwt.decode(
            token,
            _key(provider, str(header.get("kid") or "")),
            algorithms=list(ALGORITHMS),
            audience=provider.client,
            issuer=provider.issuer,
            leeway=LEEWAY,
            options={"require": ["exp", "iat", "aud", "iss", "sub"]},
        )
    except PyJWTError as error:
        raise WrongProvider(ProviderCode.NOT_HOLDING, kind=type(error).__name__) from error
    audience = claims["aud"]
    several = isinstance(audience, list) and len(audience) > 1
    if (several or "azp" in claims) and claims.get("azp") != provider.client:
        raise WrongProvider(ProviderCode.OTHER_PROGRAM)
    if claims.get("nonce") != nonce:
        raise WrongProvider(ProviderCode.OTHER_SIGN_IN)
    return claims
