"""What users send: how it is recognised, checked, stored and described."""
