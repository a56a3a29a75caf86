"""Nodes that an office set, or whose day it moved."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("platform", "0010_seals")]
    operations = [
        migrations.CreateModel(
            name="Node",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("area_id", models.BigIntegerField()),
                ("key", models.CharField(max_length=40)),
                ("moves", models.BooleanField()),
                ("due", models.DateField()),
                ("title_zh", models.CharField(blank=True, max_length=100)),
                ("title_en", models.CharField(blank=True, max_length=200)),
                ("target_zh", models.CharField(blank=True, max_length=300)),
                ("target_en", models.CharField(blank=True, max_length=600)),
                ("standard", models.CharField(blank=True, max_length=40)),
                ("room", models.CharField(blank=True, max_length=20)),
                ("source", models.CharField(max_length=300)),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=150)),
                ("user_id", models.BigIntegerField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.CharField(blank=True, max_length=150)),
                ("ended_reason", models.CharField(blank=True, max_length=300)),
            ],
            options={"db_table": "platform_node"},
        ),
        migrations.AddConstraint(
            model_name="node",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)), fields=("area_id", "key"), name="platform_node_one"
            ),
        ),
    ]
