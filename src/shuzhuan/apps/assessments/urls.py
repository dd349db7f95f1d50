"""Routes of assessments."""

from django.urls import path

from shuzhuan.apps.assessments.views import (
    before_after,
    engagements,
    filling,
    levels,
    plans,
    proofs,
    reports,
    results,
    sets,
    visit_items,
    visits,
)

app_name = "assessments"
urlpatterns = [
    # The enterprise itself
    path("my/level/", filling.home, name="self_home"),
    path("my/level/start/", filling.begin, name="self_start"),
    path("my/level/<int:pk>/", filling.overview, name="self_sheet"),
    path("my/level/<int:pk>/every/", filling.every, name="self_every"),
    path("my/level/<int:pk>/keep/", filling.keep, name="self_keep"),
    path("my/level/<int:pk>/commit/", results.commit, name="self_commit"),
    path("my/level/<int:pk>/withdraw/", results.take_back, name="self_withdraw"),
    path("my/level/<int:pk>/<slug:item>/", filling.item, name="self_item"),
    path("my/level/<int:pk>/<slug:item>/evidence/", proofs.page, name="self_evidence"),
    # Any kind, for whoever may see it
    path("levels/<int:pk>/", results.result, name="result"),
    path("levels/<int:pk>/report.pdf", reports.pdf, name="report_pdf"),
    path("levels/<int:pk>/report.docx", reports.docx, name="report_docx"),
    # On site
    path("visits/", visits.listing_page, name="visits"),
    path("visits/<int:pk>/", visits.visit, name="visit"),
    path("visits/<int:pk>/every/", visit_items.every, name="visit_every"),
    path("visits/<int:pk>/keep/", visit_items.keep, name="visit_keep"),
    path("visits/<int:pk>/items/<slug:item>/", visit_items.item, name="visit_item"),
    path("visits/<int:pk>/findings/", visits.findings, name="visit_findings"),
    path("visits/<int:pk>/commit/", visits.commit, name="visit_commit"),
    path("visits/<int:pk>/plan/", plans.writing, name="visit_plan"),
    path("visits/<int:pk>/plan/measure/", plans.measure, name="visit_measure_add"),
    path("visits/<int:pk>/plan/measure/<int:measure>/", plans.measure, name="visit_measure"),
    path("levels/<int:pk>/compare/", before_after.page, name="compare"),
    # The plan, for whoever may see it
    path("my/plan/", plans.own, name="own_plan"),
    path("plans/<int:pk>/", plans.plan, name="plan"),
    path("plans/<int:pk>/decide/", plans.decide, name="plan_decide"),
    # The officer: whom to ask
    path("work/visits/", engagements.listing, name="engagements"),
    path("work/visits/<int:pk>/", engagements.page, name="engagement"),
    path("work/visits/<int:pk>/end/", engagements.end, name="engagement_end"),
    path("enterprises/<int:pk>/engage/", engagements.ask, name="engage"),
    # The officer: levels of the place
    path("work/levels/", levels.overview, name="levels"),
    path("work/levels/scenarios/", levels.scenarios, name="level_scenarios"),
    path("work/levels/list/", levels.listing, name="level_list"),
    path("work/levels/remind/", levels.send_reminders, name="level_remind"),
    path("work/levels/export/", levels.export, name="level_export"),
    path("work/levels/doubts/", levels.doubtful, name="doubts"),
    path("work/levels/doubts/look/", levels.look, name="doubt_look"),
    # The operator: indicator sets
    path("work/indicator-sets/", sets.listing, name="sets"),
    path("work/indicator-sets/import/", sets.bring, name="set_import"),
    path("work/indicator-sets/<int:pk>/", sets.page, name="set_page"),
    path("work/indicator-sets/<int:pk>/edit/<slug:part>/", sets.edit, name="set_edit"),
    path("work/indicator-sets/<int:pk>/check/", sets.check, name="set_check"),
    path("work/indicator-sets/<int:pk>/impact/", sets.preview, name="set_impact"),
    path("work/indicator-sets/<int:pk>/download/", sets.download, name="set_download"),
    path("work/indicator-sets/<int:pk>/copy/", sets.copy, name="set_copy"),
    path("work/indicator-sets/<int:pk>/publish/", sets.publish, name="set_publish"),
    path("work/indicator-sets/<int:pk>/retire/", sets.retire, name="set_retire"),
    path("work/indicator-sets/<int:pk>/discard/", sets.discard, name="set_discard"),
]
