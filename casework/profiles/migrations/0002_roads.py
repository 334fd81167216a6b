"""Rules made before the letters and side roads: the next version of each adds what it lacks, in the shipped words.

The limits that the older version did not know stay off, so that nothing becomes stricter by an upgrade.
"""

from django.db import migrations

from casework.profiles.completing import complete, with_steps

STEPS = {
    "draft_letter": (2, "working_days", "begun"), "draft_letter:order": (4, "working_days", "begun"),
    "draft_letter:penalty": (14, "working_days", "begun"), "draft_letter:court": (9, "working_days", "begun"),
    "sign_letter": (1, "working_days", "begun"), "serve_letter": (3, "working_days", "begun"),
    "serve_letter:court": (10, "working_days", "begun"), "answer_letter": (3, "working_days", "wakes"),
    "branch_review": (3, "working_days", "wakes"), "decide_request": (3, "working_days", "begun"),
    "decide_request:APPEAL_SCHOOL": (15, "working_days", "begun"),
    "decide_request:APPEAL_OFFICE": (60, "calendar_days", "begun"),
    "answer_notice": (0, "calendar_days", "wakes"),
    "answer_referral": (10, "working_days", "begun"), "teach_at_home": (14, "calendar_days", "begun"),
}
GUARDS = {"days_to_dropout": 30, "contact_on_both_lines": 0, "joint_visit_repeat": 0}
DUTY = "《中华人民共和国义务教育法》第五条、第十一条"
PROTECTION = "《中华人民共和国未成年人保护法》第十六条"
LETTERS = {
    "ladder": ["return_notice", "order", "court"],
    "issuer": "school",
    "public_notice_days": 30,
    "return_notice": {"budget": 7, "unit": "calendar_days", "legal_basis": f"{DUTY}，{PROTECTION}"},
    "order": {"budget": 10, "unit": "calendar_days", "legal_basis": f"{DUTY}、第五十八条，{PROTECTION}"},
    "penalty_notice": {"budget": 3, "unit": "working_days", "legal_basis": ""},
    "penalty": {"budget": 15, "unit": "calendar_days", "legal_basis": ""},
    "demand": {"budget": 10, "unit": "calendar_days", "legal_basis": ""},
    "court": {"budget": 60, "unit": "calendar_days", "legal_basis": f"{DUTY}，{PROTECTION}、第一百零八条"},
}
SIDE_ROADS = {
    "ON_LEAVE": {"longest_days": 60, "review_days": 60, "remind_days": 1},
    "SUSPENSION": {"longest_days": 366, "review_days": 120, "remind_days": 30},
    "DEFERRAL": {"longest_days": 366, "review_days": 120, "remind_days": 30},
    "HOME_TEACHING": {"longest_days": 366, "review_days": 30, "remind_days": 10},
    "SPECIAL_SCHOOL": {"review_days": 120}, "SPECIALISED_SCHOOL": {"review_days": 120},
    "WHEREABOUTS_UNKNOWN": {"review_days": 30}, "TRANSFER_OUT": {"review_days": 14},
    "STUDYING_ELSEWHERE": {"review_days": 30}, "MIGRANT_WITH_PARENTS": {"review_days": 30},
    "JUSTICE_CUSTODY": {"longest_days": 366, "review_days": 60, "remind_days": 10},
    "VOCATIONAL_PLACEMENT": {"review_days": 120},
}
LOAD = {
    "limit": dict.fromkeys((
        "class_teacher", "status_officer", "school_case_officer", "principal", "township_case_officer", "township_leader",
        "township_legal", "county_case_officer",
    ), 0),
    "warn_days": 2, "idle_days": 3,
}


def upgrade(apps, schema_editor):
    complete(apps.get_model("profiles", "Profile"), completed)


def completed(rules, inherits=False):
    """The rules with what they lack; whole new sections only where no unit above has them."""
    found = with_steps(rules, STEPS)
    if "guards" in rules:
        found = {**found, "guards": GUARDS | rules["guards"]}
    if not inherits:
        found = NEW | found
    return found


NEW = {
    "letters": LETTERS, "side_roads": SIDE_ROADS, "load": LOAD, "cause": {"urgent": []}, "stricter": {},
}


class Migration(migrations.Migration):
    dependencies = [("profiles", "0001_initial")]
    operations = [migrations.RunPython(upgrade, migrations.RunPython.noop)]
