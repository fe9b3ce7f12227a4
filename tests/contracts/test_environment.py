"""Every variable that the site reads is documented, and every documented one is read."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("accounts", "billing", "editor", "generation", "image2", "privacy", "bin")
READ = re.compile(
    r"""(?:\b_?env(?:\.\w+)?\(|environ\.get\(|environ\[|getenv\()\s*["']([A-Z][A-Z0-9_]+)["']"""
)
# Read by the site and set by itself or by the system.
OWN = {
    "DJANGO_SETTINGS_MODULE",
    "IMAGE2_READY_FD",
    "IMAGE2_ROLE",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "NOTIFY_SOCKET",  # systemd's
}
# Read by the scripts' shell lines.
SHELL = {"PYTHON"}


def documented() -> set[str]:
    """Return the names in .env.example, commented or not."""
    return set(re.findall(r"^(?:# )?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))


def read_by_the_code() -> set[str]:
    """Return the names that the code asks the environment for."""
    files = [path for folder in FOLDERS for path in (ROOT / folder).glob("**/*.py")]
    return {
        name for path in [*files, ROOT / "tests/settings.py"] for name in READ.findall(path.read_text())
    } - OWN


def used_by_compose() -> set[str]:
    """Return the names that docker-compose.yml takes from the operator."""
    return set(re.findall(r"\$\{([A-Z0-9_]+)", (ROOT / "docker-compose.yml").read_text()))


def test_every_variable_is_documented() -> None:
    assert (read_by_the_code() | used_by_compose()) - documented() == set()


def test_every_documented_variable_is_read() -> None:
    assert documented() - read_by_the_code() - used_by_compose() - SHELL == set()


# What an operator chooses about models, styles and the help with prompts: it has to reach the processes everywhere.
CHOSEN = re.compile(r"PROMPT_LLM_\w+|JOB_(?:WAIT|STAY)_LOADS|IMAGE2_(?:CATALOGUE|STYLES|MODELS)")


def set_by_compose() -> set[str]:
    text = (ROOT / "docker-compose.yml").read_text()
    block = text.partition("x-environment:")[2].partition("\n\n")[0]
    return set(re.findall(r"^  ([A-Z0-9_]+):", block, re.MULTILINE))


def test_what_is_chosen_about_models_reaches_the_containers() -> None:
    chosen = {name for name in documented() if CHOSEN.fullmatch(name)}
    assert len(chosen) == 8
    assert chosen - set_by_compose() == set()
    configuration = (ROOT / "deploy/kubernetes/configuration.yaml").read_text()
    secrets = set(re.findall(r"[A-Z][A-Z0-9_]+", configuration.partition("apiVersion")[0]))
    assert "PROMPT_LLM_KEY" in secrets
    named = set(re.findall(r"^  ([A-Z0-9_]+):", configuration, re.MULTILINE))
    assert chosen - named == {"PROMPT_LLM_KEY"}  # a key isn't what everybody may read


# What containers don't take from .env: the image and the compose file say it, or it is for a machine of one's own.
NOT_IN_CONTAINERS = {
    *("IMAGE2_HOME", "STATIC_ROOT", "FILES_X_ACCEL", "PORT", "DEBUG"),  # the image's
    *("IMAGE2_CARDS", "CUDA_VISIBLE_DEVICES"),  # a container gets the cards that it asks for
    *("IMAGE2_TORCH", "IMAGE2_TORCH_INDEX", "PYTHON"),  # set-up
    *("IMAGE2_TEST_DATABASE", "STRIPE_SANDBOX_KEY"),  # tests
}


def test_every_other_variable_of_env_reaches_the_containers() -> None:
    assert documented() - set_by_compose() - used_by_compose() == NOT_IN_CONTAINERS


def test_compose_sets_only_variables_that_the_site_reads() -> None:
    assert set_by_compose() - read_by_the_code() == set()
