"""Webhooks: tell other services of what has ended, by the Standard Webhooks convention."""
