"""Units, people and the dated posts that tie them. Nobody is deleted: posts end, people are deactivated."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from treebeard.mp_tree import MP_Node

from casework.core import clock
from casework.org.roles import CAPABILITIES, Can, Role


class UnitKind(models.TextChoices):
    COUNTY = "county", _("county")
    TOWNSHIP = "township", _("township")
    SCHOOL = "school", _("school")
    GRADE = "grade", _("grade")
    CLASS = "class", _("class")
    VILLAGE = "village", _("village")
    DEPARTMENT = "department", _("department")


class Unit(MP_Node):  # type: ignore[misc]
    """A place of work. The tree: county → township → school → grade → class; villages beside schools, departments beside townships."""

    kind = models.CharField(max_length=12, choices=UnitKind.choices)
    name = models.CharField(max_length=80)
    short = models.CharField(max_length=40, blank=True, help_text=_("used in paper numbers"))
    code = models.CharField(max_length=20, blank=True)

    node_order_by: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code"], condition=~Q(code=""), name="one_unit_a_code")
        ]
        indexes = [models.Index(fields=["kind", "name"], name="unit_kind_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def formal_name(self) -> str:
        """As it signs its papers: a township as its government, a county as its education bureau."""
        if self.kind == UnitKind.TOWNSHIP and not self.name.endswith(("政府", "办事处")):
            return self.name + ("办事处" if self.name.endswith("街道") else "人民政府")
        if self.kind == UnitKind.COUNTY and not self.name.endswith("局"):
            return f"{self.name}教育局"
        return self.name

    def holds(self, other: Unit) -> bool:
        """Whether `other` is this unit or lies below it."""
        return bool(other.path.startswith(self.path))

    def paths_up(self) -> list[str]:
        """Its own path and those of all units above it, nearest first."""
        return paths_up(self.path)

    def above(self, kind: str) -> Unit | None:
        """The nearest unit of that kind, itself included."""
        if self.kind == kind:
            return self
        found: Unit | None = (
            Unit.objects.filter(path__in=self.paths_up(), kind=kind).order_by("-depth").first()
        )
        return found


def paths_up(path: str) -> list[str]:
    """The path of a unit and those of all units above it, nearest first."""
    return [path[:end] for end in range(len(path), 0, -Unit.steplen)]


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username__iexact=username)


class User(AbstractBaseUser):
    """A member of staff. `username` is the staff number or phone number."""

    username = models.CharField(max_length=32, unique=True)
    display_name = models.CharField(max_length=40)
    phone = models.CharField(max_length=20, blank=True)
    is_active = models.BooleanField(default=True)
    must_set_password = models.BooleanField(default=False)
    code_expires = models.DateTimeField(null=True, blank=True)
    visits_until = models.DateField(
        null=True,
        blank=True,
        help_text=_("of an outside inspector, who holds no post: the last day"),
    )
    created_at = models.DateTimeField(default=clock.now)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["display_name"]
    objects = UserManager()

    def __str__(self) -> str:
        return self.display_name

    @cached_property
    def current_posts(self) -> list[Post]:
        """The posts held today, with their units, one's own first, then those of people for whom one stands in; read once a request."""
        if self.visits_until:  # from outside: no post, lent or given, counts
            return []
        today = clock.local_date(clock.now())
        held = Post.objects.held_on(today).select_related("unit").order_by("pk")
        standing_in = models.Exists(away_on(today).filter(substitute=self.pk))
        own: list[Any] = list(held.filter(user=self.pk).annotate(stands_in=standing_in))
        if not own or not own[0].stands_in:  # who holds no post stands in for nobody
            return own
        lent = held.filter(user__in=lent_to(self.pk, today), user__is_active=True)
        return [*own, *lent.exclude(role__in=NOT_LENT)]

    @property
    def is_visiting(self) -> bool:
        """Whether this is an outside inspector whose time runs."""
        return self.visits_until is not None and clock.local_date(clock.now()) <= self.visits_until

    def can(self, capability: Can, unit: Unit | None = None) -> bool:
        """Whether a post of today gives the capability, for `unit` if one is named; to look around as an inspector no post is needed."""
        if capability is Can.INSPECT:
            return self.is_visiting
        return any(
            capability in CAPABILITIES[post.role] and (unit is None or post.unit.holds(unit))
            for post in self.current_posts
        )

    def can_apart_from(
        self, asker: int | None, capability: Can, unit: Unit, *, at_root: bool = False
    ) -> bool:
        """Whether the person may decide for `unit` what `asker` asked for: is another, not by a post that the asker lent, and `at_root` by one of the county's."""
        return self.pk != asker and any(
            capability in CAPABILITIES[post.role]
            and post.user_id != asker
            and (post.unit.is_root() if at_root else post.unit.holds(unit))
            for post in self.current_posts
        )

    def units_with(self, capability: Can) -> list[Unit]:
        """The units where the capability is held; what lies below them is meant too."""
        return [p.unit for p in self.current_posts if capability in CAPABILITIES[p.role]]


class PostQuerySet(models.QuerySet["Post"]):
    def held_on(self, day: date) -> PostQuerySet:
        """Posts that run on that day."""
        return self.filter(Q(until=None) | Q(until__gte=day), since__lte=day)


class Post(models.Model):
    """Someone holds a role at a unit, from a day until a day (inclusive)."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="posts")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="posts")
    role = models.CharField(max_length=32, choices=Role.choices)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    objects = PostQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "unit", "role"], condition=Q(until=None), name="one_open_post"
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=models.F("since")), name="post_ends_after"
            ),
        ]
        indexes = [models.Index(fields=["unit", "role"], name="post_unit_role")]


class StandIn(models.Model):
    """Someone is away on these days, and another stands in (dates inclusive)."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="absences")
    substitute = models.ForeignKey(User, on_delete=models.PROTECT, related_name="stands_in")
    since = models.DateField()
    until = models.DateField()
    reason = models.CharField(max_length=200, blank=True)
    arranged_by = models.CharField(max_length=80)
    arranged_at = models.DateTimeField()
    back_on = models.DateField(null=True, help_text=_("back earlier, from this day on"))

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(user=models.F("substitute")), name="nobody_stands_in_for_himself"
            ),
            models.CheckConstraint(
                condition=Q(until__gte=models.F("since")), name="absence_ends_after"
            ),
        ]
        indexes = [models.Index(fields=["until", "since"], name="stand_in_days")]


NOT_LENT = (Role.DATA_ADMIN,)  # rights over people are never lent


def away_on(day: date) -> models.QuerySet[StandIn]:
    """The absences of that day."""
    still = Q(back_on=None) | Q(back_on__gt=day)
    return StandIn.objects.filter(still, since__lte=day, until__gte=day)


def lent_to(substitute: Any, day: date) -> models.QuerySet[Any, Any]:
    """The people for whom `substitute` (an id, or a reference to one) stands in that day, up to three in a row."""
    away, found = away_on(day), Q(substitute=substitute)
    rows = away.filter(found)
    for _more in range(2):
        found |= Q(substitute__in=away.filter(found).values("user"))
        rows = away.filter(found)
    return rows.values("user")


class Latch(models.Model):
    """A name to lock: one at a time may number a case, import or scan, and nothing else waits for it."""

    name = models.CharField(max_length=20, primary_key=True)

    @classmethod
    def hold(cls, name: str) -> None:
        """Wait for the latch and hold it to the end of the transaction."""
        if not cls.objects.select_for_update().filter(name=name).exists():
            cls.objects.get_or_create(name=name)
            cls.objects.select_for_update().get(name=name)
