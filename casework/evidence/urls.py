from django.urls import path

from casework.evidence import (
    gap_views,
    inspecting_views,
    inspection_views,
    ledger_views,
    rehearsal_views,
    views,
)

app_name = "evidence"
urlpatterns = [
    path("evidence/", views.Bundles.as_view(), name="bundles"),
    path("evidence/gaps/", gap_views.Gaps.as_view(), name="gaps"),
    path("evidence/ledgers/", ledger_views.Ledgers.as_view(), name="ledgers"),
    path("evidence/rehearsals/", rehearsal_views.Rehearsals.as_view(), name="rehearsals"),
    path(
        "evidence/rehearsals/<int:pk>/", rehearsal_views.RehearsalPage.as_view(), name="rehearsal"
    ),
    path(
        "evidence/rehearsals/<int:pk>/sheets.pdf",
        rehearsal_views.RehearsalSheets.as_view(),
        name="rehearsal_sheets",
    ),
    path(
        "evidence/rehearsals/<int:pk>/index.xlsx",
        rehearsal_views.RehearsalIndex.as_view(),
        name="rehearsal_index",
    ),
    path("evidence/inspections/", inspection_views.Inspections.as_view(), name="inspections"),
    path(
        "evidence/inspections/<int:pk>/",
        inspection_views.InspectionPage.as_view(),
        name="inspection",
    ),
    path(
        "evidence/inspections/<int:pk>/note.pdf",
        inspection_views.InspectionNote.as_view(),
        name="inspection_note",
    ),
    path("inspecting/", inspecting_views.Inspecting.as_view(), name="inspecting"),
    path("inspecting/<int:pk>/", inspecting_views.InspectedCase.as_view(), name="inspected_case"),
    path(
        "inspecting/papers/<int:pk>/",
        inspecting_views.InspectedPaper.as_view(),
        name="inspected_paper",
    ),
    path(
        "inspecting/photos/<int:pk>/",
        inspecting_views.InspectedPhoto.as_view(),
        name="inspected_photo",
    ),
    path(
        "inspecting/files/<int:pk>/",
        inspecting_views.InspectedFile.as_view(),
        name="inspected_file",
    ),
    path("steps/<int:pk>/form/<slug:kind>/", views.FormOfStep.as_view(), name="form_of_step"),
    path("letters/print/", views.PrintLetters.as_view(), name="print_letters"),
    path("evidence/<int:pk>/", views.BundlePage.as_view(), name="bundle"),
    path("evidence/<int:pk>/slip.pdf", views.Slip.as_view(), name="slip"),
    path("evidence/<int:pk>/codes.csv", views.CodeList.as_view(), name="codes"),
    path("evidence/<int:pk>/decide/", views.Decide.as_view(), name="decide"),
    path("evidence/<int:pk>/locked/", views.Locked.as_view(), name="locked"),
    path("evidence/<int:pk>/download/", views.Download.as_view(), name="download"),
]
