"""What people call the browser and the device that a session comes from."""

from collections.abc import Sequence

# The first sign that is found counts: most browsers also name the one that they are built on.
BROWSERS = (
    ("MicroMessenger", "微信"),
    ("DingTalk", "钉钉"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("QQBrowser", "QQ浏览器"),
    ("UCBrowser", "UC浏览器"),
    ("HuaweiBrowser", "华为浏览器"),
    ("MiuiBrowser", "小米浏览器"),
    ("QihooBrowser", "360浏览器"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
    ("Trident", "IE"),
    ("MSIE", "IE"),
)
DEVICES = (
    ("OpenHarmony", "鸿蒙"),
    ("HarmonyOS", "鸿蒙"),
    ("Android", "安卓手机"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Macintosh", "苹果电脑"),
    ("Linux", "Linux"),
)


def browser_words(agent: str) -> str:
    """Tell a browser's own long name in two words, such as “Chrome，Windows”."""
    found = [word for word in (_first(agent, BROWSERS), _first(agent, DEVICES)) if word]
    return "，".join(found) or ("其他程序" if agent else "未知")


def _first(agent: str, signs: Sequence[tuple[str, str]]) -> str:
    return next((word for sign, word in signs if sign in agent), "")
