"""The people who sign in to the demo county: shown on the sign-in page in demo mode only."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PASSWORD = "demo-county-26"


class DemoLogin(NamedTuple):
    """One line on the demo's sign-in page."""

    username: str
    who: Promise


LOGINS = [
    DemoLogin("teacher", _("class teacher, Qingshi Middle School")),
    DemoLogin("officer", _("school case officer, Qingshi Middle School")),
    DemoLogin("principal", _("principal, Qingshi Middle School")),
    DemoLogin("cadre", _("village cadre, Yantou village")),
    DemoLogin("township", _("township case officer, Qingshi")),
    DemoLogin("leader", _("township leader, Qingshi")),
    DemoLogin("legal", _("township legal officer, Qingshi")),
    DemoLogin("liaison", _("liaison of the police")),
    DemoLogin("county", _("county case officer")),
    DemoLogin("supervisor", _("county supervisor")),
    DemoLogin("inspector", _("inspector from outside, three cases")),
    DemoLogin("admin", _("data administrator")),
]
