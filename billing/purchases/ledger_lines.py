"""What the ledger's references to Stripe mean to a person: which purchase, with a link to its invoice."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from billing.ledger.meanings import Meaning
from billing.models import Grant

# The line of a refund, a dispute or an ended plan ends with the number of the lot that it took from (reversal.py).
_TAKEN_BACK: Final = re.compile(r"stripe:(re|dp|du|sub)_\w+:(\d+)(:failed)?")


def explain(refs: Iterable[str]) -> Mapping[str, Meaning]:
    """Explain purchases, refunds and disputes; one query for all of them."""
    wanted = set(refs)
    lots = {ref: int(found[2]) for ref in wanted if (found := _TAKEN_BACK.fullmatch(ref))}
    rows = Grant.objects.filter(Q(source_ref__in=wanted) | Q(pk__in=lots.values()))
    by_ref: dict[str, str] = {}
    by_pk: dict[int, str] = {}
    for lot in rows.only("pk", "source", "source_ref"):
        by_ref[lot.source_ref] = by_pk[lot.pk] = str(lot.get_source_display())
    invoices = f"{reverse('billing:overview')}#invoices"
    meanings: dict[str, Meaning] = {}
    for ref in wanted:
        if ref in lots:
            disputed = ref.startswith(("stripe:dp_", "stripe:du_"))
            what = _("Disputed payment: %(source)s") if disputed else _("Refund: %(source)s")
            meanings[ref] = Meaning(what % {"source": by_pk.get(lots[ref], "")}, invoices)
        elif ref in by_ref:
            meanings[ref] = Meaning(_("Purchase: %(source)s") % {"source": by_ref[ref]}, invoices)
    return meanings
