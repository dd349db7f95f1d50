"""What the office of the demonstration tells the public. Invented, and its titles say so."""

from __future__ import annotations

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.notices.actions import publish, write_draft
from shuzhuan.apps.notices.models import Kind

GUIDE = (
    Kind.GUIDE,
    "中小企业数字化转型试点怎样申报（演示）",
    """先在平台注册企业账号，把企业档案填完整。档案以后申报、验收、兑付都用，只填一次。
请服务商入企诊断，得到改造前的数字化水平和一企一策方案。
在受理的批次里填写申报。哪一条不符合，填的时候就会说明，改好再交。
提交以后在平台看进度：现在到哪一步、在谁手里、什么时候到期。需要补正的，写明缺什么、几日内补。
改造中把合同、发票和付款凭证随时登记。做完以后申请验收，由与服务商没有关系的机构评测。
验收通过、公示没有异议的，由县财政局直接支付到企业账户。""",
)
FIRST = (
    Kind.NOTICE,
    "关于开展第一批试点企业申报的通知（演示）",
    """面向轻工纺织、装备制造、农副产品加工、新型材料四个行业的中小企业，受理第一批试点申报。
申报条件、材料和每一步的办理时间，见平台“正在受理的申报”。
拿了自治区或固原市同类资金的项目，不能再申报。""",
)
SECOND = (
    Kind.NOTICE,
    "关于开展第二批试点企业申报的通知（演示）",
    """第一批十家企业已经入库改造，现在受理第二批。
条件和标准与第一批相同。第一批已经入选的企业不再申报。
有问题请打平台上写的电话。""",
)


def tell(office: Actor, *texts: tuple[Kind, str, str]) -> None:
    """Write and publish each of them."""
    for kind, title, body in texts:
        notice = write_draft(office, kind, title, body)
        publish(office, notice.pk, notice.edits)
