"""Words, dates and tables of the NHS in England: effective-dated data and pure functions.

Read `calendar` for working days, `clocks` for what is due when, `never_events` for the lists,
`harm` and `codes` for value sets, `frameworks` and `roles` for who does what, `organisations` and
`relations` for whom. The only files read are the tables packaged beside `reference`.
"""
