"""The person: signs in by e-mail address, has a name, owns everything else."""

from __future__ import annotations

from typing import Any, ClassVar

from django.apps import apps
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from image2.lib.ids import new_id
from image2.lib.invisible import without_meaningless


class Users(BaseUserManager["User"]):
    """Makes people; the address is kept lower-case, since mail providers treat it so."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=without_meaningless(email).strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Create an operator. Running commands on the server is proof enough, so the address counts as verified."""
        user = self.create_user(email, password, **{"is_staff": True, "is_superuser": True, **fields})
        addresses = apps.get_model("account", "EmailAddress")  # by name: allauth's models need this one first
        addresses.objects.using(self._db).get_or_create(
            user=user, email=user.email, defaults={"verified": True, "primary": True}
        )
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person with an account."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=100)
    # Which version of their own picture to show (generation.avatars); empty where they have none.
    avatar = models.CharField(
        _("profile picture"), max_length=12, blank=True, default="", db_default="", editable=False
    )
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("staff"), default=False)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now)
    # Since when it waits to be erased (accounts.people.closing); the switch above is off for as long.
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True, editable=False)

    objects: ClassVar[Users] = Users()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        # Lower case is what makes ``unique`` mean one person an address.
        constraints = [
            models.CheckConstraint(condition=Q(email=Lower("email")), name="user_email_lower"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(is_active=False), name="user_closed_is_not_active"
            ),
        ]
        indexes = [
            models.Index(fields=["closed_at"], condition=Q(closed_at__isnull=False), name="user_closed")
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split(" ")[0]
