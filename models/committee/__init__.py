"""The committee: members, meetings, and the treatment of an approved case, beside its status.

member       who sits on it, where they worked, and until when; yearly declaration
meeting      a meeting and its term
treatment    one case on its way from the agenda to closed
conflict     who may not assess which case
assessment   an assessor named for a case: declare, hand in, give back
package/     the dossier of a case as one PDF or ZIP
verdict/     a draft for the coordinator, where a committee gives a verdict and not lessons (LZA1)
committee_form  the form of an assessor or of the meeting, sealed
"""
