"""Imports every module of actions, so that the registry is whole."""

from core.actions import cases, desk, drafts, mail, presence, work

__all__ = ["cases", "desk", "drafts", "mail", "presence", "work"]
