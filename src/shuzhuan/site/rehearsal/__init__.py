"""A pilot played through on a virtual clock, by the same actions that people use.

`shuzhuan rehearse` plays a whole year and checks its books; the demonstration stops half-way.
Everything made here is invented and marked as such.
"""
