"""The elements of allauth's pages: classes by their tags, and only attributes that are set."""

from __future__ import annotations

import pytest
from django.template import Context, Origin, Template


def draw(element: str) -> str:
    page = Template("{% load allauth %}" + element, origin=Origin("test.html", "test.html"))
    return " ".join(page.render(Context()).split())


@pytest.mark.parametrize(
    ("tags", "classes"),
    [
        ("", "button button-primary"),
        ("danger,delete", "button button-quiet button-danger"),
        ("outline,primary", "button"),
        ("link,cancel", "button button-quiet"),
        ("tool", "button button-small"),
        ("minor", "button button-primary button-small"),
    ],
)
def test_a_buttons_tags_choose_its_classes(tags: str, classes: str) -> None:
    drawn = draw(f'{{% element button tags="{tags}" name="go" %}}Go{{% endelement %}}')
    assert drawn == f'<button type="submit" class="{classes}" name="go">Go</button>'


def test_a_button_with_an_address_is_a_link() -> None:
    drawn = draw('{% element button href="/there/" %}Go{% endelement %}')
    assert drawn == '<a href="/there/" class="button">Go</a>'


@pytest.mark.parametrize(("tags", "classes"), [("", "badge"), ("success,email", "badge badge-success")])
def test_a_badges_tags_choose_its_colour(tags: str, classes: str) -> None:
    drawn = draw(f'{{% element badge tags="{tags}" title="a b" %}}Yes{{% endelement %}}')
    assert drawn == f'<span class="{classes}" title="a b">Yes</span>'


def test_a_form_has_only_the_attributes_that_are_set() -> None:
    drawn = draw(
        '{% element form method="post" action="/save/" %}{% slot body %}x{% endslot %}{% endelement %}'
    )
    assert drawn == '<form class="form" method="post" action="/save/"> x </form>'


def test_a_field_shows_its_errors_and_keeps_an_empty_value() -> None:
    drawn = draw(
        '{% element field type="text" id="f" name="f" value="" required=True errors="!" %}'
        "{% slot label %}Code{% endslot %}{% endelement %}"
    )
    assert '<input class="input" type="text" id="f" required name="f" value=""' in drawn
    assert 'aria-invalid="true" aria-describedby="f_error"' in drawn
