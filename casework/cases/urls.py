from django.urls import path

from casework.cases.views import away, case, glass, intake, office, rules, search, visits, work

app_name = "cases"
urlpatterns = [
    path("", work.Inbox.as_view(), name="inbox"),
    path("queue/", work.Queue.as_view(), name="queue"),
    path("steps/<int:pk>/claim/", work.Claim.as_view(), name="claim"),
    path("steps/<int:pk>/undo/", work.Undo.as_view(), name="undo"),
    path("steps/<int:pk>/pass-on/", work.PassOn.as_view(), name="pass_on"),
    path("steps/<int:pk>/nudge/", work.Nudge.as_view(), name="nudge"),
    path("steps/<int:pk>/why/", case.Why.as_view(), name="why"),
    path("rules/", rules.Rules.as_view(), name="rules"),
    path("rules/edit/", rules.EditRules.as_view(), name="edit_rules"),
    path("rules/<int:pk>/file/", rules.RulesFile.as_view(), name="rules_file"),
    path("away/", away.Away.as_view(), name="away"),
    path("away/<int:pk>/", away.Away.as_view(), name="away_of"),
    path("glass/", glass.BreakGlass.as_view(), name="glass"),
    path("referrals/", office.Referrals.as_view(), name="referrals"),
    path("letters/", office.Letters.as_view(), name="letters"),
    path("notices/", work.Notices.as_view(), name="notices"),
    path("cases/", search.Cases.as_view(), name="cases"),
    path("cases/<int:pk>/", case.CasePage.as_view(), name="case"),
    path("cases/<int:pk>/numbers/", case.Reveal.as_view(), name="reveal"),
    path("cases/<int:pk>/back/", case.ReportReturn.as_view(), name="report_return"),
    path("matters/<int:pk>/withdraw/", case.Withdraw.as_view(), name="withdraw"),
    path("guardians/<int:pk>/call/", case.Call.as_view(), name="call"),
    path("papers/<int:pk>/", case.Paper.as_view(), name="paper"),
    path("photos/<int:pk>/", case.PhotoFile.as_view(), name="photo"),
    path("pupils/", search.Pupils.as_view(), name="pupils"),
    path("pupils/<int:pk>/visit/", visits.GeneralVisit.as_view(), name="general_visit"),
    path("visits/", visits.Quota.as_view(), name="quota"),
    path("findings/", intake.Intake.as_view(), name="intake"),
    path("findings/<int:pk>/decide/", intake.Decide.as_view(), name="decide"),
    path("findings/new/", intake.Suspicion.as_view(), name="suspicion"),
    path("village/", visits.Village.as_view(), name="village"),
    path("village/<int:pk>/contact/", visits.VillageContact.as_view(), name="village_contact"),
]
