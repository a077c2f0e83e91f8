"""The loops and the seams: claim work, feed one machine, commit its transition, carry out its commands.

`ports.py` names everything outside (store, bus, executor, backend, planner, notifier, clock) as a protocol. A
controller knows machines and ports, never an adapter.
"""
