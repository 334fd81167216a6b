"""The words around the facts of a paper: frame, foot and proof, in both editions."""

from casework.documents.papers.declare import Words as W

FRAME: dict[str, W] = {
    "case": W("个案编号：", "Case "),
    "imprint": W(
        "表{form}·模板第{version}版·{at}生成", "Form {form}, template {version}, made {at}"
    ),
    "signatures": W("签字盖章", "Signatures"),
    "attached": W("附件：个案情况", "Attached: the case"),
    "attached_check": W("附页：签发与核验", "Attached: sign-off and check"),
    "gap": W("　", " · "),
    "cut": W("沿此线裁开", "cut here"),
    "date_line": W("　　年　　月　　日", "Date: ____ / ____ / ________"),
    "seal": W("印章处", "Seal"),
    "recorded": W("录入人：{by}　录入时间：{at}", "Entered by {by}, {at}"),
    "occurred": W("发生时间：{at}", "Happened: {at}"),
    "sign_state": W("签字状态：{state}", "Signatures: {state}"),
    "awaited": W("待手写签字", "awaited, by hand"),
    "system": W("系统", "the system"),
    "hash": W("记录摘要（SHA-256）：", "Record digest (SHA-256): "),
    "previous": W("上一记录：", "Previous record: "),
    "first": W("无（首件）", "none (first of its chain)"),
    "place": W("链上第{place}件", "no. {place} of its chain"),
    "supersedes": W("本件更正并替代 {number}", "This paper corrects and replaces {number}"),
    "scan": W(
        "本表由系统按一次录入生成；扫描二维码可核验真伪，页面不显示个人信息。",
        "Made by the system from one entry. Scan the code to check this paper; the page shows no personal information.",
    ),
    "day_by_hand": W("　　　　年　　月　　日", "Date: ____________"),
    "blank": W("空白表（待填写）", "Form to be filled in"),
    "by_hand": W(
        "本表供现场手写，未加盖电子印章；填写后请录入系统，由系统生成正式文书。签字后的纸质件拍照或扫描上传，凭右侧二维码归入其记录，先后不限。",
        "For the hand, without a seal: type it in afterwards, the system then makes the paper. Photograph or scan the signed sheet: "
        "its code leads it to its record, whichever comes first.",
    ),
    "form_code": W("空白表二维码", "Code of the empty form"),
    "redacted": W(
        "脱敏件：未加盖电子印章，以原件为准", "Without names: unsealed, the original counts"
    ),
    "withheld_hand": W("已签，笔迹隐去", "signed; the hand is withheld"),
    "corrects": W("本件更正以前的一件", "This paper corrects an earlier one"),
    "original": W("原件（SHA-256）：", "Original (SHA-256): "),
    "original_record": W("原件记录（SHA-256）：", "Record of the original (SHA-256): "),
    "unsealed": W("尚未封存", "not sealed yet"),
    "drawn": W("屏幕手写签名", "signature drawn on the screen"),
    "code": W("核验二维码：{number}", "Code to check {number}"),
    "number": W("序号", "No."),
    "nothing": W("—", "—"),
    "none": W("无", "None"),
    "comma": W("、", ", "),
    "colon": W("：", ":"),
}
