"""Roles: who a person acts as. One membership has one role; a person may have several memberships."""

from django.db import models


class Role(models.TextChoices):
    """What a person acts as."""

    SYSTEM_ADMIN = "system_admin", "系统管理员"
    SECURITY_ADMIN = "security_admin", "安全管理员"
    AUDIT_ADMIN = "audit_admin", "审计管理员"
    PROVINCE_OFFICER = "province_officer", "省级经办"
    CITY_OFFICER = "city_officer", "市级经办"
    COUNTY_OFFICER = "county_officer", "县级经办"
    FINANCE_OFFICER = "finance_officer", "财政经办"
    LEADER = "leader", "领导"
    EXPERT = "expert", "专家"
    AGENCY_STAFF = "agency_staff", "第三方机构人员"
    VENDOR_STAFF = "vendor_staff", "服务商人员"
    ENTERPRISE_FILLER = "enterprise_filler", "企业填报人"
    ENTERPRISE_CERTIFIER = "enterprise_certifier", "企业审定人"
    ENTERPRISE_FINANCE = "enterprise_finance", "企业财务"


ADMINISTRATORS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})
OFFICERS = frozenset({Role.PROVINCE_OFFICER, Role.CITY_OFFICER, Role.COUNTY_OFFICER})
GOVERNMENT = OFFICERS | {Role.FINANCE_OFFICER, Role.LEADER}
ENTERPRISE = frozenset({Role.ENTERPRISE_FILLER, Role.ENTERPRISE_CERTIFIER, Role.ENTERPRISE_FINANCE})
# Whose staff works for enterprises: by consent, or asked to visit.
BODIES = frozenset({Role.VENDOR_STAFF, Role.AGENCY_STAFF})
PARTIES = ENTERPRISE | BODIES
EVERY_ROLE = frozenset(Role)
# Whoever can approve, pay or administer signs in with two factors.
SECOND_FACTOR = ADMINISTRATORS | OFFICERS | {Role.FINANCE_OFFICER}
