"""When a model must not answer, and why, in both languages: never a silent number."""

from cdss.models.card import Text


class NotApplicable(ValueError):
    """The model was not made for this person or image, or knows too little. `code` is stable, `text` for the screen."""

    def __init__(self, code: str, text: Text) -> None:
        self.code, self.text = code, text
        super().__init__(f"{code}: {text.en}")
