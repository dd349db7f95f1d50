"""What happens to messages and mail. Other apps call ``tell`` and ``settle``."""

from shuzhuan.apps.inbox.actions.settle import settle
from shuzhuan.apps.inbox.actions.tell import tell

__all__ = ["settle", "tell"]
