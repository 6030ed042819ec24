"""Screens of the committee: its members, its meetings, the treatment of a case, and what a member has to assess."""
