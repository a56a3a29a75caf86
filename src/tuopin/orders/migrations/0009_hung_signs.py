"""Hung-sign supervision: signs, what is asked every week, and what was done, which is never changed."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

from tuopin.platform.migrations import _append_only

_TABLES = ("orders_hung_event",)


def create(_apps, schema_editor):
    _append_only.create(schema_editor.connection, _TABLES)


def drop(_apps, schema_editor):
    _append_only.drop(schema_editor.connection, _TABLES)


def _key(to: str, *, null: bool = False, name: str = "+") -> models.ForeignKey:
    return models.ForeignKey(
        db_index=False, null=null, on_delete=django.db.models.deletion.PROTECT, related_name=name, to=to
    )


class Migration(migrations.Migration):
    dependencies = [
        ("duties", "0015_visits_by_index"),
        ("orders", "0008_petition_letters"),
        ("platform", "0002_append_only"),
        ("register", "0016_events_that_merged"),
    ]

    operations = [
        migrations.CreateModel(
            name="HungSign",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "target",
                    models.CharField(
                        choices=[("area", "Area"), ("matter", "Matter"), ("node", "Node"), ("group", "Group")],
                        max_length=8,
                    ),
                ),
                ("node", models.CharField(blank=True, max_length=40)),
                ("source", models.CharField(blank=True, max_length=24)),
                ("category", models.CharField(blank=True, max_length=24)),
                ("key", models.CharField(max_length=64)),
                ("title", models.CharField(max_length=100)),
                ("reason", models.CharField(max_length=1000)),
                ("hung_on", models.DateField()),
                ("figures", models.JSONField()),
                ("criteria", models.JSONField()),
                (
                    "state",
                    models.CharField(
                        choices=[("hanging", "Hanging"), ("off", "Off"), ("withdrawn", "Withdrawn")], max_length=10
                    ),
                ),
                ("ended_on", models.DateField(null=True)),
                ("look_on", models.DateField(null=True)),
                ("version", models.IntegerField(default=1)),
                ("area", _key("register.area")),
                ("matter", _key("orders.matter", null=True)),
                ("office", _key("duties.organisation")),
                ("holder", _key("duties.organisation")),
                ("supervisor", _key("duties.official")),
            ],
            options={
                "db_table": "orders_hung_sign",
                "constraints": [
                    models.UniqueConstraint(
                        condition=Q(("ended_on", None)), fields=("area", "key"), name="orders_hung_once"
                    ),
                    models.CheckConstraint(
                        condition=Q(
                            Q(("ended_on", None), ("state", "hanging")),
                            Q(Q(("state", "hanging"), _negated=True), ("ended_on__isnull", False)),
                            _connector="OR",
                        ),
                        name="orders_hung_ended",
                    ),
                    models.CheckConstraint(
                        condition=Q(
                            Q(("matter__isnull", False), ("target", "matter")),
                            Q(Q(("target", "matter"), _negated=True), ("matter", None)),
                            _connector="OR",
                        ),
                        name="orders_hung_matter",
                    ),
                ],
                "indexes": [
                    models.Index(fields=["area", "state"], name="orders_hung_area"),
                    models.Index(fields=["holder"], name="orders_hung_holder"),
                    models.Index(fields=["office"], name="orders_hung_office"),
                    models.Index(fields=["supervisor"], name="orders_hung_supervisor"),
                    models.Index(
                        condition=Q(("matter__isnull", False)), fields=["matter"], name="orders_hung_of_matter"
                    ),
                    models.Index(condition=Q(("look_on__isnull", False)), fields=["look_on"], name="orders_hung_clock"),
                ],
            },
        ),
        migrations.CreateModel(
            name="HungItem",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("words", models.CharField(max_length=300)),
                ("due", models.DateField()),
                ("by", models.DateField()),
                ("provisional", models.BooleanField(default=False)),
                ("state", models.CharField(max_length=10)),
                ("answered_on", models.DateField(null=True)),
                ("rounds", models.SmallIntegerField(default=0)),
                ("told", models.SmallIntegerField(default=0)),
                ("tell_on", models.DateField(null=True)),
                ("sign", _key("orders.hungsign", name="items")),
            ],
            options={
                "db_table": "orders_hung_item",
                "constraints": [
                    models.UniqueConstraint(fields=("sign", "due", "words"), name="orders_hung_item_once"),
                    models.CheckConstraint(
                        condition=Q(
                            Q(("state__in", ["answered", "accepted", "returned"]), _negated=True),
                            ("answered_on__isnull", False),
                            _connector="OR",
                        ),
                        name="orders_hung_item_answered",
                    ),
                ],
                "indexes": [
                    models.Index(
                        condition=Q(("tell_on__isnull", False)), fields=["tell_on"], name="orders_hung_item_clock"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HungEvent",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("act", models.CharField(max_length=12)),
                ("at", models.DateTimeField()),
                ("user_id", models.BigIntegerField(null=True)),
                ("actor", models.CharField(max_length=150)),
                ("note", models.CharField(blank=True, max_length=2000)),
                ("data", models.JSONField(default=dict)),
                ("item", _key("orders.hungitem", null=True, name="events")),
                ("sign", _key("orders.hungsign", name="events")),
            ],
            options={
                "db_table": "orders_hung_event",
                "indexes": [
                    models.Index(fields=["sign", "id"], name="orders_hung_event_of"),
                    models.Index(
                        condition=Q(("item__isnull", False)), fields=["item", "id"], name="orders_hung_event_item"
                    ),
                ],
            },
        ),
        migrations.RunPython(create, drop),
    ]
