"""A form with one field of every kind, for the style guide."""

from __future__ import annotations

from django import forms

from generation.requests.sizes import SHAPES, SIZES


class SampleForm(forms.Form):
    """Never saved; only looked at."""

    name = forms.CharField(help_text="As it is shown to you in the menu.")
    email = forms.EmailField(label="E-mail address")
    password = forms.CharField(widget=forms.PasswordInput)
    prompt = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), required=False)
    model = forms.ChoiceField(choices=[("a", "Image 2 Base"), ("b", "Image 2 Fast"), ("c", "Image 2 Photo")])
    shape = forms.ChoiceField(choices=[(shape, shape) for shape in SHAPES], widget=forms.RadioSelect)
    size = forms.ChoiceField(choices=[(size, size.upper()) for size in SIZES], widget=forms.RadioSelect)
    format = forms.ChoiceField(
        choices=[("png", "PNG: exact, large"), ("jpeg", "JPEG: smaller")], widget=forms.RadioSelect
    )
    steps = forms.IntegerField(min_value=1, max_value=50, initial=28)
    search = forms.CharField(required=False)
    reference = forms.FileField(required=False)
    accepted = forms.BooleanField(label="I have read and accept the privacy policy")
    public = forms.BooleanField(label="Recipe in downloaded files", required=False, initial=True)
