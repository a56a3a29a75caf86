"""The tables of duties: officials and what they answer for, visits, headquarters, commitments, cards, teams, incidents."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from tuopin.platform.migrations import _append_only
from tuopin.platform.migrations._tables import Tables

_WRITTEN_ONCE = (
    "duties_headquarters_plan",
    "duties_plan_step",
    "duties_step_report",
    "duties_commitment",
    "duties_commitment_target",
    "duties_commitment_signature",
    "duties_commitment_replacement",
    "duties_commitment_judgement",
    "duties_ledger_print",
    "duties_word_template",
    "duties_incident",
    "duties_incident_report",
    "duties_incident_closing",
    "duties_team_report",
)

_TABLES = [
    migrations.CreateModel(
        name="Slips",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("owner_id", models.BigIntegerField(db_index=True, null=True)),
            ("title", models.CharField(max_length=200)),
            ("count", models.IntegerField()),
            ("sealed", models.TextField()),
            ("created_at", models.DateTimeField()),
            ("expires_at", models.DateTimeField(db_index=True)),
        ],
        options={
            "db_table": "duties_slips",
        },
    ),
    migrations.CreateModel(
        name="Organisation",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
        ],
        options={
            "db_table": "duties_organisation",
        },
    ),
    migrations.CreateModel(
        name="OrganisationVersion",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("name", models.CharField(max_length=200)),
            ("kind", models.CharField(max_length=32)),
            ("valid_from", models.DateField()),
            ("valid_to", models.DateField(null=True)),
            (
                "area",
                models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"),
            ),
            (
                "organisation",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="versions", to="duties.organisation"
                ),
            ),
            (
                "parent",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="duties.organisation"
                ),
            ),
        ],
        options={
            "db_table": "duties_organisation_version",
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("valid_to", None)),
                    fields=("organisation",),
                    name="duties_organisation_one_current",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("valid_to", None)), fields=("area", "name"), name="duties_organisation_one_name"
                ),
                models.CheckConstraint(
                    condition=models.Q(("valid_to", None), ("valid_to__gt", models.F("valid_from")), _connector="OR"),
                    name="duties_organisation_period",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="OrganisationLink",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "relation",
                models.CharField(choices=[("watches", "Watches"), ("dispatches", "Dispatches")], max_length=12),
            ),
            ("valid_from", models.DateField()),
            ("valid_to", models.DateField(null=True)),
            (
                "organisation",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="links", to="duties.organisation"
                ),
            ),
            (
                "other",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="linked_by", to="duties.organisation"
                ),
            ),
        ],
        options={
            "db_table": "duties_organisation_link",
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("valid_to", None)),
                    fields=("organisation", "other", "relation"),
                    name="duties_link_one",
                ),
                models.CheckConstraint(
                    condition=models.Q(("organisation", models.F("other")), _negated=True), name="duties_link_two"
                ),
                models.CheckConstraint(
                    condition=models.Q(("valid_to", None), ("valid_to__gt", models.F("valid_from")), _connector="OR"),
                    name="duties_link_period",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Post",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("title", models.CharField(max_length=100)),
            ("level", models.CharField(blank=True, max_length=16)),
            ("authority", models.CharField(blank=True, max_length=16)),
            ("first_responsible", models.BooleanField(default=False)),
            (
                "organisation",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="posts", to="duties.organisation"
                ),
            ),
        ],
        options={
            "db_table": "duties_post",
            "constraints": [models.UniqueConstraint(fields=("organisation", "title"), name="duties_post_one")],
        },
    ),
    migrations.CreateModel(
        name="Official",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("name", models.CharField(max_length=100)),
            ("unit", models.CharField(blank=True, max_length=200)),
            ("phone", models.CharField(blank=True, max_length=32)),
            ("sex", models.CharField(blank=True, max_length=32)),
            ("politics", models.CharField(blank=True, max_length=32)),
            (
                "area",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"
                ),
            ),
            (
                "merged_into",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="duties.official"
                ),
            ),
            (
                "person",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.person"
                ),
            ),
            (
                "user",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
        ],
        options={
            "db_table": "duties_official",
            "indexes": [models.Index(fields=["name"], name="duties_official_by_name")],
            "constraints": [models.UniqueConstraint(fields=("user",), name="duties_official_user")],
        },
    ),
    migrations.CreateModel(
        name="Term",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("concurrent", models.BooleanField(default=False)),
            ("reason", models.CharField(blank=True, max_length=200)),
            ("document", models.CharField(blank=True, max_length=200)),
            ("valid_from", models.DateField()),
            ("valid_to", models.DateField(null=True)),
            (
                "official",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="terms", to="duties.official"
                ),
            ),
            (
                "post",
                models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="terms", to="duties.post"),
            ),
        ],
        options={
            "db_table": "duties_term",
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("concurrent", False), ("valid_to", None)),
                    fields=("official",),
                    name="duties_term_one_main",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("valid_to", None)), fields=("official", "post"), name="duties_term_one"
                ),
                models.CheckConstraint(
                    condition=models.Q(("concurrent", False), models.Q(("reason", ""), _negated=True), _connector="OR"),
                    name="duties_term_reason",
                ),
                models.CheckConstraint(
                    condition=models.Q(("valid_to", None), ("valid_to__gt", models.F("valid_from")), _connector="OR"),
                    name="duties_term_period",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Absence",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "kind",
                models.CharField(
                    choices=[("seconded", "Seconded"), ("released", "Released"), ("leave", "Leave"), ("sick", "Sick")],
                    max_length=10,
                ),
            ),
            ("document", models.CharField(max_length=200)),
            ("valid_from", models.DateField()),
            ("valid_to", models.DateField(null=True)),
            (
                "official",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="absences", to="duties.official"
                ),
            ),
            (
                "organisation",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="duties.organisation"
                ),
            ),
            (
                "stand_in",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="duties.official"
                ),
            ),
        ],
        options={
            "db_table": "duties_absence",
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("valid_to", None)), fields=("official", "kind"), name="duties_absence_one"
                ),
                models.CheckConstraint(
                    condition=models.Q(("organisation", None), ("kind", "seconded"), _connector="OR"),
                    name="duties_absence_organisation",
                ),
                models.CheckConstraint(
                    condition=models.Q(("valid_to", None), ("valid_to__gt", models.F("valid_from")), _connector="OR"),
                    name="duties_absence_period",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="OfficialName",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("name", models.CharField(max_length=100)),
            ("unit", models.CharField(blank=True, max_length=200)),
            ("phone", models.CharField(blank=True, max_length=32)),
            ("decided", models.BooleanField(default=False)),
            (
                "official",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="names", to="duties.official"
                ),
            ),
        ],
        options={
            "db_table": "duties_official_name",
            "constraints": [
                models.UniqueConstraint(fields=("name", "unit", "phone"), name="duties_helper_identity_one")
            ],
        },
    ),
    migrations.CreateModel(
        name="Assignment",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("role", models.CharField(max_length=20)),
            ("name", models.CharField(max_length=100)),
            ("unit", models.CharField(blank=True, max_length=200)),
            ("unit_relation", models.CharField(blank=True, max_length=64)),
            ("post", models.CharField(blank=True, max_length=100)),
            ("sex", models.CharField(blank=True, max_length=32)),
            ("politics", models.CharField(blank=True, max_length=32)),
            ("phone", models.CharField(blank=True, max_length=32)),
            ("valid_from", models.DateField()),
            ("valid_to", models.DateField(null=True)),
            ("since_known", models.BooleanField(default=True)),
            ("row", models.IntegerField(null=True)),
            (
                "household",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="helpers",
                    to="register.household",
                ),
            ),
            (
                "sheet",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.sheet"
                ),
            ),
            (
                "official",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="assignments",
                    to="duties.official",
                ),
            ),
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
                "organisation",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="duties.organisation",
                ),
            ),
            ("by_hand", models.BooleanField(default=False)),
            ("reason", models.CharField(blank=True, max_length=200)),
        ],
        options={
            "db_table": "duties_assignment",
            "indexes": [
                models.Index(fields=["household", "valid_from"], name="duties_helper_household"),
                models.Index(fields=["official", "valid_to"], name="duties_assignment_official"),
                models.Index(
                    condition=models.Q(("area__isnull", False)), fields=["area", "role"], name="duties_assignment_area"
                ),
                models.Index(
                    condition=models.Q(("organisation__isnull", False)),
                    fields=["organisation", "role"],
                    name="duties_assignment_organisation",
                ),
            ],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("role", "helper"), ("valid_to", None)),
                    fields=("household",),
                    name="duties_one_helper",
                ),
                models.CheckConstraint(
                    condition=models.Q(("valid_to", None), ("valid_to__gt", models.F("valid_from")), _connector="OR"),
                    name="duties_helper_period",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("role", "watcher"), ("valid_to", None)),
                    fields=("household",),
                    name="duties_one_watcher",
                ),
                models.UniqueConstraint(
                    condition=models.Q(
                        ("role__in", ["first_responsible", "first_secretary", "team_leader"]), ("valid_to", None)
                    ),
                    fields=("area", "role"),
                    name="duties_one_in_area",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("role__in", ["commander", "acting_deputy"]), ("valid_to", None)),
                    fields=("organisation", "role"),
                    name="duties_one_in_organisation",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("area", None), ("household__isnull", False), ("organisation", None)),
                        models.Q(("area__isnull", False), ("household", None), ("organisation", None)),
                        models.Q(("area", None), ("household", None), ("organisation__isnull", False)),
                        _connector="OR",
                    ),
                    name="duties_assignment_one_target",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Caseload",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("role", models.CharField(max_length=20)),
            ("level", models.CharField(blank=True, max_length=16)),
            ("most", models.IntegerField()),
            ("valid_from", models.DateField()),
            ("valid_to", models.DateField(null=True)),
            (
                "area",
                models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"),
            ),
        ],
        options={
            "db_table": "duties_caseload",
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("valid_to", None)), fields=("area", "role", "level"), name="duties_caseload_one"
                ),
                models.CheckConstraint(condition=models.Q(("most__gte", 1)), name="duties_caseload_some"),
                models.CheckConstraint(
                    condition=models.Q(("valid_to", None), ("valid_to__gt", models.F("valid_from")), _connector="OR"),
                    name="duties_caseload_period",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="HelperStatus",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("registered", models.BooleanField()),
            ("valid_from", models.DateField()),
            ("valid_to", models.DateField(null=True)),
            (
                "household",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to="register.household",
                ),
            ),
        ],
        options={
            "db_table": "duties_helper_status",
            "constraints": [
                models.UniqueConstraint(fields=("household", "valid_from"), name="duties_helper_status_one"),
                models.CheckConstraint(
                    condition=models.Q(("valid_to", None), ("valid_to__gt", models.F("valid_from")), _connector="OR"),
                    name="duties_helper_status_period",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="OfficialTie",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("relation", models.CharField(choices=[("own", "Own"), ("kin", "Kin")], max_length=4)),
            ("document", models.CharField(max_length=200)),
            ("valid_from", models.DateField()),
            ("valid_to", models.DateField(null=True)),
            (
                "household",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.household"
                ),
            ),
            (
                "official",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="ties",
                    to="duties.official",
                ),
            ),
        ],
        options={
            "db_table": "duties_official_tie",
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("valid_to", None)), fields=("official", "household"), name="duties_tie_one"
                ),
                models.CheckConstraint(
                    condition=models.Q(("valid_to", None), ("valid_to__gt", models.F("valid_from")), _connector="OR"),
                    name="duties_tie_period",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Visit",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("number", models.BigIntegerField()),
            ("version", models.IntegerField(default=1)),
            ("day", models.DateField()),
            ("sort", models.CharField(max_length=20)),
            ("outcome", models.CharField(choices=[("met", "Met"), ("not_reachable", "Not Reachable")], max_length=16)),
            ("why_not", models.CharField(blank=True, max_length=20)),
            ("why_not_note", models.CharField(blank=True, max_length=200)),
            ("met_others", models.CharField(blank=True, max_length=200)),
            ("said", models.CharField(blank=True, max_length=1000)),
            ("note", models.CharField(blank=True, max_length=1000)),
            ("reason", models.CharField(blank=True, max_length=200)),
            ("origin", models.CharField(max_length=10)),
            ("key", models.CharField(blank=True, max_length=64)),
            ("row", models.IntegerField(null=True)),
            ("recorded_at", models.DateTimeField()),
            ("actor", models.CharField(max_length=150)),
            ("user_id", models.BigIntegerField(null=True)),
            ("superseded_at", models.DateTimeField(null=True)),
            ("taken_back_at", models.DateTimeField(null=True)),
            ("taken_back_by", models.CharField(blank=True, max_length=150)),
            (
                "area",
                models.ForeignKey(
                    db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"
                ),
            ),
            (
                "correction",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.correction"
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
                "sheet",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="register.sheet",
                ),
            ),
        ],
        options={
            "db_table": "duties_visit",
            "indexes": [
                models.Index(fields=["household", "day"], name="duties_visit_household"),
                models.Index(fields=["area", "day"], name="duties_visit_area"),
                models.Index(
                    condition=models.Q(("outcome", "not_reachable"), ("superseded_at", None), ("taken_back_at", None)),
                    fields=["household", "day"],
                    name="duties_visit_not_reached",
                ),
                models.Index(
                    condition=models.Q(("superseded_at", None)), fields=["day", "id"], name="duties_visit_newest"
                ),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("number", "version"), name="duties_visit_version"),
                models.UniqueConstraint(
                    condition=models.Q(("superseded_at", None)), fields=("number",), name="duties_visit_now"
                ),
                models.UniqueConstraint(
                    condition=models.Q(models.Q(("key", ""), _negated=True), ("version", 1)),
                    fields=("key",),
                    name="duties_visit_once",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("outcome", "met"), ("why_not", "")),
                        models.Q(("outcome", "not_reachable"), models.Q(("why_not", ""), _negated=True)),
                        _connector="OR",
                    ),
                    name="duties_visit_why_not",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="VisitBy",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("day", models.DateField()),
            ("counts", models.BooleanField()),
            (
                "area",
                models.ForeignKey(
                    db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"
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
                "official",
                models.ForeignKey(
                    db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="duties.official"
                ),
            ),
            (
                "visit",
                models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="by", to="duties.visit"),
            ),
        ],
        options={
            "db_table": "duties_visit_by",
            "indexes": [
                models.Index(fields=["official", "household", "day", "counts"], name="duties_visit_by_pair"),
                models.Index(fields=["household", "day", "counts"], name="duties_visit_by_of_household"),
                models.Index(fields=["area", "day", "counts"], name="duties_visit_by_in_area"),
            ],
            "constraints": [models.UniqueConstraint(fields=("visit", "official"), name="duties_visit_by_once")],
        },
    ),
    migrations.CreateModel(
        name="VisitFinding",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("item", models.CharField(max_length=60)),
            (
                "result",
                models.CharField(
                    choices=[("met", "Met"), ("not_met", "Not Met"), ("unknown", "Unknown")], max_length=8
                ),
            ),
            ("note", models.CharField(blank=True, max_length=300)),
            (
                "visit",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="findings", to="duties.visit"
                ),
            ),
        ],
        options={
            "db_table": "duties_visit_finding",
            "constraints": [models.UniqueConstraint(fields=("visit", "item"), name="duties_visit_finding_once")],
        },
    ),
    migrations.CreateModel(
        name="VisitLast",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("day", models.DateField()),
            (
                "household",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.household"
                ),
            ),
            (
                "official",
                models.ForeignKey(
                    db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="duties.official"
                ),
            ),
        ],
        options={
            "db_table": "duties_visit_last",
            "constraints": [models.UniqueConstraint(fields=("official", "household"), name="duties_visit_last_pair")],
        },
    ),
    migrations.CreateModel(
        name="VisitMet",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            (
                "person",
                models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.person"),
            ),
            (
                "visit",
                models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="met", to="duties.visit"),
            ),
        ],
        options={
            "db_table": "duties_visit_met",
            "constraints": [models.UniqueConstraint(fields=("visit", "person"), name="duties_visit_met_once")],
        },
    ),
    migrations.CreateModel(
        name="VisitPhoto",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("visit_number", models.BigIntegerField(db_index=True)),
            ("digest", models.CharField(max_length=64)),
            ("thumb", models.CharField(max_length=64)),
            ("width", models.IntegerField()),
            ("height", models.IntegerField()),
            ("size", models.BigIntegerField()),
            ("at", models.DateTimeField()),
            ("actor", models.CharField(max_length=150)),
            ("user_id", models.BigIntegerField(null=True)),
            ("removed_at", models.DateTimeField(null=True)),
            ("removed_by", models.CharField(blank=True, max_length=150)),
            ("removed_reason", models.CharField(blank=True, max_length=200)),
        ],
        options={
            "db_table": "duties_visit_photo",
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("removed_at", None)),
                    fields=("visit_number", "digest"),
                    name="duties_visit_photo_once",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="VisitPlace",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("visit_number", models.BigIntegerField(db_index=True)),
            ("day", models.DateField(db_index=True)),
            ("clock", models.TimeField(null=True)),
            ("latitude", models.IntegerField(null=True)),
            ("longitude", models.IntegerField(null=True)),
            (
                "photo",
                models.OneToOneField(
                    null=True, on_delete=django.db.models.deletion.PROTECT, related_name="place", to="duties.visitphoto"
                ),
            ),
        ],
        options={
            "db_table": "duties_visit_place",
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("photo", None)), fields=("visit_number",), name="duties_visit_place_one"
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="VisitProblem",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("sort", models.CharField(max_length=20)),
            ("item", models.CharField(blank=True, max_length=60)),
            ("text", models.CharField(max_length=500)),
            ("visit_number", models.BigIntegerField(db_index=True)),
            ("first_day", models.DateField()),
            ("last_day", models.DateField()),
            ("times", models.IntegerField(default=1)),
            ("settled_at", models.DateTimeField(null=True)),
            ("settled_day", models.DateField(null=True)),
            ("settled_by", models.CharField(blank=True, max_length=150)),
            ("settled_note", models.CharField(blank=True, max_length=500)),
            (
                "area",
                models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"),
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
        ],
        options={
            "db_table": "duties_visit_problem",
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("household__isnull", False), ("settled_at", None)),
                    fields=("household", "sort", "item"),
                    name="duties_visit_problem_open",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("household", None), ("settled_at", None)),
                    fields=("area", "sort", "item"),
                    name="duties_visit_problem_area",
                ),
                models.CheckConstraint(
                    condition=models.Q(("last_day__gte", models.F("first_day"))), name="duties_visit_problem_days"
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="HouseholdVisits",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("year", models.SmallIntegerField()),
            ("as_of", models.DateField()),
            ("row", models.IntegerField(null=True)),
            ("recorded_at", models.DateTimeField()),
            ("superseded_at", models.DateTimeField(null=True)),
            ("last_visit", models.DateField()),
            ("visits_in_month", models.IntegerField()),
            (
                "household",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="register.household",
                ),
            ),
            (
                "sheet",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="register.sheet",
                ),
            ),
        ],
        options={
            "db_table": "duties_household_visits",
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("superseded_at", None)),
                    fields=("household", "as_of"),
                    name="duties_household_visits_now",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="Commitment",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("level", models.CharField(max_length=12)),
            ("title", models.CharField(max_length=100)),
            ("superior_post", models.CharField(blank=True, max_length=320)),
            ("inferior_post", models.CharField(blank=True, max_length=320)),
            ("text", models.TextField()),
            ("digest", models.CharField(max_length=64)),
            ("due", models.DateField()),
            ("reason", models.CharField(blank=True, max_length=500)),
            ("at", models.DateTimeField()),
            ("actor", models.CharField(max_length=150)),
            ("user_id", models.BigIntegerField(null=True)),
            (
                "area",
                models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"),
            ),
            (
                "household",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.household"
                ),
            ),
            (
                "inferior",
                models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="duties.official"),
            ),
            (
                "superior",
                models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="duties.official"),
            ),
            (
                "supersedes",
                models.OneToOneField(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="superseded",
                    to="duties.commitment",
                ),
            ),
            (
                "under",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="duties.commitment"
                ),
            ),
        ],
        options={
            "db_table": "duties_commitment",
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("household__isnull", False), ("level", "household")),
                        models.Q(models.Q(("level", "household"), _negated=True), ("household", None)),
                        _connector="OR",
                    ),
                    name="duties_commitment_level",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="CommitmentSignature",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("side", models.CharField(choices=[("superior", "Superior"), ("inferior", "Inferior")], max_length=8)),
            ("way", models.CharField(choices=[("paper", "Paper"), ("account", "Account")], max_length=8)),
            ("day", models.DateField()),
            ("digest", models.CharField(max_length=64)),
            ("at", models.DateTimeField()),
            ("actor", models.CharField(max_length=150)),
            ("user_id", models.BigIntegerField(null=True)),
            (
                "commitment",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="duties.commitment",
                ),
            ),
        ],
        options={
            "db_table": "duties_commitment_signature",
            "constraints": [
                models.UniqueConstraint(fields=("commitment", "side"), name="duties_commitment_signature_once")
            ],
        },
    ),
    migrations.CreateModel(
        name="CommitmentTarget",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("number", models.SmallIntegerField()),
            (
                "kind",
                models.CharField(choices=[("figure", "Figure"), ("node", "Node"), ("words", "Words")], max_length=8),
            ),
            ("measure", models.CharField(blank=True, max_length=100)),
            ("at_most", models.BooleanField(default=True)),
            ("value", models.BigIntegerField(null=True)),
            ("day", models.DateField()),
            ("words", models.CharField(blank=True, max_length=300)),
            (
                "commitment",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="duties.commitment",
                ),
            ),
        ],
        options={
            "db_table": "duties_commitment_target",
            "constraints": [
                models.UniqueConstraint(fields=("commitment", "number"), name="duties_commitment_target_once"),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("kind", "figure"), _negated=True), ("value__isnull", False), _connector="OR"
                    ),
                    name="duties_commitment_target_value",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="HeadquartersDetail",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("field", models.CharField(blank=True, max_length=32)),
            ("valid_from", models.DateField()),
            ("valid_to", models.DateField(null=True)),
            (
                "lead",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="duties.organisation"
                ),
            ),
            (
                "organisation",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+", to="duties.organisation"
                ),
            ),
        ],
        options={
            "db_table": "duties_headquarters_detail",
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("valid_to", None)),
                    fields=("organisation",),
                    name="duties_headquarters_one_current",
                ),
                models.CheckConstraint(
                    condition=models.Q(("valid_to", None), ("valid_to__gt", models.F("valid_from")), _connector="OR"),
                    name="duties_headquarters_period",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="HeadquartersPlan",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("kind", models.CharField(choices=[("programme", "Programme"), ("year", "Year")], max_length=10)),
            ("year", models.SmallIntegerField()),
            ("version", models.SmallIntegerField()),
            ("document", models.CharField(blank=True, max_length=200)),
            ("reason", models.CharField(blank=True, max_length=500)),
            ("digest", models.CharField(max_length=64)),
            ("at", models.DateTimeField()),
            ("actor", models.CharField(max_length=150)),
            ("user_id", models.BigIntegerField(null=True)),
            (
                "organisation",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="duties.organisation",
                ),
            ),
        ],
        options={
            "db_table": "duties_headquarters_plan",
            "constraints": [
                models.UniqueConstraint(
                    fields=("organisation", "kind", "year", "version"), name="duties_headquarters_plan_version"
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="Opinion",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("department", models.CharField(max_length=100)),
            ("required", models.BooleanField(default=True)),
            ("due", models.DateField(null=True)),
            ("issued_on", models.DateField(null=True)),
            ("document", models.CharField(blank=True, max_length=200)),
            ("row", models.IntegerField(null=True)),
            ("recorded_at", models.DateTimeField()),
            ("superseded_at", models.DateTimeField(null=True)),
            (
                "area",
                models.ForeignKey(
                    db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"
                ),
            ),
            (
                "official",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="duties.official"
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
                "sheet",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.sheet"
                ),
            ),
        ],
        options={
            "db_table": "duties_opinion",
            "indexes": [models.Index(fields=["organisation", "superseded_at"], name="duties_opinion_headquarters")],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("superseded_at", None)),
                    fields=("area", "organisation", "department"),
                    name="duties_opinion_now",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="PlanStep",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("number", models.SmallIntegerField()),
            ("title", models.CharField(max_length=200)),
            ("begins", models.DateField()),
            ("ends", models.DateField()),
            ("after", models.CharField(blank=True, max_length=200)),
            ("deliverable", models.CharField(blank=True, max_length=200)),
            ("goal", models.CharField(blank=True, max_length=200)),
            (
                "official",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="duties.official"
                ),
            ),
            (
                "organisation",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="duties.organisation"
                ),
            ),
            (
                "plan",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="duties.headquartersplan",
                ),
            ),
        ],
        options={
            "db_table": "duties_plan_step",
            "constraints": [
                models.UniqueConstraint(fields=("plan", "number"), name="duties_plan_step_once"),
                models.CheckConstraint(
                    condition=models.Q(("ends__gte", models.F("begins"))), name="duties_plan_step_period"
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="StepReport",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("day", models.DateField()),
            ("share", models.SmallIntegerField()),
            ("note", models.CharField(blank=True, max_length=500)),
            ("at", models.DateTimeField()),
            ("actor", models.CharField(max_length=150)),
            ("user_id", models.BigIntegerField(null=True)),
            (
                "step",
                models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="duties.planstep"),
            ),
            (
                "takes_back",
                models.OneToOneField(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="taken_back",
                    to="duties.stepreport",
                ),
            ),
        ],
        options={
            "db_table": "duties_step_report",
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("share__gte", 0), ("share__lte", 100)), name="duties_step_report_share"
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="CommitmentState",
        fields=[
            (
                "commitment",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.PROTECT,
                    primary_key=True,
                    related_name="state",
                    serialize=False,
                    to="duties.commitment",
                ),
            ),
            ("signed", models.SmallIntegerField()),
            ("outcome", models.CharField(max_length=10)),
            ("targets", models.JSONField()),
            ("worked_out_at", models.DateTimeField()),
        ],
        options={
            "db_table": "duties_commitment_state",
            "indexes": [models.Index(fields=["outcome"], name="duties_commitment_outcome")],
        },
    ),
    migrations.CreateModel(
        name="CardPrint",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("copies", models.CharField(max_length=40)),
            ("count", models.IntegerField()),
            ("left_out", models.IntegerField(default=0)),
            ("digest", models.CharField(max_length=64)),
            ("at", models.DateTimeField()),
            ("actor", models.CharField(max_length=150)),
            ("user_id", models.BigIntegerField(null=True)),
            (
                "area",
                models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"),
            ),
        ],
        options={
            "db_table": "duties_card_print",
        },
    ),
    migrations.CreateModel(
        name="LedgerPrint",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("day", models.DateField()),
            ("evaluation_id", models.BigIntegerField(null=True)),
            ("digest", models.CharField(db_index=True, max_length=64)),
            ("rows", models.JSONField()),
            ("seq", models.BigIntegerField()),
            ("head", models.CharField(max_length=64)),
            ("head_key", models.CharField(max_length=64)),
            ("signature", models.CharField(max_length=128)),
            ("at", models.DateTimeField()),
            ("actor", models.CharField(max_length=150)),
            ("user_id", models.BigIntegerField(null=True)),
            (
                "area",
                models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"),
            ),
        ],
        options={
            "db_table": "duties_ledger_print",
        },
    ),
    migrations.CreateModel(
        name="CardCode",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            (
                "copy",
                models.CharField(
                    choices=[("household", "Household"), ("helper", "Helper"), ("village", "Village")], max_length=10
                ),
            ),
            ("key", models.CharField(max_length=64, unique=True)),
            ("content", models.CharField(max_length=64)),
            ("at", models.DateTimeField()),
            ("handed_on", models.DateField(null=True)),
            ("handed_by", models.CharField(blank=True, max_length=150)),
            ("ended_at", models.DateTimeField(null=True)),
            (
                "ended",
                models.CharField(
                    blank=True,
                    choices=[("reprinted", "Reprinted"), ("lost", "Lost"), ("wrong", "Wrong"), ("gone", "Gone")],
                    max_length=10,
                ),
            ),
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
                "printing",
                models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="duties.cardprint"),
            ),
        ],
        options={
            "db_table": "duties_card_code",
            "indexes": [models.Index(fields=["household", "at"], name="duties_card_household")],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("area", None), ("ended_at", None)),
                    fields=("household", "copy"),
                    name="duties_card_one_living",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("ended_at", None), ("household", None)),
                    fields=("area",),
                    name="duties_card_one_of_village",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("area", None), ("copy__in", ["household", "helper"]), ("household__isnull", False)),
                        models.Q(("area__isnull", False), ("copy", "village"), ("household", None)),
                        _connector="OR",
                    ),
                    name="duties_card_of_one",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="WordTemplate",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("version", models.IntegerField()),
            ("name", models.CharField(max_length=120)),
            ("digest", models.CharField(blank=True, max_length=64)),
            ("content", models.BinaryField()),
            ("at", models.DateTimeField()),
            ("actor", models.CharField(max_length=150)),
            ("user_id", models.BigIntegerField(null=True)),
            (
                "area",
                models.ForeignKey(
                    db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"
                ),
            ),
        ],
        options={
            "db_table": "duties_word_template",
            "constraints": [models.UniqueConstraint(fields=("area", "version"), name="duties_word_template_one")],
        },
    ),
    migrations.CreateModel(
        name="Incident",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("kind", models.CharField(max_length=20)),
            ("happened_on", models.DateField(null=True)),
            ("found_on", models.DateField()),
            ("channel", models.CharField(max_length=20)),
            ("account", models.CharField(blank=True, max_length=1000)),
            ("known", models.JSONField()),
            ("digest", models.CharField(max_length=64)),
            ("at", models.DateTimeField()),
            ("actor", models.CharField(max_length=150)),
            ("user_id", models.BigIntegerField(null=True)),
            (
                "household",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.household"
                ),
            ),
        ],
        options={
            "db_table": "duties_incident",
            "indexes": [models.Index(fields=["found_on", "id"], name="duties_incident_found")],
            "constraints": [
                models.UniqueConstraint(fields=("household", "kind", "found_on"), name="duties_incident_once")
            ],
        },
    ),
    migrations.CreateModel(
        name="IncidentClosing",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("day", models.DateField()),
            ("outcome", models.CharField(max_length=20)),
            ("note", models.CharField(blank=True, max_length=500)),
            ("at", models.DateTimeField()),
            ("actor", models.CharField(max_length=150)),
            ("user_id", models.BigIntegerField(null=True)),
            (
                "incident",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.PROTECT, related_name="closing", to="duties.incident"
                ),
            ),
        ],
        options={
            "db_table": "duties_incident_closing",
        },
    ),
    migrations.CreateModel(
        name="IncidentReport",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("day", models.DateField()),
            ("in_time", models.BooleanField()),
            ("text", models.CharField(max_length=1000)),
            ("document", models.CharField(blank=True, max_length=200)),
            ("at", models.DateTimeField()),
            ("actor", models.CharField(max_length=150)),
            ("user_id", models.BigIntegerField(null=True)),
            (
                "incident",
                models.ForeignKey(
                    db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="duties.incident"
                ),
            ),
            (
                "official",
                models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="duties.official"),
            ),
        ],
        options={
            "db_table": "duties_incident_report",
            "constraints": [
                models.UniqueConstraint(fields=("incident", "official"), name="duties_incident_report_once")
            ],
        },
    ),
    migrations.CreateModel(
        name="KnowledgeCheck",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("day", models.DateField()),
            ("seed", models.BigIntegerField()),
            ("questions", models.JSONField()),
            ("digest", models.CharField(max_length=64)),
            ("given", models.JSONField(null=True)),
            ("right", models.SmallIntegerField(null=True)),
            ("asked", models.SmallIntegerField()),
            ("drawn_by", models.BigIntegerField(null=True)),
            ("at", models.DateTimeField()),
            ("scored_at", models.DateTimeField(null=True)),
            (
                "area",
                models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"),
            ),
            (
                "official",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="knowledge_checks", to="duties.official"
                ),
            ),
        ],
        options={
            "db_table": "duties_knowledge_check",
        },
    ),
    migrations.CreateModel(
        name="Lead",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("key", models.CharField(max_length=32, unique=True)),
            ("officer_id", models.BigIntegerField(db_index=True)),
            (
                "state",
                models.CharField(
                    choices=[
                        ("opened", "Opened"),
                        ("hearing", "Hearing"),
                        ("proposed", "Proposed"),
                        ("decided", "Decided"),
                        ("demanded", "Demanded"),
                        ("closed", "Closed"),
                        ("dismissed", "Dismissed"),
                    ],
                    default="opened",
                    max_length=12,
                ),
            ),
            ("opened_on", models.DateField()),
            ("told_on", models.DateField(null=True)),
            ("limit", models.DateField(null=True)),
            ("provisional", models.BooleanField(default=False)),
            ("due", models.DateField(null=True)),
            ("ended_on", models.DateField(null=True)),
            ("content", models.TextField(blank=True)),
            ("private", models.TextField(blank=True)),
            ("salt", models.CharField(blank=True, max_length=32)),
            (
                "city",
                models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"),
            ),
            (
                "incident",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="duties.incident"
                ),
            ),
            (
                "official",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.PROTECT, related_name="leads", to="duties.official"
                ),
            ),
            ("kept_before", models.TextField(blank=True, default="")),
        ],
        options={
            "db_table": "duties_lead",
        },
    ),
    migrations.CreateModel(
        name="PresenceSheet",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("month", models.DateField()),
            ("marks", models.CharField(max_length=31)),
            ("notes", models.JSONField(default=dict)),
            ("present", models.SmallIntegerField()),
            ("unknown", models.SmallIntegerField()),
            ("kept_by", models.BigIntegerField(null=True)),
            ("kept_at", models.DateTimeField()),
            ("confirmed_by", models.BigIntegerField(null=True)),
            ("confirmed_at", models.DateTimeField(null=True)),
            ("row", models.IntegerField(null=True)),
            (
                "area",
                models.ForeignKey(
                    db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"
                ),
            ),
            (
                "official",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="presence_sheets",
                    to="duties.official",
                ),
            ),
            (
                "sheet",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.sheet"
                ),
            ),
        ],
        options={
            "db_table": "duties_presence_sheet",
            "indexes": [models.Index(fields=["area", "month"], name="duties_presence_area")],
            "constraints": [models.UniqueConstraint(fields=("official", "area", "month"), name="duties_presence_once")],
        },
    ),
    migrations.CreateModel(
        name="TeamLeave",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("first", models.DateField()),
            ("last", models.DateField()),
            ("reason", models.CharField(max_length=300)),
            ("tier", models.CharField(max_length=12)),
            (
                "state",
                models.CharField(
                    choices=[
                        ("asked", "Asked"),
                        ("approved", "Approved"),
                        ("refused", "Refused"),
                        ("withdrawn", "Withdrawn"),
                    ],
                    default="asked",
                    max_length=12,
                ),
            ),
            ("asked_by", models.BigIntegerField(null=True)),
            ("asked_at", models.DateTimeField()),
            ("decided_by", models.BigIntegerField(null=True)),
            ("decided_at", models.DateTimeField(null=True)),
            ("answer", models.CharField(blank=True, max_length=300)),
            (
                "area",
                models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"),
            ),
            (
                "official",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="team_leaves", to="duties.official"
                ),
            ),
        ],
        options={
            "db_table": "duties_team_leave",
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("last__gte", models.F("first"))), name="duties_team_leave_period"
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="TeamProposal",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("kind", models.CharField(max_length=12)),
            ("year", models.SmallIntegerField()),
            ("months", models.CharField(max_length=40)),
            ("ground", models.CharField(max_length=500)),
            (
                "state",
                models.CharField(
                    choices=[("proposed", "Proposed"), ("agreed", "Agreed"), ("rejected", "Rejected")],
                    default="proposed",
                    max_length=12,
                ),
            ),
            ("proposed_by", models.BigIntegerField(null=True)),
            ("proposed_at", models.DateTimeField()),
            ("decided_by", models.BigIntegerField(null=True)),
            ("decided_at", models.DateTimeField(null=True)),
            ("answer", models.CharField(blank=True, max_length=500)),
            (
                "area",
                models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"),
            ),
            (
                "official",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="team_proposals", to="duties.official"
                ),
            ),
        ],
        options={
            "db_table": "duties_team_proposal",
            "constraints": [
                models.UniqueConstraint(fields=("official", "area", "kind", "year"), name="duties_team_proposal_once")
            ],
        },
    ),
    migrations.CreateModel(
        name="TeamReport",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("first", models.DateField()),
            ("last", models.DateField()),
            ("figures", models.JSONField()),
            ("digest", models.CharField(max_length=64)),
            ("at", models.DateTimeField()),
            ("actor", models.CharField(max_length=150)),
            ("user_id", models.BigIntegerField(null=True)),
            (
                "team",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+", to="duties.organisation"
                ),
            ),
            (
                "unit",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+", to="duties.organisation"
                ),
            ),
        ],
        options={
            "db_table": "duties_team_report",
            "constraints": [
                models.UniqueConstraint(fields=("team", "unit", "first", "last"), name="duties_team_report_once")
            ],
        },
    ),
    migrations.CreateModel(
        name="AssignmentPlan",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("role", models.CharField(max_length=20)),
            ("day", models.DateField()),
            ("asked", models.JSONField()),
            (
                "state",
                models.CharField(
                    choices=[("draft", "Draft"), ("applied", "Applied"), ("refused", "Refused"), ("undone", "Undone")],
                    default="draft",
                    max_length=8,
                ),
            ),
            ("households", models.IntegerField()),
            ("officials", models.IntegerField()),
            ("cost", models.BigIntegerField()),
            ("bound", models.BigIntegerField()),
            ("figures", models.JSONField()),
            ("made_by", models.CharField(max_length=150)),
            ("made_at", models.DateTimeField()),
            ("decided_by", models.CharField(blank=True, max_length=150)),
            ("decided_at", models.DateTimeField(null=True)),
            ("reason", models.CharField(blank=True, max_length=200)),
            (
                "area",
                models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"),
            ),
        ],
        options={
            "db_table": "duties_assignment_plan",
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("decided_at", None), ("state", "draft")),
                        models.Q(models.Q(("state", "draft"), _negated=True), ("decided_at__isnull", False)),
                        _connector="OR",
                    ),
                    name="duties_assignment_plan_decided",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="PlanHelper",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("unit", models.CharField(blank=True, max_length=200)),
            ("place", models.CharField(max_length=64)),
            ("least", models.IntegerField()),
            ("most", models.IntegerField()),
            ("others", models.IntegerField()),
            ("before", models.IntegerField()),
            ("after", models.IntegerField()),
            (
                "official",
                models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="duties.official"),
            ),
            (
                "plan",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="helpers", to="duties.assignmentplan"
                ),
            ),
        ],
        options={
            "db_table": "duties_plan_helper",
            "constraints": [models.UniqueConstraint(fields=("plan", "official"), name="duties_plan_helper_one")],
        },
    ),
    migrations.CreateModel(
        name="PlanLine",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("path", models.CharField(max_length=64)),
            ("standing", models.BigIntegerField(null=True)),
            (
                "kind",
                models.CharField(
                    choices=[("kept", "Kept"), ("changed", "Changed"), ("new", "New"), ("left", "Left")], max_length=7
                ),
            ),
            ("edited", models.BooleanField(default=False)),
            ("made", models.BigIntegerField(null=True)),
            (
                "after",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="duties.official",
                ),
            ),
            (
                "before",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="duties.official",
                ),
            ),
            (
                "household",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.household"
                ),
            ),
            (
                "plan",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="lines",
                    to="duties.assignmentplan",
                ),
            ),
        ],
        options={
            "db_table": "duties_plan_line",
            "indexes": [
                models.Index(fields=["plan", "path", "household"], name="duties_plan_line_place"),
                models.Index(fields=["plan", "after"], name="duties_plan_line_after"),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("plan", "household"), name="duties_plan_line_one"),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("after", models.F("before")), ("kind", "kept")),
                        models.Q(("after__isnull", False), ("before", None), ("kind", "new")),
                        models.Q(
                            ("after__isnull", False),
                            ("before__isnull", False),
                            ("kind", "changed"),
                            models.Q(("after", models.F("before")), _negated=True),
                        ),
                        models.Q(("after", None), ("kind", "left")),
                        _connector="OR",
                    ),
                    name="duties_plan_line_kind",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="CommitmentReplacement",
        fields=[
            (
                "commitment",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.PROTECT,
                    primary_key=True,
                    related_name="replaced",
                    serialize=False,
                    to="duties.commitment",
                ),
            ),
            (
                "how",
                models.CharField(
                    choices=[("unsigned", "Unsigned"), ("both", "Both"), ("third", "Third"), ("earlier", "Earlier")],
                    max_length=8,
                ),
            ),
            ("reason", models.CharField(blank=True, max_length=500)),
            ("at", models.DateTimeField()),
            ("actor", models.CharField(max_length=150)),
            ("user_id", models.BigIntegerField(null=True)),
            (
                "by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+", to="duties.commitment"
                ),
            ),
        ],
        options={
            "db_table": "duties_commitment_replacement",
        },
    ),
    migrations.CreateModel(
        name="CommitmentJudgement",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("met", models.BooleanField()),
            ("day", models.DateField()),
            ("reason", models.CharField(max_length=500)),
            ("at", models.DateTimeField()),
            ("actor", models.CharField(max_length=150)),
            ("user_id", models.BigIntegerField(null=True)),
            (
                "target",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+", to="duties.commitmenttarget"
                ),
            ),
        ],
        options={
            "db_table": "duties_commitment_judgement",
        },
    ),
]


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("duties", "0001_helpers"),
        ("duties", "0002_helper_accounts"),
        ("duties", "0003_officials"),
        ("duties", "0004_officials_filled"),
        ("duties", "0005_officials_required"),
        ("duties", "0006_ties_and_caseloads"),
        ("duties", "0007_visits"),
        ("duties", "0008_headquarters"),
        ("duties", "0009_cards"),
        ("duties", "0010_teams_and_incidents"),
        ("duties", "0011_assignment_plans"),
        ("duties", "0012_visits_by_day"),
        ("duties", "0013_who_kept_a_lead"),
        ("duties", "0014_commitments_agreed"),
        ("duties", "0015_visits_by_index"),
    ]
    dependencies = [("platform", "0001_platform_tables"), ("register", "0001_register_tables")]
    operations = [
        Tables(_TABLES),
        _append_only.refuse_changes(_WRITTEN_ONCE),
    ]
