"""A small message that is right, with the parts that delivery looks at as parameters."""

import itertools

from models.lnr.dataset.definition import AGB, BSN, NAMESPACE, SNOMED
from models.lnr.suppliers.supplier import Supplier, SupplierStatus
from tests import make

AGB_NUMBER = "06010101"
OWN = "2.16.840.1.113883.2.4.99.1"
CHILD_BSN, MOTHER_BSN = (BSN, "111222333"), (BSN, "123456782")
_numbers = itertools.count(1)


def hospital(agb=AGB_NUMBER, **more):
    return make.hospital(agb=agb, **more)


def supplier(status=SupplierStatus.TOEGELATEN, name=None):
    made = Supplier.enrol(name or f"Leverancier {next(_numbers)}")
    made.move(status)
    return made


def message(
    id=None,
    set_id="opname-1",
    version=1,
    action="nieuw",
    processing="P",
    agb=AGB_NUMBER,
    child=((OWN, "4711"),),
    mother=(),
    born="2026-03-01T08:00:00",
    admitted="2026-03-01T09:00:00",
    discharged="2026-04-05T10:00:00",
    days=200,
    weight=1000,
    intensive=True,
):
    """The bytes of a message; `child`, `mother`: pairs (root, number); `discharged` None: still there."""
    id = id or f"bericht-{next(_numbers)}"
    children = "".join(f'<identificatienummer root="{root}" value="{number}"/>' for root, number in child)
    left = f'<ontslag_datum value="{discharged}"/>' if discharged else ""
    woman = "".join(f'<identificatienummer root="{root}" value="{number}"/>' for root, number in mother)
    if woman:
        woman = f'<patient>{woman}<geboortedatum value="1995-01-01"/></patient>'
        woman = f"<vrouw><demografische_gegevens>{woman}</demografische_gegevens></vrouw>"
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<lnr_aanlevering xmlns="{NAMESPACE}" schemaversie="1.0" verwerking="{processing}" actie="{action}" leverancier="test">
  <kernset_neonatologie>
    <documentgegevens>
      <identificatie root="{OWN}" value="{id}"/>
      <document_datum value="2026-04-05T12:00:00"/>
      <set_identificatie root="{OWN}" value="{set_id}"/>
      <versienummer value="{version}"/>
      <software_naam value="Testdossier"/>
    </documentgegevens>
    <zorgaanbieder><zorgaanbieder_identificatienummer root="{AGB}" value="{agb}"/></zorgaanbieder>
    {woman}
    <kind>
      <demografische_gegevens><patient>
        {children}
        <geboortedatum value="{born}"/>
        <geslacht code="M" codeSystem="2.16.840.1.113883.5.1"/>
        <overlijdens_indicator value="false"/>
      </patient></demografische_gegevens>
      <bevallingsgegevens><zwangerschapsduur value="{days}" unit="d"/></bevallingsgegevens>
      <opname_gegevens>
        <opname>
          <opname_datum value="{admitted}"/>
          <ic_opnameq value="{str(intensive).lower()}"/>
          <opname_indicatie code="366323009" codeSystem="{SNOMED}"/>
          {left}
        </opname>
        <onderzoek><lichaamsgewicht><gewicht_waarde value="{weight}" unit="g"/></lichaamsgewicht></onderzoek>
      </opname_gegevens>
      <ontslagoverplaatsing><nog_opgenomenq value="{str(not discharged).lower()}"/></ontslagoverplaatsing>
    </kind>
  </kernset_neonatologie>
</lnr_aanlevering>""".encode()
