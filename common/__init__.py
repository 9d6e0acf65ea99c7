"""The little that crawler and analysis share: errors, checked YAML, safe files. It imports none of the others."""
