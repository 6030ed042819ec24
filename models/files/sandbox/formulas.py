"""Which formulas of a workbook are let in: those that only count with what is in the workbook itself."""

import re
from typing import Any
from urllib.parse import unquote

from openpyxl.utils import FORMULAE

from .allowed import CLICK, COMMAND, FETCHES, LEADS_AWAY, RUNS_ON_CLICK, is_clickable

# Beside the functions that openpyxl knows, those that came later; none of them reads outside the workbook or runs anything.
LATER = set(
    "ACOT ACOTH AGGREGATE ANCHORARRAY ARABIC ARRAYTOTEXT BASE BETA.DIST BETA.INV BINOM.DIST BINOM.DIST.RANGE BINOM.INV BITAND "
    "BITLSHIFT BITOR BITRSHIFT BITXOR BYCOL BYROW CEILING.MATH CEILING.PRECISE CHISQ.DIST CHISQ.DIST.RT CHISQ.INV CHISQ.INV.RT "
    "CHISQ.TEST CHOOSECOLS CHOOSEROWS COMBINA CONCAT CONFIDENCE.NORM CONFIDENCE.T COT COTH COVARIANCE.P COVARIANCE.S CSC CSCH "
    "DAYS DECIMAL DROP ECMA.CEILING ENCODEURL ERF.PRECISE ERFC.PRECISE EXPAND EXPON.DIST F.DIST F.DIST.RT "
    "F.INV F.INV.RT F.TEST "
    "FILTER FLOOR.MATH FLOOR.PRECISE FORECAST.ETS FORECAST.ETS.CONFINT FORECAST.ETS.SEASONALITY FORECAST.ETS.STAT "
    "FORECAST.LINEAR FORMULATEXT GAMMA GAMMA.DIST GAMMA.INV GAMMALN.PRECISE GAUSS HSTACK HYPGEOM.DIST IFNA IFS IMCOSH IMCOT "
    "IMCSC IMCSCH IMSEC IMSECH IMSINH IMTAN ISFORMULA ISO.CEILING ISOMITTED ISOWEEKNUM LAMBDA LET LOGNORM.DIST LOGNORM.INV "
    "MAKEARRAY MAP MAXIFS MINIFS MODE.MULT MODE.SNGL MUNIT NEGBINOM.DIST NETWORKDAYS.INTL NORM.DIST NORM.INV NORM.S.DIST "
    "NORM.S.INV NUMBERVALUE PDURATION PERCENTILE.EXC PERCENTILE.INC PERCENTRANK.EXC PERCENTRANK.INC "
    "PERMUTATIONA PHI POISSON.DIST "
    "QUARTILE.EXC QUARTILE.INC RANDARRAY RANK.AVG RANK.EQ REDUCE RRI SCAN SEC SECH SEQUENCE SHEET SHEETS SINGLE SKEW.P SORT "
    "SORTBY STDEV.P STDEV.S SWITCH T.DIST T.DIST.2T T.DIST.RT T.INV T.INV.2T T.TEST TAKE TEXTAFTER TEXTBEFORE "
    "TEXTJOIN TEXTSPLIT "
    "TOCOL TOROW TRIMRANGE UNICHAR UNICODE UNIQUE VALUETOTEXT VAR.P VAR.S VSTACK WEIBULL.DIST WORKDAY.INTL WRAPCOLS WRAPROWS "
    "XLOOKUP XMATCH XOR Z.TEST".split()
)
REACHING = {"RTD", "HYPERLINK", "CUBEKPIMEMBER", "CUBEMEMBER", "CUBEMEMBERPROPERTY", "CUBERANKEDMEMBER", "CUBESET",
            "CUBESETCOUNT", "CUBEVALUE", "SQL.REQUEST", "CALL", "REGISTER.ID"}  # fmt: skip
FUNCTIONS = (FORMULAE | LATER) - REACHING
LITERAL = re.compile(r'"[^"]*"|\'[^\']*\'')
COLUMN = re.compile(r"\[[^\[\]]*\]")  # of a table: [@[leeftijd (jaren)]]
CALLED = re.compile(r"([A-Za-z_][\w.]*)\s*\(")
PREFIX = re.compile(r"(?i)^(?:_xlfn\.|_xlws\.|_xludf\.)+")
LINKED = re.compile(r'(?i)\bHYPERLINK\s*\(\s*"([^"]*)"')


OUTSIDE = {"WEBSERVICE", "IMAGE", "STOCKHISTORY", "FILTERXML", "TRANSLATE", "DETECTLANGUAGE", "COPILOT", "PY", *REACHING}
# The name that LET or LAMBDA gives to a piece of the formula, which may be called too; Excel writes it so in the file.
GIVEN = re.compile(r"(?i)(_xlpm\.[\w.]+)\s*,")


def formula_danger(formula: Any) -> str | None:
    """Why a formula is refused; None for one that only counts with what is in the workbook."""
    if far := [hit[1] for hit in LINKED.finditer(formula) if not is_clickable(hit[1])]:
        return CLICK if any(RUNS_ON_CLICK.match(unquote(target)) for target in far) else LEADS_AWAY
    bare = COLUMN.sub("", COLUMN.sub("", LITERAL.sub('""', formula)))
    if "|" in bare or re.search(r"'[^']*\|[^']*'", formula):
        return COMMAND  # a program and what it shall do: DDE
    given = {name.upper() for name in GIVEN.findall(bare)}
    called = {PREFIX.sub("", name.upper()) for name in CALLED.findall(bare) if name.upper() not in given}
    called -= FUNCTIONS | {"HYPERLINK"}
    return (FETCHES if called <= OUTSIDE else COMMAND) if called else None
