"""The tables of orders: matters, papers, petitions, signs, questions of like for like."""

import django.db.models.deletion
from django.db import migrations, models

from tuopin.platform.migrations import _append_only
from tuopin.platform.migrations._tables import Tables

_WRITTEN_ONCE = (
    "orders_matter_event",
    "orders_hung_event",
)

_TABLES = [
    migrations.CreateModel(
        name="Matter",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            (
                "kind",
                models.CharField(
                    choices=[("directive", "Directive"), ("problem", "Problem"), ("petition", "Petition")],
                    max_length=10,
                ),
            ),
            ("state", models.CharField(max_length=16)),
            ("source", models.CharField(blank=True, max_length=24)),
            ("category", models.CharField(blank=True, max_length=24)),
            ("urgency", models.CharField(max_length=16)),
            ("title", models.CharField(max_length=200)),
            ("label", models.CharField(blank=True, max_length=64)),
            ("opened_at", models.DateTimeField()),
            ("issued_at", models.DateTimeField(null=True)),
            ("limit_at", models.DateTimeField(null=True)),
            ("by_hours", models.BooleanField(default=False)),
            ("provisional", models.BooleanField(default=False)),
            ("extensions", models.SmallIntegerField(default=0)),
            ("asked_until", models.DateTimeField(null=True)),
            ("stopped_from", models.DateField(null=True)),
            ("stopped_until", models.DateField(null=True)),
            ("reported_up", models.BooleanField(default=False)),
            ("within_authority", models.BooleanField(null=True)),
            ("done_at", models.DateTimeField(null=True)),
            ("closed_at", models.DateTimeField(null=True)),
            ("look_back_on", models.DateField(null=True)),
            ("reopened", models.SmallIntegerField(default=0)),
            ("step", models.SmallIntegerField(default=0)),
            ("next_at", models.DateTimeField(null=True)),
            ("version", models.IntegerField(default=1)),
            ("changed_at", models.DateTimeField()),
            (
                "area",
                models.ForeignKey(
                    db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"
                ),
            ),
            (
                "holder",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="duties.organisation",
                ),
            ),
            (
                "into",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="orders.matter",
                ),
            ),
            (
                "issuer",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="duties.organisation",
                ),
            ),
            (
                "official",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="duties.official",
                ),
            ),
            (
                "parent",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="parts",
                    to="orders.matter",
                ),
            ),
            (
                "verifier",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="duties.official",
                ),
            ),
        ],
        options={
            "db_table": "orders_matter",
            "indexes": [
                models.Index(
                    condition=models.Q(("next_at__isnull", False)), fields=["next_at"], name="orders_matter_clock"
                ),
                models.Index(
                    condition=models.Q(("parent__isnull", False)), fields=["parent"], name="orders_matter_parent"
                ),
                models.Index(condition=models.Q(("into__isnull", False)), fields=["into"], name="orders_matter_into"),
                models.Index(
                    condition=models.Q(("holder__isnull", False)),
                    fields=["holder", "state", "limit_at"],
                    name="orders_matter_inbox",
                ),
                models.Index(
                    condition=models.Q(("official__isnull", False)),
                    fields=["official", "state", "limit_at"],
                    name="orders_matter_own",
                ),
                models.Index(
                    condition=models.Q(("verifier__isnull", False)),
                    fields=["verifier", "state"],
                    name="orders_matter_verifier",
                ),
                models.Index(
                    condition=models.Q(("issuer__isnull", False)),
                    fields=["issuer", "state"],
                    name="orders_matter_issuer",
                ),
                models.Index(
                    condition=models.Q(("asked_until__isnull", False)),
                    fields=["asked_until"],
                    name="orders_matter_asked",
                ),
                models.Index(fields=["state", "limit_at", "id"], name="orders_matter_stage"),
                models.Index(
                    condition=models.Q(("state", "closed")),
                    fields=["look_back_on", "id"],
                    name="orders_matter_look_back",
                ),
                models.Index(
                    fields=["area", "state", "kind", "limit_at", "holder", "official"], name="orders_matter_area"
                ),
                models.Index(condition=models.Q(("state", "draft")), fields=["-id"], name="orders_matter_drafts"),
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("state__in", ["issued", "received", "working"]), _negated=True),
                        models.Q(("holder__isnull", False), ("limit_at__isnull", False)),
                        _connector="OR",
                    ),
                    name="orders_matter_running_held",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("state", "merged"), _negated=True), ("into__isnull", False), _connector="OR"
                    ),
                    name="orders_matter_merged",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("parent", None), models.Q(("parent", models.F("id")), _negated=True), _connector="OR"
                    ),
                    name="orders_matter_not_its_part",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("into", None), models.Q(("into", models.F("id")), _negated=True), _connector="OR"
                    ),
                    name="orders_matter_into_other",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="MatterText",
        fields=[
            (
                "matter",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.CASCADE,
                    primary_key=True,
                    related_name="text",
                    serialize=False,
                    to="orders.matter",
                ),
            ),
            ("text", models.TextField(blank=True, max_length=4000)),
            ("basis", models.CharField(blank=True, max_length=500)),
            ("demand", models.CharField(blank=True, max_length=500)),
            ("root_cause", models.CharField(blank=True, max_length=1000)),
            ("measure", models.CharField(blank=True, max_length=2000)),
            ("progress", models.CharField(blank=True, max_length=2000)),
        ],
        options={
            "db_table": "orders_matter_text",
        },
    ),
    migrations.CreateModel(
        name="MatterEvent",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("act", models.CharField(max_length=24)),
            ("at", models.DateTimeField()),
            ("user_id", models.BigIntegerField(null=True)),
            ("actor", models.CharField(max_length=150)),
            ("came_from", models.CharField(blank=True, max_length=16)),
            ("went_to", models.CharField(blank=True, max_length=16)),
            ("note", models.CharField(blank=True, max_length=2000)),
            ("due", models.DateTimeField(null=True)),
            ("data", models.JSONField(default=dict)),
            (
                "matter",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="events",
                    to="orders.matter",
                ),
            ),
        ],
        options={
            "db_table": "orders_matter_event",
            "indexes": [
                models.Index(fields=["matter", "id"], name="orders_event_of_matter"),
                models.Index(
                    condition=models.Q(("act__in", ["verify", "close"])),
                    fields=["user_id", "act", "at"],
                    name="orders_event_word",
                ),
            ],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("due__isnull", False)),
                    fields=("matter", "act", "due"),
                    name="orders_event_step_once",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="MatterSubject",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("origin", models.CharField(blank=True, max_length=16)),
            ("standard", models.CharField(blank=True, max_length=64)),
            ("item", models.CharField(blank=True, max_length=64)),
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
                "matter",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="subjects",
                    to="orders.matter",
                ),
            ),
            (
                "person",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="register.person",
                ),
            ),
        ],
        options={
            "db_table": "orders_matter_subject",
            "indexes": [
                models.Index(fields=["matter"], name="orders_subject_matter"),
                models.Index(
                    condition=models.Q(("household__isnull", False)),
                    fields=["household"],
                    name="orders_subject_household",
                ),
                models.Index(
                    condition=models.Q(("person__isnull", False)), fields=["person"], name="orders_subject_person"
                ),
                models.Index(condition=models.Q(("area__isnull", False)), fields=["area"], name="orders_subject_area"),
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("area", None), ("household__isnull", False), ("person", None)),
                        models.Q(("area", None), ("household", None), ("person__isnull", False)),
                        models.Q(("area__isnull", False), ("household", None), ("person", None)),
                        _connector="OR",
                    ),
                    name="orders_subject_one",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("household__isnull", False), models.Q(("origin", ""), _negated=True)),
                    fields=("household", "origin", "standard", "item"),
                    name="orders_finding_household",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("person__isnull", False), models.Q(("origin", ""), _negated=True)),
                    fields=("person", "origin", "standard", "item"),
                    name="orders_finding_person",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("area__isnull", False), models.Q(("origin", ""), _negated=True)),
                    fields=("area", "origin", "standard", "item"),
                    name="orders_finding_area",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="MatterUnit",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("role", models.CharField(choices=[("joint", "Joint"), ("copied", "Copied")], max_length=8)),
            ("added_at", models.DateTimeField()),
            (
                "matter",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="units",
                    to="orders.matter",
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
                "watched",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="duties.organisation",
                ),
            ),
        ],
        options={
            "db_table": "orders_matter_unit",
            "indexes": [
                models.Index(fields=["organisation", "role", "matter"], name="orders_matter_unit_of"),
                models.Index(
                    condition=models.Q(("watched__isnull", False)),
                    fields=["watched"],
                    name="orders_matter_unit_watched",
                ),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("matter", "organisation", "role"), name="orders_matter_unit_once")
            ],
        },
    ),
    migrations.CreateModel(
        name="NumberWord",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("word", models.CharField(max_length=20)),
            (
                "organisation",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+", to="duties.organisation"
                ),
            ),
        ],
        options={
            "db_table": "orders_number_word",
            "constraints": [models.UniqueConstraint(fields=("organisation", "word"), name="orders_number_word_once")],
        },
    ),
    migrations.CreateModel(
        name="NumberCounter",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("year", models.SmallIntegerField()),
            ("last", models.IntegerField(default=0)),
            (
                "word",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="counters", to="orders.numberword"
                ),
            ),
        ],
        options={
            "db_table": "orders_number_counter",
            "constraints": [models.UniqueConstraint(fields=("word", "year"), name="orders_number_counter_once")],
        },
    ),
    migrations.CreateModel(
        name="OrderPaper",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("directive", "Directive"),
                        ("reply", "Reply"),
                        ("reminder", "Reminder"),
                        ("bulletin", "Bulletin"),
                    ],
                    max_length=10,
                ),
            ),
            (
                "state",
                models.CharField(
                    choices=[
                        ("draft", "Draft"),
                        ("issued", "Issued"),
                        ("withdrawn", "Withdrawn"),
                        ("discarded", "Discarded"),
                    ],
                    default="draft",
                    max_length=10,
                ),
            ),
            ("content", models.JSONField()),
            ("version", models.IntegerField(default=1)),
            ("written_at", models.DateTimeField()),
            ("writer", models.CharField(max_length=150)),
            ("writer_id", models.BigIntegerField(null=True)),
            ("year", models.SmallIntegerField(null=True)),
            ("serial", models.IntegerField(null=True)),
            ("day", models.DateField(null=True)),
            ("frozen", models.JSONField(null=True)),
            ("digest", models.CharField(blank=True, max_length=64)),
            ("file", models.CharField(blank=True, max_length=64)),
            ("issued_at", models.DateTimeField(null=True)),
            ("signer", models.CharField(blank=True, max_length=150)),
            ("signer_id", models.BigIntegerField(null=True)),
            ("withdrawn_at", models.DateTimeField(null=True)),
            ("reason", models.CharField(blank=True, max_length=500)),
            (
                "answers",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="replies",
                    to="orders.orderpaper",
                ),
            ),
            (
                "issuer",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+", to="duties.organisation"
                ),
            ),
            (
                "matter",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="papers", to="orders.matter"
                ),
            ),
            (
                "word",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="orders.numberword",
                ),
            ),
        ],
        options={
            "db_table": "orders_paper",
            "indexes": [
                models.Index(
                    condition=models.Q(("answers__isnull", False)), fields=["answers"], name="orders_paper_answered"
                )
            ],
            "constraints": [
                models.UniqueConstraint(fields=("word", "year", "serial"), name="orders_paper_number_once"),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("digest", ""), ("serial", None), ("state__in", ["draft", "discarded"])),
                        models.Q(
                            ("day__isnull", False),
                            ("frozen__isnull", False),
                            ("serial__gt", 0),
                            ("serial__isnull", False),
                            ("state__in", ["issued", "withdrawn"]),
                            ("word__isnull", False),
                            ("year__isnull", False),
                        ),
                        _connector="OR",
                    ),
                    name="orders_paper_issued_numbered",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("answers", None), models.Q(("answers", models.F("id")), _negated=True), _connector="OR"
                    ),
                    name="orders_paper_answers",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="PaperRecipient",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "role",
                models.CharField(choices=[("to", "To"), ("reported", "Reported"), ("copied", "Copied")], max_length=8),
            ),
            ("place", models.SmallIntegerField()),
            ("received_at", models.DateTimeField(null=True)),
            ("receiver", models.CharField(blank=True, max_length=150)),
            ("receiver_id", models.BigIntegerField(null=True)),
            ("remark", models.CharField(blank=True, max_length=200)),
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
                "paper",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="recipients",
                    to="orders.orderpaper",
                ),
            ),
        ],
        options={
            "db_table": "orders_paper_recipient",
            "indexes": [models.Index(fields=["organisation", "paper"], name="orders_paper_recipient_of")],
            "constraints": [
                models.UniqueConstraint(fields=("paper", "organisation"), name="orders_paper_recipient_once")
            ],
        },
    ),
    migrations.CreateModel(
        name="PaperTemplate",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("letter", models.BooleanField()),
            ("version", models.IntegerField()),
            ("name", models.CharField(blank=True, max_length=120)),
            ("digest", models.CharField(blank=True, max_length=64)),
            ("content", models.BinaryField(blank=True)),
            ("at", models.DateTimeField()),
            ("actor", models.CharField(max_length=150)),
            ("user_id", models.BigIntegerField(null=True)),
            (
                "organisation",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+", to="duties.organisation"
                ),
            ),
        ],
        options={
            "db_table": "orders_paper_template",
            "constraints": [
                models.UniqueConstraint(
                    fields=("organisation", "letter", "version"), name="orders_paper_template_version"
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="LeadProposal",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("key", models.CharField(max_length=32, unique=True)),
            ("due", models.DateTimeField()),
            ("proposed_at", models.DateTimeField()),
            ("decided_on", models.DateField(null=True)),
            ("decided_by", models.BigIntegerField(null=True)),
            ("outcome", models.TextField(blank=True)),
            (
                "holder",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="duties.organisation",
                ),
            ),
            (
                "matter",
                models.ForeignKey(
                    db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orders.matter"
                ),
            ),
            (
                "official",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="duties.official",
                ),
            ),
        ],
        options={
            "db_table": "orders_lead_proposal",
            "indexes": [
                models.Index(
                    condition=models.Q(("decided_on", None)), fields=["holder"], name="orders_lead_proposal_open"
                ),
                models.Index(
                    condition=models.Q(("official__isnull", False)),
                    fields=["official"],
                    name="orders_lead_proposal_person",
                ),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("matter", "due"), name="orders_lead_proposal_once"),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("decided_on", None), ("outcome", "")),
                        models.Q(
                            ("decided_on__isnull", False), ("official", None), models.Q(("outcome", ""), _negated=True)
                        ),
                        _connector="OR",
                    ),
                    name="orders_lead_proposal_decided",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="LedgerEntry",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("source", models.CharField(blank=True, max_length=24)),
            ("batch", models.CharField(blank=True, max_length=64)),
            ("label", models.CharField(max_length=64)),
            ("lead", models.CharField(blank=True, max_length=200)),
            ("unit", models.CharField(blank=True, max_length=200)),
            ("person", models.CharField(blank=True, max_length=100)),
            ("verifier", models.CharField(blank=True, max_length=100)),
            ("places", models.CharField(blank=True, max_length=500)),
            ("evidence", models.CharField(blank=True, max_length=500)),
            ("looked_back", models.CharField(blank=True, max_length=500)),
            ("found_on", models.DateField(null=True)),
            ("limit_on", models.DateField(null=True)),
            ("closed_on", models.DateField(null=True)),
            ("row", models.IntegerField(null=True)),
            ("version", models.IntegerField(default=1)),
            ("recorded_at", models.DateTimeField()),
            (
                "issuer",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="duties.organisation",
                ),
            ),
            (
                "keeper",
                models.ForeignKey(
                    db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"
                ),
            ),
            (
                "matter",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.PROTECT, related_name="ledger", to="orders.matter"
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
            "db_table": "orders_ledger_entry",
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("issuer__isnull", False)),
                    fields=("keeper", "issuer", "source", "batch", "label"),
                    name="orders_ledger_label_of",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("issuer__isnull", True)),
                    fields=("keeper", "source", "batch", "label"),
                    name="orders_ledger_label",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Petition",
        fields=[
            (
                "matter",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.CASCADE,
                    primary_key=True,
                    related_name="petition",
                    serialize=False,
                    to="orders.matter",
                ),
            ),
            (
                "channel",
                models.CharField(
                    choices=[("visit", "Visit"), ("letter", "Letter"), ("phone", "Phone"), ("hotline", "Hotline")],
                    max_length=8,
                ),
            ),
            ("received_on", models.DateField()),
            ("finish_by", models.DateField(null=True)),
            (
                "about_organisation",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="duties.organisation",
                ),
            ),
            (
                "about_official",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="duties.official",
                ),
            ),
            (
                "repeats",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="repeated",
                    to="orders.petition",
                ),
            ),
            ("about_open", models.BooleanField(default=False)),
            ("key", models.CharField(blank=True, max_length=64)),
            (
                "batch",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="petitions",
                    to="orders.petitionlist",
                ),
            ),
            ("reassign_at", models.DateTimeField(null=True)),
            ("withheld", models.BooleanField(default=False)),
        ],
        options={
            "db_table": "orders_petition",
            "indexes": [
                models.Index(
                    condition=models.Q(("about_organisation__isnull", False)),
                    fields=["about_organisation"],
                    name="orders_petition_unit",
                ),
                models.Index(
                    condition=models.Q(("about_official__isnull", False)),
                    fields=["about_official"],
                    name="orders_petition_person",
                ),
                models.Index(
                    condition=models.Q(("repeats__isnull", False)), fields=["repeats"], name="orders_petition_repeats"
                ),
                models.Index(
                    condition=models.Q(("reassign_at__isnull", False)),
                    fields=["reassign_at"],
                    name="orders_petition_reassign",
                ),
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        ("repeats", None), models.Q(("repeats", models.F("matter")), _negated=True), _connector="OR"
                    ),
                    name="orders_petition_not_itself",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("key", ""), _negated=True), fields=("key",), name="orders_petition_once"
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Petitioner",
        fields=[
            (
                "petition",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.CASCADE,
                    primary_key=True,
                    related_name="petitioner",
                    serialize=False,
                    to="orders.petition",
                ),
            ),
            ("sealed", models.TextField(blank=True)),
            ("erased_at", models.DateTimeField(null=True)),
        ],
        options={
            "db_table": "orders_petitioner",
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("erased_at", None), models.Q(("sealed", ""), _negated=True)),
                        models.Q(("erased_at__isnull", False), ("sealed", "")),
                        _connector="OR",
                    ),
                    name="orders_petitioner_sealed_or_erased",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="PetitionList",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("at", models.DateTimeField()),
            ("user_id", models.BigIntegerField(null=True)),
            ("actor", models.CharField(max_length=150)),
            ("taken", models.IntegerField()),
            ("known", models.IntegerField()),
            ("refused", models.IntegerField()),
            ("withdrawn_at", models.DateTimeField(null=True)),
        ],
        options={
            "db_table": "orders_petition_list",
        },
    ),
    migrations.CreateModel(
        name="PetitionLetter",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("accepted", "Accepted"),
                        ("declined", "Declined"),
                        ("extended", "Extended"),
                        ("answered", "Answered"),
                        ("reviewed", "Reviewed"),
                        ("concluded", "Concluded"),
                    ],
                    max_length=10,
                ),
            ),
            ("year", models.SmallIntegerField()),
            ("serial", models.IntegerField()),
            ("day", models.DateField()),
            ("until", models.DateField(null=True)),
            ("sealed", models.TextField(blank=True)),
            ("issued_at", models.DateTimeField()),
            ("signer", models.CharField(max_length=150)),
            ("signer_id", models.BigIntegerField(null=True)),
            ("received_on", models.DateField(null=True)),
            (
                "received_by",
                models.CharField(
                    blank=True,
                    choices=[
                        ("hand", "Hand"),
                        ("proxy", "Proxy"),
                        ("post", "Post"),
                        ("left", "Left"),
                        ("notice", "Notice"),
                    ],
                    max_length=6,
                ),
            ),
            ("withdrawn_at", models.DateTimeField(null=True)),
            (
                "petition",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="letters", to="orders.petition"
                ),
            ),
            (
                "word",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="orders.numberword",
                ),
            ),
        ],
        options={
            "db_table": "orders_petition_letter",
            "constraints": [
                models.UniqueConstraint(fields=("word", "year", "serial"), name="orders_petition_letter_number"),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("received_by", ""), ("received_on", None)),
                        models.Q(("received_on__isnull", False), models.Q(("received_by", ""), _negated=True)),
                        _connector="OR",
                    ),
                    name="orders_petition_letter_received",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="HungSign",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            (
                "target",
                models.CharField(
                    choices=[("area", "Area"), ("matter", "Matter"), ("node", "Node"), ("group", "Group")], max_length=8
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
            (
                "area",
                models.ForeignKey(
                    db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"
                ),
            ),
            (
                "matter",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="orders.matter",
                ),
            ),
            (
                "office",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="duties.organisation",
                ),
            ),
            (
                "holder",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="duties.organisation",
                ),
            ),
            (
                "supervisor",
                models.ForeignKey(
                    db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="duties.official"
                ),
            ),
        ],
        options={
            "db_table": "orders_hung_sign",
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("ended_on", None)), fields=("area", "key"), name="orders_hung_once"
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("ended_on", None), ("state", "hanging")),
                        models.Q(models.Q(("state", "hanging"), _negated=True), ("ended_on__isnull", False)),
                        _connector="OR",
                    ),
                    name="orders_hung_ended",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("matter__isnull", False), ("target", "matter")),
                        models.Q(models.Q(("target", "matter"), _negated=True), ("matter", None)),
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
                    condition=models.Q(("matter__isnull", False)), fields=["matter"], name="orders_hung_of_matter"
                ),
                models.Index(
                    condition=models.Q(("look_on__isnull", False)), fields=["look_on"], name="orders_hung_clock"
                ),
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
            (
                "sign",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="items",
                    to="orders.hungsign",
                ),
            ),
            ("late_days", models.IntegerField(default=0)),
        ],
        options={
            "db_table": "orders_hung_item",
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("state__in", ["answered", "accepted", "returned"]), _negated=True),
                        ("answered_on__isnull", False),
                        _connector="OR",
                    ),
                    name="orders_hung_item_answered",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("state", "dropped"), _negated=True),
                    fields=("sign", "due", "words"),
                    name="orders_hung_item_once",
                ),
            ],
            "indexes": [
                models.Index(
                    condition=models.Q(("tell_on__isnull", False)), fields=["tell_on"], name="orders_hung_item_clock"
                )
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
            (
                "item",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="events",
                    to="orders.hungitem",
                ),
            ),
            (
                "sign",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="events",
                    to="orders.hungsign",
                ),
            ),
        ],
        options={
            "db_table": "orders_hung_event",
            "indexes": [
                models.Index(fields=["sign", "id"], name="orders_hung_event_of"),
                models.Index(
                    condition=models.Q(("item__isnull", False)), fields=["item", "id"], name="orders_hung_event_item"
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="AlikeQuestion",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("kind", models.CharField(choices=[("query", "Query"), ("words", "Words")], max_length=8)),
            ("text", models.CharField(max_length=1000)),
            ("pack", models.CharField(blank=True, max_length=40)),
            ("standard", models.CharField(blank=True, max_length=40)),
            ("classes", models.JSONField(default=list)),
            ("as_part", models.BooleanField(default=False)),
            ("until", models.DateField(null=True)),
            ("asked_at", models.DateTimeField()),
            ("actor", models.CharField(max_length=150)),
            ("user_id", models.BigIntegerField(null=True)),
            ("day", models.DateField(null=True)),
            ("found_at", models.DateTimeField(null=True)),
            ("ended_at", models.DateTimeField(null=True)),
            (
                "area",
                models.ForeignKey(
                    db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.area"
                ),
            ),
            (
                "matter",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="alike", to="orders.matter"
                ),
            ),
            ("reminded_on", models.DateField(null=True)),
        ],
        options={
            "db_table": "orders_alike_question",
            "indexes": [
                models.Index(
                    condition=models.Q(("ended_at", None), ("reminded_on", None), ("until__isnull", False)),
                    fields=["until"],
                    name="orders_alike_clock",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="AlikeSubject",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("unknown", models.BooleanField(default=False)),
            (
                "answer",
                models.CharField(
                    blank=True,
                    choices=[
                        ("", "None"),
                        ("confirmed", "Confirmed"),
                        ("excluded", "Excluded"),
                        ("answered", "Answered"),
                    ],
                    max_length=10,
                ),
            ),
            ("count", models.IntegerField(null=True)),
            ("note", models.CharField(blank=True, max_length=500)),
            ("answered_at", models.DateTimeField(null=True)),
            ("actor", models.CharField(blank=True, max_length=150)),
            ("user_id", models.BigIntegerField(null=True)),
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
                "opened",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="orders.matter",
                ),
            ),
            (
                "question",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="subjects",
                    to="orders.alikequestion",
                ),
            ),
            (
                "unit",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="duties.organisation",
                ),
            ),
        ],
        options={
            "db_table": "orders_alike_subject",
            "indexes": [
                models.Index(fields=["question", "answer", "id"], name="orders_alike_left"),
                models.Index(
                    condition=models.Q(("household__isnull", False)),
                    fields=["household"],
                    name="orders_alike_of_household",
                ),
                models.Index(condition=models.Q(("area__isnull", False)), fields=["area"], name="orders_alike_of_area"),
                models.Index(condition=models.Q(("unit__isnull", False)), fields=["unit"], name="orders_alike_of_unit"),
                models.Index(
                    condition=models.Q(("opened__isnull", False)), fields=["opened"], name="orders_alike_opened"
                ),
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("area", None), ("household__isnull", False), ("unit", None)),
                        models.Q(("area__isnull", False), ("household", None), ("unit", None)),
                        models.Q(("area", None), ("household", None), ("unit__isnull", False)),
                        _connector="OR",
                    ),
                    name="orders_alike_one",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("household__isnull", False)),
                    fields=("question", "household"),
                    name="orders_alike_household",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("area__isnull", False)), fields=("question", "area"), name="orders_alike_area"
                ),
                models.UniqueConstraint(
                    condition=models.Q(("unit__isnull", False)), fields=("question", "unit"), name="orders_alike_unit"
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="EarlyLookBack",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("reason", models.CharField(max_length=10)),
            ("seed", models.CharField(blank=True, max_length=64)),
            ("looker", models.BigIntegerField(null=True)),
            ("look_back_on", models.DateField()),
            ("at", models.DateTimeField()),
            ("looked_at", models.DateTimeField(null=True)),
            (
                "closing",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="orders.matterevent",
                ),
            ),
            (
                "matter",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="early",
                    to="orders.matter",
                ),
            ),
            (
                "same",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to="orders.matter",
                ),
            ),
        ],
        options={
            "db_table": "orders_early_look_back",
            "indexes": [
                models.Index(
                    condition=models.Q(("looked_at", None)), fields=["look_back_on", "id"], name="orders_early_due"
                )
            ],
            "constraints": [models.UniqueConstraint(fields=("matter", "closing", "reason"), name="orders_early_once")],
        },
    ),
    migrations.CreateModel(
        name="SentForm",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("key", models.CharField(max_length=64, unique=True)),
            ("sent_at", models.DateTimeField()),
            (
                "matter",
                models.ForeignKey(
                    db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orders.matter"
                ),
            ),
        ],
        options={
            "db_table": "orders_sent_form",
        },
    ),
]


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("orders", "0001_matters"),
        ("orders", "0002_papers"),
        ("orders", "0003_board_indexes"),
        ("orders", "0004_lead_proposals"),
        ("orders", "0005_look_back_index"),
        ("orders", "0006_rectification_ledger"),
        ("orders", "0007_petitions"),
        ("orders", "0008_petition_letters"),
        ("orders", "0009_hung_signs"),
        ("orders", "0010_like_for_like"),
        ("orders", "0011_sent_forms"),
        ("orders", "0012_petition_reassigning"),
        ("orders", "0013_signs_and_questions"),
        ("orders", "0014_inbox_and_heat_indexes"),
    ]
    dependencies = [
        ("platform", "0001_platform_tables"),
        ("register", "0001_register_tables"),
        ("duties", "0001_duties_tables"),
    ]
    operations = [
        Tables(_TABLES),
        _append_only.refuse_changes(_WRITTEN_ONCE),
    ]
