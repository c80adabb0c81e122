"""NISQA.

`python -m diamoe.evaluate.nisqa audio=FOLDER set=texts.tsv` scores a folder of sound.
"""

from diamoe.evaluate.command import run

if __name__ == "__main__":
    run(["nisqa"])
