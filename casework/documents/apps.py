from django.apps import AppConfig

from casework.documents.glyphs import refuse_changed_fonts


class DocumentsConfig(AppConfig):
    name = "casework.documents"
    label = "documents"

    def ready(self) -> None:
        refuse_changed_fonts()
