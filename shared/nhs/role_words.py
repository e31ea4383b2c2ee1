"""Each step of the role table in plain words, for whoever waits for it."""

from dataclasses import dataclass

from shared.nhs.role_table import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class StepWords:
    """A step in plain words: its name, who does what, and what its holder does next."""

    framework: str
    step: Step
    title: str
    text: str
    next: str


def _words(framework: str, *rows: tuple[Step, str, str, str]) -> tuple[StepWords, ...]:
    return tuple(
        StepWords(framework=framework, step=step, title=title, text=text, next=next_)
        for step, title, text, next_ in rows
    )


WORDS = (
    *_words(
        "SIF2015",
        (
            "notify",
            "Telling the commissioner",
            "The trust tells its lead commissioner that it has declared a serious incident.",
            "Your commissioner acknowledges the case and names the person who looks after it.",
        ),
        (
            "initial_review",
            "Initial review",
            "The trust looks at once at what happened, makes things safe and says what it knows.",
            "Your commissioner accepts the review or asks for more, and says which.",
        ),
        (
            "investigate",
            "Investigation",
            "The trust investigates at the level set, with the questions of those affected.",
            "The trust sends its report; your commissioner may visit and help meanwhile.",
        ),
        (
            "review",
            "Review of the report",
            "The lead commissioner reads the report against the closure checklist.",
            "What your commissioner does next: give feedback, return the report or close the case.",
        ),
        (
            "extend",
            "More time",
            "The trust asks before the due day, with its reason; the lead commissioner decides.",
            "Your commissioner agrees a new day or refuses; the first due day stays visible.",
        ),
        (
            "stop",
            "Stopping the clock",
            "A statutory body such as the police or a coroner may formally ask for a pause.",
            "Your commissioner records who asked, why, and the day on which to look again.",
        ),
        (
            "de_escalate",
            "No longer a serious incident",
            "The trust asks, at any stage; the lead commissioner agrees or refuses with a reason.",
            "Your commissioner answers; the record stays either way.",
        ),
        (
            "close",
            "Closing the case",
            "The lead commissioner closes when the report and the plan of actions are sound.",
            "Your commissioner closes, with the learning said, and goes on following the actions.",
        ),
        (
            "monitor_actions",
            "Following the actions",
            "Each action is followed until it is shown to be done, checked and still true.",
            "Your commissioner checks the evidence and looks again on the day agreed.",
        ),
        (
            "candour",
            "Duty of candour",
            "The trust tells the person affected in person, says sorry, and writes to them.",
            "The trust shares what its enquiries found; you may ask questions at any time.",
        ),
        (
            "alert_action",
            "Acting on an alert",
            "The trust says whether an alert applies and does what it requires; the board answers.",
            "Your commissioner verifies that what was declared is so where care is given.",
        ),
        (
            "lesson_adoption",
            "Taking up a lesson",
            "The trust says whether a lesson applies, what it plans and what it has done.",
            "Your commissioner verifies the change and looks again on the day agreed.",
        ),
        (
            "support",
            "Asking for support",
            "The trust asks its lead commissioner for expertise, people, equipment or a push.",
            "Your commissioner answers with an offer, or refuses with a reason.",
        ),
        (
            "oversight",
            "Oversight",
            "The lead commissioner keeps in touch, goes to see, and listens to staff and patients.",
            "Your commissioner records what it saw and heard, and what it will do to help.",
        ),
    ),
    *_words(
        "PSIRF2022",
        (
            "notify",
            "Saying what happened",
            "The trust records the event and tells those affected; its board answers for it.",
            "Your ICB sees the event where the trust shares it, and asks how it can help.",
        ),
        (
            "initial_review",
            "First look",
            "The trust makes things safe and decides which response promises most learning.",
            "The trust chooses a response by its plan; your ICB is consulted.",
        ),
        (
            "investigate",
            "Learning response",
            "The trust responds as its plan says, together with those affected.",
            "The trust shares its findings; your ICB may visit and help meanwhile.",
        ),
        (
            "review",
            "Board review",
            "The trust's board reads the findings, areas for improvement and safety actions.",
            "The board approves or asks for more; your ICB supports and returns no single case.",
        ),
        (
            "extend",
            "More time",
            "The trust agrees a new day with those affected, within six months.",
            "The board records the new day and why; your ICB is told.",
        ),
        (
            "stop",
            "A pause",
            "The trust agrees a pause with those affected, for example while a coroner asks.",
            "The board records the reason and the day on which to look again.",
        ),
        (
            "de_escalate",
            "Another response",
            "The board may choose a different response as more becomes known, and says why.",
            "The trust tells those affected; your ICB is consulted.",
        ),
        (
            "close",
            "Approval",
            "The trust's board approves the response; nobody outside closes it.",
            "The learning goes on to others; your ICB ends its oversight record.",
        ),
        (
            "monitor_actions",
            "Following the actions",
            "The board follows each safety action until it is done, checked and still true.",
            "Your ICB supports, looks at the evidence and verifies where care is given.",
        ),
        (
            "candour",
            "Duty of candour",
            "The trust tells the person affected in person, says sorry, and writes to them.",
            "The trust shares what its enquiries found; you may ask questions at any time.",
        ),
        (
            "alert_action",
            "Acting on an alert",
            "The trust says whether an alert applies and does what it requires; the board answers.",
            "Your ICB verifies that what was declared is so where care is given.",
        ),
        (
            "lesson_adoption",
            "Taking up a lesson",
            "The trust says whether a lesson applies, what it plans and what it has done.",
            "Your ICB verifies the change and looks again on the day agreed.",
        ),
        (
            "support",
            "Asking for support",
            "The trust asks its ICB for expertise, people, equipment or a push.",
            "Your ICB answers with an offer, or refuses with a reason.",
        ),
        (
            "oversight",
            "Oversight",
            "The ICB sees how the trust learns, goes to look, and listens to staff and patients.",
            "Your ICB records what it saw and heard, and what it will do to help.",
        ),
    ),
)
