"""What merged households had is read with the one that goes on: views over the events that stand.

Where a household that was merged is back on the register (an export brought it), it keeps its own. The channels of
income follow by the day: a link counts for the household that was merged until then, from then on for the other.

A later migration that changes a column which a view reads drops the view and makes it anew.
"""

from importlib import import_module

import django.db.models.deletion
from django.db import migrations, models

_MERGED = """merged(source, target, day) AS (
  SELECT e.household_id, e.other_id, e.day FROM register_event e
  WHERE e.kind = 'merge' AND NOT EXISTS (SELECT 1 FROM register_event u WHERE u.undoes_id = e.id)
    AND NOT EXISTS (SELECT 1 FROM register_residence r WHERE r.household_id = e.household_id AND r.valid_to IS NULL))"""
_NOW = f"""
CREATE VIEW measures_household_now AS
WITH RECURSIVE {_MERGED},
chain(source, target) AS (
  SELECT source, target FROM merged
  UNION SELECT c.source, m.target FROM chain c JOIN merged m ON m.source = c.target)
SELECT source AS household_id, MAX(target) AS now_id FROM chain
WHERE target NOT IN (SELECT source FROM merged) GROUP BY source
"""
_HELD = f"""
CREATE VIEW measures_household_held AS
WITH RECURSIVE {_MERGED},
chain(source, holder, since) AS (
  SELECT source, target, day FROM merged
  UNION SELECT c.source, m.target, m.day FROM chain c JOIN merged m ON m.source = c.holder)
SELECT source AS household_id, source AS holder_id, NULL AS since, MIN(day) AS until FROM merged GROUP BY source
UNION ALL SELECT c.source, c.holder, c.since, (SELECT MIN(m.day) FROM merged m WHERE m.source = c.holder) FROM chain c
"""
_OF_ONE = """SELECT household_id, form AS way, enterprise_id, valid_from, valid_to FROM measures_enterprise_link
    WHERE superseded_at IS NULL"""
_OF_ALL = """SELECT COALESCE(h.holder_id, l.household_id) AS household_id, l.form AS way, l.enterprise_id,
    CASE WHEN h.since > l.valid_from THEN h.since ELSE l.valid_from END AS valid_from,
    CASE WHEN l.valid_to IS NULL OR h.until < l.valid_to THEN h.until ELSE l.valid_to END AS valid_to
  FROM measures_enterprise_link l LEFT JOIN measures_household_held h ON h.household_id = l.household_id
  WHERE l.superseded_at IS NULL AND (h.until IS NULL OR h.until > l.valid_from)
    AND (h.since IS NULL OR l.valid_to IS NULL OR l.valid_to > h.since)"""
_BEFORE = import_module("tuopin.measures.migrations.0004_livelihood")._CHANNELS
_CHANNELS = _BEFORE.replace(_OF_ONE, _OF_ALL)
_DROP = "DROP VIEW measures_household_channels"


class Migration(migrations.Migration):
    dependencies = [
        ("measures", "0005_worksheets_and_projects"),
        ("register", "0016_events_that_merged"),
    ]

    operations = [
        migrations.CreateModel(
            name="HouseholdNow",
            fields=[
                (
                    "household",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="went_to",
                        serialize=False,
                        to="register.household",
                    ),
                ),
                (
                    "now",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="register.household",
                    ),
                ),
            ],
            options={"db_table": "measures_household_now", "managed": False},
        ),
        migrations.RunSQL(_NOW, "DROP VIEW measures_household_now"),
        migrations.RunSQL(_HELD, "DROP VIEW measures_household_held"),
        migrations.RunSQL([_DROP, _CHANNELS], [_DROP, _BEFORE]),
    ]
