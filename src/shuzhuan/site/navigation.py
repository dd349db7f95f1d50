"""The main entries of the site, in one place for the header and the phone's bottom bar."""

from dataclasses import dataclass

from django.urls import reverse

from shuzhuan.apps.accounts.roles import ENTERPRISE, Role


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: where it leads and what the person reads."""

    route: str
    label: str
    short: str
    icon: str
    # Pages under this address belong to the entry; the home page has only itself.
    exact: bool = False

    @property
    def url(self) -> str:
        return reverse(self.route)

    def holds(self, path: str) -> bool:
        """Tell whether the page at this address belongs to the entry."""
        return path == self.url if self.exact else path.startswith(self.url)


@dataclass(frozen=True, slots=True)
class Duty:
    """A place of work; shown to whoever the access table admits."""

    route: str
    label: str
    text: str
    icon: str
    # Addresses of the records that are opened from it, beside those under its own.
    also: tuple[str, ...] = ()
    # Only the page itself: other rooms lie under its address.
    exact: bool = False

    @property
    def url(self) -> str:
        return reverse(self.route)

    def nearness(self, path: str) -> int:
        """How much of this address is the room's; 0 when the page lies elsewhere."""
        if self.exact:
            return len(path) if path == self.url else 0
        return max(len(start) for start in ("", self.url, *self.also) if path.startswith(start))


DUTIES = (
    Duty("administration:regions", "区域", "省、市、县、园区和各地的政策包", "map-pin"),
    Duty("administration:people", "人员", "谁能登录、有什么身份、锁定和解锁", "user"),
    Duty("administration:sessions", "会话", "现在登录着的人，可以立即结束", "clock"),
    Duty("audit:log", "审计日志", "谁、何时、做了什么、结果如何", "list-search"),
    Duty("workbench:home", "工作台", "等我办的事和本地的数字", "building-store", exact=True),
    Duty(
        "projects:queue",
        "项目",
        "每个项目到哪一步、待谁办、还剩几天",
        "table",
        also=("/projects/",),
    ),
    Duty(
        "workbench:enterprises",
        "企业名单",
        "本地的企业，筛选、批量办理、导出",
        "list-search",
        also=("/enterprises/", "/documents/of/", "/work/bulk/", "/work/runs/"),
    ),
    Duty("workbench:import", "摸底导入", "整张表导入，逐行核对以后再写入", "upload"),
    Duty("workbench:pilots", "试点名单", "任意一天的名单和进出的变动", "table"),
    Duty("pilots:desk", "试点和批次", "建立试点，准备、开放和停止一批申报", "calendar"),
    Duty(
        "funds:home",
        "专项资金",
        "到账、安排、锁定、兑付、追回，到分为止，可查任意一天的账",
        "scale",
    ),
    Duty(
        "reports:leader",
        "试点进展",
        "目标、进度、资金、逾期和到期，兑现督导和PDF报告",
        "chart-bar",
        also=("/work/ledger-book/", "/work/flow/"),
    ),
    Duty("reports:ledger", "资金使用台账", "一个项目一行，到发票和流水，与总账逐分核对", "table"),
    Duty("publicity:desk", "公示和异议", "核查答复异议，结束期满的公示", "list-search"),
    Duty("notices:desk", "通知公告", "起草、发布、撤回本单位的通知、公示和办事指南", "file-text"),
    Duty(
        "assessments:levels",
        "数字化水平",
        "各级多少家、改造前后、薄弱场景、评测疑点",
        "chart-bar",
        also=("/levels/", "/plans/", "/work/indicator-sets/"),
    ),
    Duty("enterprises:home", "企业档案", "一次填好，申报、验收、兑付都用它", "building-store"),
    Duty(
        "assessments:self_home", "数字化水平", "自评、诊断、验收评测，到下一级差在哪里", "chart-bar"
    ),
    Duty(
        "projects:mine",
        "申报项目",
        "正在受理的批次，每个项目到哪一步、该办什么",
        "file-text",
    ),
    Duty("projects:own_money", "补助资金", "能得多少、在谁手里、最迟哪天付款", "scale"),
    Duty("evidence:library", "资料库", "传一次，处处能用；谁看过都有记录", "upload"),
    Duty("vendors:clients", "我的客户", "授权给本单位的企业，申请新的授权", "building-store"),
    Duty("assessments:visits", "入企任务", "受委派诊断、验收评测和审核的企业", "map-pin"),
    Duty("vendors:body", "本单位档案", "服务条件和实际控制人，委派时核对", "file-text"),
    Duty("assessments:engagements", "委派", "请服务商诊断，请第三方机构评测和审核", "user"),
    Duty("vendors:bodies", "服务机构", "本地的服务商和第三方机构，条件逐项核对", "list-search"),
    Duty("inbox:list", "消息", "每一步的结果、待办和期限提醒", "bell"),
    Duty("inbox:outbox", "邮件", "待发邮件的数量、失败的原因", "mail"),
)

# The rooms of a role, in a bar on top of every page: whoever works here all day finds the next
# room where it was on the last page.
_OFFICER = (
    "workbench:home",
    "projects:queue",
    "workbench:enterprises",
    "workbench:import",
    "workbench:pilots",
    "publicity:desk",
    "pilots:desk",
    "assessments:engagements",
    "assessments:levels",
    "funds:home",
    "reports:leader",
)
WORKBAR = {
    Role.COUNTY_OFFICER: _OFFICER,
    Role.CITY_OFFICER: _OFFICER,
    Role.PROVINCE_OFFICER: _OFFICER,
    Role.FINANCE_OFFICER: ("projects:queue", "funds:home", "reports:ledger", "reports:leader"),
    Role.LEADER: (
        "reports:leader",
        "projects:queue",
        "workbench:pilots",
        "assessments:levels",
        "funds:home",
    ),
    Role.SYSTEM_ADMIN: ("administration:regions", "inbox:outbox"),
    Role.SECURITY_ADMIN: ("administration:people", "administration:sessions"),
    Role.AUDIT_ADMIN: ("audit:log",),
    Role.VENDOR_STAFF: ("assessments:visits", "vendors:clients", "vendors:body"),
    Role.AGENCY_STAFF: ("assessments:visits", "vendors:body"),
}

# Where the work of a role begins: behind the door and behind 我的. Whoever is not here has only
# the account.
BEGINS = dict.fromkeys(ENTERPRISE, "enterprises:home") | {
    role: rooms[0] for role, rooms in WORKBAR.items()
}

ENTRIES = (
    Entry("site:home", "首页", "首页", "home", exact=True),
    Entry("policies:library", "政策库", "政策库", "book-2"),
    Entry("policies:calculator", "算一算", "算一算", "calculator"),
    Entry("policies:batch", "批量测算", "批量", "table"),
    Entry("publicity:list", "公示", "公示", "list-search"),
    Entry("notices:list", "通知公告", "公告", "file-text"),
)
# On a phone five fit. A table of firms is worked on at a desk; whoever is signed in has the own
# page and the messages in place of the others.
NOT_IN_TABS = frozenset({"policies:batch"})
NOT_IN_TABS_SIGNED_IN = NOT_IN_TABS | {"publicity:list", "notices:list"}
