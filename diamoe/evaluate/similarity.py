"""Likeness to the prompt, the offline proxy.

`python -m diamoe.evaluate.similarity audio=FOLDER set=texts.tsv` scores a folder of sound.
"""

from diamoe.evaluate.command import run

if __name__ == "__main__":
    run(["similarity"])
