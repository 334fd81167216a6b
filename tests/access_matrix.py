"""ACC-01: who gets what, the one table. A cell is the status for an object of one's own unit; after a slash, if it
differs, that for the same object of another township (or of another person, for bundles and uploads).
Requests carry no form data: 409 and 422 mean that the page is open to that person and the form is not filled."""

ROLES = [
    "teacher", "status", "officer", "principal", "cadre", "township", "leader", "county_officer",
    "supervisor", "admin", "liaison", "anonymous",
]  # fmt: skip
_CELLS = """
cases:away             GET  200     200     200     200     200     200     200     200     403     200     403     302
cases:away             POST 422     422     422     422     422     422     422     422     403     422     403     302
cases:away_of          GET  200/404 404     200/404 200/404 404     200/404 404     200     403     200     403     302
cases:away_of          POST 422/404 404     422/404 422/404 404     422/404 404     422     403     422     403     302
cases:call             POST 200/404 200/404 200/404 200/404 200/404 200/404 200/404 200     403     403     403     302
cases:case             GET  200/404 200/404 200/404 200/404 403     200/404 200/404 200     200     403     403     302
cases:cases            GET  200     200     200     200     403     200     200     200     200     403     403     302
cases:cases            POST 302     302     302     302     403     302     302     302     302     403     403     302
cases:claim            POST 302/404 409/404 409/404 409/404 403     409/404 409/404 409     403     403     404     302
cases:decide           POST 403     403     409/404 403     403     409/404 403     409     403     403     403     302
cases:edit_rules       GET  403     403     403     403     403     403     403     200     403     200     403     302
cases:edit_rules       POST 403     403     403     403     403     403     403     422     403     422     403     302
cases:general_visit    GET  200/404 200/404 200/404 200/404 403     200/404 404     200     403     403     403     302
cases:general_visit    POST 422/404 422/404 422/404 422/404 403     422/404 404     422     403     403     403     302
cases:glass            GET  200     200     200     200     403     200     200     200     200     403     403     302
cases:glass            POST 409     409     409     409     403     409     409     409     409     403     403     302
cases:inbox            GET  200     200     200     200     302     200     200     200     302     302     302     302
cases:intake           GET  403     403     200     403     403     200     403     200     403     403     403     302
cases:letters          GET  403     403     403     403     403     200     200     403     403     403     403     302
cases:notices          GET  200     200     200     200     200     200     200     200     200     200     200     302
cases:notices          POST 302     302     302     302     302     302     302     302     302     302     302     302
cases:nudge            POST 403     403     302/404 302/404 403     302/404 302/404 302     302     403     403     302
cases:paper            GET  200/404 200/404 200/404 200/404 403     200/404 200/404 200     200     403     404     302
cases:pass_on          GET  200/404 200/404 200/404 200/404 403     200/404 200/404 200     200     403     403     302
cases:pass_on          POST 409/404 409/404 409/404 409/404 403     409/404 409/404 409     409     403     403     302
cases:photo            GET  200/404 200/404 200/404 200/404 403     200/404 200/404 200     200     403     403     302
cases:pupils           GET  200     200     200     200     403     200     403     200     200     403     403     302
cases:pupils           POST 302     302     302     302     403     302     403     302     302     403     403     302
cases:queue            GET  200     200     200     200     403     200     200     200     403     403     403     302
cases:quota            GET  200     200     200     200     403     200     200     200     403     403     403     302
cases:referrals        GET  403     403     403     403     403     403     403     403     403     403     200     302
cases:report_return    POST 409/404 409/404 409/404 409/404 409/404 409/404 409/404 409     403     403     403     302
cases:reveal           GET  200/404 200/404 200/404 200/404 403     200/404 403     200     403     403     403     302
cases:reveal           POST 409/404 409/404 409/404 409/404 403     409/404 403     409     403     403     403     302
cases:rules            GET  403     403     403     403     403     403     403     200     403     200     403     302
cases:rules            POST 403     403     403     403     403     403     403     404     403     404     403     302
cases:rules_file       GET  403     403     403     403     403     403     403     200     403     200     403     302
cases:suspicion        GET  200     403     200     403     200     200     403     200     403     403     403     302
cases:suspicion        POST 200     403     200     403     200     200     403     200     403     403     403     302
cases:undo             POST 409/404 409/404 409/404 409/404 403     409/404 409/404 409     409     403     403     302
cases:village          GET  403     403     403     403     200     403     403     403     403     403     403     302
cases:village_contact  GET  403     403     403     403     200/404 403     403     403     403     403     403     302
cases:village_contact  POST 403     403     403     403     422/404 403     403     403     403     403     403     302
cases:why              GET  200/404 200/404 200/404 200/404 403     200/404 200/404 200     200     403     403     302
cases:withdraw         POST 409/404 409/404 409/404 409/404 403     409/404 409/404 409     403     403     403     302
deadlines:terms        GET  403     403     403     403     403     403     403     403     403     200     403     302
deadlines:terms        POST 403     403     403     403     403     403     403     403     403     409     403     302
documents:verify       GET  200     200     200     200     200     200     200     200     200     200     200     200
evidence:bundle        GET  403     403     200/404 200/404 403     200/404 403     200/404 200/404 403     403     302
evidence:bundle        POST 403     403     302/404 302/404 403     302/404 403     302/404 302/404 403     403     302
evidence:bundles       GET  403     403     200     200     403     200     403     200     200     403     403     302
evidence:bundles       POST 403     403     409     409     403     409     403     409     409     403     403     302
evidence:download      GET  403     403     404     404     403     404     403     404     404     403     403     302
evidence:print_letters POST 403     403     403     403     403     302     302     403     403     403     403     302
health                 GET  200     200     200     200     200     200     200     200     200     200     200     200
org:new_person         GET  403     403     403     403     403     403     403     403     403     200     403     302
org:new_person         POST 403     403     403     403     403     403     403     403     403     200     403     302
org:people             GET  403     403     200     403     403     200     403     200     403     200     403     302
org:person             GET  403     403     200/404 403     403     200/404 403     200     403     200     403     302
org:person             POST 403     403     403/404 403     403     403/404 403     403     403     200     403     302
org:set_password       GET  200     200     200     200     200     200     200     200     200     200     200     302
org:set_password       POST 200     200     200     200     200     200     200     200     200     200     200     302
org:sign_in            GET  302     302     302     302     302     302     302     302     302     302     302     200
org:sign_in            POST 302     302     302     302     302     302     302     302     302     302     302     200
org:sign_out           POST 302     302     302     302     302     302     302     302     302     302     302     302
org:unit               GET  403     403     403     403     403     403     403     403     403     200     403     302
org:unit               POST 403     403     403     403     403     403     403     403     403     200     403     302
org:units              GET  403     403     403     403     403     403     403     403     403     200     403     302
org:units              POST 403     403     403     403     403     403     403     403     403     200     403     302
oversight:board        GET  403     403     200/404 200/404 403     200/404 200/404 200     200     403     403     302
oversight:cases        GET  403     403     200/404 200/404 403     200/404 200/404 200     200     403     403     302
oversight:steps        GET  403     403     200/404 200/404 403     200/404 200/404 200     200     403     403     302
set_language           POST 302     302     302     302     302     302     302     302     302     302     302     302
students:import        GET  403     403     200     403     403     403     403     200     403     200     403     302
students:import        POST 403     403     422     403     403     403     403     422     403     422     403     302
students:import_run    GET  403     403     200/404 403     403     403     403     200/404 403     200/404     403     302
students:import_run    POST 403     403     302/404 403     403     403     403     302/404 403     302/404     403     302
students:refused       GET  403     403     409/404 403     403     403     403     409/404 403     409/404     403     302
students:template      GET  403     403     200     403     403     403     403     200     403     200     403     302
workflows:ask          GET  200/404 200/404 200/404 200/404 403     200/404 200/404 200     403     403     403     302
workflows:ask          POST 422/404 422/404 422/404 422/404 403     422/404 422/404 422     403     403     403     302
workflows:harm         GET  200/404 200/404 200/404 200/404 200/404 200/404 200/404 200     403     403     403     302
workflows:harm         POST 422/404 422/404 422/404 422/404 422/404 422/404 422/404 422     403     403     403     302
workflows:matter       GET  200/404 200/404 200/404 200/404 403     200/404 200/404 200     200     403     403     302
workflows:notice       GET  403     403     200/404 200/404 403     200/404 200/404 200     200     403     403     302
workflows:notice       POST 403     403     422/404 422/404 403     422/404 422/404 422     422     403     403     302
workflows:open_case    POST 403     403     409/404 403     403     409/404 403     409     403     403     403     302
workflows:picture      GET  200/404 200/404 200/404 200/404 403     200/404 200/404 200     200     403     403     302
workflows:side_roads   GET  200/404 200/404 200/404 200/404 403     200/404 200/404 200     403     403     403     302
workflows:step         GET  200/404 302/404 302/404 302/404 403     302/404 302/404 302     302     403     404     302
workflows:step         POST 422/404 422/404 422/404 422/404 403     422/404 422/404 422     403     403     404     302
"""
TABLE: dict[tuple[str, str], list[str]] = {
    (line.split()[0], line.split()[1]): line.split()[2:] for line in _CELLS.strip().splitlines()
}
