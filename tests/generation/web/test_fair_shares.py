"""Fair shares: a person at the limit has to wait, and everybody else continues."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db.models.functions import Now
from django.test import AsyncClient, Client
from django.utils import timezone

from accounts.models import User
from editor import opening
from editor.models import Document, Generation
from generation import fair_shares, housekeeping
from generation.fair_shares import OverShare, Share
from generation.models import File, Picture, Turn
from image2.lib.ids import new_id
from tests.editor.making import a_document
from tests.factories import PASSWORD
from tests.generation.files.conftest import NewPicture, local_storage, new_picture
from tests.generation.prompts.llm import Writer, serving
from tests.generation.web.conftest import FRAGMENT
from tests.generation.web.test_changes import with_fields
from tests.generation.web.test_creating import TYPED, a_file

__all__ = ["local_storage", "new_picture"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


@dataclass(frozen=True)
class Answer:
    status: int
    retry_after: str
    text: str

    @property
    def is_served(self) -> bool:
        return self.status in {200, 202, 302}


@dataclass(frozen=True)
class World:
    """What the routes need of each person."""

    pictures: dict[Any, Any]

    def browser(self, user: User, kind: type[Client] = Client) -> Client:
        client = kind()
        client.force_login(user)
        return client


def _said(response: Any) -> Answer:
    text = "" if response.streaming else response.content.decode(errors="replace")
    response.close()
    return Answer(response.status_code, response.headers.get("Retry-After", ""), text)


def _decoder(world: World, user: User) -> Answer:
    return _said(world.browser(user).post("/uploads/add/", {"file": a_file()}))


def _download(world: World, user: User) -> Answer:
    File.objects.filter(role=File.Role.DOWNLOAD).delete()  # a stored one takes no turn
    return _said(world.browser(user).get(f"/files/picture/{world.pictures[user.pk]}/download/jpeg"))


def _marks(world: World, user: User) -> Answer:
    return _said(world.browser(user).post("/verify/", {"file": a_file()}))


def _search(world: World, user: User) -> Answer:
    return _said(world.browser(user).get("/history/", {"q": "red"}))


def _quote(world: World, user: User) -> Answer:
    return _said(world.browser(user).post("/create/price/", TYPED, headers=FRAGMENT))


def _storage(world: World, user: User) -> Answer:
    return _said(world.browser(user).get("/storage/"))


def _stream(world: World, user: User) -> Answer:
    async def ask() -> Answer:
        client = AsyncClient()
        await client.aforce_login(user)
        response: Any = await client.get("/jobs/stream/")
        if not response.streaming:
            return _said(response)
        content = aiter(response.streaming_content)
        await anext(content)
        await content.aclose()
        return Answer(response.status_code, "", "")

    return asyncio.run(ask())


def _document(world: World, user: User) -> Answer:
    return _said(world.browser(user).post("/editor/new/", {"preset": "1080x1080", "background": "white"}))


def _operations(world: World, user: User) -> Answer:
    document = Document.objects.filter(owner=user).first() or a_document(user)
    sent = {"expected": str(document.head), "head": str(document.head), "operations": []}
    return _said(
        world.browser(user).post(f"/editor/{document.pk}/operations", sent, content_type="application/json")
    )


def _replay(world: World, user: User) -> Answer:
    document = Document.objects.filter(owner=user).first() or a_document(user)
    sent = {"operation": str(document.head), "format": "png"}
    return _said(
        world.browser(user).post(f"/editor/{document.pk}/export", sent, content_type="application/json")
    )


def _segment(world: World, user: User) -> Answer:
    """A click in a document whose picture the bundled model knows."""
    browser, picture = world.browser(user), world.pictures[user.pk]
    if not File.objects.filter(picture=picture, role=File.Role.FIELDS).exists():
        with_fields(Picture.objects.get(pk=picture))
    document = opening.from_reference(user=user, reference=f"picture:{picture}")
    sent = {"id": str(new_id()), "tool": "segment", "operation": str(document.head), "price": 0}
    answer = browser.post(
        f"/editor/{document.pk}/generate/orders", sent | {"inside": [[1, 1]]}, content_type="application/json"
    )
    Generation.objects.all().delete()
    return _said(answer)


def _export(world: World, user: User) -> Answer:
    browser = world.browser(user)
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return _said(browser.post("/privacy/export/"))


def _expand(world: World, user: User) -> Answer:
    return _said(
        world.browser(user).post("/create/prompt/", TYPED | {"action": "expand 0"}, headers=FRAGMENT)
    )


def _rewrite(world: World, user: User) -> Answer:
    return _said(world.browser(user).post("/create/prompt/", TYPED | {"action": "rewrite"}, headers=FRAGMENT))


# How a browser comes to each of the list.
ASK: dict[str, Callable[[World, User], Answer]] = {
    "decoder": _decoder,
    "marks": _marks,
    "download": _download,
    "search": _search,
    "stream": _stream,
    "quote": _quote,
    "expand": _expand,
    "rewrite": _rewrite,
    "storage": _storage,
    "document": _document,
    "operations": _operations,
    "replay": _replay,
    "segment": _segment,
    "export": _export,
}
LIST = fair_shares.shares()


@pytest.fixture
def world(alice: User, bob: User, new_picture: NewPicture, local_storage: Path) -> World:
    return World({user.pk: new_picture(user).pk for user in (alice, bob)})


@pytest.fixture(autouse=True)
def _nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, share in LIST.items():
        monkeypatch.setitem(fair_shares._SHARES, name, replace(share, wait=0))
    monkeypatch.setattr(
        fair_shares, "_hall", fair_shares._LocalTurns()
    )  # as in a process that was just started


@pytest.fixture(autouse=True)
def _a_language_model(settings: Any) -> Iterator[None]:
    with serving(Writer()) as writer:
        settings.PROMPT_LLM_URL, settings.PROMPT_LLM_MODEL = writer.address, "writer-1"
        yield


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """The middle of a minute, so that no window ends on the way."""
    now = datetime.fromtimestamp(time.time() // 60 * 60 + 20, timezone.get_current_timezone())
    with time_machine.travel(now, tick=False) as traveller:
        yield traveller


def test_everything_on_the_list_is_asked_for_here() -> None:
    assert set(ASK) == set(LIST)


@pytest.mark.parametrize("name", [name for name, share in LIST.items() if share.each])
@pytest.mark.few(2)
def test_a_person_with_all_their_turns_taken_waits_and_nobody_else_does(
    world: World, alice: User, bob: User, name: str
) -> None:
    share = LIST[name]
    assert share.each
    held = [fair_shares.take(name, caller=alice.pk) for _place in range(share.each)]
    refused = ASK[name](world, alice)
    assert (refused.status, str(share.sentence) in refused.text) == (429, True)
    assert int(refused.retry_after) > 0
    assert ASK[name](world, bob).is_served
    held[0].release()
    assert ASK[name](world, alice).is_served


@pytest.mark.parametrize("name", [name for name, share in LIST.items() if share.a_minute])
@pytest.mark.few(2)
def test_a_person_who_starts_too_often_waits_for_the_next_minute_and_nobody_else_does(
    world: World, alice: User, bob: User, name: str, clock: time_machine.Traveller
) -> None:
    share = LIST[name]
    assert share.a_minute
    for _n in range(share.a_minute - 1):
        fair_shares.take(name, caller=alice.pk).release()
    assert ASK[name](world, alice).is_served
    with pytest.raises(OverShare) as refused:
        fair_shares.take(name, caller=alice.pk)
    assert refused.value.retry_after == 40
    again = ASK[name](world, alice)
    assert (again.status, again.retry_after, str(share.sentence) in again.text) == (429, "40", True)
    assert ASK[name](world, bob).is_served
    clock.shift(60)
    assert ASK[name](world, alice).is_served


@pytest.mark.parametrize("name", [name for name, share in LIST.items() if share.in_all])
@pytest.mark.few(1)
def test_when_many_people_take_every_turn_the_next_one_is_refused(
    world: World, alice: User, bob: User, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    each = LIST[name].each
    assert each
    monkeypatch.setitem(fair_shares._SHARES, name, replace(LIST[name], in_all=each + 1, wait=0))
    held = [fair_shares.take(name, caller=f"somebody {number}") for number in range(each + 1)]
    refused = ASK[name](world, bob)
    assert (refused.status, refused.retry_after) == (429, "60")
    assert "Many people are doing this just now. Try again in a minute." in refused.text
    assert Turn.objects.filter(resource=name).count() == each + 1  # the refused one holds nothing
    for turn in held:
        turn.release()
    assert ASK[name](world, bob).is_served


def test_all_turns_are_released(world: World, alice: User) -> None:
    for ask in ASK.values():
        assert ask(world, alice).is_served
    assert not Turn.objects.exists()


def test_shared_resources_need_a_login(client: Client, world: World) -> None:
    """So no share but that of /verify/ has to be counted by address."""
    for path in ("/create/reference/", "/create/", "/uploads/add/", "/editor/new/"):
        assert client.post(path, {"file": a_file()}).status_code == 302
    picture = next(iter(world.pictures.values()))
    for path in (f"/files/picture/{picture}/download/jpeg", "/history/?q=red", "/jobs/stream/", "/storage/"):
        assert client.get(path).status_code == 302
    assert client.post("/create/price/", TYPED).status_code == 302
    assert client.post("/create/prompt/", TYPED | {"action": "rewrite"}).status_code == 302
    assert not Turn.objects.exists()


def test_the_form_keeps_what_was_typed_when_the_decoder_is_taken(world: World, alice: User) -> None:
    with fair_shares.turn("decoder", caller=alice.pk):
        answer = world.browser(alice).post("/create/", TYPED | {"reference_file": a_file()})
        part = world.browser(alice).post("/create/reference/", {"reference_file": a_file()}, headers=FRAGMENT)
    for response in (answer, part):
        assert (response.status_code, response.headers["Retry-After"]) == (429, "5")
        assert "Your last uploads are still being read." in response.content.decode()
    assert "a red sailboat" in answer.content.decode()


def test_a_script_is_answered_with_a_toast_and_the_page_stays(world: World, alice: User) -> None:
    held = [fair_shares.take("search", caller=alice.pk) for _place in range(LIST["search"].each or 0)]
    part = world.browser(alice).get("/create/reference/pictures/", {"q": "red"}, headers=FRAGMENT)
    assert (part.status_code, part.headers["HX-Reswap"]) == (429, "none")
    assert "Your last searches are still running" in part.headers["HX-Trigger"]
    page = world.browser(alice).get("/history/", {"q": "red"}, headers={"Accept": "text/html"})
    assert page.status_code == 429
    assert "<h1" in page.content.decode()
    held[0].release()
    held[1].release()


def test_a_history_without_words_is_no_search(world: World, alice: User) -> None:
    held = [fair_shares.take("search", caller=alice.pk) for _place in range(LIST["search"].each or 0)]
    assert world.browser(alice).get("/history/").status_code == 200
    for turn in held:
        turn.release()


def test_after_a_crash_the_place_is_free_once_its_time_is_over(alice: User) -> None:
    lost = fair_shares.take("decoder", caller=alice.pk)
    with pytest.raises(OverShare):
        fair_shares.take("decoder", caller=alice.pk)
    Turn.objects.update(until=Now() - timedelta(seconds=1))
    taken = fair_shares.take("decoder", caller=alice.pk)
    lost.release()  # it comes late, and takes nothing from the one after it
    assert Turn.objects.get().token == taken.token
    taken.release()


def test_a_stream_that_is_renewed_keeps_its_place(alice: User) -> None:
    held = fair_shares.take("stream", caller=alice.pk)
    Turn.objects.update(until=Now() - timedelta(seconds=1))
    held.renew()
    assert Turn.objects.filter(until__gt=Now() + timedelta(seconds=80)).exists()
    held.release()


def test_the_beat_deletes_expired_turns(alice: User) -> None:
    held = fair_shares.take("decoder", caller=alice.pk)
    housekeeping.clean_up()
    assert Turn.objects.exists()
    Turn.objects.update(until=Now() - timedelta(seconds=1))
    housekeeping.clean_up()
    assert not Turn.objects.exists()
    held.release()


def test_what_joins_the_list_must_leave_room_for_others() -> None:
    with pytest.raises(ValueError, match="every place"):
        Share(in_all=2, each=2, sentence="x")
    with pytest.raises(ValueError, match="what one person may take"):
        Share(in_all=2, sentence="x")
    with pytest.raises(ValueError, match="another rule"):
        fair_shares.register("decoder", Share(each=1, sentence="x"))
