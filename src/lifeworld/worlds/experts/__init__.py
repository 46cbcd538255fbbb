"""Experts: agents that do a task by phases, notice when a phase breaks, and recover (docs/experts.md)."""
