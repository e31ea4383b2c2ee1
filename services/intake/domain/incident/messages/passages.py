"""What other readers may see of the narrative, and what nobody may read any more."""

from typing import Literal

from shared.kernel.messages import command, event
from shared.kernel.words import Code, Counting, Sealed, Text, Word

Scope = Literal["record", "reporter", "patient"]


@command
class ReleasePassage:
    """The trust looked: this flagged passage may be read by others as it is."""

    passage: Counting


@command
class CorrectPassage:
    """The trust mends a flagged passage: `text` stands in its place from now on."""

    passage: Counting
    text: Sealed[Text]


@command
class EraseSubject:
    """Destroys the key of the record, of its reporter, or of one patient (`patient` is their
    number); `ground` is the legal ground, a code."""

    scope: Scope
    patient: Counting | None = None
    ground: Word


@event("passage_released")
class PassageReleased:
    """A flagged passage was found fit to be read by others."""

    passage: Counting


@event("passage_corrected")
class PassageCorrected:
    """A flagged passage was put right; earlier versions keep it masked for others."""

    passage: Counting
    text: Sealed[Text]


@event("subject_erased")
class SubjectErased:
    """The key is to be destroyed: what it sealed can never be read again."""

    scope: Scope
    patient: Counting | None = None
    ground: Code
