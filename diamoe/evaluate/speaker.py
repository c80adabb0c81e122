"""Likeness to the prompt by speaker embeddings.

`python -m diamoe.evaluate.speaker audio=FOLDER set=texts.tsv` scores a folder of sound.
"""

from diamoe.evaluate.command import run

if __name__ == "__main__":
    run(["speaker"])
