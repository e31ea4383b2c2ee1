"""Learning: what was learnt from events becomes lessons, and each organisation answers them.

suggestion      a closed case that has learning to draw; it waits with the authors until it is
                taken into a lesson or dismissed; its id is the case's
source          an incident that a lesson was drawn from; told as a count, never by organisation
lesson          what others can use: what happened, why, what to do; drafted, reviewed, published
draft           a lesson's text before it is published: sealed, for authors and reviewers alone
number          a published lesson's public name, OD-LESSON-<year>-<n>, without gaps in a year
version         the edition of a published lesson, from 1; an answer belongs to one edition
author          a person who wrote any of a draft; somebody else must approve it
adoption        what one organisation answered to one version of a lesson
seen, relevant, planned       the first answers: noted, applies or not and why, what is planned
declared, evidenced           the organisation says it is done; it shows it
verified, sustained           a commissioner checked it; it still held on a later day
heard           a contract of another service, kept as it was told
decision        what the trust, a commissioner or the national body said about one incident
standing        what counts of an incident's decisions: national over commissioner over trust
"""
