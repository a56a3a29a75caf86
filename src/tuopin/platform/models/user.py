"""Accounts and what they may do."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q


class UserManager(BaseUserManager["User"]):
    """Accounts by user name."""

    def create_user(self, username: str, password: str | None, **values: Any) -> User:
        """A new account; without a password nobody can sign in to it."""
        user = self.model(username=self.model.normalize_username(username), **values)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person's account. No e-mail: county offices have none to rely on; an administrator sets passwords anew."""

    id = models.BigAutoField(primary_key=True)
    username = models.CharField(max_length=150, unique=True)
    display_name = models.CharField(max_length=150, blank=True)
    language = models.CharField(max_length=10, default="zh-hans")
    must_change_password = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    failed_sign_ins = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        db_table = "platform_user"

    def __str__(self) -> str:
        return self.display_name or self.username


class Grant(models.Model):
    """A role for a user over something, from a day (included) to a day (excluded; empty = until ended).

    ``scope_kind`` says over what: everything, the subtree of an area, one household, one organisation, or a sealed
    list; ``scope_id`` is its id in the room that owns it. ``field_classes`` opens classes beyond the role's own.
    ``kept_by`` names what keeps the grant in step with something else (``duties.helper``: with the term of a helper
    whose row is ``kept_for``); nobody changes such a grant by hand.
    Ending a grant sets ``valid_to``: what somebody once could see stays on record.
    """

    class Scope(models.TextChoices):
        ALL = "all", "全部 Everything"
        AREA = "area", "区域 Area"
        HOUSEHOLD = "household", "户 Household"
        ORGANISATION = "organisation", "单位 Organisation"
        SEALED_LIST = "sealed_list", "封存名单 Sealed list"

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=50)
    scope_kind = models.CharField(max_length=20, choices=Scope)
    scope_id = models.BigIntegerField(null=True)
    field_classes = models.JSONField(default=list)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    kept_by = models.CharField(max_length=40, blank=True)
    kept_for = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "platform_grant"
        constraints = (
            models.CheckConstraint(
                condition=Q(scope_kind="all", scope_id__isnull=True)
                | (~Q(scope_kind="all") & Q(scope_id__isnull=False)),
                name="platform_grant_scope",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="platform_grant_dates"
            ),
        )
        indexes = (
            models.Index(fields=["scope_kind", "scope_id"], name="platform_grant_scope_idx"),
            models.Index(fields=["kept_by", "kept_for"], name="platform_grant_kept"),
        )

    def __str__(self) -> str:
        return f"{self.role} {self.scope_kind} {self.scope_id or ''}".strip()
