"""Triggers: the database itself refuses to change what is written once."""

from django.db import migrations

from tuopin.platform import triggers


def create(_apps, schema_editor):
    triggers.create(schema_editor.connection, TABLES)


def drop(_apps, schema_editor):
    triggers.drop(schema_editor.connection, TABLES)


TABLES = (
    "platform_audit_entry",
    "platform_audit_link",
    "platform_audit_head",
    "platform_read_batch",
    "platform_read_entry",
)


class Migration(migrations.Migration):
    dependencies = [("platform", "0001_initial")]
    operations = [migrations.RunPython(create, drop)]
