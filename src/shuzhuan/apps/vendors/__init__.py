"""Vendors who work for many enterprises from one account, each by consent: 服务商."""
