"""Enterprises, links, dividends, work, loans, relocation; and two views that rules read: channels of income of a
household, leading enterprises of a county. A view is never behind its rows, whoever wrote them: imports, their undoing,
events of households, forms.

A later migration that changes a column which a view reads drops the view and makes it anew.
"""

import django.db.models.deletion
from django.db import migrations, models

import tuopin.platform.models.fields

_SPANS = """
  SELECT household_id, form AS way, enterprise_id, valid_from, valid_to FROM measures_enterprise_link
    WHERE superseded_at IS NULL
  UNION ALL
  SELECT m.household_id, CASE w.kind WHEN 'public_post' THEN 'public_post' ELSE 'work' END, w.enterprise_id,
    CASE WHEN w.valid_from > m.valid_from THEN w.valid_from ELSE m.valid_from END,
    CASE WHEN w.valid_to IS NULL THEN m.valid_to WHEN m.valid_to IS NULL OR w.valid_to < m.valid_to THEN w.valid_to
      ELSE m.valid_to END
  FROM measures_work w JOIN register_membership m ON m.person_id = w.person_id
  WHERE w.superseded_at IS NULL AND (m.valid_to IS NULL OR m.valid_to > w.valid_from)
    AND (w.valid_to IS NULL OR w.valid_to > m.valid_from)
"""
_ENDED = """EXISTS (SELECT 1 FROM measures_enterprise_risk r WHERE r.superseded_at IS NULL
    AND r.enterprise_id = {enterprise} AND r.level IN ('stopped', 'bankrupt') AND r.day <= d.as_of
    AND NOT EXISTS (SELECT 1 FROM measures_enterprise_risk n WHERE n.superseded_at IS NULL
      AND n.enterprise_id = r.enterprise_id AND n.day > r.day AND n.day <= d.as_of))"""
_VERSION = """CAST(substr(CAST(d.as_of AS text), 1, 4) AS integer) AS year, d.as_of AS as_of,
  CAST(NULL AS bigint) AS sheet_id, CAST(NULL AS integer) AS "row", CAST(NULL AS timestamp) AS superseded_at"""

_CHANNELS = f"""
CREATE VIEW measures_household_channels AS
SELECT d.household_id AS household_id, {_VERSION}, COUNT(DISTINCT s.way) AS income_channels
FROM (
  SELECT household_id, valid_from AS as_of FROM ({_SPANS}) a
  UNION SELECT household_id, valid_to FROM ({_SPANS}) b WHERE valid_to IS NOT NULL
  UNION SELECT c.household_id, r.day FROM ({_SPANS}) c
    JOIN measures_enterprise_risk r ON r.enterprise_id = c.enterprise_id AND r.superseded_at IS NULL
      AND r.day > c.valid_from AND (c.valid_to IS NULL OR r.day < c.valid_to)
) d LEFT JOIN ({_SPANS}) s ON s.household_id = d.household_id AND s.valid_from <= d.as_of
  AND (s.valid_to IS NULL OR s.valid_to > d.as_of) AND NOT {_ENDED.format(enterprise="s.enterprise_id")}
GROUP BY d.household_id, d.as_of
"""
_OF_COUNTY = """JOIN register_area_version p ON p.area_id = v.area_id AND NOT EXISTS (
      SELECT 1 FROM register_area_version q WHERE q.area_id = p.area_id AND q.valid_from > p.valid_from)
    JOIN register_area_version c ON c.level = 'county' AND c.valid_to IS NULL
      AND substr(p.path, 1, length(c.path)) = c.path"""
_LEADING = f"""
CREATE VIEW measures_county_enterprises AS
SELECT d.area_id AS area_id, {_VERSION}, (
  SELECT COUNT(*) FROM measures_enterprise_version v {_OF_COUNTY}
  WHERE c.area_id = d.area_id AND v.superseded_at IS NULL AND v.kind = 'leading' AND v.as_of <= d.as_of
    AND NOT EXISTS (SELECT 1 FROM measures_enterprise_version n WHERE n.superseded_at IS NULL
      AND n.enterprise_id = v.enterprise_id AND n.as_of > v.as_of AND n.as_of <= d.as_of)
    AND EXISTS (SELECT 1 FROM measures_enterprise_link l WHERE l.superseded_at IS NULL
      AND l.enterprise_id = v.enterprise_id AND l.valid_from <= d.as_of
      AND (l.valid_to IS NULL OR l.valid_to > d.as_of))
    AND NOT {_ENDED.format(enterprise="v.enterprise_id")}
) AS leading_enterprises
FROM (
  SELECT c.area_id, v.as_of FROM measures_enterprise_version v {_OF_COUNTY} WHERE v.superseded_at IS NULL
  UNION SELECT c.area_id, l.valid_from FROM measures_enterprise_version v {_OF_COUNTY}
    JOIN measures_enterprise_link l ON l.enterprise_id = v.enterprise_id AND l.superseded_at IS NULL
    WHERE v.superseded_at IS NULL AND v.kind = 'leading'
  UNION SELECT c.area_id, l.valid_to FROM measures_enterprise_version v {_OF_COUNTY}
    JOIN measures_enterprise_link l ON l.enterprise_id = v.enterprise_id AND l.superseded_at IS NULL
      AND l.valid_to IS NOT NULL
    WHERE v.superseded_at IS NULL AND v.kind = 'leading'
  UNION SELECT c.area_id, r.day FROM measures_enterprise_version v {_OF_COUNTY}
    JOIN measures_enterprise_risk r ON r.enterprise_id = v.enterprise_id AND r.superseded_at IS NULL
    WHERE v.superseded_at IS NULL AND v.kind = 'leading'
) d
"""


class Migration(migrations.Migration):
    dependencies = [
        ("measures", "0003_household_help"),
        ("register", "0015_county_figures"),
    ]

    operations = [
        migrations.CreateModel(
            name="Enterprise",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("code", tuopin.platform.models.fields.PlainField(max_length=32, unique=True)),
            ],
            options={
                "db_table": "measures_enterprise",
            },
        ),
        migrations.CreateModel(
            name="Dividend",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("row", models.IntegerField(null=True)),
                ("by_hand", models.BooleanField(default=False)),
                ("recorded_at", models.DateTimeField()),
                ("superseded_at", models.DateTimeField(null=True)),
                ("form", models.CharField(max_length=16)),
                ("period", models.CharField(max_length=40)),
                ("due_on", models.DateField(null=True)),
                ("due", models.BigIntegerField(null=True)),
                ("paid_on", models.DateField(null=True)),
                ("paid", models.BigIntegerField(null=True)),
                ("document", models.CharField(blank=True, max_length=200)),
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
                (
                    "enterprise",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="measures.enterprise",
                    ),
                ),
            ],
            options={
                "db_table": "measures_dividend",
                "indexes": [models.Index(fields=["enterprise"], name="measures_dividend_of")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("superseded_at", None)),
                        fields=("household", "enterprise", "form", "period"),
                        name="measures_dividend_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="EnterpriseLink",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("row", models.IntegerField(null=True)),
                ("by_hand", models.BooleanField(default=False)),
                ("recorded_at", models.DateTimeField()),
                ("superseded_at", models.DateTimeField(null=True)),
                ("form", models.CharField(max_length=16)),
                ("valid_from", models.DateField()),
                ("valid_to", models.DateField(null=True)),
                ("since_known", models.BooleanField(default=True)),
                ("contract", models.CharField(blank=True, max_length=200)),
                ("agreed", models.BigIntegerField(null=True)),
                ("share", models.IntegerField(null=True)),
                (
                    "enterprise",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="measures.enterprise",
                    ),
                ),
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
                "db_table": "measures_enterprise_link",
                "indexes": [models.Index(fields=["enterprise", "household"], name="measures_link_enterprise")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("superseded_at", None)),
                        fields=("household", "enterprise", "form", "valid_from"),
                        name="measures_enterprise_link_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="EnterpriseRisk",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("row", models.IntegerField(null=True)),
                ("by_hand", models.BooleanField(default=False)),
                ("recorded_at", models.DateTimeField()),
                ("superseded_at", models.DateTimeField(null=True)),
                ("day", models.DateField()),
                ("level", models.CharField(max_length=12)),
                ("ground", models.CharField(blank=True, max_length=300)),
                ("document", models.CharField(blank=True, max_length=200)),
                (
                    "enterprise",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="risks",
                        to="measures.enterprise",
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
                "db_table": "measures_enterprise_risk",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("superseded_at", None)),
                        fields=("enterprise", "day"),
                        name="measures_enterprise_risk_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="EnterpriseVersion",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("row", models.IntegerField(null=True)),
                ("by_hand", models.BooleanField(default=False)),
                ("recorded_at", models.DateTimeField()),
                ("superseded_at", models.DateTimeField(null=True)),
                ("as_of", models.DateField()),
                ("name", tuopin.platform.models.fields.PlainField(max_length=100)),
                ("credit_code", tuopin.platform.models.fields.PlainField(blank=True, max_length=18)),
                ("kind", models.CharField(max_length=16)),
                ("industry", models.CharField(blank=True, max_length=100)),
                ("organisation", models.CharField(blank=True, max_length=100)),
                ("operator", models.CharField(blank=True, max_length=100)),
                ("capacity", models.IntegerField(null=True)),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"
                    ),
                ),
                (
                    "enterprise",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="measures.enterprise",
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
                "db_table": "measures_enterprise_version",
                "indexes": [
                    models.Index(fields=["credit_code"], name="measures_enterprise_credit"),
                    models.Index(fields=["name"], name="measures_enterprise_name"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("superseded_at", None)),
                        fields=("enterprise", "as_of"),
                        name="measures_enterprise_version_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Loan",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("row", models.IntegerField(null=True)),
                ("by_hand", models.BooleanField(default=False)),
                ("recorded_at", models.DateTimeField()),
                ("superseded_at", models.DateTimeField(null=True)),
                ("bank", models.CharField(max_length=100)),
                ("number", models.CharField(blank=True, max_length=64)),
                ("amount", models.BigIntegerField(null=True)),
                ("rate", models.IntegerField(null=True)),
                ("granted", models.DateField()),
                ("due", models.DateField(null=True)),
                ("use", models.CharField(blank=True, max_length=12)),
                ("purpose", models.CharField(blank=True, max_length=200)),
                ("interest_paid", models.BigIntegerField(null=True)),
                ("repaid", models.BigIntegerField(null=True)),
                ("repaid_on", models.DateField(null=True)),
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
                "db_table": "measures_loan",
                "indexes": [models.Index(fields=["due"], name="measures_loan_due")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("superseded_at", None)),
                        fields=("household", "bank", "granted", "number"),
                        name="measures_loan_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Relocation",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("row", models.IntegerField(null=True)),
                ("by_hand", models.BooleanField(default=False)),
                ("recorded_at", models.DateTimeField()),
                ("superseded_at", models.DateTimeField(null=True)),
                ("year", models.SmallIntegerField()),
                ("as_of", models.DateField()),
                ("from_place", models.CharField(blank=True, max_length=100)),
                ("site", models.CharField(blank=True, max_length=100)),
                ("contract", models.CharField(blank=True, max_length=200)),
                ("moved_in_on", models.DateField(null=True)),
                ("old_house", models.CharField(max_length=12, null=True)),
                ("old_house_down_on", models.DateField(null=True)),
                ("has_job", models.BooleanField(null=True)),
                ("job_on", models.DateField(null=True)),
                ("job_source", models.CharField(blank=True, max_length=100)),
                ("has_school", models.BooleanField(null=True)),
                ("school_on", models.DateField(null=True)),
                ("school_source", models.CharField(blank=True, max_length=100)),
                ("has_clinic", models.BooleanField(null=True)),
                ("clinic_on", models.DateField(null=True)),
                ("clinic_source", models.CharField(blank=True, max_length=100)),
                ("land_there", models.BooleanField(null=True)),
                ("registered_there", models.BooleanField(null=True)),
                ("ties_on", models.DateField(null=True)),
                ("ties_source", models.CharField(blank=True, max_length=100)),
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
                "db_table": "measures_relocation",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("superseded_at", None)),
                        fields=("household", "as_of"),
                        name="measures_relocation_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Work",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("row", models.IntegerField(null=True)),
                ("by_hand", models.BooleanField(default=False)),
                ("recorded_at", models.DateTimeField()),
                ("superseded_at", models.DateTimeField(null=True)),
                ("kind", models.CharField(max_length=16)),
                ("employer", models.CharField(blank=True, max_length=100)),
                ("post", models.CharField(blank=True, max_length=100)),
                ("organisation", models.CharField(blank=True, max_length=100)),
                ("place", models.CharField(blank=True, max_length=16)),
                ("valid_from", models.DateField()),
                ("valid_to", models.DateField(null=True)),
                ("since_known", models.BooleanField(default=True)),
                ("contract", models.BooleanField(null=True)),
                ("wage", models.BigIntegerField(null=True)),
                ("returned", models.BooleanField(default=False)),
                ("end_reason", models.CharField(blank=True, max_length=200)),
                (
                    "enterprise",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="measures.enterprise",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="register.person",
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
                "db_table": "measures_work",
                "indexes": [models.Index(fields=["enterprise"], name="measures_work_enterprise")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("superseded_at", None)),
                        fields=("person", "kind", "employer", "post", "valid_from"),
                        name="measures_work_once",
                    )
                ],
            },
        ),
        migrations.RunSQL(_CHANNELS, "DROP VIEW measures_household_channels"),
        migrations.RunSQL(_LEADING, "DROP VIEW measures_county_enterprises"),
    ]
