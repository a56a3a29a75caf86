"""Matters, their texts, units, subjects and events."""

import django.db.models.deletion
from django.db import migrations, models

from tuopin.platform.migrations import _append_only

_TABLES = ("orders_matter_event",)


def create(_apps, schema_editor):
    _append_only.create(schema_editor.connection, _TABLES)


def drop(_apps, schema_editor):
    _append_only.drop(schema_editor.connection, _TABLES)


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("duties", "0013_who_kept_a_lead"),
        ("platform", "0002_append_only"),
        ("register", "0015_county_figures"),
    ]

    operations = [
        migrations.CreateModel(
            name="Matter",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[("directive", "Directive"), ("problem", "Problem"), ("petition", "Petition")],
                        max_length=10,
                    ),
                ),
                ("state", models.CharField(max_length=16)),
                ("source", models.CharField(blank=True, max_length=24)),
                ("category", models.CharField(blank=True, max_length=24)),
                ("urgency", models.CharField(max_length=16)),
                ("title", models.CharField(max_length=200)),
                ("label", models.CharField(blank=True, max_length=64)),
                ("opened_at", models.DateTimeField()),
                ("issued_at", models.DateTimeField(null=True)),
                ("limit_at", models.DateTimeField(null=True)),
                ("by_hours", models.BooleanField(default=False)),
                ("provisional", models.BooleanField(default=False)),
                ("extensions", models.SmallIntegerField(default=0)),
                ("asked_until", models.DateTimeField(null=True)),
                ("stopped_from", models.DateField(null=True)),
                ("stopped_until", models.DateField(null=True)),
                ("reported_up", models.BooleanField(default=False)),
                ("within_authority", models.BooleanField(null=True)),
                ("done_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("look_back_on", models.DateField(null=True)),
                ("reopened", models.SmallIntegerField(default=0)),
                ("step", models.SmallIntegerField(default=0)),
                ("next_at", models.DateTimeField(null=True)),
                ("version", models.IntegerField(default=1)),
                ("changed_at", models.DateTimeField()),
                (
                    "area",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="register.area",
                    ),
                ),
                (
                    "holder",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="duties.organisation",
                    ),
                ),
                (
                    "into",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.matter",
                    ),
                ),
                (
                    "issuer",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="duties.organisation",
                    ),
                ),
                (
                    "official",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="duties.official",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parts",
                        to="orders.matter",
                    ),
                ),
                (
                    "verifier",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="duties.official",
                    ),
                ),
            ],
            options={
                "db_table": "orders_matter",
            },
        ),
        migrations.CreateModel(
            name="MatterText",
            fields=[
                (
                    "matter",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="text",
                        serialize=False,
                        to="orders.matter",
                    ),
                ),
                ("text", models.TextField(blank=True, max_length=4000)),
                ("basis", models.CharField(blank=True, max_length=500)),
                ("demand", models.CharField(blank=True, max_length=500)),
                ("root_cause", models.CharField(blank=True, max_length=1000)),
                ("measure", models.CharField(blank=True, max_length=2000)),
                ("progress", models.CharField(blank=True, max_length=2000)),
            ],
            options={
                "db_table": "orders_matter_text",
            },
        ),
        migrations.CreateModel(
            name="MatterEvent",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("act", models.CharField(max_length=24)),
                ("at", models.DateTimeField()),
                ("user_id", models.BigIntegerField(null=True)),
                ("actor", models.CharField(max_length=150)),
                ("came_from", models.CharField(blank=True, max_length=16)),
                ("went_to", models.CharField(blank=True, max_length=16)),
                ("note", models.CharField(blank=True, max_length=2000)),
                ("due", models.DateTimeField(null=True)),
                ("data", models.JSONField(default=dict)),
                (
                    "matter",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="orders.matter",
                    ),
                ),
            ],
            options={
                "db_table": "orders_matter_event",
            },
        ),
        migrations.CreateModel(
            name="MatterSubject",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("origin", models.CharField(blank=True, max_length=16)),
                ("standard", models.CharField(blank=True, max_length=64)),
                ("item", models.CharField(blank=True, max_length=64)),
                (
                    "area",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="register.area",
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="register.household",
                    ),
                ),
                (
                    "matter",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="subjects",
                        to="orders.matter",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="register.person",
                    ),
                ),
            ],
            options={
                "db_table": "orders_matter_subject",
            },
        ),
        migrations.CreateModel(
            name="MatterUnit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("role", models.CharField(choices=[("joint", "Joint"), ("copied", "Copied")], max_length=8)),
                ("added_at", models.DateTimeField()),
                (
                    "matter",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="units",
                        to="orders.matter",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="duties.organisation",
                    ),
                ),
                (
                    "watched",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="duties.organisation",
                    ),
                ),
            ],
            options={
                "db_table": "orders_matter_unit",
            },
        ),
        migrations.AddIndex(
            model_name="matter",
            index=models.Index(
                condition=models.Q(("next_at__isnull", False)), fields=["next_at"], name="orders_matter_clock"
            ),
        ),
        migrations.AddIndex(
            model_name="matter",
            index=models.Index(
                condition=models.Q(
                    ("state__in", ["issued", "received", "working", "reported", "verified", "review", "second_review"])
                ),
                fields=["holder", "limit_at", "id"],
                name="orders_matter_inbox",
            ),
        ),
        migrations.AddIndex(
            model_name="matter",
            index=models.Index(
                condition=models.Q(
                    ("official__isnull", False),
                    ("state__in", ["issued", "received", "working", "reported", "verified", "review", "second_review"]),
                ),
                fields=["official", "limit_at"],
                name="orders_matter_own",
            ),
        ),
        migrations.AddIndex(
            model_name="matter",
            index=models.Index(
                condition=models.Q(
                    ("state__in", ["issued", "received", "working", "reported", "verified", "review", "second_review"]),
                    ("verifier__isnull", False),
                ),
                fields=["verifier"],
                name="orders_matter_verifier",
            ),
        ),
        migrations.AddIndex(
            model_name="matter",
            index=models.Index(fields=["area", "kind", "state"], name="orders_matter_area"),
        ),
        migrations.AddIndex(
            model_name="matter",
            index=models.Index(
                condition=models.Q(
                    ("state__in", ["issued", "received", "working", "reported", "verified", "review", "second_review"])
                ),
                fields=["limit_at", "id"],
                name="orders_matter_due",
            ),
        ),
        migrations.AddIndex(
            model_name="matter",
            index=models.Index(
                condition=models.Q(("parent__isnull", False)), fields=["parent"], name="orders_matter_parent"
            ),
        ),
        migrations.AddIndex(
            model_name="matter",
            index=models.Index(condition=models.Q(("into__isnull", False)), fields=["into"], name="orders_matter_into"),
        ),
        migrations.AddConstraint(
            model_name="matter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["issued", "received", "working"]), _negated=True),
                    models.Q(("holder__isnull", False), ("limit_at__isnull", False)),
                    _connector="OR",
                ),
                name="orders_matter_running_held",
            ),
        ),
        migrations.AddConstraint(
            model_name="matter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "merged"), _negated=True), ("into__isnull", False), _connector="OR"
                ),
                name="orders_matter_merged",
            ),
        ),
        migrations.AddConstraint(
            model_name="matter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("parent", None), models.Q(("parent", models.F("id")), _negated=True), _connector="OR"
                ),
                name="orders_matter_not_its_part",
            ),
        ),
        migrations.AddConstraint(
            model_name="matter",
            constraint=models.CheckConstraint(
                condition=models.Q(("into", None), models.Q(("into", models.F("id")), _negated=True), _connector="OR"),
                name="orders_matter_into_other",
            ),
        ),
        migrations.AddIndex(
            model_name="matterevent",
            index=models.Index(fields=["matter", "id"], name="orders_event_of_matter"),
        ),
        migrations.AddConstraint(
            model_name="matterevent",
            constraint=models.UniqueConstraint(
                condition=models.Q(("due__isnull", False)),
                fields=("matter", "act", "due"),
                name="orders_event_step_once",
            ),
        ),
        migrations.AddIndex(
            model_name="mattersubject",
            index=models.Index(fields=["matter"], name="orders_subject_matter"),
        ),
        migrations.AddIndex(
            model_name="mattersubject",
            index=models.Index(
                condition=models.Q(("household__isnull", False)), fields=["household"], name="orders_subject_household"
            ),
        ),
        migrations.AddIndex(
            model_name="mattersubject",
            index=models.Index(
                condition=models.Q(("person__isnull", False)), fields=["person"], name="orders_subject_person"
            ),
        ),
        migrations.AddIndex(
            model_name="mattersubject",
            index=models.Index(
                condition=models.Q(("area__isnull", False)), fields=["area"], name="orders_subject_area"
            ),
        ),
        migrations.AddConstraint(
            model_name="mattersubject",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("area", None), ("household__isnull", False), ("person", None)),
                    models.Q(("area", None), ("household", None), ("person__isnull", False)),
                    models.Q(("area__isnull", False), ("household", None), ("person", None)),
                    _connector="OR",
                ),
                name="orders_subject_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="mattersubject",
            constraint=models.UniqueConstraint(
                condition=models.Q(("household__isnull", False), models.Q(("origin", ""), _negated=True)),
                fields=("household", "origin", "standard", "item"),
                name="orders_finding_household",
            ),
        ),
        migrations.AddConstraint(
            model_name="mattersubject",
            constraint=models.UniqueConstraint(
                condition=models.Q(("person__isnull", False), models.Q(("origin", ""), _negated=True)),
                fields=("person", "origin", "standard", "item"),
                name="orders_finding_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="mattersubject",
            constraint=models.UniqueConstraint(
                condition=models.Q(("area__isnull", False), models.Q(("origin", ""), _negated=True)),
                fields=("area", "origin", "standard", "item"),
                name="orders_finding_area",
            ),
        ),
        migrations.AddIndex(
            model_name="matterunit",
            index=models.Index(fields=["organisation", "role", "matter"], name="orders_matter_unit_of"),
        ),
        migrations.AddIndex(
            model_name="matterunit",
            index=models.Index(
                condition=models.Q(("watched__isnull", False)), fields=["watched"], name="orders_matter_unit_watched"
            ),
        ),
        migrations.AddConstraint(
            model_name="matterunit",
            constraint=models.UniqueConstraint(
                fields=("matter", "organisation", "role"), name="orders_matter_unit_once"
            ),
        ),
        migrations.RunPython(create, drop),
    ]
