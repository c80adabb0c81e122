"""Released F5-TTS and DiaMoE-TTS checkpoints: read, checked and written as bundles."""
