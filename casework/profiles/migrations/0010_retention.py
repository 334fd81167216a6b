"""How many years papers are kept, for rules published before that was asked."""

from django.db import migrations

from casework.profiles.completing import complete

BASIS = "《中华人民共和国个人信息保护法》第十九条；辍学报告、复学和销号材料随学籍档案永久保存"
YEARS = dict.fromkeys(
    "AD AR P01 P02 P03 P04 P05 P06 P07 P08 P09 P10 P11 P12 P13 P14A P14B P14C P15 P16 P17 P18 P19 P20 P21 P22 P23 P24 P25 P25B P26 P27 P29 P30 P32 P33 P34A P34B P35 P36 P37 SR".split(),
    30,
) | dict.fromkeys(["P05", "P09", "P16", "P32"], 0)


def upgrade(apps, schema_editor):
    complete(apps.get_model("profiles", "Profile"), completed)


def completed(rules, inherits):
    """Whoever inherits gets the section from above."""
    return rules if inherits or not rules else {"retention": {"basis": BASIS, **YEARS}, **rules}


class Migration(migrations.Migration):
    dependencies = [("profiles", "0009_exports")]
    operations = [migrations.RunPython(upgrade, migrations.RunPython.noop)]
