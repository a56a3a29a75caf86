"""Who was known by name, unit and telephone is an official now, and every helper's term is his; accounts and the
decisions who is one person are kept."""

from django.db import migrations

_FILL = """
-- of several names of one person the first led, and may itself have been led by another one
UPDATE duties_official_name SET same_as_id = (
  SELECT r.same_as_id FROM duties_official_name r WHERE r.id = duties_official_name.same_as_id)
WHERE EXISTS (SELECT 1 FROM duties_official_name r
  WHERE r.id = duties_official_name.same_as_id AND r.same_as_id IS NOT NULL);
-- helpers whom nobody has asked for yet: they had no account
INSERT INTO duties_official_name (name, unit, phone, decided)
SELECT DISTINCT h.name, h.unit, h.phone, FALSE FROM duties_assignment h
LEFT JOIN duties_official_name i ON i.name = h.name AND i.unit = h.unit AND i.phone = h.phone WHERE i.id IS NULL;
INSERT INTO duties_official (id, name, unit, phone, sex, politics, user_id)
SELECT id, name, unit, phone, '', '', user_id FROM duties_official_name WHERE same_as_id IS NULL;
UPDATE duties_official_name SET official_id = COALESCE(same_as_id, id);
UPDATE duties_assignment SET official_id = (SELECT i.official_id FROM duties_official_name i
  WHERE i.name = duties_assignment.name AND i.unit = duties_assignment.unit AND i.phone = duties_assignment.phone);
UPDATE duties_official SET sex = COALESCE((SELECT h.sex FROM duties_assignment h
  WHERE h.official_id = duties_official.id ORDER BY h.valid_from DESC, h.id DESC LIMIT 1), '');
UPDATE duties_official SET politics = COALESCE((SELECT h.politics FROM duties_assignment h
  WHERE h.official_id = duties_official.id ORDER BY h.valid_from DESC, h.id DESC LIMIT 1), '');
-- an import made before can still be undone
UPDATE register_import_change SET "table" = 'duties_assignment' WHERE "table" = 'duties_helper'
"""


def fill(_apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        for statement in _FILL.split(";"):
            cursor.execute(statement)
        if schema_editor.connection.vendor == "postgresql":
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence('duties_official', 'id'), COALESCE(MAX(id), 1),"
                " MAX(id) IS NOT NULL) FROM duties_official"
            )


class Migration(migrations.Migration):
    dependencies = [("duties", "0003_officials")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
