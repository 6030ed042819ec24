"""What judging a message costs, against nothing but parsing it and checking it with the XSD, side by side in one run."""

import time

from lxml import etree

from models import clock
from models.lnr.dataset.xsd import xsd
from models.lnr.message.validation import check
from models.lnr.specification.examples import good
from tests.bench.measure import table

ROUNDS, TIMES = 40, 25


def main():
    schema = etree.XMLSchema(etree.fromstring(xsd().encode()))
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    now, rows = clock.now(), []
    for example in good():
        bare, whole = [], []
        for _ in range(ROUNDS):
            bare.append(_seconds(lambda raw=example.raw: schema.validate(etree.fromstring(raw, parser))))
            whole.append(_seconds(lambda raw=example.raw: check(raw, now)))
        rows.append((example.name, len(example.raw), _ms(bare), _ms(whole), f"{min(whole) / min(bare):.1f}"))
    table("Judging an LNR message (ms of processor, the least of many)", ("message", "bytes", "bare", "check", "times"), rows)


def _seconds(act):
    begun = time.process_time()
    for _ in range(TIMES):
        act()
    return (time.process_time() - begun) / TIMES


def _ms(values):
    return f"{1000 * min(values):.2f}"


if __name__ == "__main__":
    main()
