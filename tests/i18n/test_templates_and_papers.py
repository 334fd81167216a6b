"""Chinese that stands in templates and in the papers' declarations."""

import ast
import re
from pathlib import Path

import pytest

from tests.i18n.conftest import BASE
from tests.i18n.text import CHINESE, half_width, texts

TEMPLATES = sorted((BASE / "templates").rglob("*.html"))
BOTH_AT_ONCE = "500.html"  # shown when nothing works any more, so in both languages
PAPERS = sorted((BASE / "casework" / "documents" / "papers").glob("*.py"))


def name(path: Path) -> str:
    return str(path.relative_to(BASE))


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_a_template_has_no_chinese_of_its_own(path: Path) -> None:
    """Words come from the catalogue; only a part that says lang="zh-Hans" may be Chinese, full-width marks too."""
    source = re.sub(r"{%.*?%}|{{.*?}}|{#.*?#}", " ", path.read_text(encoding="utf-8"))
    if path.name == BOTH_AT_ONCE:
        return
    said = " ".join(texts(source, foreign="zh"))
    assert re.findall(f"[{CHINESE}\u3001-\u303f\uff00-\uffef]+", said) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_the_chinese_of_a_template_has_full_width_marks(path: Path) -> None:
    source = re.sub(r"{%.*?%}|{{.*?}}", " ", path.read_text(encoding="utf-8"))
    assert [found for text in texts(source, foreign="en") for found in half_width(text)] == []


@pytest.mark.parametrize("path", PAPERS, ids=name)
def test_the_chinese_of_the_papers_has_full_width_marks(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    said = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    wrong = {t: found for t in said if re.search(f"[{CHINESE}]", t) and (found := half_width(t))}
    assert wrong == {}
