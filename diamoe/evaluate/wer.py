"""Word and character error rates with a recogniser of your own.

`python -m diamoe.evaluate.wer audio=FOLDER set=texts.tsv` scores a folder of sound.
"""

from diamoe.evaluate.command import run

if __name__ == "__main__":
    run(["wer"])
