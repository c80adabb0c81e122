"""UTMOSv2, with weights from the cache.

`python -m diamoe.evaluate.utmosv2 audio=FOLDER set=texts.tsv` scores a folder of sound.
"""

from diamoe.evaluate.command import run

if __name__ == "__main__":
    run(["utmosv2"])
