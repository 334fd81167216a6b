"""Cut the print fonts to what names and forms need, and of that a small font with what nearly all papers need. Writes casework/documents/fonts/ anew
(but for fonts/more, see tools/cut_more_fonts.py, which is to be run afterwards).

Usage: npm pack @expo-google-fonts/noto-sans-sc@0.4.3 @expo-google-fonts/noto-serif-sc@0.4.3
       tools/cut_fonts.py SANS.tgz SERIF.tgz
"""

import hashlib
import io
import json
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

TARGET = Path(__file__).resolve().parent.parent / "casework" / "documents" / "fonts"
WHOLE, MORE = TARGET / "whole", TARGET / "more"
FACES = {
    "sans": ["400Regular/NotoSansSC_400Regular.ttf", "700Bold/NotoSansSC_700Bold.ttf"],
    "serif": ["400Regular/NotoSerifSC_400Regular.ttf"],
}
# Extension A as far as the national table of standard characters (2013) and its kin use it.
RARE = (
    "㑇㑊㑔㑩㓥㔉㕮㖊㖞㘎㙍㙘㙦㚯㛀㛃㛚㛟㛠㛣㛤㛿㛹㟃㟆㟜㠇㠓㤘㤽㥄㥪㧏㧐㧑㧟㨫㩜㩳㩵㪎㫰㬊㬎㬚㬶㬹"
    "㭎㭏㭕㭣㭤㮣㮾㯤㰀㳇㳔㳕㳘㳚㳠㳡㳢㳽㴋㴔㵐㶉㶲㶶㶽㸆㸌㺄㺍㻅㻏㻘㻬㻪㼆㽏㽣㿠㿥㿭㿰㿱䀥䀹䁖䂮䂵䃅䃎"
    "䅉䅟䅪䇲䉤䌶䌷䌸䌹䌺䌼䌽䌾䌿䍀䍁䍠䎃䎖䎱䏝䏡䏲䐃䓓䓕䓖䓛䓣䓨䓫䓬䗖䗛䗪䗴䘛䘞䙊䙌䙓䜣䜤䜥䜧䜩䝙䞌䞍䞎䞐"
    "䟢䢀䢁䢂䢺䢼䣘䤰䥇䥺䥽䥾䥿䦀䦁䦂䦃䦅䦆䦛䦟䦶䦷䦸䦹䩄䭪䯃䯄䯅䲝䲞䲟䲠䲡䲢䲣䴓䴔䴕䴖䴗䴘䴙䶊䶮"
)
# Of names and places, and not in GB2312: a paper with one of these is no rarer than others.
OF_NAMES = (
    "玥珺喆堃昇煊玟焜翀旻玘琰瑄珈珩琬琤璟璠璎瑨瑀璘祎祐赟婳娴媞妘姮嫄姝嬅孋晞昉昕晔晟暐曈曌朤栩桉榕楠樾橦櫆"
    "泓泠洺浠淏湉湜滢漪潆澍澔瀚灏灵炅炘炫烔烜烨焱煜熠熹燊燚爔犇玓玠玢玧珂珅珖珣珧琀琁琇琎琛琝琨琭琯琮琸琼瑧瑭"
    "瑱瑷璐璞璨璩璿瓀甯畬畲硚碁祉祾禛禤稑笙筠箐粲綝綦縯翊翎翾聃聿芃芊芮苡茜荞荭莜菀菲萁葳蒽蓁蔺薏藴蘅虓蛟"
    "袆觅訚詝誉諠譞谞豳赑跹轶迦逄逯郄郗鄅鄢酆醴鋆鋐錡鎏鑫钊钜钰铭锳镕镡镱闫阚陞隽霂霈霏霭靓靖韫韬頔顼颉颖颢飏"
    "飔馡馥骐骞骢髙鱻鲲鸢鹄鹭麒麾黟黻龑龢龘圐圙坜垚垭埇堉堽塬墉墎奡妤娍屾岍岙岜岽峁峣峂崀崃崟嵘嵩嶓嶷巘幪弢彧"
    "彣忞怿恺悊愔憓戬扆揆攽斓旸旼昀昇昪晗晢晧暄暕暠曦杺枞枥柃桢梃棽楙槿橒欤歆毓氤汭沄沅沚沨沩泖洢洣浛涔淇淙渌湲溆滘漖潼濉濛"
)
MARKS = "\u00a0\u00b7✓□〔〕—…“”‘’①②③④⑤⑥⑦⑧⑨⑩"


def of_gbk() -> set[int]:
    """Every character of GBK: all of GB2312, the hanzi of Unicode 1.1, full-width marks."""
    found = set()
    for lead in range(0x81, 0xFF):
        for trail in range(0x40, 0xFF):
            try:
                found.add(ord(bytes([lead, trail]).decode("gbk")))
            except UnicodeDecodeError:
                continue
    return {each for each in found if not 0x3040 <= each <= 0x30FF and each < 0xE000} | {
        each for each in found if 0xFF00 <= each <= 0xFFEF
    }


def wanted(has: set[int]) -> set[int]:
    """What a face keeps of what it has: GBK, Latin, later hanzi, all hanzi beyond the first plane."""
    keep = of_gbk() | set(range(0x20, 0x180)) | set(range(0x2010, 0x2040))
    keep |= set(range(0x9FA6, 0xA000)) | {each for each in has if each > 0xFFFF and each < 0x40000}
    return (keep | set(map(ord, RARE + MARKS))) & has


def usual(has: set[int]) -> set[int]:
    """What the small font keeps of it: the hanzi of GB2312 and of names, and all that is no hanzi."""
    keep = {each for each in has if _in_gb2312(each)} | set(map(ord, OF_NAMES))
    return (keep | {each for each in has if not chr(each).isalpha() or each < 0x2E80}) & has


def _in_gb2312(point: int) -> bool:
    try:
        return bool(chr(point).encode("gb2312"))
    except UnicodeEncodeError:
        return False


def cut(data: bytes, which: Callable[[set[int]], set[int]]) -> bytes:
    """The face with the characters only that `which` picks of its own."""
    font = TTFont(io.BytesIO(data), recalcTimestamp=False)
    subset(font, which(set(font.getBestCmap())))
    return saved(font)


def subset(font: TTFont, keep: set[int]) -> None:
    """Leave these characters only."""
    options = Options()
    options.layout_features = ["halt", "pwid", "kern", "locl", "ccmp"]
    options.hinting = options.recalc_timestamp = False
    options.name_IDs, options.notdef_outline = ["*"], True
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=keep)
    subsetter.subset(font)


def saved(font: TTFont) -> bytes:
    """Its bytes."""
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()


def ranges(points: set[int]) -> str:
    """`4e00-9fa5 9fbb` …: one range a line, hexadecimal."""
    lines: list[list[int]] = []
    for point in sorted(points):
        if lines and lines[-1][1] == point - 1:
            lines[-1][1] = point
        else:
            lines.append([point, point])
    return "".join(f"{a:x}-{b:x}\n" for a, b in lines)


def characters(font: Path) -> set[int]:
    """What a font file has; nothing if it is not there."""
    return set(TTFont(font).getBestCmap()) if font.exists() else set()


def complete(sources: list[str]) -> None:
    """Write what stands beside the fonts: which characters every face has in one of its fonts, the hashes of all, and where they are from."""
    names = [Path(face).name for faces in FACES.values() for face in faces]
    covered = ranges(
        set.intersection(*(characters(WHOLE / n) | characters(MORE / n) for n in names))
    )
    (TARGET / "coverage.txt").write_text(covered, "ascii")
    files = [place / name for name in names for place in (TARGET, WHOLE, MORE)]
    sums = [
        f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.relative_to(TARGET)}\n"
        for file in [*filter(Path.exists, files), TARGET / "coverage.txt"]
    ]
    (TARGET / "SHA256SUMS").write_text("".join(sums), "ascii")
    (TARGET / "SOURCE").write_text("".join(sources), "utf-8")


def main(packages: list[str]) -> None:
    WHOLE.mkdir(parents=True, exist_ok=True)
    sources = ["Cut by tools/cut_fonts.py from:\n"]
    for kind, package in zip(FACES, packages, strict=True):
        with tarfile.open(package) as tar:
            about = json.load(tar.extractfile("package/package.json"))  # type: ignore[arg-type]
            sources.append(f"{about['name']} {about['version']}\n")
            for face in FACES[kind]:
                data = cut(tar.extractfile(f"package/{face}").read(), wanted)  # type: ignore[union-attr]
                (WHOLE / Path(face).name).write_bytes(data)
                (TARGET / Path(face).name).write_bytes(cut(data, usual))
            licence = tar.extractfile("package/LICENSE_FONT").read()  # type: ignore[union-attr]
            (TARGET / f"OFL-{kind}.txt").write_bytes(licence)
    complete(sources)


if __name__ == "__main__":
    main(sys.argv[1:])
