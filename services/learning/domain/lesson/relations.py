"""What an organisation is to a lesson: the words that permissions are asked with."""

from services.learning.domain.lesson.state import Lesson
from shared.kernel.decider import Actor


def relations(lesson: Lesson, actor: Actor) -> frozenset[str]:
    """`own` where the actor's organisation writes the lesson, `published` where it went out."""
    own = {"own"} if lesson.organisation == actor.organisation != "" else set()
    return frozenset(own | ({"published"} if lesson.published else set()))
