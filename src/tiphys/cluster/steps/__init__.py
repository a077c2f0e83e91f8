"""The step programs of the catalog: `python -m tiphys.cluster.steps.NAME --flag=value …`, one file each.

A program does one thing, can be run again (a retry finds what was done), says what it did on standard output, and ends
with 0, 1 (refused, failed or not verified; the reason is on standard error) or 2 (wrong arguments). It knows the API
and nothing of incidents or planners. Values come as arguments, never as script text.
"""
