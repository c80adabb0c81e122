"""DNSMOS.

`python -m diamoe.evaluate.dnsmos audio=FOLDER set=texts.tsv` scores a folder of sound.
"""

from diamoe.evaluate.command import run

if __name__ == "__main__":
    run(["dnsmos"])
