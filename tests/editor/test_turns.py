"""What a person starts is done in its order: fired at once, keys and presses give what they give one by one."""

from __future__ import annotations

import random
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.editor.driving import digest, open_document, saved, wait_for
from tests.editor.page_server import PageServer

# Dispatches key presses, and drags over the picture ([x, y], [x, y]), in one task of the page: the worker can't answer
# in between.
AT_ONCE = """async ({ acts, wait }) => {
  const stage = editor.parts.stage;
  const box = stage.getBoundingClientRect();
  const over = async () => {
    while (editor.turns.busy) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  const pointer = (type, [x, y]) => {
    const at = editor.view.toScreen(x, y);
    const place = { clientX: box.left + at.x / editor.ratio, clientY: box.top + at.y / editor.ratio };
    const about = { pointerId: 1, pointerType: 'mouse', button: 0, buttons: 1, bubbles: true, cancelable: true };
    stage.dispatchEvent(new PointerEvent(type, { ...place, ...about }));
  };
  stage.focus();
  for (const act of acts) {
    if (Array.isArray(act)) {
      pointer('pointerdown', act[0]);
      for (const point of act.slice(1)) pointer('pointermove', point);
      pointer('pointerup', act.at(-1));
    } else {
      const parts = act.split('+');
      const key = parts.pop() || '+';
      const [ctrlKey, shiftKey, altKey] = ['Ctrl', 'Shift', 'Alt'].map((name) => parts.includes(name));
      const about = { key, ctrlKey, shiftKey, altKey, bubbles: true, cancelable: true };
      (document.activeElement ?? stage).dispatchEvent(new KeyboardEvent('keydown', about));
    }
    if (wait) await over();
  }
  await over();
  await editor.link.ask('drawn');
}"""
LAYERS = """() => {
  const brief = ({ name, mask, clip, locked, children }) => [name, mask, clip, locked, children.map(brief)];
  const { layers, selected } = editor.state;
  const order = [];
  const list = (all) => all.forEach(({ id, children }) => { order.push(id); list(children); });
  list(layers);
  const { target, tool } = editor;
  return { layers: layers.map(brief), selected, chosen: order.indexOf(editor.layer), target, tool: tool.name };
}"""
STROKE = [[40, 60], [120, 90], [200, 60]]
COMMANDS: list[Any] = [
    *(
        "Shift+N",
        "Shift+N",
        "Alt+Backspace",
        "Alt+Backspace",
        "Ctrl+j",
        "Ctrl+Delete",
        "Ctrl+z",
        "Ctrl+z",
        "Ctrl+Shift+Z",
    ),
    *(
        "Ctrl+a",
        "Ctrl+d",
        "Ctrl+Shift+I",
        "Delete",
        "Ctrl+g",
        "Ctrl+e",
        "Alt+m",
        "Ctrl+Alt+g",
        "Ctrl+]",
        "Ctrl+[",
        "Alt+]",
    ),
    *("Alt+[", "x", "d", "5", "[", "q", "b", "e", "/", "Ctrl+i"),
    STROKE,
    [[10, 100], [290, 190]],
    [[150, 20], [150, 180]],
]


def done(page: Page, acts: list[Any], *, wait: bool = False) -> tuple[Any, str]:
    page.evaluate(AT_ONCE, {"acts": acts, "wait": wait})
    return page.evaluate(LAYERS), digest(page)


def opened(page: Page, server: PageServer) -> str:
    name = server.documents.new(width=300, height=200)
    open_document(page, server, name)
    return name


def kinds(page: Page, server: PageServer, name: str) -> list[str]:
    return [operation["kind"] for operation in saved(page, server, name)][1:]


def test_a_fill_right_after_a_new_layer_is_on_that_layer(page: Page, server: PageServer) -> None:
    name = opened(page, server)
    done(page, ["Shift+N", "Alt+Backspace"])
    _opened, added, filled = saved(page, server, name)
    assert filled["kind"] == "fill"
    assert filled["body"]["layer"] == added["body"]["layer"] != "base"


def test_a_stroke_right_after_a_new_layer_is_on_that_layer(page: Page, server: PageServer) -> None:
    name = opened(page, server)
    done(page, ["Shift+N", STROKE, "Shift+N", STROKE])
    _opened, first, one, second, other = saved(page, server, name)
    assert (one["body"]["layer"], other["body"]["layer"]) == (first["body"]["layer"], second["body"]["layer"])


@pytest.mark.long
def test_what_is_selected_a_moment_ago_is_cleared(page: Page, server: PageServer) -> None:
    name = opened(page, server)
    done(page, ["Ctrl+a", "Delete", "Ctrl+d"])
    assert kinds(page, server, name) == ["select", "clear", "select"]


def test_a_tool_whose_script_is_on_its_way_goes_first(page: Page, server: PageServer) -> None:
    name = opened(page, server)
    done(page, ["m", [[50, 50], [100, 100]], "Alt+Backspace", "g", [[0, 0], [300, 200]], "b", STROKE])
    assert kinds(page, server, name) == ["select", "fill", "gradient", "stroke"]


def test_a_transform_in_hand_is_applied_before_what_comes_next(page: Page, server: PageServer) -> None:
    name = opened(page, server)
    done(
        page,
        [
            "Alt+t",
            "ArrowRight",
            "ArrowDown",
            "Enter",
            "Shift+ArrowLeft",
            "b",
            "Shift+N",
            "Alt+Backspace",
            "Ctrl+z",
        ],
    )
    assert kinds(page, server, name) == ["transform", "transform", "layer.add"]
    assert page.evaluate("editor.tool.name") == "brush"


@pytest.mark.long
def test_an_adjustment_whose_panel_is_on_its_way_comes_before_a_layer(page: Page, server: PageServer) -> None:
    name = opened(page, server)
    done(page, ["Ctrl+i", "Shift+N", "Alt+Backspace"])
    assert kinds(page, server, name) == ["layer.add", "layer.add", "fill"]
    assert [layer[0] for layer in page.evaluate(LAYERS)["layers"]] == ["Background", "Invert", "Layer 3"]


@pytest.mark.long
def test_a_key_that_is_held_down_does_no_more_than_can_be_done_meanwhile(
    page: Page, server: PageServer
) -> None:
    opened(page, server)
    done(page, ["Shift+N"] * 6)
    page.evaluate(
        """() => {
          const press = (repeat) => editor.parts.stage.dispatchEvent(
            new KeyboardEvent('keydown', { key: 'z', ctrlKey: true, repeat, bubbles: true, cancelable: true }));
          press(false);
          for (let i = 0; i < 5; i++) press(true);
        }"""
    )
    wait_for(lambda: not page.evaluate("editor.turns.busy"), "the end of the undo")
    assert page.evaluate("editor.state.layers.length") == 6


def test_what_is_copied_is_pasted_though_the_clipboard_comes_later(page: Page, server: PageServer) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    name = opened(page, server)
    done(page, ["Ctrl+a", "Shift+N", "Alt+Backspace"])
    page.locator("[data-part=stage]").focus()
    page.keyboard.press("Control+c")
    page.keyboard.press("Control+v")
    wait_for(lambda: page.evaluate("editor.state.layers.length") == 3, "the layer that is pasted")
    assert kinds(page, server, name)[-1] == "layer.add"


def test_dialogs_and_the_view_wait_for_nothing(page: Page, server: PageServer) -> None:
    opened(page, server)
    before = page.evaluate("editor.view.scale")
    at_once = page.evaluate(
        """() => {
          const press = (key, more = {}) => editor.parts.stage.dispatchEvent(
            new KeyboardEvent('keydown', { key, ctrlKey: true, bubbles: true, cancelable: true, ...more }));
          press('N', { ctrlKey: false, shiftKey: true });
          press('+');
          press('k');
          return [editor.turns.busy, editor.view.scale, document.getElementById('editor-palette').open];
        }"""
    )
    busy, scale, is_open = at_once
    assert (busy, is_open) == (True, True)
    assert scale > before
    expect(page.locator("layer-list .layer")).to_have_count(2)


@pytest.mark.long
@pytest.mark.parametrize(
    "seed", [1, 2, 3, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(4, 20))]
)
def test_keys_fired_without_waiting_give_what_they_give_one_by_one(
    page: Page, server: PageServer, seed: int
) -> None:
    acts = random.Random(seed).choices(COMMANDS, k=24)
    opened(page, server)
    one_by_one = done(page, acts, wait=True)
    page.evaluate("localStorage.clear()")  # the colours and sizes that were chosen
    opened(page, server)
    assert done(page, acts) == one_by_one, acts
