"""Messages to accounts, what of them leaves by mail and gateway, and what each person wants."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("platform", "0011_nodes"),
    ]

    operations = [
        migrations.CreateModel(
            name="MessageChoice",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("mail", models.BooleanField(default=False)),
                ("gateway", models.BooleanField(default=False)),
                ("address", models.CharField(blank=True, max_length=254)),
                ("confirmed", models.CharField(blank=True, max_length=254)),
            ],
            options={
                "db_table": "platform_message_choice",
            },
        ),
        migrations.CreateModel(
            name="Dispatch",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("channel", models.CharField(max_length=12)),
                ("key", models.CharField(max_length=60)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "等待 Queued"),
                            ("sending", "发送中 Sending"),
                            ("sent", "已送出 Sent"),
                            ("dropped", "不再需要 Dropped"),
                            ("dead", "未送达 Dead"),
                        ],
                        default="queued",
                        max_length=8,
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("next_at", models.DateTimeField()),
                ("at_any_hour", models.BooleanField(default=False)),
                ("worker", models.CharField(blank=True, max_length=64)),
                ("claim", models.CharField(blank=True, max_length=32)),
                ("error", models.CharField(blank=True, max_length=40)),
                ("created_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "platform_dispatch",
                "indexes": [
                    models.Index(fields=["state", "channel", "next_at", "id"], name="platform_dispatch_queue"),
                    models.Index(fields=["created_at"], name="platform_dispatch_age"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("channel", "user", "key"), name="platform_dispatch_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("key", models.CharField(max_length=120)),
                ("kind", models.CharField(max_length=60)),
                ("urgent", models.BooleanField()),
                ("title_zh", models.CharField(blank=True, max_length=200)),
                ("title_en", models.CharField(blank=True, max_length=300)),
                ("parameters", models.JSONField(default=dict)),
                ("word", models.CharField(blank=True, max_length=60)),
                ("view", models.CharField(blank=True, max_length=80)),
                ("args", models.JSONField(default=list)),
                ("about", models.CharField(blank=True, max_length=80)),
                ("day", models.DateField()),
                ("created_at", models.DateTimeField()),
                ("not_before", models.DateTimeField()),
                ("read_at", models.DateTimeField(null=True)),
                ("done_at", models.DateTimeField(null=True)),
                ("mail_id", models.BigIntegerField(null=True)),
                ("gateway_id", models.BigIntegerField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "platform_message",
                "indexes": [
                    models.Index(fields=["user", "-id"], name="platform_message_inbox"),
                    models.Index(
                        condition=models.Q(("done_at", None), ("read_at", None)),
                        fields=["user", "kind"],
                        name="platform_message_open",
                    ),
                    models.Index(
                        condition=models.Q(("done_at", None)), fields=["about"], name="platform_message_about"
                    ),
                    models.Index(
                        condition=models.Q(("mail_id__isnull", False)),
                        fields=["mail_id"],
                        name="platform_message_mail",
                    ),
                    models.Index(
                        condition=models.Q(("gateway_id__isnull", False)),
                        fields=["gateway_id"],
                        name="platform_message_gate",
                    ),
                    models.Index(fields=["created_at"], name="platform_message_age"),
                ],
                "constraints": [models.UniqueConstraint(fields=("user", "key"), name="platform_message_once")],
            },
        ),
        migrations.CreateModel(
            name="MessageMute",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("channel", models.CharField(max_length=12)),
                ("kind", models.CharField(max_length=60)),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "platform_message_mute",
                "constraints": [
                    models.UniqueConstraint(fields=("user", "channel", "kind"), name="platform_message_mute_once")
                ],
            },
        ),
    ]
