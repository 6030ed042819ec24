"""What LZA1 has and NethOSS has not (late termination, category 1).

entrusted    hospitals where only the melder and named colleagues see a case
term         six months to report in, and the mail a month before their end
gate         the three questions that come first; their answers are those of the questionnaire
carried      what must stand where in the questionnaire for gate and term to be the right questions
committee    questions and verdicts of the committee, with their date
matter       all of this for the page of one case
"""
