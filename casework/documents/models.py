"""What can be proved: frozen records in chains, their sealed files, and the anchors over all of it."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from casework.core.append_only import AppendOnly
from casework.documents.form_codes import kind_of
from casework.documents.papers.register import PAPERS
from casework.documents.uploads import MEDIA_TYPES, FileKind
from casework.org.models import Unit, User


class Document(AppendOnly):
    """A frozen paper. `record` is the canonical JSON of all that it shows, salt and previous hash included."""

    chain = models.CharField(max_length=40)
    place = models.PositiveIntegerField(help_text=_("its number in the chain, from 1"))
    kind = models.CharField(max_length=8)
    number = models.CharField(max_length=120)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="documents")
    year = models.PositiveIntegerField()
    sequence = models.PositiveIntegerField()
    subject = models.CharField(max_length=40, help_text=_("what it is the paper of, as step:12"))
    language = models.CharField(max_length=10)
    template_version = models.PositiveIntegerField()
    record = models.TextField()
    hash = models.CharField(max_length=64, help_text=_("SHA-256 of the record's bytes"))
    previous = models.CharField(max_length=64, blank=True)
    token = models.CharField(max_length=32, unique=True, help_text=_("in the QR code"))
    frozen_at = models.DateTimeField()
    frozen_by = models.CharField(max_length=80)
    supersedes = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="superseded_by"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["chain", "place"], name="one_document_a_place"),
            models.UniqueConstraint(
                fields=["unit", "kind", "year", "sequence"], name="one_document_a_number"
            ),
        ]
        indexes = [models.Index(fields=["subject"], name="document_subject")]

    @property
    def title(self) -> str:
        """What the paper is called, in the language of whoever looks."""
        return str(PAPERS[self.kind].title)


class SealedFile(AppendOnly):
    """The stored bytes of a document, rendered and sealed once."""

    document = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="file")
    path = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    pages = models.PositiveIntegerField()
    sealed_at = models.DateTimeField()
    made_with: "models.JSONField[Any, Any]" = models.JSONField(default=dict)


class Addendum(AppendOnly):
    """A later paper that corrects one (or annuls several): all stand, and the first says so where it is checked."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="addenda")
    addendum = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="corrects")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["document", "addendum"], name="one_addendum_a_paper")
        ]


class Destroyed(AppendOnly):
    """A paper whose record and file are gone by a destruction list with two signatures; its hashes stay and prove that it was."""

    document = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="destroyed")
    listed = models.CharField(max_length=40, help_text=_("which list, as 2057-3"))
    first = models.CharField(max_length=80)
    second = models.CharField(max_length=80)
    at = models.DateTimeField()


class FileOf(models.TextChoices):
    """What a destroyed file was."""

    ATTACHMENT = "attachment", _("file handed in")
    PHOTO = "photo", _("photo")


class DestroyedFile(AppendOnly):
    """A file handed in, or a photo, that went with the papers of its case by a destruction list; its row and its hash stay."""

    of = models.CharField(max_length=10, choices=FileOf.choices)
    ref = models.BigIntegerField(help_text=_("its id"))
    sha256 = models.CharField(max_length=64)
    listed = models.CharField(max_length=40, help_text=_("which list, as 2057-3"))
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["of", "ref"], name="a_file_goes_once")]


class SealCertificate(AppendOnly):
    """A certificate that seals or once sealed papers (its public part, DER)."""

    fingerprint = models.CharField(max_length=64, unique=True)
    der = models.BinaryField()
    subject = models.CharField(max_length=200)
    expires = models.DateTimeField()
    first_at = models.DateTimeField()


class Purpose(models.TextChoices):
    """What a handed-in file is for."""

    SIGNED = "signed", _("signed sheet of a paper")
    PROOF = "proof", _("proof")
    SURVEY = "survey", _("notes of a survey or talk")
    FILED = "filed", _("filed document")


class Attachment(AppendOnly):
    """A file that somebody handed in: encrypted as it came, beside it the copy that is served; its hash stands in the audit chain.

    `document`: the paper whose signed sheet it shows. One whose code nobody could read waits without; giving it to its paper
    adds a row of the same files, `given_from` the waiting one.
    """

    chain = models.CharField(max_length=40)
    document = models.ForeignKey(
        Document, null=True, on_delete=models.PROTECT, related_name="attachments"
    )
    given_from = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="given_to"
    )
    purpose = models.CharField(max_length=8, choices=Purpose.choices)
    kind = models.CharField(max_length=8, choices=FileKind.choices)
    title = models.CharField(max_length=120, blank=True)
    sha256 = models.CharField(max_length=64, help_text=_("of the bytes as they came"))
    kept_sha256 = models.CharField(
        max_length=64,
        blank=True,
        default="",
        help_text=_("of the bytes that are kept: a photo's without its place"),
    )
    copy_sha256 = models.CharField(max_length=64, blank=True, default="")
    size = models.PositiveIntegerField()
    pages = models.PositiveIntegerField(default=0)
    taken_at = models.CharField(max_length=32, blank=True, help_text=_("as a photo names it"))
    form_code = models.CharField(
        max_length=40,
        blank=True,
        default="",
        help_text=_("that was printed on it as an empty form"),
    )
    original = models.CharField(max_length=120)
    copy = models.CharField(max_length=120)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["chain"], name="attachment_chain"),
            models.Index(
                fields=["form_code"], name="attachment_form", condition=~models.Q(form_code="")
            ),
        ]

    @property
    def ending(self) -> str:
        return self.copy.rpartition(".")[2]

    @property
    def file_name(self) -> str:
        """How it is called where it is handed out: ids only (EXP-02)."""
        return f"{self.pk}.{self.ending}"

    @property
    def form(self) -> str:
        """Which paper it was printed as, in the language of whoever looks; empty if no code says so."""
        return str(PAPERS[kind_of(self.form_code)].title) if self.form_code else ""

    @property
    def waits(self) -> bool:
        """A signed sheet whose paper is not known yet."""
        return self.purpose == Purpose.SIGNED and self.document_id is None

    @property
    def media_type(self) -> str:
        return MEDIA_TYPES[self.ending]


class ChainHead(models.Model):
    """The last document of a chain; locked after the number counter, last of all."""

    chain = models.CharField(max_length=40, primary_key=True)
    count = models.PositiveIntegerField(default=0)
    hash = models.CharField(max_length=64, default="")


class NumberCounter(models.Model):
    """The last number taken by a unit for a kind of paper in a year: gap-free."""

    key = models.CharField(max_length=40, primary_key=True, help_text=_("unit:kind:year"))
    last = models.PositiveIntegerField(default=0)


class NumberNote(AppendOnly):
    """Numbers of a row that this system does not give: used before it came, or void, with the reason."""

    key = models.CharField(max_length=40, help_text=_("unit:kind:year"))
    first = models.PositiveIntegerField()
    last = models.PositiveIntegerField()
    reason = models.CharField(max_length=200)
    by_name = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "first"], name="one_note_a_number")]


class Anchor(AppendOnly):
    """A Merkle root over all chains as they stood: printed and handed out, it outlives the database."""

    at = models.DateTimeField()
    root = models.CharField(max_length=64)
    chains = models.PositiveIntegerField()
    documents = models.PositiveIntegerField()
    last_document = models.BigIntegerField()
    last_file = models.BigIntegerField()
    last_entry = models.BigIntegerField()
    last_look = models.BigIntegerField()
    looks = models.BinaryField(
        null=True, help_text=_("one hash over all looks so far, chained from anchor to anchor")
    )
    previous = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["previous"], name="one_anchor_after_another")
        ]
