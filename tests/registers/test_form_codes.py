"""A form that was filled in by hand finds its record by the code printed on it, whichever comes first."""

import io
from collections.abc import Callable
from typing import Any

import pypdfium2
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from casework.cases.kinds import Kind
from casework.cases.models import Case, Step
from casework.core.clock import moved_to
from casework.core.errors import DomainError
from casework.documents import form_codes
from casework.documents.blank import blank
from casework.documents.models import Attachment, Document, Purpose
from casework.evidence.printing import form_for
from casework.org.models import User
from casework.registers.handing_in import give, hand_in, likely_papers
from tests.world import World, client_of, day, do, open_case, open_step

pytestmark = pytest.mark.django_db
Keep = Callable[..., Attachment]


def photographed(pdf: bytes) -> SimpleUploadedFile:
    """The last page of a print, as a phone sees it."""
    out = io.BytesIO()
    with pypdfium2.PdfDocument(pdf) as pages:
        page = pages[len(pages) - 1].render(scale=1.8).to_pil().convert("RGB")
    page.rotate(4, expand=True, fillcolor="gray").save(out, "JPEG", quality=60)
    return SimpleUploadedFile("sheet.jpg", out.getvalue())


@pytest.fixture
def keep(world: World, case: Case) -> Keep:
    """Hand in one photo, signed sheet, at the school's office unless said otherwise."""

    def act(pdf: bytes, *, chain: str = "", by: User | None = None) -> Attachment:
        (kept,) = hand_in(
            [photographed(pdf)], chain=chain or f"unit:{world.school.pk}", purpose=Purpose.SIGNED, title="",
            may_read=lambda paper: True, by=by or world.officer, at=day(case, 5),
        )  # fmt: skip
        return kept

    return act


@pytest.fixture
def step(case: Case) -> Step:
    return open_step(case, Kind.PERSUASION)


def form_of(step: Step, case: Case) -> bytes:
    return form_for(step, "P06", at=day(case, 4), language="zh-hans")


def test_a_sheet_that_comes_before_its_record_waits_at_the_case_and_is_given_to_it(
    keep: Keep, case: Case, step: Step
) -> None:
    waiting = keep(form_of(step, case))
    assert (waiting.waits, waiting.chain) == (True, f"case:{case.pk}")
    (paper,) = do(case, Kind.PERSUASION, day(case, 6), result="not_yet")
    given = Attachment.objects.get(document=paper)
    assert (given.given_from, given.sha256) == (waiting, waiting.sha256)


def test_a_sheet_that_comes_after_its_record_is_given_to_it(
    keep: Keep, case: Case, step: Step
) -> None:
    form = form_of(step, case)
    (paper,) = do(case, Kind.PERSUASION, day(case, 5), result="not_yet")
    assert (keep(form).document, paper.kind) == (paper, "P06")


def test_the_form_of_a_case_out_of_reach_waits_where_it_was_handed_in(
    keep: Keep, case: Case, step: Step, world: World
) -> None:
    far = keep(form_of(step, case), by=world.far_teacher)
    do(case, Kind.PERSUASION, day(case, 6), result="not_yet")
    assert (far.waits, far.chain) == (True, f"unit:{world.school.pk}")
    assert not Attachment.objects.exclude(document=None).exists()


def test_a_form_for_anybody_may_be_copied_so_nothing_follows_by_itself(
    keep: Keep, case: Case, world: World
) -> None:
    """Printed once and copied for thirty households: its code says the form, not the child."""
    code, chain = form_codes.for_anybody("P04"), f"case:{case.pk}"
    form = blank(code, {}, world.school, at=day(case, 3))
    first, second = keep(form, chain=chain), keep(form, chain=chain)
    paper = Document.objects.get(chain=chain, kind="P04")
    assert likely_papers([first], chain) == {first.pk: [paper]}
    give(first, paper.number, may_read=lambda paper: True, by=world.officer, at=day(case, 5))
    assert paper.attachments.get().given_from == first and keep(form, chain=chain).waits
    assert likely_papers([second], chain) == {second.pk: [paper]}, "a second page of it"


def test_a_sheet_is_given_to_no_paper_of_another_form_or_case(
    keep: Keep, case: Case, world: World
) -> None:
    chain, at = f"case:{case.pk}", day(case, 5)
    talk = keep(blank(form_codes.for_anybody("P24"), {}, world.school, at=at), chain=chain)
    with pytest.raises(DomainError, match="the paper is"):
        give_it(talk, Document.objects.get(chain=chain, kind="P04"), world, case)
    other = open_case(world, world.qi)
    (paper, *_more) = do(other, Kind.REGISTER, day(other, 1))
    plain = Attachment.objects.create(
        chain=chain, purpose="signed", kind="photo", sha256="0", size=1, original="o", copy="c.jpg", at=at
    )  # fmt: skip
    with pytest.raises(DomainError, match="another case"):
        give_it(plain, paper, world, case)


def give_it(waiting: Attachment, paper: Document, world: World, case: Case) -> Attachment:
    at = day(case, 5)
    return give(waiting, paper.number, may_read=lambda paper: True, by=world.officer, at=at)


def test_a_sheet_without_a_code_may_be_any_paper_that_has_no_sheet(case: Case) -> None:
    chain = f"case:{case.pk}"
    waiting = Attachment(pk=1, chain=chain, purpose=Purpose.SIGNED)
    newest = list(Document.objects.filter(chain=chain).order_by("-pk")[:3])
    assert likely_papers([waiting], chain) == {1: newest}


@pytest.mark.parametrize(
    "text",
    ["f/P04/step-1/?a=1", "f/XX/step-1/", "f/P04/step-/", "f/P04/step-01/", "f/P04/step-abcdefg/", "f/P04/step-1_2_345/", "f/P04/step-0000012/", "f/P04/step-１/", "v/P04/step-1/", "f/P04/step-1"],
)  # fmt: skip
def test_another_text_is_no_code(text: str) -> None:
    texts = [f"{settings.SITE_URL}/{text}", "https://other.example/f/P04/step-1/"]
    assert form_codes.among(texts) == ""


@pytest.mark.parametrize("code", ["P17/step-{}", "SR/step-{}", "P06/step-999999"])
def test_the_code_of_a_form_that_no_step_prints_is_none(
    keep: Keep, case: Case, step: Step, world: World, code: str
) -> None:
    kept = keep(blank(code.format(step.pk), {}, world.school, at=day(case, 3)))
    assert (kept.form_code, kept.chain) == ("", f"unit:{world.school.pk}")


def test_a_code_is_read_back() -> None:
    for code in (form_codes.for_step("P13", 12), form_codes.for_anybody("P04")):
        assert form_codes.among(["x", form_codes.link_of(code)]) == code
    assert form_codes.step_of("P13/step-12") == 12


class TestPages:
    def test_the_form_of_a_step_is_printed_from_its_page(
        self, world: World, case: Case, step: Step
    ) -> None:
        address = reverse("evidence:form_of_step", args=[step.pk, "P06"])
        with moved_to(day(case, 4)):
            client = client_of(world.principal)
            page: Any = client.get(reverse("workflows:step", args=[step.pk]))
            answer = client.get(address)
            assert address in page.content.decode()
            assert (answer.status_code, answer.content[:5]) == (200, b"%PDF-")
            assert client.get(address.replace("P06", "P04")).status_code == 404
            assert client_of(world.far_principal).get(address).status_code == 404

    def test_the_code_says_that_it_proves_nothing_and_names_nobody(
        self, world: World, case: Case, step: Step
    ) -> None:
        client = client_of(world.principal)
        client.logout()
        shown = client.get(f"/f/P06/step-{step.pk}/").content.decode()
        assert "proves nothing" in shown and case.pupil.name not in shown
        for wrong in ("elsewhere", "step-abcdefg", "step--------"):
            assert client.get(f"/f/P06/{wrong}/").status_code == 404

    def test_a_waiting_sheet_is_given_with_one_tap(
        self, world: World, case: Case, keep: Keep
    ) -> None:
        chain = f"case:{case.pk}"
        code = form_codes.for_anybody("P04")
        waiting = keep(blank(code, {}, world.school, at=day(case, 3)), chain=chain)
        paper = Document.objects.get(chain=chain, kind="P04")
        with moved_to(day(case, 5)):
            client = client_of(world.officer)
            page = client.get(reverse("registers:files", args=["case", case.pk]))
            assert f'value="{paper.number}"' in page.content.decode()
            client.post(reverse("registers:give", args=[waiting.pk]), {"number": paper.number})
        assert paper.attachments.get().given_from == waiting
