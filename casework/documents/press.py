"""The press: a child process that turns HTML into PDF and can do nothing else. Run by path, knows no Django.

Reads a JSON line and so many bytes of HTML and record, answers a JSON line and so many bytes of PDF.
"""

import gc
import json
import os
import resource
import sys
from datetime import datetime
from pathlib import Path
from typing import IO, Any, NoReturn

MEMORY = 1 << 30
SECONDS = 20
XMP_UA = b"""<rdf:Description xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" rdf:about=""
 xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1"/>
<rdf:Description xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" rdf:about=""
 xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 that the file follows</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
</rdf:RDF>"""


def tagged_as_ua(document: Any, pdf: Any) -> None:
    """Finisher: WeasyPrint writes PDF/A-3a; add that the file is PDF/UA-1 too, with the schema PDF/A asks for."""
    stream = next(o for o in pdf.objects if getattr(o, "extra", {}).get("Type") == "/Metadata")
    content = b"\n".join(stream.stream)
    if content.count(b"</rdf:RDF>") != 1:
        raise ValueError("unexpected metadata")
    stream.stream = [content.replace(b"</rdf:RDF>", XMP_UA)]


def limit() -> None:
    """No core, bounded memory, no files beyond the font cache's size."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (16 << 20, 16 << 20))


def more_time() -> None:
    """Another `SECONDS` of processor time for the next paper."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def closed(event: str, arguments: object) -> None:
    """Audit hook: no network and no other program, whatever a library may try."""
    if event.startswith(("socket.", "subprocess.", "os.exec", "os.posix_spawn", "os.system")):
        raise PermissionError(event)


def fetcher_class() -> Any:
    """The fetcher that hands out what came with the paper, by exact name; anything else ends the rendering."""
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class AssetsOnly(URLFetcher):  # type: ignore[misc]
        def __init__(self, assets: dict[str, str]) -> None:
            super().__init__(allowed_protocols=(), allow_redirects=False, fail_on_errors=True)
            self.assets = assets

        def fetch(self, url: str, headers: object = None) -> Any:
            if url not in self.assets:
                raise FatalURLFetchingError("not an asset")
            return URLFetcherResponse(url, self.assets[url], {"Content-Type": "image/svg+xml"})

        def open(self, *args: object, **kwargs: object) -> NoReturn:
            raise FatalURLFetchingError("not an asset")

    return AssetsOnly


def make_renderer(styles: str) -> Any:
    """A function (html, assets, record, created, style) → (pdf, pages), with everything loaded once; `styles`: their folder."""
    from weasyprint import CSS, HTML, Attachment
    from weasyprint.text.fonts import FontConfiguration

    fonts, assets_only = FontConfiguration(), fetcher_class()
    css = {
        path.name: CSS(
            string=path.read_text("utf-8"), font_config=fonts, url_fetcher=assets_only({})
        )
        for path in sorted(Path(styles).glob("*.css"))
    }

    def render(
        html: str, assets: dict[str, str], record: str, created: str, style: str
    ) -> tuple[bytes, int]:
        fetcher, moment = assets_only(assets), datetime.fromisoformat(created)
        attachment = Attachment(
            string=record,
            name="record.json",
            description="The frozen record of this paper",
            relationship="Data",
            created=moment,
            modified=moment,
            url_fetcher=fetcher,
        )
        options = {"attachments": [attachment], "pdf_variant": "pdf/a-3a"}
        paper = HTML(string=html, url_fetcher=fetcher)
        document = paper.render(font_config=fonts, stylesheets=[css[style]], **options)
        return document.write_pdf(finisher=tagged_as_ua, **options), len(document.pages)

    return render


def versions() -> dict[str, str]:
    """What makes the bytes: kept with each file."""
    import weasyprint
    from weasyprint.text.ffi import pango

    return {
        "weasyprint": weasyprint.__version__,
        "pango": str(pango.pango_version()),
    }


def serve(source: IO[bytes], sink: IO[bytes], styles: str) -> None:
    """Answer one paper after the other until the other side closes."""
    render = make_renderer(styles)
    made_with = versions()
    limit()
    gc.freeze()
    gc.disable()  # a paper is over before its waste matters: a tenth faster, and less memory
    sys.addaudithook(closed)
    while line := source.readline():
        more_time()
        order = json.loads(line)
        html, record = source.read(order["html"]).decode(), source.read(order["record"]).decode()
        try:
            pdf, pages = render(html, order["assets"], record, order["created"], order["style"])
            answer = {"size": len(pdf), "pages": pages, "made_with": made_with}
        except BaseException as error:
            pdf, answer = b"", {"error": type(error).__name__}
        sink.write(json.dumps(answer).encode() + b"\n" + pdf)
        sink.flush()
        gc.collect()  # while the other side writes the paper away


if __name__ == "__main__":
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, out, sys.argv[1])
