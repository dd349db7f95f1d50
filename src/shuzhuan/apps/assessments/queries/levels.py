"""Levels of enterprises across a place, and the one that a payment may rest on."""

from __future__ import annotations

from shuzhuan.apps.assessments.queries.payment import PaymentLevel, level_for_payment, payment_level

__all__ = ["PaymentLevel", "level_for_payment", "payment_level"]
