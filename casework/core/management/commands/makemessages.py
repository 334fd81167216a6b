"""Django's makemessages with this project's ways: also words marked by `lazy`, sorted, and nothing guessed."""

from django.core.management.commands import makemessages

OURS = ["--sort-output"]


class Command(makemessages.Command):
    # a guess of msgmerge is "fuzzy": it is not shown, and it looks translated
    msgmerge_options = makemessages.Command.msgmerge_options + OURS + ["--no-fuzzy-matching"]
    xgettext_options = makemessages.Command.xgettext_options + OURS + ["--keyword=lazy"]
