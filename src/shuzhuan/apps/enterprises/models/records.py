"""Rows of an archive: years, qualifications, declarations, cloud use, the pilot list."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from shuzhuan.apps.accounts.models import User
from shuzhuan.apps.enterprises.models.enterprise import (
    PEOPLE_MAX,
    Enterprise,
    fen_column,
    fen_range,
)
from shuzhuan.apps.regions.models import PlaceRow

YEAR_MIN, YEAR_MAX = 2000, 2099
CLOUD_SLOTS_MAX = 6


class EnterpriseYear(PlaceRow):
    """Figures of one year, as the annual statements have them."""

    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="years", verbose_name="企业"
    )
    year = models.PositiveSmallIntegerField("年度")
    people = models.PositiveIntegerField("从业人员", null=True, blank=True)
    revenue_fen = fen_column("营业收入（分）")
    main_revenue_fen = fen_column("主营业务收入（分）")
    assets_fen = fen_column("资产总额（分）")
    rd_fen = fen_column("研发投入（分）")

    class Meta:
        verbose_name = "年度数据"
        verbose_name_plural = "年度数据"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["place", "enterprise", "year"],
                name="enterprise_year_once",
                violation_error_message="这一年的数据已经有了。",
            ),
            models.CheckConstraint(
                condition=Q(year__gte=YEAR_MIN, year__lte=YEAR_MAX),
                name="enterprise_year_range",
                violation_error_message="年度应当在2000至2099之间。",
            ),
            models.CheckConstraint(
                condition=Q(people__isnull=True) | Q(people__lte=PEOPLE_MAX),
                name="enterprise_year_people_possible",
                violation_error_message="从业人员应当在0至1000万人之间。",
            ),
            fen_range("enterprise_year_revenue_range", "revenue_fen", "营业收入"),
            fen_range("enterprise_year_main_range", "main_revenue_fen", "主营业务收入"),
            fen_range("enterprise_year_assets_range", "assets_fen", "资产总额"),
            fen_range("enterprise_year_rd_range", "rd_fen", "研发投入"),
        ]

    def __str__(self) -> str:
        return f"{self.enterprise_id} {self.year}"


class QualificationKind(models.TextChoices):
    """Recognitions that policies ask about."""

    SPECIALISED_SME = "specialised_sme", "专精特新中小企业"
    LITTLE_GIANT = "little_giant", "专精特新“小巨人”企业"
    HIGH_TECH = "high_tech", "高新技术企业"
    TECH_SME = "tech_sme", "科技型中小企业"
    INNOVATIVE_SME = "innovative_sme", "创新型中小企业"
    BENCHMARK = "benchmark", "数字化转型标杆企业"
    SMART_FACTORY = "smart_factory", "智能工厂"
    SMART_SCENE = "smart_scene", "智能制造优秀场景"
    DEMO_FACTORY = "demo_factory", "智能制造示范工厂"
    NEW_MODE = "new_mode", "新模式新业态标杆企业"
    FACTORY_5G = "factory_5g", "5G全连接工厂"
    AI_SCENE = "ai_scene", "人工智能优秀应用场景"
    CHAIN_LEADER = "chain_leader", "链主或龙头企业"
    CHAIN_CASE = "chain_case", "“链式”转型优秀案例"
    KEY_LAB = "key_lab", "重点实验室"
    TECH_CENTRE = "tech_centre", "企业技术中心"
    DESIGN_CENTRE = "design_centre", "工业设计中心"
    RESEARCH_INSTITUTE = "research_institute", "新型研发机构"
    CENTRE_5G = "centre_5g", "5G技术创新中心"
    DEEP_CLOUD = "deep_cloud", "深度上云用云企业"
    OTHER = "other", "其他"


class QualificationLevel(models.TextChoices):
    """Who recognised it, or the grade of the recognition."""

    COUNTY = "county", "县（区）级"
    CITY = "city", "市级"
    PROVINCE = "province", "省（自治区）级"
    NATION = "nation", "国家级"
    BASIC = "basic", "基础级"
    ADVANCED = "advanced", "先进级"
    EXCELLENT = "excellent", "卓越级"
    PILOT = "pilot", "领航级"
    CLASS_A = "class_a", "A类"
    CLASS_B = "class_b", "B类"


class QualificationStage(models.TextChoices):
    """First recognition, or a renewal of it."""

    FIRST = "first", "首次认定"
    RENEWED = "renewed", "复核或重新认定"


class Qualification(PlaceRow):
    """One recognition. It is never deleted: a mistake is withdrawn with its reason."""

    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="qualifications", verbose_name="企业"
    )
    kind = models.CharField("类别", max_length=20, choices=QualificationKind)
    title = models.CharField("名称", max_length=128, blank=True)
    level = models.CharField("级别", max_length=12, choices=QualificationLevel, blank=True)
    stage = models.CharField("认定", max_length=8, choices=QualificationStage, blank=True)
    number = models.CharField("证书或文件编号", max_length=64, blank=True)
    granted_on = models.DateField("认定日期")
    expires_on = models.DateField("有效期至", null=True, blank=True)
    evidence_id = models.BigIntegerField("证明材料", null=True, blank=True)
    withdrawn_at = models.DateTimeField("撤销时间", null=True, blank=True, editable=False)
    withdrawn_reason = models.CharField("撤销原因", max_length=200, blank=True)
    created_at = models.DateTimeField("登记时间", auto_now_add=True)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    class Meta:
        verbose_name = "资质"
        verbose_name_plural = "资质"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(kind__in=QualificationKind.values),
                name="qualification_kind_known",
                violation_error_message="请选择列出的资质类别。",
            ),
            models.CheckConstraint(
                condition=Q(expires_on__isnull=True) | Q(expires_on__gte=F("granted_on")),
                name="qualification_expires_after_grant",
                violation_error_message="有效期不能早于认定日期。",
            ),
            models.UniqueConstraint(
                fields=["place", "enterprise", "kind", "level", "number", "granted_on"],
                condition=Q(withdrawn_at__isnull=True),
                name="qualification_once",
                violation_error_message="这项资质已经登记过（类别、级别、编号和日期都相同）。",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["place", "kind", "expires_on"], name="qualification_by_expiry"),
        ]

    def __str__(self) -> str:
        return self.title or self.get_kind_display()


class Declaration(PlaceRow):
    """What the enterprise declares about credit and accidents (PY 第八、十条). Rows are kept.

    The names of the columns are the last parts of the fact keys of the packs.
    """

    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="declarations", verbose_name="企业"
    )
    lawful_tax_compliant = models.BooleanField("合法经营、依法纳税", null=True)
    finance_sound = models.BooleanField("财务状况良好", null=True)
    bad_credit = models.BooleanField("有不良信用记录", null=True)
    on_abnormal_list = models.BooleanField("被列入经营异常名录", null=True)
    on_dishonest_list = models.BooleanField("被列入严重失信主体名单", null=True)
    on_procurement_blacklist = models.BooleanField(
        "被列入政府采购严重违法失信行为记录名单", null=True
    )
    major_accident_3y = models.BooleanField(
        "近三年发生过重大及以上生产安全、网络安全、数据安全或环保事故", null=True
    )
    illegal_3y = models.BooleanField("近三年有偷税漏税、非法集资等违法违规行为", null=True)
    refused_supervision = models.BooleanField("拒绝过监督检查或绩效评价", null=True)
    same_kind_funded = models.BooleanField("已获得上级同类财政补助", null=True)
    false_materials = models.BooleanField("申报材料有不实之处", null=True)
    explanation = models.CharField("情况说明", max_length=500, blank=True)
    declared_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="声明人")
    declared_on = models.DateField("声明日期")
    is_current = models.BooleanField("现行", default=True)

    class Meta:
        verbose_name = "守法与信用声明"
        verbose_name_plural = "守法与信用声明"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["place", "enterprise"],
                condition=Q(is_current=True),
                name="declaration_one_current",
                violation_error_message="一家企业只有一份现行的声明。",
            ),
        ]


class CloudKind(models.TextChoices):
    """What runs in the cloud."""

    SAAS = "saas", "云软件（SaaS）"
    PLATFORM = "platform", "工业互联网平台"
    INFRASTRUCTURE = "iaas", "云主机、云存储等基础设施"


class CloudUse(PlaceRow):
    """One cloud service in use; ``slot`` is its place in the form."""

    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="cloud_uses", verbose_name="企业"
    )
    slot = models.PositiveSmallIntegerField("序号")
    kind = models.CharField("类别", max_length=12, choices=CloudKind)
    provider = models.CharField("服务商", max_length=128)
    product = models.CharField("产品", max_length=128, blank=True)
    annual_fee_fen = fen_column("年服务费（分）")
    started_on = models.DateField("开始日期", null=True, blank=True)
    ended_on = models.DateField("结束日期", null=True, blank=True)

    class Meta:
        verbose_name = "上云用云"
        verbose_name_plural = "上云用云"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["place", "enterprise", "slot"], name="cloud_use_once"),
            models.CheckConstraint(
                condition=Q(slot__gte=1, slot__lte=CLOUD_SLOTS_MAX),
                name="cloud_use_slot_range",
                violation_error_message=f"最多登记{CLOUD_SLOTS_MAX}项云服务。",
            ),
            fen_range("cloud_use_fee_range", "annual_fee_fen", "年服务费"),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True)
                | Q(started_on__isnull=True)
                | Q(ended_on__gte=F("started_on")),
                name="cloud_use_ends_after_start",
                violation_error_message="结束日期不能早于开始日期。",
            ),
        ]


class PilotEntry(PlaceRow):
    """One stay on the pilot list of a place; the list is its open rows."""

    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="pilot_entries", verbose_name="企业"
    )
    pack = models.CharField("政策包", max_length=64)
    batch = models.PositiveSmallIntegerField("批次", null=True, blank=True)
    entered_on = models.DateField("进入日期")
    entered_reason = models.CharField("进入原因", max_length=200)
    entered_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="经办人")
    left_on = models.DateField("退出日期", null=True, blank=True)
    left_reason = models.CharField("退出原因", max_length=200, blank=True)
    left_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="退出经办人"
    )

    class Meta:
        verbose_name = "试点名单记录"
        verbose_name_plural = "试点名单记录"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["place", "enterprise"],
                condition=Q(left_on__isnull=True),
                name="pilot_entry_one_open",
                violation_error_message="这家企业已经在试点名单里。",
            ),
            models.CheckConstraint(
                condition=Q(left_on__isnull=True) | Q(left_on__gte=F("entered_on")),
                name="pilot_entry_leaves_after_entering",
                violation_error_message="退出日期不能早于进入日期。",
            ),
            models.CheckConstraint(
                condition=~Q(entered_reason=""),
                name="pilot_entry_has_reason",
                violation_error_message="请写明进入试点名单的原因。",
            ),
            models.CheckConstraint(
                condition=Q(left_on__isnull=True) | ~Q(left_reason=""),
                name="pilot_entry_leaves_with_reason",
                violation_error_message="请写明退出试点名单的原因。",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["place", "entered_on"], name="pilot_entry_by_day"),
        ]
