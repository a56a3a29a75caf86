"""Triggers: the database itself refuses to change what is written once."""

from django.db import migrations

from tuopin.platform.migrations import _append_only


def create(_apps, schema_editor):
    _append_only.create(schema_editor.connection, _TABLES)


def drop(_apps, schema_editor):
    _append_only.drop(schema_editor.connection, _TABLES)


_TABLES = (  # as of this migration
    "platform_audit_entry",
    "platform_audit_link",
    "platform_audit_head",
    "platform_read_batch",
    "platform_read_entry",
)


class Migration(migrations.Migration):
    dependencies = [("platform", "0001_initial")]
    operations = [migrations.RunPython(create, drop)]
