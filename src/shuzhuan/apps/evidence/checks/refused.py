"""A file that is not accepted, with the reason and what to do instead."""


class UploadRefused(ValueError):
    """The message is for the person who uploads; ``code`` is for the log and the tests."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
