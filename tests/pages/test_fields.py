"""A form field is drawn so that a person, and a screen reader, find label, help and error together."""

from __future__ import annotations

from typing import Any

from django import forms
from django.template import Context, Template


class Sample(forms.Form):
    name = forms.CharField(help_text="As others see it.")
    password = forms.CharField(widget=forms.PasswordInput)
    size = forms.ChoiceField(choices=[("1k", "1K"), ("4k", "4K")], widget=forms.RadioSelect)
    steps = forms.IntegerField(min_value=1, max_value=50, initial=28)
    public = forms.BooleanField(required=False)
    secret = forms.CharField(widget=forms.HiddenInput, required=False)


def drawn(tag: str, form: forms.Form | None = None, **context: Any) -> str:
    return Template("" + tag).render(Context({"form": form or Sample(), **context}))


def test_the_label_belongs_to_the_control_and_the_help_describes_it() -> None:
    html = drawn("{% field form.name %}")

    assert '<label class="field-label" for="id_name">Name' in html
    assert 'aria-describedby="id_name_helptext"' in html
    assert 'id="id_name_helptext"' in html
    assert 'class="input"' in html


def test_an_error_marks_the_control_and_describes_it() -> None:
    html = drawn("{% field form.name %}", Sample({"name": ""}))

    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert "This field is required." in html


def test_what_a_person_typed_is_escaped() -> None:
    html = drawn("{% field form.name %}", Sample({"name": '"><script>alert(1)</script>'}))

    assert "<script>" not in html


def test_radios_stand_in_a_group_with_a_name() -> None:
    html = drawn('{% field form.size kind="segments" %}')

    assert "<fieldset" in html
    assert '<legend class="field-label">Size' in html
    assert html.count('type="radio"') == 2


def test_a_select_may_be_drawn_as_radios() -> None:
    class Themes(forms.Form):
        theme = forms.ChoiceField(choices=[("light", "Light"), ("dark", "Dark")], initial="dark")

    html = drawn('{% field form.theme kind="segments" %}', Themes())

    assert html.count('type="radio"') == 2
    assert 'value="dark" id="id_theme_1" required checked' in html
    assert "<option" not in html


def test_a_range_has_one_control_that_is_sent() -> None:
    html = drawn('{% field form.steps kind="range" %}')

    assert html.count('name="steps"') == 1
    assert 'type="range" min="1" max="50" step="1" value="28"' in " ".join(html.split())


def test_a_switch_says_that_it_is_one() -> None:
    assert 'role="switch"' in drawn('{% field form.public kind="switch" %}')


def test_a_hidden_field_is_nothing_but_its_value() -> None:
    html = drawn("{% field form.secret %}")

    assert html.startswith('<input type="hidden"')
    assert "label" not in html


def test_attributes_reach_the_control() -> None:
    html = drawn('{% field form.name attr_placeholder="Ada" attr_hx_post="/x" %}')

    assert 'placeholder="Ada"' in html
    assert 'hx-post="/x"' in html


def test_a_label_may_be_there_for_screen_readers_only() -> None:
    assert 'class="field-label visually-hidden"' in drawn("{% field form.name hide_label=True %}")


def test_all_fields_are_drawn_after_what_is_wrong_with_the_whole() -> None:
    form = Sample({})
    form.add_error(None, "The two do not fit.")

    html = drawn("{% fields form %}", form)

    assert html.index("The two do not fit.") < html.index('name="name"')
    assert 'role="alert"' in html
    for name in form.fields:
        assert f'name="{name}"' in html
