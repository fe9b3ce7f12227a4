"""Filters for the pages of accounts."""

from __future__ import annotations

from django import template

from accounts.sign_in.devices import device_name

register = template.Library()
register.filter("device", device_name)
