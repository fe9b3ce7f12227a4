"""The fake's HTTP face: the paths that we call, authentication, versions, idempotency keys, pages and errors."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from stripe import params

from tests.fakes.stripe import bench, hosted
from tests.fakes.stripe.params import WrongParameters, check, decoded
from tests.fakes.stripe.world import API_VERSION, Missing, NotNow, Thing, World, shown

KEY = "sk_test_of_the_fake"
Answer = Callable[..., Thing]


class FakeStripe:
    """A running fake: ``.url`` for STRIPE_API_BASE, ``.world`` to make things happen, ``.requests`` to look back."""

    def __init__(self) -> None:
        self.world = World()
        self.requests: list[tuple[str, str, dict[str, Any]]] = []
        self.answered: dict[str, tuple[dict[str, Any], Thing]] = {}
        self.endpoint = ""  # where its own pages deliver events to
        self.fails_with = 0  # answer everything with this status: the outage
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.world.pages = self.url
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # or each answer waits 40 ms for an acknowledgement of its head

            def do_GET(self) -> None:
                self._answer("get")

            def do_POST(self) -> None:
                self._answer("post")

            def do_DELETE(self) -> None:
                self._answer("delete")

            def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  (the base class's word)
                """Say nothing: the test says what matters."""

            def _answer(self, method: str) -> None:
                asked = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                where, kind = "", "application/json"
                if asked.path.startswith(("/pay/", "/portal/")):
                    status, text, where = hosted.answer(fake.world, method, asked.path, fake.endpoint)
                    kind = "text/html"
                else:
                    params = body or asked.query
                    status, answer = fake.answer(method, asked.path, params, dict(self.headers.items()))
                    text = json.dumps(answer)
                data = text.encode()
                self.send_response(status)
                self.send_header("Content-Type", kind)
                if where:
                    self.send_header("Location", where)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        return Handler

    def answer(self, method: str, path: str, text: str, headers: dict[str, str]) -> tuple[int, Thing]:
        if self.fails_with:
            return self.fails_with, _error("api_error", "the fake is out of order")
        if headers.get("Authorization") != f"Bearer {KEY}":
            return 401, _error("invalid_request_error", "no such key")
        if headers.get("Stripe-Version") != API_VERSION:
            return 400, _error("invalid_request_error", f"version {headers.get('Stripe-Version')}")
        for wanted, pattern, expected, act in (*ROUTES, *bench.ROUTES):
            if wanted == method and (match := re.fullmatch(pattern, path)):
                return self._act(
                    path, decoded(text), headers.get("Idempotency-Key", ""), expected, act, match
                )
        return 404, _error("invalid_request_error", f"the fake knows no {method} {path}")

    def _act(
        self,
        path: str,
        params: dict[str, Any],
        key: str,
        expected: type | None,
        act: Answer,
        match: re.Match[str],
    ) -> tuple[int, Thing]:
        self.requests.append((path, key, params))
        if expected is not None:
            try:
                check(params, expected)
            except WrongParameters as wrong:
                return 400, _error("invalid_request_error", str(wrong))
        if key in self.answered:
            before, answer = self.answered[key]
            if before != params:
                return 400, _error("idempotency_error", f"{key} was used for other parameters")
            return 200, answer
        try:
            answer = act(self.world, params, *match.groups())
        except WrongParameters as wrong:
            return 400, _error("invalid_request_error", str(wrong))
        except bench.CardDeclined:
            return 402, _error("card_error", "Your card was declined.", code="card_declined")
        except NotNow as reason:
            return 400, _error("invalid_request_error", str(reason))
        except Missing as missing:
            message, param = f"no such object: {missing}", missing.param
            status = 404 if param == "id" else 400
            return status, _error("invalid_request_error", message, code="resource_missing", param=param)
        if key.startswith(("customer:", "checkout:", "product:", "price:", "refund:")):
            self.answered[key] = (params, answer)
        return 200, answer


def _error(kind: str, message: str, **more: str) -> Thing:
    return {"error": {"type": kind, "message": message, **more}}


def _page(found: list[Thing], params: dict[str, Any], url: str) -> Thing:
    """Return one page of a list, as ``limit`` and ``starting_after`` say."""
    if after := params.get("starting_after"):
        ids = [thing["id"] for thing in found]
        found = found[ids.index(after) + 1 :]
    limit = int(params.get("limit", 10))
    data = [shown(thing) for thing in found[:limit]]
    return {"object": "list", "data": data, "has_more": len(found) > limit, "url": url}


def _one(kind: str) -> Answer:
    return lambda world, _wish, thing_id: shown(world.get(thing_id, kind))


def _make_customer(world: World, params: dict[str, Any]) -> Thing:
    made = world.add(
        "customer", "cus", **{"address": None, "invoice_settings": {"default_payment_method": None}, **params}
    )
    return shown(made)


def _cards(world: World, params: dict[str, Any], customer: str) -> Thing:
    world.get(customer, "customer", "customer")
    return _page(
        world.all("payment_method", customer=customer), params, f"/v1/customers/{customer}/payment_methods"
    )


def _customer(world: World, params: dict[str, Any], customer_id: str) -> Thing:
    customer = shown(world.get(customer_id, "customer"))
    if customer.get("deleted"):
        return customer
    default = customer.get("invoice_settings", {}).get("default_payment_method")
    if default and "invoice_settings.default_payment_method" in params.get("expand", []):
        customer["invoice_settings"] = {"default_payment_method": shown(world.get(default))}
    return customer


def _make_product(world: World, params: dict[str, Any]) -> Thing:
    return shown(world.add("product", "prod", params.pop("id", ""), **params))


def _make_price(world: World, params: dict[str, Any]) -> Thing:
    world.get(params["product"], "product")
    for old in world.all("price", lookup_key=params.get("lookup_key")):
        assert params.get("transfer_lookup_key") == "true"
        old["lookup_key"] = None
    fields = {key: value for key, value in params.items() if key != "transfer_lookup_key"}
    fields["unit_amount"] = int(fields["unit_amount"])
    made = world.add("price", "price", **{"recurring": None, "metadata": {}, "active": True, **fields})
    return shown(made)


def _list_prices(world: World, params: dict[str, Any]) -> Thing:
    if len(params.get("lookup_keys", [])) > 10:
        raise WrongParameters("at most 10 lookup keys at once")
    found = [price for price in world.all("price") if price["lookup_key"] in params.get("lookup_keys", [])]
    return _page(found, params, "/v1/prices")


def _make_session(world: World, params: dict[str, Any]) -> Thing:
    world.get(params["customer"], "customer", "customer")
    prices = [
        world.get(item["price"], "price", f"line_items[{number}][price]")
        for number, item in enumerate(params["line_items"])
    ]
    items = [{"id": f"li_{price['id']}", "object": "item", "price": price} for price in prices]
    is_recurring = bool(prices[0]["recurring"])
    assert is_recurring == (params["mode"] == "subscription")
    session = world.add(
        "checkout.session",
        "cs",
        mode=params["mode"],
        customer=params["customer"],
        client_reference_id=params["client_reference_id"],
        metadata=params["metadata"],
        success_url=params["success_url"],
        cancel_url=params["cancel_url"],
        status="open",
        payment_status="unpaid",
        payment_intent=None,
        subscription=None,
        _items=items,
        _intent_metadata=params.get("payment_intent_data", {}).get("metadata"),
        _subscription_metadata=params.get("subscription_data", {}).get("metadata"),
    )
    session["url"] = f"{world.pages}/pay/{session['id']}"
    return shown(session)


def _session(world: World, params: dict[str, Any], session_id: str) -> Thing:
    session = world.get(session_id, "checkout.session")
    if "line_items.data.price" not in params.get("expand", []):
        return shown(session)
    items = {
        "object": "list",
        "data": session["_items"],
        "has_more": False,
        "url": f"/v1/checkout/{session_id}",
    }
    return {**shown(session), "line_items": items}


def _make_portal(world: World, params: dict[str, Any]) -> Thing:
    world.get(params["customer"], "customer", "customer")
    if switched := params.get("flow_data", {}).get("subscription_update", {}).get("subscription"):
        world.get(switched, "subscription", "flow_data[subscription_update][subscription]")
    made = world.add("billing_portal.session", "bps", **params)
    made["url"] = f"{world.pages}/portal/{made['id']}"
    return shown(made)


def _list_invoices(world: World, params: dict[str, Any]) -> Thing:
    wanted = {key: params[key] for key in ("customer", "status") if key in params}
    found = _made(world.all("invoice", **wanted), params)
    if "subscription" in params:
        found = [row for row in found if _subscription_of(row) == params["subscription"]]
    return _page(found, params, "/v1/invoices")


def _subscription_of(invoice: Thing) -> str:
    parent = invoice["parent"]
    return str(parent["subscription_details"]["subscription"]) if parent else ""


def _list_sessions(world: World, params: dict[str, Any]) -> Thing:
    if "customer" in params:
        world.get(params["customer"], "customer", "customer")
    wanted = {key: params[key] for key in ("customer", "status") if key in params}
    return _page(_made(world.all("checkout.session", **wanted), params), params, "/v1/checkout/sessions")


def _list_subscriptions(world: World, params: dict[str, Any]) -> Thing:
    """Without a status Stripe lists those that have not ended."""
    if "customer" in params:
        world.get(params["customer"], "customer", "customer")
    found = world.all("subscription", **({"customer": params["customer"]} if "customer" in params else {}))
    return _page([row for row in found if row["status"] != "canceled"], params, "/v1/subscriptions")


def _list_refunds(world: World, params: dict[str, Any]) -> Thing:
    world.get(params["payment_intent"], "payment_intent", "payment_intent")
    return _page(world.all("refund", payment_intent=params["payment_intent"]), params, "/v1/refunds")


def _intent(world: World, params: dict[str, Any], intent_id: str) -> Thing:
    intent = shown(world.get(intent_id, "payment_intent"))
    if "latest_charge" in params.get("expand", []) and intent.get("latest_charge"):
        intent["latest_charge"] = shown(world.get(intent["latest_charge"]))
    return intent


def _made(found: list[Thing], params: dict[str, Any]) -> list[Thing]:
    """Return those that were made in the time that is asked for."""
    time = params.get("created", {})
    first, end = int(time.get("gte", 0)), int(time.get("lt", 2**40))
    return [thing for thing in found if first <= thing["created"] < end]


def _list_payments(world: World, params: dict[str, Any]) -> Thing:
    found = world.all("invoice_payment", **({"invoice": params["invoice"]} if "invoice" in params else {}))
    if intent := params.get("payment", {}).get("payment_intent"):
        found = [row for row in found if row["payment"]["payment_intent"] == intent]
    return _page(found, params, "/v1/invoice_payments")


def _list_events(world: World, params: dict[str, Any]) -> Thing:
    since, kinds = int(params["created"]["gte"]), params["types"]
    if len(kinds) > 20:
        raise WrongParameters("at most 20 types at once")
    found = [
        event for event in reversed(world.events) if event["created"] >= since and event["type"] in kinds
    ]
    return _page(found, params, "/v1/events")


ROUTES: list[tuple[str, str, type | None, Answer]] = [
    ("post", r"/v1/customers", params.CustomerCreateParams, _make_customer),
    ("get", r"/v1/customers/(\w+)", params.CustomerRetrieveParams, _customer),
    ("get", r"/v1/customers/(\w+)/payment_methods", params.CustomerPaymentMethodListParams, _cards),
    ("post", r"/v1/products", params.ProductCreateParams, _make_product),
    ("get", r"/v1/products/(\w+)", params.ProductRetrieveParams, _one("product")),
    ("post", r"/v1/prices", params.PriceCreateParams, _make_price),
    ("get", r"/v1/prices", params.PriceListParams, _list_prices),
    ("get", r"/v1/prices/(\w+)", params.PriceRetrieveParams, _one("price")),
    ("post", r"/v1/checkout/sessions", params.checkout.SessionCreateParams, _make_session),
    ("get", r"/v1/checkout/sessions/(\w+)", params.checkout.SessionRetrieveParams, _session),
    ("post", r"/v1/billing_portal/sessions", params.billing_portal.SessionCreateParams, _make_portal),
    ("get", r"/v1/subscriptions/(\w+)", params.SubscriptionRetrieveParams, _one("subscription")),
    ("get", r"/v1/subscriptions", params.SubscriptionListParams, _list_subscriptions),
    ("get", r"/v1/refunds", params.RefundListParams, _list_refunds),
    ("get", r"/v1/invoices", params.InvoiceListParams, _list_invoices),
    ("get", r"/v1/invoices/(\w+)", params.InvoiceRetrieveParams, _one("invoice")),
    ("get", r"/v1/invoice_payments", params.InvoicePaymentListParams, _list_payments),
    ("get", r"/v1/checkout/sessions", params.checkout.SessionListParams, _list_sessions),
    ("get", r"/v1/payment_intents/(\w+)", params.PaymentIntentRetrieveParams, _intent),
    ("get", r"/v1/charges/(\w+)", params.ChargeRetrieveParams, _one("charge")),
    ("get", r"/v1/refunds/(\w+)", params.RefundRetrieveParams, _one("refund")),
    ("get", r"/v1/disputes/(\w+)", params.DisputeRetrieveParams, _one("dispute")),
    ("get", r"/v1/events", params.EventListParams, _list_events),
]
