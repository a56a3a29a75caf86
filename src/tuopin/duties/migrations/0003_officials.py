"""Organisations, posts, officials; helpers become assignments of officials. What was there is filled in by 0004."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q


def _id():
    return ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))


def _to(model, **options):
    options = {"related_name": "+", **options}
    return models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=model, **options)


def _dates():
    return [("valid_from", models.DateField()), ("valid_to", models.DateField(null=True))]


def _period(name):
    return models.CheckConstraint(
        condition=Q(("valid_to", None), ("valid_to__gt", F("valid_from")), _connector="OR"), name=name
    )


def _one(name, fields, **condition):
    return models.UniqueConstraint(fields=fields, condition=Q(valid_to=None, **condition), name=name)


def _text(length, **options):
    return models.CharField(max_length=length, **options)


def _add(model, name, field, **options):
    return migrations.AddField(model, name, field, **options)


_INDEXES = (
    models.Index(fields=["official", "valid_to"], name="duties_assignment_official"),
    models.Index(fields=["area", "role"], condition=Q(area__isnull=False), name="duties_assignment_area"),
    models.Index(
        fields=["organisation", "role"], condition=Q(organisation__isnull=False), name="duties_assignment_organisation"
    ),
)
_CONSTRAINTS = (
    _one("duties_one_watcher", ["household"], role="watcher"),
    _one("duties_one_in_area", ["area", "role"], role__in=["first_responsible", "first_secretary", "team_leader"]),
    _one("duties_one_in_organisation", ["organisation", "role"], role__in=["commander", "acting_deputy"]),
    models.CheckConstraint(
        condition=Q(household__isnull=False, area=None, organisation=None)
        | Q(household=None, area__isnull=False, organisation=None)
        | Q(household=None, area=None, organisation__isnull=False),
        name="duties_assignment_one_target",
    ),
)


class Migration(migrations.Migration):
    dependencies = [
        ("duties", "0002_helper_accounts"),
        ("register", "0015_county_figures"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Organisation",
            fields=[("id", models.BigAutoField(primary_key=True, serialize=False))],
            options={"db_table": "duties_organisation"},
        ),
        migrations.CreateModel(
            name="OrganisationVersion",
            fields=[
                _id(),
                ("name", _text(200)),
                ("kind", _text(32)),
                *_dates(),
                ("area", _to("register.area")),
                ("organisation", _to("duties.organisation", related_name="versions")),
                ("parent", _to("duties.organisation", null=True)),
            ],
            options={
                "db_table": "duties_organisation_version",
                "constraints": [
                    _one("duties_organisation_one_current", ["organisation"]),
                    _one("duties_organisation_one_name", ["area", "name"]),
                    _period("duties_organisation_period"),
                ],
            },
        ),
        migrations.CreateModel(
            name="OrganisationLink",
            fields=[
                _id(),
                ("relation", _text(12, choices=[("watches", "Watches"), ("dispatches", "Dispatches")])),
                *_dates(),
                ("organisation", _to("duties.organisation", related_name="links")),
                ("other", _to("duties.organisation", related_name="linked_by")),
            ],
            options={
                "db_table": "duties_organisation_link",
                "constraints": [
                    _one("duties_link_one", ["organisation", "other", "relation"]),
                    models.CheckConstraint(condition=~Q(organisation=F("other")), name="duties_link_two"),
                    _period("duties_link_period"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Post",
            fields=[
                _id(),
                ("title", _text(100)),
                ("level", _text(16, blank=True)),
                ("authority", _text(16, blank=True)),
                ("first_responsible", models.BooleanField(default=False)),
                ("organisation", _to("duties.organisation", related_name="posts")),
            ],
            options={
                "db_table": "duties_post",
                "constraints": [models.UniqueConstraint(fields=["organisation", "title"], name="duties_post_one")],
            },
        ),
        migrations.CreateModel(
            name="Official",
            fields=[
                _id(),
                ("name", _text(100)),
                ("unit", _text(200, blank=True)),
                ("phone", _text(32, blank=True)),
                ("sex", _text(32, blank=True)),
                ("politics", _text(32, blank=True)),
                ("area", _to("register.area", null=True)),
                ("merged_into", _to("duties.official", null=True)),
                ("person", _to("register.person", null=True)),
                ("user", _to(settings.AUTH_USER_MODEL, null=True)),
            ],
            options={
                "db_table": "duties_official",
                "indexes": [models.Index(fields=["name"], name="duties_official_by_name")],
                "constraints": [models.UniqueConstraint(fields=["user"], name="duties_official_user")],
            },
        ),
        migrations.CreateModel(
            name="Term",
            fields=[
                _id(),
                ("concurrent", models.BooleanField(default=False)),
                ("reason", _text(200, blank=True)),
                ("document", _text(200, blank=True)),
                *_dates(),
                ("official", _to("duties.official", related_name="terms")),
                ("post", _to("duties.post", related_name="terms")),
            ],
            options={
                "db_table": "duties_term",
                "constraints": [
                    _one("duties_term_one_main", ["official"], concurrent=False),
                    _one("duties_term_one", ["official", "post"]),
                    models.CheckConstraint(condition=Q(concurrent=False) | ~Q(reason=""), name="duties_term_reason"),
                    _period("duties_term_period"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Absence",
            fields=[
                _id(),
                (
                    "kind",
                    _text(
                        10,
                        choices=[("seconded", "Seconded"), ("released", "Released"), ("leave", "Leave"), ("sick", "Sick")],
                    ),
                ),
                ("document", _text(200)),
                *_dates(),
                ("official", _to("duties.official", related_name="absences")),
                ("organisation", _to("duties.organisation", null=True)),
            ],
            options={
                "db_table": "duties_absence",
                "constraints": [
                    _one("duties_absence_one", ["official", "kind"]),
                    models.CheckConstraint(
                        condition=Q(organisation=None) | Q(kind="seconded"), name="duties_absence_organisation"
                    ),
                    _period("duties_absence_period"),
                ],
            },
        ),
        migrations.RenameModel("HelperIdentity", "OfficialName"),
        migrations.AlterModelTable("OfficialName", "duties_official_name"),
        _add("officialname", "official", _to("duties.official", null=True, related_name="names")),
        migrations.RenameModel("Helper", "Assignment"),
        migrations.AlterModelTable("Assignment", "duties_assignment"),
        migrations.AlterField("assignment", "role", _text(20)),
        migrations.AlterField("assignment", "household", _to("register.household", null=True, related_name="helpers")),
        _add(
            "assignment", "official",
            _to("duties.official", null=True, related_name="assignments", db_index=False),
        ),
        _add("assignment", "area", _to("register.area", null=True, db_index=False)),
        _add("assignment", "organisation", _to("duties.organisation", null=True, db_index=False)),
        _add("assignment", "by_hand", models.BooleanField(default=False)),
        _add("assignment", "reason", _text(200, blank=True, default=""), preserve_default=False),
        *(migrations.AddIndex("assignment", each) for each in _INDEXES),
        *(migrations.AddConstraint("assignment", each) for each in _CONSTRAINTS),
    ]  # fmt: skip
