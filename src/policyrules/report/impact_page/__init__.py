"""The page of an impact: one HTML with its pictures, its list and its script."""

from policyrules.report.impact_page.page import LISTED, impact_page

__all__ = ["LISTED", "impact_page"]
