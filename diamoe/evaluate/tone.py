"""F0 of each syllable against its tone.

`python -m diamoe.evaluate.tone audio=FOLDER set=texts.tsv` scores a folder of sound.
"""

from diamoe.evaluate.command import run

if __name__ == "__main__":
    run(["tone"])
