"""An authenticator in software (WebAuthn Level 3, section 6): keys in memory, no attestation."""

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import bytes_to_base64url as text
from webauthn.helpers import encode_cbor

PRESENT, VERIFIED, NEW_KEY = 0x01, 0x04, 0x40


@dataclass
class Authenticator:
    """One device; `flags` are what it says of its owner: there, and known by finger or PIN."""

    origin: str = "http://localhost:8501"
    flags: int = PRESENT | VERIFIED
    count: int = 0
    keys: dict[str, ec.EllipticCurvePrivateKey] = field(default_factory=dict)

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """What a browser answers to options that ask for a new key."""
        raw, key = secrets.token_bytes(16), ec.generate_private_key(ec.SECP256R1())
        self.keys[text(raw)] = key
        point = key.public_key().public_numbers()
        public = {
            1: 2,
            3: -7,
            -1: 1,
            -2: point.x.to_bytes(32, "big"),
            -3: point.y.to_bytes(32, "big"),
        }
        data = self._data(options["rp"]["id"], self.flags | NEW_KEY)
        data += bytes(16) + len(raw).to_bytes(2, "big") + raw + encode_cbor(public)
        attested = encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})
        response = {"attestationObject": text(attested)}
        return self._answer(text(raw), "webauthn.create", options, response)

    def get(self, options: dict[str, Any], name: str = "") -> dict[str, Any]:
        """What a browser answers to options that ask for a known key (`name`: for which site)."""
        allowed = [one["id"] for one in options.get("allowCredentials", ())]
        known = [one for one in self.keys if not allowed or one in allowed]
        self.count += 1
        data = self._data(name or options["rpId"], self.flags)
        answer = self._answer(known[-1], "webauthn.get", options, {"authenticatorData": text(data)})
        signed = data + hashlib.sha256(self._client("webauthn.get", options)).digest()
        signature = self.keys[known[-1]].sign(signed, ec.ECDSA(hashes.SHA256()))
        answer["response"]["signature"] = text(signature)
        return answer

    def _data(self, name: str, flags: int) -> bytes:
        return (
            hashlib.sha256(name.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")
        )

    def _client(self, kind: str, options: dict[str, Any]) -> bytes:
        client_data = {"type": kind, "challenge": options["challenge"], "origin": self.origin}
        return json.dumps(client_data).encode()

    def _answer(
        self, name: str, kind: str, options: dict[str, Any], response: dict[str, str]
    ) -> dict[str, Any]:
        response = {**response, "clientDataJSON": text(self._client(kind, options))}
        return {"id": name, "rawId": name, "type": "public-key", "response": response}
