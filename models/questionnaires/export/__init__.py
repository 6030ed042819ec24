"""What leaves a questionnaire: the PDF for the committee, and coded answers for analysis."""
