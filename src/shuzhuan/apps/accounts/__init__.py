"""Who uses the platform: 用户与账号."""
