"""Words that every page shares."""

from __future__ import annotations

import pytest
from django.utils import translation

from tuopin.platform.templatetags.words import who


@pytest.mark.parametrize(
    ("kept", "zh", "en"),
    [
        ("system", "系统", "system"),
        ("local administrator", "本机管理员", "local administrator"),
        ("local administrator (甲 (1))", "本机管理员（甲 (1)）", "local administrator (甲 (1))"),
        ("county", "county", "county"),
        ("", "", ""),
    ],
)
def test_who_acted_is_named_in_the_readers_language(kept: str, zh: str, en: str) -> None:
    with translation.override("zh-hans"):
        assert who(kept) == zh
    with translation.override("en"):
        assert who(kept) == en
