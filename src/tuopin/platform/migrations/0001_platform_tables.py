"""The platform's tables: accounts, grants, audit, jobs, messages, files, seals; what is written once is refused to change."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from tuopin.platform.migrations import _append_only
from tuopin.platform.migrations._tables import Tables

_WRITTEN_ONCE = (
    "platform_audit_entry",
    "platform_audit_link",
    "platform_audit_head",
    "platform_read_batch",
    "platform_read_entry",
)

_TABLES = [
    migrations.CreateModel(
        name="User",
        fields=[
            ("password", models.CharField(max_length=128, verbose_name="password")),
            ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("username", models.CharField(max_length=150, unique=True)),
            ("display_name", models.CharField(blank=True, max_length=150)),
            ("language", models.CharField(default="zh-hans", max_length=10)),
            ("must_change_password", models.BooleanField(default=False)),
            ("is_active", models.BooleanField(default=True)),
            ("failed_sign_ins", models.PositiveSmallIntegerField(default=0)),
            ("locked_until", models.DateTimeField(null=True)),
            ("created_at", models.DateTimeField(auto_now_add=True)),
        ],
        options={
            "db_table": "platform_user",
        },
    ),
    migrations.CreateModel(
        name="AuditEntry",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("at", models.DateTimeField()),
            ("actor_kind", models.CharField(max_length=8)),
            ("user_id", models.BigIntegerField(null=True)),
            ("actor_name", models.CharField(max_length=150)),
            ("os_user", models.CharField(blank=True, max_length=150)),
            ("action", models.CharField(max_length=100)),
            ("subject", models.CharField(max_length=200)),
            ("detail", models.TextField()),
            ("digest", models.CharField(blank=True, max_length=128)),
        ],
        options={
            "db_table": "platform_audit_entry",
            "indexes": [
                models.Index(fields=["subject", "id"], name="platform_audit_subject"),
                models.Index(fields=["action", "id"], name="platform_audit_action"),
            ],
        },
    ),
    migrations.CreateModel(
        name="AuditHead",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("seq", models.BigIntegerField()),
            ("hash", models.CharField(max_length=64)),
            ("at", models.DateTimeField()),
            ("key", models.CharField(max_length=64)),
            ("signature", models.CharField(max_length=128)),
        ],
        options={
            "db_table": "platform_audit_head",
        },
    ),
    migrations.CreateModel(
        name="AuditLink",
        fields=[
            ("seq", models.BigIntegerField(primary_key=True, serialize=False)),
            ("previous", models.CharField(max_length=64)),
            ("hash", models.CharField(max_length=64)),
            (
                "entry",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.PROTECT, related_name="link", to="platform.auditentry"
                ),
            ),
        ],
        options={
            "db_table": "platform_audit_link",
        },
    ),
    migrations.CreateModel(
        name="Grant",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("role", models.CharField(max_length=50)),
            (
                "scope_kind",
                models.CharField(
                    choices=[
                        ("all", "全部 Everything"),
                        ("area", "区域 Area"),
                        ("household", "户 Household"),
                        ("organisation", "单位 Organisation"),
                        ("sealed_list", "封存名单 Sealed list"),
                    ],
                    max_length=20,
                ),
            ),
            ("scope_id", models.BigIntegerField(null=True)),
            ("field_classes", models.JSONField(default=list)),
            ("valid_from", models.DateField()),
            ("valid_to", models.DateField(null=True)),
            ("created_at", models.DateTimeField(auto_now_add=True)),
            (
                "user",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="grants", to=settings.AUTH_USER_MODEL
                ),
            ),
            ("kept_by", models.CharField(blank=True, max_length=40)),
            ("kept_for", models.BigIntegerField(null=True)),
        ],
        options={
            "db_table": "platform_grant",
            "indexes": [
                models.Index(fields=["scope_kind", "scope_id"], name="platform_grant_scope_idx"),
                models.Index(fields=["kept_by", "kept_for"], name="platform_grant_kept"),
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("scope_id__isnull", True), ("scope_kind", "all")),
                        models.Q(models.Q(("scope_kind", "all"), _negated=True), ("scope_id__isnull", False)),
                        _connector="OR",
                    ),
                    name="platform_grant_scope",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("valid_to__isnull", True), ("valid_to__gte", models.F("valid_from")), _connector="OR"
                    ),
                    name="platform_grant_dates",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Job",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("kind", models.CharField(max_length=100)),
            ("payload", models.JSONField(default=dict)),
            (
                "state",
                models.CharField(
                    choices=[
                        ("queued", "排队 Queued"),
                        ("running", "进行中 Running"),
                        ("done", "完成 Done"),
                        ("failed", "失败 Failed"),
                    ],
                    default="queued",
                    max_length=10,
                ),
            ),
            ("run_after", models.DateTimeField()),
            ("attempts", models.PositiveSmallIntegerField(default=0)),
            ("max_attempts", models.PositiveSmallIntegerField(default=3)),
            ("worker", models.CharField(blank=True, max_length=64)),
            ("claim", models.CharField(blank=True, max_length=32)),
            ("heartbeat", models.DateTimeField(null=True)),
            ("progress_done", models.BigIntegerField(default=0)),
            ("progress_total", models.BigIntegerField(default=0)),
            ("progress_note", models.CharField(blank=True, max_length=200)),
            ("result", models.JSONField(null=True)),
            ("error", models.JSONField(null=True)),
            ("actor_kind", models.CharField(max_length=8)),
            ("user_id", models.BigIntegerField(db_index=True, null=True)),
            ("actor_name", models.CharField(max_length=150)),
            ("os_user", models.CharField(blank=True, max_length=150)),
            ("created_at", models.DateTimeField()),
            ("started_at", models.DateTimeField(null=True)),
            ("finished_at", models.DateTimeField(null=True)),
            ("limits", models.JSONField(null=True)),
        ],
        options={
            "db_table": "platform_job",
            "indexes": [models.Index(fields=["state", "run_after", "id"], name="platform_job_queue")],
        },
    ),
    migrations.CreateModel(
        name="Marker",
        fields=[
            ("name", models.CharField(max_length=50, primary_key=True, serialize=False)),
            ("number", models.BigIntegerField(default=0)),
            ("text", models.TextField(blank=True)),
        ],
        options={
            "db_table": "platform_marker",
        },
    ),
    migrations.CreateModel(
        name="ReadBatch",
        fields=[
            ("name", models.CharField(max_length=64, primary_key=True, serialize=False)),
        ],
        options={
            "db_table": "platform_read_batch",
        },
    ),
    migrations.CreateModel(
        name="ReadEntry",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("at", models.DateTimeField(db_index=True)),
            ("actor_kind", models.CharField(max_length=8)),
            ("user_id", models.BigIntegerField(db_index=True, null=True)),
            ("actor_name", models.CharField(max_length=150)),
            ("os_user", models.CharField(blank=True, max_length=150)),
            ("what", models.CharField(db_index=True, max_length=200)),
            ("filter", models.TextField()),
            ("count", models.BigIntegerField()),
            ("digest", models.CharField(blank=True, max_length=128)),
            (
                "batch",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+", to="platform.readbatch"
                ),
            ),
        ],
        options={
            "db_table": "platform_read_entry",
        },
    ),
    migrations.CreateModel(
        name="AuditPending",
        fields=[
            (
                "entry",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.PROTECT,
                    primary_key=True,
                    related_name="+",
                    serialize=False,
                    to="platform.auditentry",
                ),
            ),
        ],
        options={
            "db_table": "platform_audit_pending",
        },
    ),
    migrations.CreateModel(
        name="Download",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("user_id", models.BigIntegerField(db_index=True, null=True)),
            ("key", models.CharField(max_length=32, unique=True)),
            ("name", models.CharField(max_length=200)),
            ("title_zh", models.CharField(max_length=300)),
            ("title_en", models.CharField(max_length=300)),
            ("content_type", models.CharField(max_length=100)),
            ("digest", models.CharField(max_length=64)),
            ("size", models.BigIntegerField()),
            ("basis", models.JSONField(default=list)),
            ("what", models.CharField(max_length=200)),
            ("filter", models.JSONField(default=dict)),
            ("count", models.BigIntegerField()),
            ("created_at", models.DateTimeField()),
            ("expires_at", models.DateTimeField(db_index=True)),
            ("token_id", models.BigIntegerField(null=True)),
        ],
        options={
            "db_table": "platform_download",
        },
    ),
    migrations.CreateModel(
        name="Upload",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("key", models.CharField(max_length=32, unique=True)),
            ("name", models.CharField(max_length=150)),
            ("purpose", models.CharField(max_length=60)),
            ("size", models.BigIntegerField()),
            ("digest", models.CharField(max_length=64)),
            ("actor_kind", models.CharField(max_length=8)),
            ("user_id", models.BigIntegerField(null=True)),
            ("created_at", models.DateTimeField()),
            ("expires_at", models.DateTimeField(db_index=True)),
        ],
        options={
            "db_table": "platform_upload",
            "indexes": [models.Index(fields=["user_id", "purpose", "id"], name="platform_upload_owner")],
        },
    ),
    migrations.CreateModel(
        name="Attempts",
        fields=[
            ("address", models.CharField(max_length=64, primary_key=True, serialize=False)),
            ("count", models.PositiveIntegerField()),
            ("until", models.DateTimeField(db_index=True)),
        ],
        options={
            "db_table": "platform_attempts",
        },
    ),
    migrations.CreateModel(
        name="Session",
        fields=[
            (
                "session_key",
                models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name="session key"),
            ),
            ("session_data", models.TextField(verbose_name="session data")),
            ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
            ("user_id", models.BigIntegerField(db_index=True, null=True)),
            ("device", models.CharField(blank=True, max_length=60)),
            ("started_at", models.DateTimeField(null=True)),
            ("seen_at", models.DateTimeField(null=True)),
        ],
        options={
            "db_table": "platform_session",
        },
    ),
    migrations.CreateModel(
        name="SavedView",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("listing", models.CharField(max_length=60)),
            ("name", models.CharField(max_length=60)),
            ("query", models.CharField(max_length=2000)),
            ("is_default", models.BooleanField(default=False)),
            ("created_at", models.DateTimeField()),
            (
                "user",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
        ],
        options={
            "db_table": "platform_saved_view",
            "constraints": [
                models.UniqueConstraint(fields=("user", "listing", "name"), name="platform_view_name"),
                models.UniqueConstraint(
                    condition=models.Q(("is_default", True)), fields=("user", "listing"), name="platform_view_default"
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Token",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("name", models.CharField(max_length=60)),
            ("digest", models.CharField(max_length=64, unique=True)),
            ("start", models.CharField(max_length=12)),
            ("grants", models.JSONField(default=list)),
            ("permissions", models.JSONField(default=list)),
            ("created_at", models.DateTimeField()),
            ("expires_at", models.DateTimeField()),
            ("last_used", models.DateField(null=True)),
            ("revoked_at", models.DateTimeField(null=True)),
            (
                "user",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="tokens", to=settings.AUTH_USER_MODEL
                ),
            ),
        ],
        options={
            "db_table": "platform_token",
        },
    ),
    migrations.CreateModel(
        name="KeptAnswer",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("key", models.CharField(max_length=200)),
            ("fingerprint", models.CharField(max_length=64)),
            ("status", models.PositiveSmallIntegerField(null=True)),
            ("content_type", models.CharField(blank=True, max_length=100)),
            ("body", models.TextField(blank=True)),
            ("location", models.CharField(blank=True, max_length=300)),
            ("created_at", models.DateTimeField(db_index=True)),
            (
                "token",
                models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="platform.token"),
            ),
        ],
        options={
            "db_table": "platform_kept_answer",
            "constraints": [models.UniqueConstraint(fields=("token", "key"), name="platform_kept_answer_once")],
        },
    ),
    migrations.CreateModel(
        name="Evidence",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("about", models.CharField(max_length=40)),
            ("about_id", models.BigIntegerField()),
            ("item", models.CharField(max_length=90)),
            ("digest", models.CharField(blank=True, max_length=64)),
            ("name", models.CharField(blank=True, max_length=150)),
            ("form", models.CharField(blank=True, max_length=8)),
            ("size", models.BigIntegerField(default=0)),
            ("reference", models.CharField(blank=True, max_length=200)),
            ("day", models.DateField()),
            ("valid_until", models.DateField(null=True)),
            ("at", models.DateTimeField()),
            ("actor", models.CharField(max_length=150)),
            ("user_id", models.BigIntegerField(null=True)),
        ],
        options={
            "db_table": "platform_evidence",
            "indexes": [
                models.Index(fields=["about", "about_id"], name="platform_evidence_about"),
                models.Index(
                    condition=models.Q(("digest", ""), _negated=True),
                    fields=["digest"],
                    name="platform_evidence_digest",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Seal",
        fields=[
            ("number", models.BigIntegerField(primary_key=True, serialize=False)),
            ("digest", models.CharField(max_length=64)),
            ("previous", models.CharField(blank=True, max_length=64)),
            ("sealed_at", models.DateTimeField()),
            ("actor", models.CharField(max_length=150)),
            ("user_id", models.BigIntegerField(null=True)),
            ("data_version", models.BigIntegerField()),
            ("catalogue", models.CharField(max_length=64)),
            ("rows", models.BigIntegerField()),
            ("bytes", models.BigIntegerField()),
            (
                "state",
                models.CharField(
                    choices=[("sealed", "Sealed"), ("sound", "Sound"), ("faulty", "Faulty")],
                    default="sealed",
                    max_length=8,
                ),
            ),
            ("verified_at", models.DateTimeField(null=True)),
            ("verified_by", models.CharField(blank=True, max_length=150)),
            ("faults", models.JSONField(default=list)),
        ],
        options={
            "db_table": "platform_seal",
        },
    ),
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
        options={
            "db_table": "platform_node",
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("ended_at", None)), fields=("area_id", "key"), name="platform_node_one"
                )
            ],
        },
    ),
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
            "constraints": [models.UniqueConstraint(fields=("channel", "user", "key"), name="platform_dispatch_once")],
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
                models.Index(condition=models.Q(("done_at", None)), fields=["about"], name="platform_message_about"),
                models.Index(
                    condition=models.Q(("mail_id__isnull", False)), fields=["mail_id"], name="platform_message_mail"
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


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("platform", "0001_initial"),
        ("platform", "0002_append_only"),
        ("platform", "0003_downloads"),
        ("platform", "0004_uploads"),
        ("platform", "0005_access"),
        ("platform", "0006_saved_views"),
        ("platform", "0007_tokens"),
        ("platform", "0008_download_token"),
        ("platform", "0009_evidence"),
        ("platform", "0010_seals"),
        ("platform", "0011_nodes"),
        ("platform", "0012_outbox"),
        ("platform", "0013_evidence_by_digest"),
    ]
    dependencies = []
    operations = [
        Tables(_TABLES),
        _append_only.refuse_changes(_WRITTEN_ONCE),
    ]
