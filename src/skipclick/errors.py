"""The errors that users cause; each message is one line that says what to do."""


class SkipClickError(Exception):
    """Base of every error that a user can cause; the command line prints its line and exits with 2."""


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
