"""Phone and tone error rates with the built-in recogniser.

`python -m diamoe.evaluate.per audio=FOLDER set=texts.tsv` scores a folder of sound.
"""

from diamoe.evaluate.command import run

if __name__ == "__main__":
    run(["per"])
