"""The program as a web server sees it."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shuzhuan.site.settings")
application = get_wsgi_application()

from django.db import connection  # noqa: E402 (needs the settings)

from shuzhuan.apps.access import wall  # noqa: E402
from shuzhuan.site import durability  # noqa: E402

# Whatever server loads this module, it does not get an application on a weak database.
durability.require()
wall.require(connection)
