"""The generative half of the page's server: prices, orders and results as docs/editor.md describes them, all in memory.

A test says what becomes of an order (`begin`, `step`, `finish`, `fail`); the pixels outside of what was marked stay
as they were, as on the site, since each result is made from a replay of the document.
"""

from __future__ import annotations

import base64
import io
import json
import queue
import uuid
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from editor.replay.document import Document
from editor.replay.engine import Kernels
from tests.editor.pngs import png_of

Pixels = NDArray[np.uint8]
COLOURS: Final = [(200, 40, 60), (40, 160, 80), (60, 80, 220), (230, 180, 40)]
MODEL: Final = {
    "id": "bundled",
    "label": "Image 2 Poster",
    "description": "",
    "price": 1,
    "suggestions": ["boat", "bird", "cloud", "house", "hill", "moon", "sun", "tree", "star", "fence"],
}
NOTE: Final = "This model draws simple scenes."
OTHER: Final = {"id": "photo", "label": "Photo model", "description": "", "price": 3, "suggestions": []}


def _tool(tool: str, gives: str, **more: Any) -> dict[str, Any]:
    usual = {
        "selection": "none",
        "words": "none",
        "variants": [1, 4],
        "strength": None,
        "models": [MODEL, OTHER],
    }
    return {"tool": tool, "gives": gives, **usual, **more}


STRENGTH: Final = {"least": 0.05, "most": 1.0, "default": 0.75}
TOOLS: Final = [
    _tool("fill", "layer", selection="needed", words="needed"),
    _tool("replace", "layer", selection="needed", words="needed", strength=STRENGTH),
    _tool("erase", "layer", selection="needed", words="optional"),
    _tool("extend", "layer", words="optional"),
    _tool("variations", "layer", selection="optional", words="optional", strength=STRENGTH),
    _tool("remove_background", "mask", variants=[1, 1], models=[MODEL]),
    _tool("upscale", "document", variants=[1, 1], models=[MODEL]),
    _tool("layers", "layers", variants=[2, 8], models=[MODEL]),
    _tool("segment", "selection", variants=[1, 1], models=[{**MODEL, "price": 0}]),
    _tool("instruct", "layer", selection="optional", words="needed", models=[OTHER]),
]
SCALES: Final[list[dict[str, Any]]] = [
    {"scale": "x2", "label": "×2", "width": 800, "height": 600, "price": 2},
    {"scale": "x4", "label": "×4", "width": 1600, "height": 1200, "price": 4},
]


class Orders:
    """What was ordered, by document, and what is told of it."""

    def __init__(self, documents: Any) -> None:
        self.documents = documents
        self.orders: dict[str, dict[str, Any]] = {}  # by id
        self.of: dict[str, str] = {}  # the document of an order
        self.files: dict[str, bytes] = {}
        self.proposed: dict[str, list[int] | None] = {}  # the box of a document's last price
        self.streams: list[queue.Queue[dict[str, Any]]] = []
        self.asked: list[dict[str, Any]] = []  # bodies of orders, as pages sent them
        self.raised = 0  # what a picture costs more than pages were told
        self.credits = 41
        self.charged = 0

    # --- what a page asks ---------------------------------------------------------------------------------------

    def options(self) -> dict[str, Any]:
        return {
            "credits": self.credits,
            "words": "a red sailboat on the sea",
            "tools": TOOLS,
            "scales": SCALES,
            "most_side": 8192,
            "most_words": 2000,
            "feather": {"least": 0, "most": 512},
        }

    def quote(self, name: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        entry = next((tool for tool in TOOLS if tool["tool"] == body["tool"]), None)
        if entry is None or body["operation"] not in self._uids(name):
            return 422, {"sentence": "The document has no such step to go to. Reload the page."}
        each = self.price_of(entry, body)
        price = each * body["variants"]
        missing = price - self.credits
        size = self.size_of(name)
        box = self.proposed[name] = body.get("box") or self._seen(body, size)
        return 200, {
            "price": price,
            "each": each,
            "credits": self.credits,
            "model": body["model"],
            "box": box,
            "feather": 4,
            "width": size[0],
            "height": size[1],
            "sentence": f"You need {missing} more credits." if missing > 0 else "",
            "note": NOTE if body["tool"] == "erase" and body["model"] == "bundled" else "",
        }

    def price_of(self, entry: dict[str, Any], body: dict[str, Any]) -> int:
        if body["tool"] == "segment":
            return 0
        if body["tool"] == "upscale":
            price: int = next(scale["price"] for scale in SCALES if scale["scale"] == body["scale"])
            return price + self.raised
        model = next(model for model in entry["models"] if model["id"] == body["model"])
        return int(model["price"]) + self.raised

    def order(self, name: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.asked.append(body)
        body = {"variants": 1, "model": "bundled", **body}
        if body["id"] in self.orders:
            return 202, self.orders[body["id"]]
        entry = next(tool for tool in TOOLS if tool["tool"] == body["tool"])
        if body["operation"] not in self._uids(name):
            return 409, {"code": "unsaved", "sentence": "Your last steps are not saved on the server yet."}
        price = self.price_of(entry, body) * body["variants"]
        if price != body["price"]:
            sentence = f"The price is {price} credits now. Press again to order at this price."
            return 409, {"code": "price", "price": price, "sentence": sentence}
        base = f"/editor/{name}/generate/orders/{body['id']}"
        order: dict[str, Any] = {
            **{
                key: body.get(key)
                for key in ("id", "tool", "operation", "words", "variants", "price", "strength")
            },
            "url": base,
            "gives": "document" if body.get("whole") and body["tool"] == "variations" else entry["gives"],
            "of_selection": entry["selection"] != "none" and not body.get("whole"),
            "model": {"id": body["model"], "label": body["model"]},
            "state": "preparing",
            "job": None,
            "stage": "",
            "step": 0,
            "of": 0,
            "place": None,
            "eta": None,
            "previews": [None] * body["variants"],
            "charged": 0,
            "sentence": "",
            "canvas": body.get("canvas"),
            "box": body.get("box") or self.proposed.get(name),
            "place_of_result": None,
            "created_at": "2026-11-29T09:00:00Z",
            "until": "2026-12-29T09:00:00Z",
            "cancel": f"{base}/cancel",
            "remove": None,
            "results": [],
            "thrown": {},
        }
        self.orders[body["id"]] = order
        self.of[body["id"]] = name
        return 202, order

    def all(self, name: str) -> dict[str, Any]:
        return {"orders": [order for id_, order in reversed(self.orders.items()) if self.of[id_] == name]}

    def act(self, name: str, order: dict[str, Any], parts: list[str]) -> tuple[int, dict[str, Any]]:
        """POST to an address of an order: cancel, remove, or an index and what is done with that result."""
        if parts == ["cancel"]:
            self._end(order, "cancelled")
            return 200, order
        if parts == ["remove"]:
            del self.orders[order["id"]]
            return 200, {}
        thrown = order["thrown"]
        if parts[1] == "restore":
            found = thrown.pop(int(parts[0]))
            order["results"] = sorted([*order["results"], found], key=lambda each: each["index"])
            return 200, {"result": found}
        result = next(each for each in order["results"] if each["index"] == int(parts[0]))
        if parts[1] == "remove":
            order["results"].remove(result)
            thrown[result["index"]] = result
            return 200, {}
        result["kept"] = True
        if parts[1] == "keep":
            return 200, {"result": result}
        result["used"] = True
        return 200, {"result": result, **self._use(name, order, result)}

    # --- what becomes of an order -------------------------------------------------------------------------------

    def newest(self) -> dict[str, Any]:
        return list(self.orders.values())[-1]

    def begin(self, order: dict[str, Any]) -> None:
        """A worker has drawn what the model sees: there is a job."""
        order.update(state="queued", job=str(uuid.uuid4()), place=1, eta=[3, 8])
        self._tell(order)

    def step(self, order: dict[str, Any], step: int, of: int = 20) -> None:
        if order["job"] is None:
            self.begin(order)
        order.update(state="running", stage="drawing", step=step, of=of, place=None, eta=[2, 4])
        address = f"/jobs/{order['job']}/preview/0/{step}/"
        self.files[address] = png_of(np.full((48, 64, 4), (*COLOURS[0], 255), np.uint8))
        order["previews"][0] = address
        self._tell(order)

    def finish(self, order: dict[str, Any]) -> None:
        if order["job"] is None:
            self.begin(order)
        name = self.of[order["id"]]
        picture, marked = self._made(name, order)
        for index in range(order["variants"]):
            self._result(order, index, picture, marked)
        order["charged"] = order["price"]
        self.credits -= order["price"]
        self.charged += order["price"]
        self._end(order, "done")

    def fail(self, order: dict[str, Any], sentence: str) -> None:
        order["sentence"] = sentence
        self._end(order, "failed")

    def event(self, order: dict[str, Any]) -> dict[str, Any]:
        order["revision"] = order.get("revision", 0) + 1
        names = ("state", "stage", "step", "of", "place", "eta", "previews", "sentence", "revision")
        return {
            "id": order["job"],
            "picture": 0,
            "count": order["variants"],
            **{key: order[key] for key in names},
        }

    # --- pixels -------------------------------------------------------------------------------------------------

    def _made(self, name: str, order: dict[str, Any]) -> tuple[Pixels, Pixels]:
        """What the result is made of, and what of it may differ (0 or 255), where the result stands."""
        picture, selection = self._replayed(name, order["operation"])
        height, width = picture.shape[:2]
        if order["tool"] == "extend":
            canvas = order["canvas"]
            whole = np.zeros((canvas["height"], canvas["width"], 4), np.uint8)
            marked = np.full(whole.shape[:2], 255, np.uint8)
            there = np.s_[canvas["dy"] : canvas["dy"] + height, canvas["dx"] : canvas["dx"] + width]
            whole[there], marked[there] = picture, 0
            order["place_of_result"] = [0, 0, canvas["width"], canvas["height"]]
            return whole, marked
        if order["gives"] == "layer" and not order["of_selection"]:
            order["place_of_result"] = [0, 0, width, height]
        if not order["of_selection"] or selection is None:
            if order["tool"] == "upscale":
                picture = picture.repeat(2, axis=0).repeat(2, axis=1)
            return picture, np.full(picture.shape[:2], 255, np.uint8)
        rows, columns = np.nonzero(selection)
        x0, y0, x1, y1 = (int(v) for v in (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1))
        order["place_of_result"] = [x0, y0, x1 - x0, y1 - y0]
        return picture[y0:y1, x0:x1], selection[y0:y1, x0:x1]

    def _replayed(self, name: str, operation: str) -> tuple[Pixels, Pixels | None]:
        documents = self.documents

        class Assets:
            def pixels(self, sha256: str) -> Pixels:
                pixels = pixels_of(documents.assets[sha256])
                pixels[pixels[..., 3] == 0] = 0
                return pixels

        log = {each["id"]: each for each in documents.documents[name]["log"]}
        path: list[dict[str, Any]] = []
        at: str | None = operation
        while at is not None:
            path.append(log[at])
            at = log[at]["parent"]
        with Kernels() as kernels:
            document = Document(kernels, Assets())
            for each in reversed(path):
                document.apply(each["kind"], each["body"], base64.b64decode(each["blob"]))
            selection = document.selection
            seen = None if selection is None else selection.read((0, 0, *document.size))
            return document.picture(), seen

    def _result(self, order: dict[str, Any], index: int, picture: Pixels, marked: Pixels) -> None:
        own = f"{order['url']}/{index}"
        made = np.array(picture)
        if order["gives"] in ("mask", "selection"):
            made[..., 3] = np.where(np.arange(made.shape[1]) < made.shape[1] // 2, 255, 0)
        else:
            made[marked > 0] = (*COLOURS[index], 255)
        png = png_of(made)
        for size in ("thumbnail", "large", "master"):
            self.files[f"{own}/{size}"] = png
        mask = np.zeros((*marked.shape, 4), np.uint8)
        mask[..., 3] = marked
        order.setdefault("files", {})[index] = (made, mask)
        order["results"].append(
            {
                "reference": f"picture:{uuid.uuid4()}",
                "index": index,
                "width": made.shape[1],
                "height": made.shape[0],
                "kept": False,
                "used": False,
                **{
                    key: f"{own}/{key}"
                    for key in ("thumbnail", "large", "master", "use", "keep", "remove", "restore")
                },
            }
        )

    def _use(self, name: str, order: dict[str, Any], result: dict[str, Any]) -> dict[str, Any]:
        made, mask = order["files"][result["index"]]
        if order["gives"] == "document":
            return {"document": f"/editor/{self.documents.new(png=png_of(made))}/"}
        sha256 = self.documents.keep(png_of(made))
        if order["gives"] == "selection":
            body = {"shape": "picture", "asset": sha256, "x": 0, "y": 0}
            return {"operations": [{"kind": "select", "body": body}], "what": "House"}
        if order["gives"] == "mask":
            layer = self.documents.documents[name]["log"][0]["body"]["layer"]
            body = {"layer": layer, "from": "asset", "asset": sha256, "x": 0, "y": 0}
            return {"operations": [{"kind": "layer.mask", "body": body}]}
        x, y = order["place_of_result"][:2]
        body = {
            "name": (order["words"] or order["tool"])[:120],
            "asset": sha256,
            "mask": self.documents.keep(png_of(mask)),
            "x": x,
            "y": y,
            "words": order["words"] or "",
            "job": order["job"],
        }
        before = [{"kind": "canvas", "body": order["canvas"]}] if order["tool"] == "extend" else []
        return {"operations": [*before, {"kind": "layer.add", "body": body}]}

    # --- helpers ------------------------------------------------------------------------------------------------

    def size_of(self, name: str) -> tuple[int, int]:
        first = self.documents.documents[name]["log"][0]["body"]
        return first["width"], first["height"]

    def _seen(self, body: dict[str, Any], size: tuple[int, int]) -> list[int] | None:
        if canvas := body.get("canvas"):
            # What is new at the right, if that is all, and half as much again of the picture.
            grown = canvas["width"] - size[0] - canvas["dx"]
            left = size[0] + canvas["dx"] - grown if grown > 0 and not canvas["dx"] else 0
            return [left, 0, canvas["width"], canvas["height"]]
        if not body.get("marked"):
            return None
        left, top, right, bottom = body["marked"]
        reach = max(right - left, bottom - top) // 2
        return [
            max(0, left - reach),
            max(0, top - reach),
            min(size[0], right + reach),
            min(size[1], bottom + reach),
        ]

    def _uids(self, name: str) -> set[str]:
        return {operation["id"] for operation in self.documents.documents[name]["log"]}

    def _end(self, order: dict[str, Any], state: str) -> None:
        order.update(
            state=state, cancel=None, remove=f"{order['url']}/remove", previews=[], stage="", step=0, of=0
        )
        if order["job"]:
            self._tell(order)

    def _tell(self, order: dict[str, Any]) -> None:
        event = self.event(order)
        for stream in self.streams:
            stream.put(event)


def pixels_of(png: bytes) -> Pixels:
    with Image.open(io.BytesIO(png)) as image:
        return np.array(image.convert("RGBA"))


def frame(event: dict[str, Any]) -> bytes:
    """An event as the stream carries it."""
    return f"event: job\nid: {event['id']}:{event['revision']}\ndata: {json.dumps(event)}\n\n".encode()


def plain(order: dict[str, Any]) -> dict[str, Any]:
    """An order as JSON: without what only this server knows."""
    return {key: value for key, value in order.items() if key not in ("files", "thrown", "revision")}
