"""Fixtures that every test may ask for: real services, a browser, the whole site."""

pytest_plugins = [
    "tests.examples",
    "tests.services.browser",
    "tests.services.patience",
    "tests.services.fixtures",
    "tests.services.databases",
    "tests.services.caches",
    "tests.services.site",
    "tests.billing.lifting",
    "tests.people",
]
