"""The workflow machine: facts in, transition (changed rows, commands, records) out. Pure.

One file for each Argo feature. It must not know of processes, files, databases, clocks or random numbers: times and
names come in with the facts.
"""
