"""The errors that users cause; each message is one line that says what to do."""


class SkipClickError(Exception):
    """Base of every error that a user can cause; the command line prints its line and exits with 2.

    Attributes:
        template: the message before its values were put in, by which programs find a translation.
        values: what was put in.
    """

    def __init__(self, message: str = "", /, **values: object) -> None:
        """Say what went wrong.

        Args:
            message: one line; if there are values, with `{name}` where a value goes.
            values: what goes there, in the writing of `str.format`.
        """
        super().__init__(message.format(**values) if values else message)
        self.template = message
        self.values = values


class ImageError(SkipClickError):
    """An image or mask cannot be read or does not fit."""


class PromptError(SkipClickError):
    """A click, box or starting mask makes no sense for the image."""


class ModelError(SkipClickError):
    """A model name, checkpoint or configuration cannot be used."""


class DownloadError(ModelError):
    """A file could not be fetched, or what arrived is not what was promised."""


class DatasetError(SkipClickError):
    """A data set is missing, damaged, or not what its layout promises."""
