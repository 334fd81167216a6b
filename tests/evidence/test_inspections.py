"""An outside inspector sees the chosen cases, nothing else, until the last day; every look stands in the note."""

import io
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from PIL import Image

from casework.audit.models import Entry, Look
from casework.cases.models import Case, Photo, Visit
from casework.core.clock import local_date, moved_to
from casework.core.crypto import encrypt_bytes
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.documents.attachments import copy_of, enter, store
from casework.documents.models import Document, Purpose
from casework.documents.render import Rendered
from casework.documents.uploads import look_at
from casework.evidence import inspection_views, printed
from casework.evidence.inspections import (
    choose_more,
    close_inspection,
    looks_of,
    open_inspection,
)
from casework.evidence.marks import marked_photo
from casework.evidence.models import Inspection
from casework.org.models import Post, User
from casework.org.people import give_post, set_password
from casework.profiles.rules import baseline, publish
from tests.cases.test_photos import picture
from tests.documents.conftest import press_stops
from tests.documents.sounds import SOUNDS
from tests.evidence.conftest import stand_in
from tests.evidence.test_reading_copy import blank
from tests.registers.conftest import case, case_pk, own_media, world
from tests.world import World, client_of, day, open_case

__all__ = ["case", "case_pk", "own_media", "press_stops", "world"]
pytestmark = pytest.mark.django_db
WORDS = {"name": "何督学", "office": "示范市督导组", "reason": "年度督导"}
PASSWORD = "look-around-2026"


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def at(case: Case) -> datetime:
    return day(case, 4)


def let_in(world: World, case: Case, at: datetime, **more: Any) -> Inspection:
    """A visit of a week for one case, its inspector with a password of his own."""
    given = WORDS | {"unit": world.county, "until": local_date(at) + timedelta(days=7)}
    made, _code = open_inspection(
        **(given | {"numbers": case.number} | more), by=world.county_officer, at=at
    )
    set_password(user=made.inspector, password=PASSWORD, at=at)
    return made


@pytest.fixture
def visit(world: World, case: Case, at: datetime) -> Inspection:
    return let_in(world, case, at)


def get(user: User, at: datetime, name: str, *args: object) -> Any:
    with moved_to(at):
        client = client_of(User.objects.get(pk=user.pk))
        return client.get(reverse(name, args=args))


def test_the_code_of_the_slip_opens_the_door_once(world: World, case: Case, at: datetime) -> None:
    form = WORDS | {
        "unit": world.county.pk, "until": (local_date(at) + timedelta(days=3)).isoformat(), "numbers": case.number,
    }  # fmt: skip
    with moved_to(at):
        page = (
            client_of(world.county_officer)
            .post(reverse("evidence:inspections"), form)
            .content.decode()
        )
        (code,) = re.findall(r'<p class="big"><span class="code">([A-Z0-9-]+)<', page)
        inspector = Inspection.objects.get().inspector
        door = Client()
        said = {"username": inspector.username, "password": code}
        assert door.post(reverse("org:sign_in"), said).status_code == 302
        assert door.get("/", follow=True).redirect_chain[-1][0] == reverse("org:set_password")
    with moved_to(at + timedelta(minutes=1)):
        assert Client().post(reverse("org:sign_in"), said).status_code == 200  # spent
    assert Entry.objects.filter(verb="inspection.case_chosen", chain=f"case:{case.pk}").count() == 1


def test_the_chosen_case_is_read_and_no_other(
    world: World, case: Case, visit: Inspection, at: datetime
) -> None:
    other = open_case(world, world.yun)
    inspector = visit.inspector
    begin = get(inspector, at, "cases:inbox")
    assert begin.url == reverse("evidence:inspecting")
    page = get(inspector, at, "evidence:inspecting").content.decode()
    assert case.number in page and other.number not in page
    page = get(inspector, at, "evidence:inspected_case", case.pk).content.decode()
    assert 'data-mark="示范市督导组 何督学　' in page and world.lan.name in page
    assert get(inspector, at, "evidence:inspected_case", other.pk).status_code == 404
    for name, *args in (
        ("cases:cases",), ("cases:case", case.pk), ("oversight:board",), ("evidence:bundles",), ("org:people",),
        ("evidence:inspections",), ("evidence:inspection", visit.pk), ("students:import",), ("cases:notices",), ("cases:channels",),
    ):  # fmt: skip
        assert get(inspector, at, name, *args).status_code in (403, 404), name
    assert reverse("cases:notices") not in page
    assert set(re.findall(r'<form method="post" action="([^"]+)"', page)) == {
        "/sign-out/",
        "/language/",
    }


def test_the_time_ends_with_its_last_day(visit: Inspection, at: datetime, case: Case) -> None:
    inspector = visit.inspector
    said = {"username": inspector.username, "password": PASSWORD}
    last, after = at + timedelta(days=7), at + timedelta(days=8)
    assert get(inspector, last, "evidence:inspected_case", case.pk).status_code == 200
    for name, *args in (
        ("evidence:inspected_case", case.pk),
        ("cases:notices",),
        ("cases:channels",),
        ("cases:away",),
    ):
        assert get(inspector, after, name, *args).url == reverse("org:sign_in")
    assert get(inspector, after, "org:set_password").url == "/"
    with moved_to(last):
        assert Client().post(reverse("org:sign_in"), said).status_code == 302
    with moved_to(after):
        assert Client().post(reverse("org:sign_in"), said).status_code == 200


def test_a_paper_is_shown_as_a_marked_copy_without_its_seal(
    visit: Inspection, at: datetime, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    htmls: list[str] = []

    def two_pages(html: str, *rest: Any) -> Rendered:
        htmls.append(html)
        out = io.BytesIO()
        with pikepdf.new() as pdf:
            pdf.add_blank_page()
            pdf.save(out)
        return Rendered(out.getvalue(), 1, {})

    monkeypatch.setattr(printed, "print_html", two_pages)
    document = Document.objects.filter(chain=f"case:{case.pk}").order_by("pk")[0]
    assert get(visit.inspector, at, "evidence:inspected_paper", document.pk).status_code == 404
    stand_in(document)
    answer = get(visit.inspector, at, "evidence:inspected_paper", document.pk)
    with pikepdf.open(io.BytesIO(answer.content)) as copy:
        assert not copy.attachments and len(copy.pages) == 1
    assert "示范市督导组 何督学" in htmls[0]
    look = Look.objects.get(what="inspected_paper")
    assert (look.subjects, look.reason) == ([case.pk], document.number)
    elsewhere = Document.objects.exclude(chain=f"case:{case.pk}").first()
    if elsewhere:
        assert get(visit.inspector, at, "evidence:inspected_paper", elsewhere.pk).status_code == 404


def a_photo(case: Case, world: World, at: datetime, settings: Any) -> Photo:
    from pathlib import Path

    out = io.BytesIO()
    Image.new("RGB", (320, 200), (200, 200, 200)).save(out, "JPEG")
    place = Path(settings.MEDIA_ROOT) / "photos"
    place.mkdir(parents=True, exist_ok=True)
    (place / "one.jpg").write_bytes(encrypt_bytes(out.getvalue(), "photo"))
    visited = Visit.objects.create(
        pupil=case.pupil, school=case.school, case=case, form="door", line="education", visitor=world.officer,
        began=at, ended=at, recorded_at=at, sign_state="unsigned",
    )  # fmt: skip
    return Photo.objects.create(
        visit=visited, original_sha256="0" * 64, original="photos/o", copy="photos/one.jpg", size=1
    )


def test_a_photo_bears_the_mark(
    visit: Inspection, at: datetime, case: Case, world: World, settings: Any
) -> None:
    photo = a_photo(case, world, at, settings)
    answer = get(visit.inspector, at, "evidence:inspected_photo", photo.pk)
    with Image.open(io.BytesIO(answer.content)) as shown:
        assert max(shown.getpixel((310, 190))) < 60 and min(shown.getpixel((10, 10))) > 150  # type: ignore[arg-type, type-var]
    photo.visit.case = None  # type: ignore[union-attr]
    photo.visit.save()  # type: ignore[union-attr]
    assert get(visit.inspector, at, "evidence:inspected_photo", photo.pk).status_code == 404


@pytest.mark.parametrize(
    ("raw", "kind"),
    [(picture(), "image/jpeg"), (blank(2), "application/pdf"), (SOUNDS["ogg"](), "audio/ogg")],
)
def test_a_file_handed_in_is_seen_with_the_mark(
    visit: Inspection,
    at: datetime,
    case: Case,
    world: World,
    own_media: Path,
    raw: bytes,
    kind: str,
) -> None:
    """The inspector reads signed sheets and proofs too, none of another case; each look stands in the note."""
    with one_act():
        kept = enter(store(look_at(raw, "x")), chain=f"case:{case.pk}", purpose=Purpose.PROOF, by=world.teacher, at=at)  # fmt: skip
        other = open_case(world, world.yun)
        far = enter(store(look_at(raw, "x")), chain=f"case:{other.pk}", purpose=Purpose.PROOF, by=world.teacher, at=at)  # fmt: skip
    page = get(visit.inspector, at, "evidence:inspected_case", case.pk).content.decode()
    assert reverse("evidence:inspected_file", args=[kept.pk]) in page
    answer = get(visit.inspector, at, "evidence:inspected_file", kept.pk)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, kind)
    assert (answer.content == copy_of(kept)) == (kind == "audio/ogg")
    assert get(visit.inspector, at, "evidence:inspected_file", far.pk).status_code == 404
    assert [each.what for each in looks_of(visit)].count("inspected_file") == 1


def test_the_strip_of_a_small_photo_fits_into_it() -> None:
    out = io.BytesIO()
    Image.new("RGB", (40, 20)).save(out, "JPEG")
    with Image.open(io.BytesIO(marked_photo(out.getvalue(), "督导组"))) as shown:
        assert shown.size == (40, 20)


def test_every_look_stands_in_the_note_that_ends_the_visit(
    world: World, visit: Inspection, at: datetime, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[dict[str, Any]] = []

    def kept(template: str, context: dict[str, Any], **_more: Any) -> bytes:
        told.append(context)
        return b"%PDF"

    monkeypatch.setattr(inspection_views, "printed_now", kept)
    get(visit.inspector, at, "evidence:inspecting")
    get(visit.inspector, at + timedelta(minutes=3), "evidence:inspected_case", case.pk)
    officer = world.county_officer
    assert get(officer, at, "evidence:inspection_note", visit.pk).status_code == 404
    with moved_to(at + timedelta(hours=1)):
        client_of(officer).post(reverse("evidence:inspection", args=[visit.pk]), {"act": "close"})
    visit.refresh_from_db()
    assert (visit.closed_by, len(visit.anchor)) == (officer.display_name, 64)
    assert get(visit.inspector, at + timedelta(hours=2), "evidence:inspecting").status_code == 302
    assert (
        get(officer, at + timedelta(hours=2), "evidence:inspection_note", visit.pk).status_code
        == 200
    )
    looks = [(what, whose) for _when, what, whose in told[0]["looks"]]
    assert looks == [("the list of cases", case.number), ("the file of the case", case.number)]
    with pytest.raises(DomainError, match="has ended"):
        close_inspection(visit, by=officer, at=at)
    with pytest.raises(DomainError, match="has ended"):
        choose_more(visit, case.number, by=officer, at=at)


def test_nobody_lets_an_inspector_see_what_he_may_not_see_himself(
    world: World, case: Case, at: datetime
) -> None:
    """A school's officer for a case of another school; unknown numbers; no day beyond a month; nothing is half done."""
    far = open_case(world, world.pupils["far_hua"])
    given = WORDS | {"unit": world.school, "until": local_date(at)}
    for numbers, words in (
        (f"{case.number} {far.number}", far.number), ("KC-990026-2026A-99999", "99999"), ("  ", "at least one"),
    ):  # fmt: skip
        with pytest.raises(DomainError, match=words):
            open_inspection(**given, numbers=numbers, by=world.officer, at=at)
    for until in (local_date(at) - timedelta(days=1), local_date(at) + timedelta(days=31)):
        with pytest.raises(DomainError, match="30 days"):
            open_inspection(
                **(given | {"until": until}), numbers=case.number, by=world.officer, at=at
            )
    assert not Inspection.objects.exists() and not User.objects.exclude(visits_until=None).exists()


def test_more_cases_can_be_chosen_while_it_runs(
    world: World, visit: Inspection, at: datetime, case: Case
) -> None:
    other = open_case(world, world.yun)
    choose_more(visit, f"{other.number.lower()}、{case.number}", by=world.county_officer, at=at)
    assert list(visit.chosen.order_by("pk").values_list("case__number", flat=True)) == [
        case.number,
        other.number,
    ]
    assert get(visit.inspector, at, "evidence:inspected_case", other.pk).status_code == 200
    assert looks_of(visit).count() == 1


def test_an_inspector_gets_no_post_and_stands_in_for_nobody(
    world: World, visit: Inspection, at: datetime
) -> None:
    inspector, day_ = User.objects.get(pk=visit.inspector_id), local_date(at)
    given = {"unit": world.county, "role": "county_case_officer", "since": day_}
    with pytest.raises(DomainError, match="holds no post"):
        give_post(user=inspector, by=None, at=at, **given)
    Post.objects.create(user=inspector, **given)  # by whatever road it came
    assert get(inspector, at, "cases:cases").status_code == 403
    assert "code.made" in set(
        Entry.objects.filter(actor_id=world.county_officer.pk).values_list("verb", flat=True)
    )


def test_an_inspector_sees_no_more_cases_than_one_person_may_hand_out(
    world: World, visit: Inspection, at: datetime, case: Case
) -> None:
    rules = baseline() | {"exports": {"approve_above": 1}}
    publish(world.county, rules, name="x", valid_from=local_date(at), by=None, at=at)
    other = open_case(world, world.yun)
    with pytest.raises(DomainError, match="at most 1 cases"):
        choose_more(visit, other.number, by=world.county_officer, at=at)
    with pytest.raises(DomainError, match="chosen already"):
        choose_more(visit, case.number, by=world.county_officer, at=at)


def test_a_code_is_typed_in_capitals_or_not(world: World, case: Case, at: datetime) -> None:
    given = WORDS | {"unit": world.county, "until": local_date(at), "numbers": case.number}
    made, code = open_inspection(**given, by=world.county_officer, at=at)
    with moved_to(at):
        said = {"username": made.inspector.username.upper(), "password": code.lower()}
        assert Client().post(reverse("org:sign_in"), said).status_code == 302


def test_another_office_s_visits_do_not_exist(
    world: World, visit: Inspection, at: datetime
) -> None:
    """ACC-02."""
    assert get(world.officer, at, "evidence:inspection", visit.pk).status_code == 404
    assert visit.office not in get(world.officer, at, "evidence:inspections").content.decode()


def test_the_last_day_is_today_at_the_earliest(world: World, case: Case, at: datetime) -> None:
    made = let_in(world, case, at, until=local_date(at))
    assert made.inspector.visits_until == local_date(at) >= date(2026, 1, 1)


def test_a_lost_code_is_made_anew_by_the_office_that_opened_the_visit(
    world: World, visit: Inspection, at: datetime
) -> None:
    place = reverse("evidence:inspection", args=[visit.pk])
    with moved_to(at):
        page = client_of(world.county_officer).post(place, {"act": "code"}).content.decode()
        (code,) = re.findall(r'<p class="big"><span class="code">([A-Z0-9-]+)<', page)
        said = {"username": visit.inspector.username, "password": code}
        assert Client().post(reverse("org:sign_in"), said).status_code == 302
        assert client_of(world.officer).post(place, {"act": "code"}).status_code == 404
