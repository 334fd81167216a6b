"""The one error that a person may see: something was refused, and here is why and what to do."""

from collections.abc import Mapping


class DomainError(Exception):
    """A refusal in the user's language. Pages show it with status 409, commands print it and exit 1.

    `message` is a lazy translated text, `fields` names what to mend in a form, `facts` fills the text.
    """

    def __init__(
        self, message: object, *, fields: Mapping[str, object] | None = None, **facts: object
    ) -> None:
        super().__init__(message)
        self.message = message
        self.fields = dict(fields or {})
        self.facts = facts

    def __str__(self) -> str:
        return str(self.message) % self.facts if self.facts else str(self.message)
