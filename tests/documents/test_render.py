"""The renderer makes the same good bytes each time, and can reach and be fooled by nothing."""

import io
import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pikepdf
import pytest
from django.core.exceptions import ImproperlyConfigured

from casework.core.canonical import sha256_hex
from casework.documents import file_checks, freeze, glyphs, layout, render
from casework.documents.papers.declare import Table
from casework.documents.papers.register import PAPERS
from tests.documents.listening import Listener, listener
from tests.documents.printing import changed, printed, record_of, text_in
from tests.documents.samples import LENGTHS, PUPILS, SENTENCES, values_for

__all__ = ["listener"]
RARE = "𠮷𡈽䶮𬭎㛃𫖯𬴂㙦㑇㭎䲟䴙𬱖𬤇𫍯𬀩𬣙𫍽𬭚𬭤𫟹𬍛𫘬"


def test_it_is_one_file_for_archives_and_screen_readers() -> None:
    paper = pikepdf.open(io.BytesIO(printed("P35", "usual").pdf))
    metadata = paper.Root.Metadata.read_bytes()
    assert b'pdfaid:part="3"' in metadata and b'pdfaid:conformance="A"' in metadata
    assert b'pdfuaid:part="1"' in metadata
    assert paper.Root.MarkInfo.Marked and str(paper.Root.Lang) == "zh-Hans"


def test_the_record_is_inside() -> None:
    record = record_of("P35", "usual")
    assert file_checks.embedded(printed("P35", "usual").pdf) == record.encode()


EARLIER = sorted((Path(__file__).parents[1] / "data" / "earlier").glob("*.json"))


@pytest.mark.parametrize("kept", EARLIER, ids=lambda path: path.stem)
def test_a_record_of_an_earlier_version_is_laid_out_as_it_was(kept: Path) -> None:
    """Years later the same page comes of it, and it prints: version 2 of a paper leaves version 1 alone."""
    record = kept.read_text("utf-8")
    code, version = kept.stem.split("-")
    assert (json.loads(record)["form"], json.loads(record)["template_version"]) == (
        code,
        int(version),
    )
    assert layout.html_of(record) == kept.with_suffix(".html").read_text("utf-8")
    assert file_checks.embedded(render.render(record).pdf) == record.encode()


LOOKS = json.loads((Path(__file__).parents[1] / "data" / "styles.json").read_text())


@pytest.mark.parametrize("style", sorted(LOOKS))
def test_a_style_that_printed_papers_is_not_changed(style: str) -> None:
    """PDF-05: the same bytes years later. Whoever changes the look adds a style and its line; one that nothing printed yet may go."""
    assert sha256_hex(render.style_file(int(style)).read_bytes()) == LOOKS[style]["style"]
    assert sha256_hex((glyphs.FONTS / "SHA256SUMS").read_bytes()) == LOOKS[style]["fonts"]


def test_a_paper_keeps_the_style_that_its_record_names(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shutil.copy(render.style_file(1), tmp_path / "paper-1.css")
    (tmp_path / "paper-2.css").write_text("@page { size: A5 }")
    monkeypatch.setattr(render, "STYLES", tmp_path)
    render.close()
    record = record_of("P35", "usual")
    first, second = (render.render(changed(record, style=n)) for n in (1, 2))
    render.close()
    assert first.pdf == render.render(changed(record, style=1)).pdf
    assert second.pages > first.pages and second.made_with["style"] != first.made_with["style"]
    render.close()


def test_the_newest_style_is_among_those_that_are_watched() -> None:
    assert str(freeze.STYLE) in LOOKS


def test_a_paper_with_a_new_version_has_its_earlier_ones_kept() -> None:
    kept = {path.stem for path in EARLIER}
    wanted = {f"{p.code}-{n}" for p in PAPERS.values() for n in range(1, p.version)}
    assert wanted and wanted <= kept


SCRIPT = """
import sys, hashlib, django; django.setup()
from casework.documents.render import render
print(hashlib.sha256(render(sys.stdin.read()).pdf).hexdigest())
"""


@pytest.mark.parametrize(
    ("zone", "seed"), [("Asia/Shanghai", "1"), ("America/New_York", "2"), ("UTC", "random")]
)
def test_the_same_record_gives_the_same_bytes(zone: str, seed: str) -> None:
    """PDF-02: other processes, hash seeds and time zones."""
    import hashlib

    environment = os.environ | {
        "TZ": zone,
        "PYTHONHASHSEED": seed,
        "DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"],
    }
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        input=record_of("P05", "usual").encode(),
        capture_output=True,
        check=True,
        env=environment,
    )
    assert done.stdout.decode().strip() == hashlib.sha256(printed("P05", "usual").pdf).hexdigest()


def fonts_in(pdf: bytes, folder: Path) -> set[str]:
    """The fonts that a PDF uses; each is embedded, cut to what is used, and can be read as text."""
    path = folder / "paper.pdf"
    path.write_bytes(pdf)
    lines = subprocess.run(["pdffonts", path], capture_output=True, check=True, text=True)
    fonts = [line.split() for line in lines.stdout.splitlines()[2:]]
    assert fonts and all(font[4:7] == ["yes", "yes", "yes"] for font in fonts)
    return {font[0].partition("+")[2] for font in fonts}


SMALL = {"Noto-Sans-SC", "Noto-Sans-SC-Bold", "Noto-Serif-SC"}
WHOLE = {"Noto-Sans-SC-Whole", "Noto-Sans-SC-Whole-Bold", "Noto-Serif-SC-Whole"}


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("code", ["P05", "P09"])
def test_only_our_fonts_are_used_and_all_are_embedded(
    code: str, length: str, tmp_path: Path
) -> None:
    """PDF-04"""
    assert fonts_in(printed(code, length).pdf, tmp_path) <= SMALL | WHOLE


def test_the_whole_font_is_opened_for_a_rare_character_only(tmp_path: Path) -> None:
    """PDF-03: a small font serves nearly all papers, names like 玥 among them."""
    serif = "Noto-Serif-SC"
    for name, more in (("王玥", set()), ("王䶮", {f"{serif}-Whole"}), ("王𠮷", {f"{serif}-More"})):
        values = values_for(PAPERS["P04"], "usual") | {"pupil": PUPILS["usual"] | {"name": name}}
        pdf = render.render(record_of("P04", "usual", values=values)).pdf
        assert fonts_in(pdf, tmp_path) - SMALL == more


def test_nothing_starts_without_the_fonts_or_with_others(tmp_path: Path) -> None:
    """PDF-04"""
    folder = tmp_path / "fonts"
    shutil.copytree(glyphs.FONTS, folder)
    glyphs.refuse_changed_fonts(folder)
    (folder / "NotoSansSC_700Bold.ttf").write_bytes(b"another")
    (folder / "whole" / "NotoSerifSC_400Regular.ttf").unlink()
    (folder / "000.ttf").write_bytes(b"one too many")
    with pytest.raises(ImproperlyConfigured, match=r"000.*NotoSansSC_700Bold.*whole/NotoSerifSC"):
        glyphs.refuse_changed_fonts(folder)
    (folder / "SHA256SUMS").unlink()
    with pytest.raises(ImproperlyConfigured):
        glyphs.refuse_changed_fonts(folder)


@pytest.mark.parametrize("code", ["P06", "P07"])
def test_forty_visits_and_rare_characters_fit(code: str, tmp_path: Path) -> None:
    """Issue point: every row of a long table is there, over as many pages as it takes."""
    values = values_for(PAPERS[code], "usual") | {"pupil": PUPILS["usual"] | {"name": "阿依·䶮𬭎"}}
    key = next(key for key, part in PAPERS[code].fields().items() if isinstance(part, Table))
    row = values[key][0]
    words = next(column for column, value in row.items() if value in SENTENCES.values())
    values[key] = [row | {words: f"第{n}次入户劝返"} for n in range(1, 41)]
    made = render.render(record_of(code, "usual", values=values))
    text = text_in(made.pdf, tmp_path)
    assert made.pages > 1 and "阿依·䶮𬭎" in text
    assert all(f"第{n}次入户劝返" in text for n in range(1, 41))


def test_the_text_comes_out_as_it_went_in(tmp_path: Path) -> None:
    """PDF-10, with rare characters"""
    values = values_for(PAPERS["P04"], "most") | {"pupil": PUPILS["most"] | {"name": RARE}}
    pdf = render.render(record_of("P04", "most", values=values)).pdf
    text = text_in(pdf, tmp_path)
    for said in (RARE, values["findings"], values["pupil"]["address"], "第1页共", "家访登记表"):
        assert "".join(said.split()) in text, said


ATTACKS = [
    '<link rel=attachment href="file:///etc/passwd">',
    '<link rel=stylesheet href="http://LISTENER/x.css">',
    '<img src="file:///etc/passwd">',
    '<img src="http://LISTENER/x.png">',
    '<img src="data:image/png;base64,iVBORw0KGgo=">',
    '<img src="ftp://LISTENER/x">',
    '<img srcset="http://LISTENER/x.png 2x" src="asset:other">',
    '<object data="file:///etc/passwd" type="image/svg+xml"></object>',
    '<embed src="file:///etc/passwd" type="image/png">',
    '<style>@import "file:///etc/passwd";</style>',
    "<style>@import url(http://LISTENER/a.css);</style>",
    "<style>@font-face{font-family:x;src:url(file:///etc/passwd)}p{font-family:x}</style><p>x</p>",
    "<style>p{background:url(file:///etc/passwd)}</style><p>x</p>",
    "<style>li{list-style-image:url(http://LISTENER/x)}</style><li>x",
    "<style>p::before{content:url(file:///etc/passwd)}</style><p>x</p>",
    "<style>p{border-image:url(file:///etc/passwd) 3}</style><p>x</p>",
    "<style>@page{background:url(file:///etc/passwd)}</style>",
    '<p style="background:url(FILE:///etc/passwd)">x</p>',
    '<base href="file:///etc/"><img src="passwd">',
    '<svg><image href="file:///etc/passwd"/></svg>',
    '<img src="asset:code?x">',
    '<img src="asset:CODE">',
    '<img src="asset:code#fragment">',
    '<a rel=attachment href="file:///etc/passwd">x</a>',
    '<meta name=xmp href="file:///etc/passwd"><link rel=xmp href="file:///etc/passwd">',
    '<math><img src="file:///etc/passwd"></math>',
    '<video poster="file:///etc/passwd"></video>',
    '<iframe src="file:///etc/passwd"></iframe>',
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_renderer_fetches_nothing_but_its_assets(attack: str, listener: Listener) -> None:
    """PDF-07: refused, or rendered without anything from outside."""
    attack = attack.replace("LISTENER", listener.address)
    html = f"<!doctype html><html lang=en><title>x</title><body>{attack}"
    press = render._press()
    try:
        made = press.print(html, "{}", "2026-11-20T15:48:00+08:00", {"asset:code": "<svg/>"})
    except render.RenderError as refusal:
        assert str(refusal) == "FatalURLFetchingError"
    else:
        paper = pikepdf.open(io.BytesIO(made.pdf))
        assert list(paper.attachments) == ["record.json"]
        assert b"root:" not in b"".join(
            each.read_bytes() for each in paper.objects if isinstance(each, pikepdf.Stream)
        )


INJECTED = [
    "</span></style><script>x</script>",
    '"}\n@page{@top-left{content:"gone"}} body{display:none}/*',
    "{{ record.salt }}{% debug %}",
    "<img src=x><h1>假标题</h1>",
    "&lt;b&gt;&#x202e;\\0041",
]


@pytest.mark.parametrize("text", INJECTED)
def test_user_text_is_shown_and_never_obeyed(text: str, tmp_path: Path) -> None:
    """PDF-08"""
    values = values_for(PAPERS["P36"], "usual")
    values |= {"finding": text, "case_no": text, "pupil": values["pupil"] | {"name": text}}
    out = text_in(render.render(record_of("P36", "usual", values=values)).pdf, tmp_path)
    assert out.count("".join(text.split())) >= 3
    assert "签字盖章" in out and "去向核实记录" in out


def test_no_style_sheet_or_style_of_a_paper_holds_user_text() -> None:
    """PDF-08"""
    values = values_for(PAPERS["P06"], "most")
    html = layout.html_of(record_of("P06", "most", values=values))
    assert "<style" not in html
    styles = {part.split('"')[0] for part in html.split('style="')[1:]}
    assert all(
        style.removeprefix("width:").removesuffix("mm").replace(".", "").isdigit()
        for style in styles
    )


@pytest.mark.parametrize(
    "hostile",
    [
        "<table><tr><td colspan=1000000>x</table>" * 50,
        "<div>" * 5000,
        "<style>@page{size:1px}</style>" + "x " * 20000,
        "<p>" + "a" * 1_000_000,
    ],
)
def test_a_hostile_paper_ends_its_press_and_nothing_else(hostile: str) -> None:
    """PDF-09: the next paper is made by a new press."""
    press = render.Press(seconds=2)
    try:
        press.print(
            f"<html lang=en><title>x</title>{hostile}", "{}", "2026-11-20T15:48:00+08:00", {}
        )
    except render.RenderError:
        assert not press.usable
    finally:
        press.stop()
    assert render.render(record_of("P02", "least")).pages == 1


def test_a_press_that_died_is_replaced() -> None:
    """PDF-09"""
    printed("P35", "usual")
    press = render._press()
    press.child.kill()
    press.child.wait()
    assert render.render(record_of("P02", "least")).pages == 1
    assert render._press() is not press


def test_a_press_is_replaced_after_a_hundred_papers() -> None:
    """PDF-06"""
    render.render(record_of("P02", "least"))
    press = render._press()
    press.made = render.PAPERS_A_CHILD
    render.render(record_of("P02", "least"))
    assert render._press() is not press


def test_threads_share_a_press() -> None:
    wanted, found = printed("P02", "usual").pdf, []
    work = lambda: found.append(render.render(record_of("P02", "usual")).pdf)  # noqa: E731
    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [wanted] * 3


def test_the_child_sees_no_secret_and_no_network() -> None:
    """PDF-09"""
    assert set(render._environment()) <= {
        "PATH",
        "LD_LIBRARY_PATH",
        "FONTCONFIG_FILE",
        "LANG",
        "HOME",
    }
    code = "import sys; from casework.documents.press import closed; sys.addaudithook(closed)\nimport socket\nsocket.socket()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "PermissionError: socket" in done.stderr


def test_another_hash_is_printed_for_another_record(tmp_path: Path) -> None:
    record = record_of("P02", "least")
    other = changed(record, salt="1" * 32)
    assert text_in(printed("P02", "least").pdf, tmp_path) != text_in(
        render.render(other).pdf, tmp_path
    )
