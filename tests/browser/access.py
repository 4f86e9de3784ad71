"""The key that a gateway asks for, and the page that asks a visitor for it."""

import secrets
from pathlib import Path

from playwright.async_api import Locator, Page, expect

HEADER = "X-Api-Key"


def new_key(file: Path) -> str:
    """Put another key into the file, as a whole."""
    key = secrets.token_urlsafe(32)
    written = file.with_suffix(".new")
    written.write_text(f"{key}\n")
    written.rename(file)
    return key


def key_field(page: Page) -> Locator:
    """Where the key is asked for: the sign-in page is there when this is."""
    return page.get_by_label("API key")


async def sign_in(page: Page, key: str) -> None:
    """As a person does it who types; the caret is where it has to be."""
    await expect(key_field(page)).to_be_focused()
    await page.keyboard.type(key)
    await page.keyboard.press("Enter")
