"""What happens to the portal when something dies, fills up, hangs or lies, and that nothing kept is wrong afterwards.

campaign.py names the faults of the design and the tests of each; invariants.py what must hold after every one.
"""
