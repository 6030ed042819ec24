"""What happens to the portal when something dies, fills up, hangs or lies, and that nothing kept is wrong afterwards.

Each test ends with the invariants (invariants.py). The faults of the design, by their number, and where each is held:

F-01, F-02  the web dies during an upload: test_killed_web.py by the clock, test_killed_at_every_step.py step by step
F-03        the web dies during a move of a case or an answer: the same two
F-04        the worker dies while a file is scanned: test_killed_scan.py, _at_every_step.py; models/test_quarantine.py
F-05        the worker dies around the mail server's yes: test_killed_worker.py; models/test_mail.py
F-06        the line breaks after the final dot: test_mail_server.py; models/test_mail.py
F-07        the mail server is down, hangs, refuses for now or for good: test_mail_server.py; models/test_mail.py
F-08        two of everything at once: test_two_at_once.py; models/test_mail.py, test_monthly.py
F-09        the worker dies in the middle of a batch: test_killed_worker.py
F-10        the disk is full: test_full_disk.py; admin_views/test_files.py
F-11        another process holds the database: test_database.py; admin_views/test_errors.py
F-14        the clock jumps: test_clock.py; what waits meanwhile: models/test_jump.py
F-15        summer and winter time, ends of months and years: test_clock.py; tasks/test_clocks.py
F-16        the clocks of the worker stood still: tasks/test_clocks.py, models/test_monthly.py, test_reminder.py
F-19        PostgreSQL is restarted under load: test_database.py
"""
