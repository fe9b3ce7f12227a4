"""What every page has in common is drawn once, and holds nothing of anybody's page."""

from __future__ import annotations

import pytest
from django.template import Context, RequestContext, Template, TemplateSyntaxError
from django.test import Client, RequestFactory
from django.urls import get_script_prefix, set_script_prefix
from django.utils import translation

from accounts.models import User


@pytest.mark.parametrize(
    "written",
    ["{{ name }}", "{{ request.path }}", "{% csrf_token %}", "{{ user.email }}", "{{ csrf_token }}"],
)
@pytest.mark.django_db
def test_nothing_of_the_page_can_be_read_inside(written: str, alice: User) -> None:
    request = RequestFactory().get("/somewhere/")
    request.user = alice
    context = RequestContext(request, {"name": "Alice", "user": alice, "csrf_token": "secret"})
    assert Template(written).render(context)

    assert Template("{% constant %}" + written + "{% endconstant %}").render(context) == ""


def test_its_markup_is_drawn_once() -> None:
    template = Template("{% constant %}{% now 'u' %}{% endconstant %}")

    assert template.render(Context()) == template.render(Context())


def test_it_follows_the_place_of_the_site_and_the_language() -> None:
    template = Template(
        '{% load i18n %}{% constant %}{% url "landing" %} {% get_current_language as l %}{{ l }}{% endconstant %}'
    )
    before = get_script_prefix()
    try:
        assert template.render(Context()) == "/ en"
        set_script_prefix("/pictures/")
        assert template.render(Context()) == "/pictures/ en"
    finally:
        set_script_prefix(before)
    with translation.override("de"):
        assert template.render(Context()) == "/ de"
    assert template.render(Context()) == "/ en"


def test_a_block_inside_is_refused() -> None:
    with pytest.raises(TemplateSyntaxError, match="block"):
        Template("{% constant %}<p>{% block title %}{% endblock %}</p>{% endconstant %}")


@pytest.mark.django_db
def test_the_menu_marks_the_page_that_is_shown(client: Client, alice: User) -> None:
    client.force_login(alice)
    for path in ("/history/", "/create/", "/history/"):
        html = " ".join(client.get(path).content.decode().split())

        assert f'href="{path}" aria-current="page"' in html
        assert html.count('class="nav-link" href') == 5
