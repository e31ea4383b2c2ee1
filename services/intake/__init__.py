"""Intake: every patient-safety event as it was told, and the whole story of what became of it.

event           what was reported: an incident, an outcome of concern, a risk or good care
reported_by     the organisation that told us, as its token says
occurred_at     the organisation where it happened; counts go by it
leads           the organisation that leads the answer; its framework applies
reference       how the reporting organisation's own system names the event: its identity
never event     of a type on the list in force on the day; a rule proposes, a person decides
standing        the decision that holds: national before commissioner before trust
serious         declared so by the trust (Serious Incident Framework 2015)
submission      an initial review or an investigation handed to the commissioner, numbered
passage         a stretch of narrative that the screen flagged; masked for readers elsewhere
                until the trust releases or corrects it
reading         another organisation read the narrative; each is recorded
timeline        the whole story: what was told, decided, answered and learnt
"""
