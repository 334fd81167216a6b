"""Coded answers that papers print as boxes: code → words. Codes are those of domain.md 2.4 and 7.3."""

from casework.documents.papers.declare import Options
from casework.documents.papers.declare import Words as W

REASONS: Options = {
    "LEARN": W("厌学、学习困难", "Tired of school, hard to follow"),
    "WORK": W("外出务工", "Gone to work"),
    "FOLLOW": W("随父母外出", "Away with parents"),
    "MARRY": W("早婚早育", "Early marriage or child"),
    "POOR": W("家庭经济困难", "Family in need"),
    "FAR": W("上学远", "School is far"),
    "ILL": W("重大疾病", "Serious illness"),
    "DISABLED": W("重度残疾", "Severe disability"),
    "MENTAL": W("精神心理疾病", "Mental illness"),
    "FAMILY": W("家庭变故", "Trouble in the family"),
    "NET": W("沉迷网络", "Online too much"),
    "BULLY": W("校园欺凌", "Bullied"),
    "SCHOOL": W("学校原因", "Caused by the school"),
    "UNKNOWN": W("失联", "Out of reach"),
    "OTHER": W("其他", "Other"),
}
CONTACT_FORM: Options = {
    "phone": W("电话", "Phone"),
    "message": W("短信、微信", "Message"),
    "video": W("视频", "Video call"),
    "meeting": W("面谈", "In person"),
}
CONTACT_RESULT: Options = {
    "reached": W("已联系上", "Reached"),
    "no_answer": W("无人接听", "No answer"),
    "switched_off": W("关机、停机", "Switched off"),
    "wrong_number": W("号码有误", "Wrong number"),
}
VISIT_FORM: Options = {
    "door": W("入户", "At the door"),
    "phone": W("电话", "By phone"),
    "video": W("视频", "By video"),
}
VISIT_RESULT: Options = {
    "agreed": W("同意返校", "Agrees to return"),
    "not_yet": W("暂不返校", "Not yet"),
    "nobody": W("未见到人", "Nobody met"),
    "away": W("已离开本地", "Has left the area"),
    "other": W("其他", "Other"),
}
SOURCE: Options = {
    "attendance": W("考勤", "Attendance"),
    "teacher": W("教师发现", "Teacher"),
    "village": W("村组反映", "Village"),
    "roster": W("名册比对", "Roster comparison"),
    "other": W("其他", "Other"),
}
WHEREABOUTS: Options = {
    "local": W("在家或在本地", "At home or near"),
    "working": W("外出务工", "Gone to work"),
    "with_parents": W("随父母外出", "Away with parents"),
    "elsewhere": W("在外校就读", "At another school"),
    "leave": W("请假、就医", "On leave, under treatment"),
    "unknown": W("去向不明", "Unknown"),
    "other": W("其他", "Other"),
}
NEXT: Options = {
    "home_visit": W("家访", "Home visit"),
    "report": W("上报辍学", "Report the dropout"),
    "returned": W("已返校", "Back at school"),
    "side_branch": W("转入其他情形", "Another branch"),
}
FOLLOW_UP_FORM: Options = {
    "talk": W("谈心谈话", "Talk"),
    "class": W("课堂观察", "Seen in class"),
    "home": W("家访", "Home visit"),
    "phone": W("电话", "Phone"),
}
FOLLOW_UP_RESULT: Options = {
    "stable": W("稳定就读", "Settled"),
    "wavering": W("有反复苗头", "Wavering"),
    "absent_again": W("再次缺课", "Absent again"),
}
DECISION: Options = {
    "accepted": W("予以接收", "Accepted"),
    "returned": W("退回补正", "Sent back"),
}
CLOSING: Options = {
    "RETURNED": W("已复学并巩固", "Back and settled"),
    "SUSPENSION": W("休学", "Suspended by leave"),
    "DEFERRAL": W("缓学", "Entry deferred"),
    "HOME_TEACHING": W("送教上门", "Taught at home"),
    "SPECIAL_SCHOOL": W("特殊教育学校", "Special school"),
    "SPECIALISED_SCHOOL": W("专门学校", "Specialised school"),
    "TRANSFER_OUT": W("转学", "Moved to another school"),
    "STUDYING_ELSEWHERE": W("异地就读", "Studying elsewhere"),
    "MIGRANT_WITH_PARENTS": W("随父母外出就读", "At school where parents work"),
    "VOCATIONAL_PLACEMENT": W("普职融合", "Vocational class"),
    "COMPLETED": W("完成义务教育", "Completed"),
    "AGED_OUT": W("超龄", "Beyond age"),
    "EMIGRATED": W("出国（境）", "Left the country"),
    "DECEASED": W("死亡", "Died"),
    "DUPLICATE": W("重复建档", "Duplicate"),
    "FALSE_ALARM": W("误报", "False alarm"),
}
YES_NO: Options = {"yes": W("是", "Yes"), "no": W("否", "No")}
SERVICE: Options = {
    "direct": W("直接送达", "In person"),
    "refused": W("拒收，见证人在场", "Refused, before witnesses"),
    "left": W("留置送达", "Left at the home"),
    "mail": W("邮寄送达", "By mail"),
    "entrusted": W("委托送达", "By another authority"),
    "public": W("公告送达", "By public notice"),
}
SERVED: Options = {
    "yes": W("已送达", "Served"),
    "sent": W("已发出，待回证", "Sent off, receipt awaited"),
    "no": W("未能送达", "Not served"),
}
LADDER: Options = {  # domain.md B2: education only, no punishment
    "oral": W("第一次：口头提醒并告知家长", "First: reminded by word, parents told"),
    "written": W("第二次：书面警示和个别谈话", "Second: written warning and a talk"),
    "grade": W("第三次：年级组长谈话", "Third: talk with the grade leader"),
    "school": W(
        "第四次及以上：学校领导谈话和家访",
        "Fourth and later: talk with the school's head, home visit",
    ),
    "other": W("其他谈话", "Another talk"),
}
CAUSE: Options = {
    "illness": W("重大疾病", "Serious illness"),
    "disability": W("重度残疾", "Severe disability"),
    "mental": W("精神疾病", "Mental illness"),
}
CHANNEL: Options = {
    "meeting": W("会议、家长会", "Meeting, parents’ meeting"),
    "broadcast": W("广播", "Broadcast"),
    "poster": W("标语、展板", "Posters"),
    "leaflet": W("传单、公开信", "Leaflets, letters"),
    "online": W("网络、微信群", "Online"),
    "home": W("入户宣传", "From door to door"),
    "other": W("其他", "Other"),
}
MEETING: Options = {
    "warning": W("学情预警会", "Early warning"),
    "forecast": W("分析预测会", "Analysis and forecast"),
    "monthly": W("月度例会", "Monthly meeting"),
    "term": W("学期工作会", "Term meeting"),
    "joint": W("联席会议", "Joint meeting"),
    "parents": W("家长座谈会", "Parents’ forum"),
    "other": W("其他", "Other"),
}
