"""`python -m diamoe.evaluate set=texts.tsv bundle=FOLDER`: every metric, one folder of results."""

from diamoe.evaluate.command import run

if __name__ == "__main__":
    run()
