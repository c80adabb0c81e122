"""Pace and pitch, distances to references.

`python -m diamoe.evaluate.prosody audio=FOLDER set=texts.tsv` scores a folder of sound.
"""

from diamoe.evaluate.command import run

if __name__ == "__main__":
    run(["prosody"])
