"""A school's own words for columns and signs: asked about, said once, remembered, read again."""

from datetime import date

import pytest
from django.test import Client

from casework.audit.models import Entry
from casework.core.errors import DomainError
from casework.org.models import Unit, User
from casework.students import own_words, runs
from casework.students.models import Absence, ImportRun, OwnWord, Pupil
from casework.students.workbook import Upload
from tests.students.books import (
    AT,
    TOWNSHIP,
    pupil,
    rollbook,
    roster,
    take_roster,
    workbook,
)
from tests.students.test_import_pages import sent, signed_in

pytestmark = pytest.mark.usefixtures("files_of_its_own")
DAYS = [date(2026, 9, day) for day in (1, 2, 3)]
ODD = {"姓名★": "娃娃", "班级★": "哪个班"}


def odd_roster() -> Upload:
    return roster({ODD.get(key, key): value for key, value in pupil(1).items()})


def told(client: Client, where: str) -> dict[str, str]:
    """The form's answer that says what the odd headers are."""
    asked = list(ImportRun.objects.get(pk=where.split("/")[2]).outcome["asked"])
    return {f"w-{word}": {"娃娃": "姓名", "哪个班": "班级"}.get(word, "") for word in asked}


def test_an_unknown_header_is_asked_about_and_remembered_for_the_next_file(officer: User) -> None:
    client = signed_in(officer)
    where = sent(client, odd_roster())
    assert "Say what they mean" in client.get(where).content.decode()
    page = client.get(f"{where}words/").content.decode()
    assert "娃娃" in page and "哪个班" in page
    answer = client.post(f"{where}words/", told(client, where))
    assert answer["Location"] == where and Pupil.objects.count() == 0
    client.post(where, {"do": "apply"})
    assert Pupil.objects.get().name == "文涛二"
    assert dict(OwnWord.objects.values_list("said", "means")) == {"娃娃": "姓名", "哪个班": "班级"}
    again = ImportRun.objects.get(pk=sent(client, odd_roster()).split("/")[2])
    assert again.outcome["errors"] == [] and again.outcome["asked"] == {}


def test_a_sign_that_no_legend_explains_is_asked_about(officer: User) -> None:
    take_roster(roster(pupil(1), pupil(2)))
    marks = {f"{row['学籍号']}": sign for row, sign in ((pupil(1), "◎.."), (pupil(2), "..◇"))}
    client = signed_in(officer)
    where = sent(client, rollbook(marks, DAYS), "attendance")
    run = ImportRun.objects.get(pk=where.split("/")[2])
    assert set(run.outcome["asked"]) == {"◎", "◇"}
    client.post(f"{where}words/", {"w-◎": "旷课", "w-◇": "旷课"})
    client.post(where, {"do": "apply"})
    absent = Absence.objects.exclude(mark="blank")
    assert set(absent.values_list("mark", "day")) == {
        ("absent", DAYS[0]),
        ("absent", DAYS[2]),
    }


def test_words_of_one_office_say_nothing_to_another(officer: User, county: Unit) -> None:
    take_roster(roster(pupil(1)))
    town = Unit.objects.get(kind="township")
    own_words.remember(town, "roster", {"娃娃": "姓名"}, {"娃娃": ["姓名"]}, by=officer, at=AT)
    with own_words.in_words_of(county, "roster"):
        assert own_words.as_known("娃娃") == "娃娃"
    with own_words.in_words_of(Unit.objects.get_children(town).first(), "roster"):
        assert own_words.as_known("娃娃") == "姓名"
    assert own_words.as_known("娃娃") == "娃娃"


def test_what_is_no_meaning_is_refused_and_nothing_is_kept(officer: User, county: Unit) -> None:
    asked = {"a": ["姓名", "班级"], "b": ["姓名", "班级"], "c": list(own_words.SIGNS)}
    for words in ({"a": "旷课"}, {"a": "姓名", "b": "姓名"}, {"d": "姓名"}):
        with pytest.raises(DomainError):
            own_words.remember(county, "roster", words, asked, by=officer, at=AT)
    assert not OwnWord.objects.exists()


def test_a_word_is_deleted_once(officer: User, county: Unit) -> None:
    own_words.remember(county, "roster", {"a": "姓名"}, {"a": ["姓名"]}, by=officer, at=AT)
    client = signed_in(officer)
    where = sent(client, odd_roster())
    word = {"act": "forget", "word": str(OwnWord.objects.get().pk)}
    assert client.post(f"{where}words/", word).status_code == 302
    assert client.post(f"{where}words/", word).status_code == 409
    assert not OwnWord.objects.exists()
    assert set(Entry.objects.filter(verb__startswith="words.").values_list("verb", flat=True)) == {
        "words.remembered",
        "words.forgotten",
    }


def test_a_finished_import_is_not_read_again(officer: User) -> None:
    run = runs.begin(kind="roster", township=TOWNSHIP, files=[roster(pupil(1))], by=officer, at=AT)
    runs.apply(run=run, by=officer, at=AT)
    with pytest.raises(DomainError, match="finished already"):
        runs.read_again(run, by=officer, at=AT)


def test_a_legend_of_the_file_wins_over_what_was_said_before(officer: User) -> None:
    take_roster(roster(pupil(1)))
    asked = {"◎": list(own_words.SIGNS)}
    unit = runs.office_of(ImportRun(kind="attendance"), officer)
    own_words.remember(unit, "attendance", {"◎": "旷课"}, asked, by=officer, at=AT)
    book = rollbook({pupil(1)["学籍号"]: "◎√√"}, DAYS, legend="符号：√=出勤 ◎=病假")
    runs.apply(
        run=runs.begin(kind="attendance", township="", files=[book], by=officer, at=AT), by=officer, at=AT
    )  # fmt: skip
    assert [(each.mark, each.day) for each in Absence.objects.all()] == [("sick", DAYS[0])]


def test_a_usual_sign_is_not_asked_about(officer: User) -> None:
    take_roster(roster(pupil(1)))
    book = rollbook({pupil(1)["学籍号"]: "×√◈"}, DAYS, legend="符号：√=出勤 ◎=病假")
    run = runs.begin(kind="attendance", township="", files=[book], by=officer, at=AT)
    assert set(run.outcome["asked"]) == {"◈"} and run.outcome["error_count"] == 2


def test_the_headers_of_an_unknown_list_of_days_are_asked_about(officer: User) -> None:
    take_roster(roster(pupil(1)))
    book = workbook({"明细": [["姓名", "刷卡日期", "签到时间"], ["文涛二", "2026-09-01", "07:40"]]})
    files = [Upload("明细.xlsx", book)]
    run = runs.begin(kind="attendance", township="", files=files, by=officer, at=AT)
    assert "刷卡日期" in run.outcome["asked"]
