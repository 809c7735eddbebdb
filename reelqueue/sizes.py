"""Sizes of files as people read them."""

from __future__ import annotations


def spell_size(size: int) -> str:
    """Return so many bytes in the unit that suits them, such as 11.4 MB."""
    if size < 999_500:
        return f"{size / 1e3:.0f} kB"
    amount, unit = (size / 1e6, "MB") if size < 999_500_000 else (size / 1e9, "GB")
    return f"{amount:.{1 if amount < 99.95 else 0}f} {unit}"
