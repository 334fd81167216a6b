#!/usr/bin/env bash
# Brings locale/*/LC_MESSAGES/django.po up to date with the code and templates, compiles it, and says what is untranslated.
set -euo pipefail
cd "$(dirname "$0")/.."
bin/setup tools
export CASEWORK_ENV=/dev/null SECRET_KEY=messages-only-0123456789abcdefghijklmnopqrstuvwxyz
export FIELD_KEYS=messages-only-field-0123456789abcdefghijklmnopqrstuvwxyz
mkdir -p locale
.venv/bin/python manage.py makemessages --locale zh_Hans --no-location --no-obsolete \
    --ignore tests --ignore bench --ignore tools --ignore var --ignore node_modules
for catalogue in locale/*/LC_MESSAGES/django.po; do
    msgfmt --check-format --statistics --output-file "${catalogue%.po}.mo" "$catalogue"
    msgattrib --untranslated "$catalogue"
done
