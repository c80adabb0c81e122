"""The acoustic model: phones over frames, dialect experts, and the velocity field."""
