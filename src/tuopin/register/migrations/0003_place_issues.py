"""Open data issues get the village of their subject."""

from django.db import migrations

PLACE = """
update register_data_issue set area_id = coalesce(
  (select min(r.area_id) from register_household h join register_residence r on r.household_id = h.id
   where h.code = register_data_issue.subject and r.valid_to is null),
  (select min(v.area_id) from register_area_version v
   where v.code = register_data_issue.subject and v.valid_to is null))
where area_id is null and closed_at is null and subject <> ''
"""


class Migration(migrations.Migration):
    dependencies = [("register", "0002_corrections")]

    operations = [migrations.RunSQL(PLACE, migrations.RunSQL.noop)]
