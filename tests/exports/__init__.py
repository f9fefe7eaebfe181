"""Twelve exports written by code: six CRMs as they export, and six ways in which an export is odd.

Each is deterministic, holds 400 to 1,000 leads of nearly 18 months, and made-up people only.
"""

from __future__ import annotations

from tests.exports.dynamics import DYNAMICS
from tests.exports.export import Export
from tests.exports.hubspot import HUBSPOT
from tests.exports.odd_files import FLOAT_IDS, MIXED_ENCODINGS, TITLE_ROWS, TWO_DATE_FORMATS
from tests.exports.odd_words import NO_DEALS, OTHER_LANGUAGE
from tests.exports.odoo import ODOO
from tests.exports.pipedrive import PIPEDRIVE
from tests.exports.salesforce import SALESFORCE
from tests.exports.zoho import ZOHO

__all__ = ["CRMS", "EXPORTS", "Export"]

CRMS: tuple[Export, ...] = (HUBSPOT, SALESFORCE, DYNAMICS, PIPEDRIVE, ZOHO, ODOO)
ODD: tuple[Export, ...] = (
    MIXED_ENCODINGS,
    FLOAT_IDS,
    TWO_DATE_FORMATS,
    TITLE_ROWS,
    OTHER_LANGUAGE,
    NO_DEALS,
)
EXPORTS: tuple[Export, ...] = (*CRMS, *ODD)
