"""A file that is not accepted, with the reason and what to do instead."""


class UploadRefused(ValueError):
    """The message is for the person who uploads; ``code`` is for the log and the tests.

    ``document``: id of the document that already holds the same file, where that is the reason.
    """

    def __init__(self, code: str, reason: str, document: int | None = None) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.document = document
