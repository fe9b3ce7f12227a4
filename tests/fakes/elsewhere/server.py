"""Google's and GitHub's sides of logging in, over real HTTP: consent, codes that work once, PKCE, tokens, profiles."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt

ISSUER = "https://accounts.google.com"
CLIENT_ID, CLIENT_SECRET = "the-site", "secret-of-the-site"
# Google signs with keys of its own; a site that got the token over TLS from Google itself needn't check that.
_SIGNED_WITH = "a key that only the fake has, long enough for HS256"

Answer = tuple[int, str, str]


class FakeProviders:
    """A running fake of both: ``.url``, the profiles that they tell, and ways to fail."""

    def __init__(self) -> None:
        self.google: dict[str, Any] = {
            "sub": "10769150350006150715113082367",
            "email": "dana@example.test",
            "email_verified": True,
            "given_name": "Dana",
            "family_name": "Scully",
            "picture": "https://pictures.example/dana.jpg",
        }
        self.github: dict[str, Any] = {"id": 583231, "login": "dana-s", "name": "Dana Scully", "email": None}
        self.github_emails: list[dict[str, Any]] = [
            {"email": "1+dana-s@users.noreply.github.com", "primary": False, "verified": True},
            {"email": "dana@example.test", "primary": True, "verified": True},
        ]
        self.denies = False
        self.fails_with = 0  # answer the site with this status: the outage
        self.says_nonsense = False
        self.tokens: list[str] = []
        self._codes: dict[str, dict[str, str]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                asked = urlsplit(self.path)
                params = {name: values[0] for name, values in parse_qs(asked.query).items()}
                if asked.path in ("/o/oauth2/v2/auth", "/login/oauth/authorize"):
                    self._send(*fake.consent(params))
                else:
                    self._send(*fake.profile(asked.path, self.headers.get("Authorization", "")))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                params = {name: values[0] for name, values in parse_qs(body).items()}
                self._send(*fake.token(self.path, params))

            def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  (the base class's word)
                """Say nothing: the test says what matters."""

            def _send(self, status: int, kind: str, text: str) -> None:
                data = b"" if status == 302 else text.encode()
                self.send_response(status)
                self.send_header("Content-Type", kind)
                if status == 302:
                    self.send_header("Location", text)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        return Handler

    def consent(self, params: dict[str, str]) -> Answer:
        """The person says yes or no, and is led back with a code or an error."""
        if params.get("client_id") != CLIENT_ID or params.get("response_type") != "code":
            return 400, "text/plain", "unknown client"
        if params.get("code_challenge_method") != "S256" or not params.get("state"):
            return 400, "text/plain", "no challenge or no state"
        back: dict[str, str] = {"state": params["state"]}
        if self.denies:
            back["error"] = "access_denied"
        else:
            code = back["code"] = secrets.token_urlsafe(8)
            self._codes[code] = {"to": params["redirect_uri"], "challenge": params["code_challenge"]}
        return 302, "text/plain", f"{params['redirect_uri']}?{urlencode(back)}"

    def token(self, path: str, params: dict[str, str]) -> Answer:
        if self.fails_with:
            return self.fails_with, "text/plain", "out of order"
        issued = self._codes.pop(params.get("code", ""), None)
        known = params.get("client_id") == CLIENT_ID and params.get("client_secret") == CLIENT_SECRET
        verifier = hashlib.sha256(params.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier).decode().rstrip("=")
        good = issued and issued["to"] == params.get("redirect_uri") and issued["challenge"] == challenge
        if not known or not good:
            return 400, "application/json", json.dumps({"error": "invalid_grant"})
        token = f"access-{secrets.token_urlsafe(8)}"
        self.tokens.append(token)
        if path == "/login/oauth/access_token":
            # As GitHub answers when nobody asks for JSON.
            words = urlencode({"access_token": token, "scope": "user:email", "token_type": "bearer"})
            return 200, "application/x-www-form-urlencoded", words
        now = int(time.time())
        claims = {"iss": ISSUER, "aud": CLIENT_ID, "iat": now, "exp": now + 3600, **self.google}
        if self.says_nonsense:
            del claims["sub"]
        id_token = jwt.encode(claims, _SIGNED_WITH, algorithm="HS256")
        answer = {"access_token": token, "id_token": id_token, "token_type": "Bearer", "expires_in": 3599}
        return 200, "application/json", json.dumps(answer)

    def profile(self, path: str, authorization: str) -> Answer:
        if self.fails_with:
            return self.fails_with, "text/plain", "out of order"
        if authorization.removeprefix("token ") not in self.tokens:
            return 401, "application/json", json.dumps({"message": "Bad credentials"})
        if self.says_nonsense:
            return 200, "text/html", "<p>Under maintenance"
        answers: dict[str, Any] = {"/api/v3/user": self.github, "/api/v3/user/emails": self.github_emails}
        if path not in answers:
            return 404, "application/json", json.dumps({"message": "Not Found"})
        return 200, "application/json", json.dumps(answers[path])
