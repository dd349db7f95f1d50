"""Actions on projects. Importing this package registers every guard and handler."""

from shuzhuan.apps.projects.actions import claw_back, filing, guards, money, work  # noqa: F401
from shuzhuan.apps.projects.actions.perform import Done, NotDone, perform

__all__ = ["Done", "NotDone", "perform"]
