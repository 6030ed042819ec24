"""Questionnaires as rows: their definition, their answers, and the document that a complete one becomes.

    expression, grammar          the language of conditions, and whether a formula makes sense
    kinds, moments, table        kinds of answers; notation: how they are written down in one line
    reading -> structure         rows understood, with every problem; filled: a structure with answers in it
    finder, interval             what may tell who somebody is; days instead of dates
    definition, draft, sheet     Questionnaire, Version, Section, Question; working on a draft; a version as one CSV file
    beginning                    a questionnaire where there was none
    form, outcome, carry         Form and Answer; what comes of saving; going on in a newer version
    export/questionnaire_pdf, export/pdf_attachment   the PDF, and how it becomes a document of the case, exactly once
    defaults, swansea            the first questionnaires; the Swansea helper

For screens: `Questionnaire.for_case`, `Form.start(case, by)`, `Form.of(case)`, `form.rows()` (revisions), `form.filled()`
(lines, open, progress), `form.put(...)` which gives SavedAnswer or raises EditConflict or Refused;
`Draft.begin`, `Version.problems`, `difference` and `publish`.
"""
