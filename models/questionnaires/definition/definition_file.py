"""A file with questions, whichever notation it has: our own spreadsheet, or a REDCap data dictionary."""

from models.questionnaires.definition import data_dictionary, definition_csv, redcap_reader
from models.questionnaires.definition.definition_csv import DefinitionContent, Mistakes
from models.questionnaires.definition.questionnaire import Questionnaire


def load(content: bytes) -> DefinitionContent:
    """What the bytes of a file say. Raises Refused: Mistakes when it is a file, each with its line."""
    heading = content[:200].decode("utf-8", "replace")
    return redcap_reader.load(content) if data_dictionary.is_dictionary(heading) else definition_csv.load(content)


def load_for(questionnaire: Questionnaire, content: bytes) -> DefinitionContent:
    """As `load`, of a file that must be of this questionnaire: its line with '*' names it, or no name at all."""
    made = load(content)
    if made.name and made.name != questionnaire.name:
        raise Mistakes(
            [
                f"Regel 2, kolom label: dit bestand is van ‘{made.name[:120]}’, niet van ‘{questionnaire.name}’. "
                "Klopt het toch, wis dan deze naam in het bestand."
            ]
        )
    return made
