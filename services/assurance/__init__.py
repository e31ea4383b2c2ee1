"""Assurance: what a commissioner does about an incident, how deeply, by when, and who may see it.

case            what one incident asks of a commissioner; its id is the incident's
mark            why a case is there: a never event, a serious incident
party           an organisation with a part in a case: provider, lead, associate, region
acting          the organisation that holds a part today; figures keep the one of the day
clock           a step with a due day; the first due day is shown for ever
breach          a clock that ran past its due day; it stands, whatever comes later
activity        one act of assurance: on a day, by modes, about subjects
mode            how a commissioner found out: from reading paper to being where care is given
depth           0 paper, 1 dialogue, 2 presence, 3 presence with staff and patients heard; derived
criterion       one question of a framework's closure checklist
oversight       a case under PSIRF2022: seen and supported, neither returned nor closed here
unrouted        a case without exactly one commissioner to lead it; it waits with the region
relation        who commissions whom, in which role, for which service areas, from when to when
succession      one organisation took over everything of another on a day
"""
