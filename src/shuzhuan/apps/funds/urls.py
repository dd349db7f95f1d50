"""Routes of funds."""

from django.urls import path

from shuzhuan.apps.funds.views import budget, pages

app_name = "funds"
urlpatterns = [
    path("funds/", pages.home, name="home"),
    path("funds/open/", budget.open_fund, name="open"),
    path("funds/<int:pk>/", pages.fund, name="fund"),
    path("funds/<int:pk>/ledger/", pages.ledger, name="ledger"),
    path("funds/<int:pk>/ledger.xlsx", pages.ledger_file, name="ledger_book"),
    path("funds/<int:pk>/statement/", pages.statement_page, name="statement"),
    path("funds/<int:pk>/statement.xlsx", pages.statement_file, name="statement_book"),
    path("funds/<int:pk>/statement.json", pages.statement_json, name="statement_bytes"),
    path("funds/<int:pk>/periods/", pages.periods, name="periods"),
    path("funds/<int:pk>/close/", pages.close, name="close"),
    path("funds/<int:pk>/propose/<slug:kind>/", budget.propose, name="propose"),
    path("funds/proposals/<int:pk>/", budget.proposal, name="proposal"),
    path("funds/proposals/<int:pk>/confirm/", budget.confirm, name="confirm"),
    path("funds/proposals/<int:pk>/decline/", budget.decline, name="decline"),
]
