"""Swallowed, repeated and added words, silence, clicks.

`python -m diamoe.evaluate.robustness audio=FOLDER set=texts.tsv` scores a folder of sound.
"""

from diamoe.evaluate.command import run

if __name__ == "__main__":
    run(["robustness"])
