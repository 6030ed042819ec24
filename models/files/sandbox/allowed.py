"""What an honest document holds, as lists of what is let in: places, fields, formulas, relationships, parts, namespaces.

Whoever sends a document chooses its names, so that a list of bad names is never complete. What is not on these lists is
refused with a sentence that says how to send it all the same (as PDF). Sources: ISO/IEC 29500 (parts, relationships,
fields), OpenDocument 1.3 (namespaces), and the kinds that Word, Excel and LibreOffice of today write.
"""

import re
from typing import Any
from urllib.parse import unquote

MACROS = "In dit bestand zitten macro's. Sla het op zonder macro's, of als PDF, en voeg het dan toe."
PROGRAM = "In dit bestand zit een ander bestand of programma verstopt. Sla het op als PDF en voeg dat toe."
COMMAND = "Dit bestand voert bij het openen een opdracht uit. Sla het op als PDF en voeg dat toe."
FETCHES = "Dit bestand haalt bij het openen iets van een andere plek op. Sla het op als PDF en voeg dat toe."
CLICK = "In dit bestand staat een knop of koppeling die een macro of programma start. Sla het op als PDF en voeg dat toe."
LEADS_AWAY = (
    "In dit bestand staat een koppeling naar iets anders dan een webpagina of mailadres. Sla het op als PDF en voeg dat toe."
)
STRANGE = "In dit bestand zit een onderdeel dat wij niet kennen. Sla het op als PDF en voeg dat toe."

SCHEME = re.compile(r"(?i)^[a-z][a-z0-9+.-]+:")
OWN = re.compile(r"localhost/|[a-z]:/")  # behind two slashes stands a machine: this one
RUNS_ON_CLICK = re.compile(
    r"(?i)^\s*(?:macro|\w*script|vnd\.sun\.star\.[\w.]+|ppaction|ms-[\w-]+|search-ms|shell|hcp|slot|service):"
)
CLICKED = re.compile(r"(?i)^(?:https?|mailto|tel|ftp|file|cid):")


def is_local(target: Any) -> bool:
    """Whether a path leads to one's own computer or into the document: 'C:\\x', 'file:///home/x', 'cid:1', 'media/x.png'."""
    path = unquote(target or "").strip().replace("\\", "/")
    if path.lower().startswith("cid:"):
        return True
    path = re.sub(r"(?i)^file:", "", path)
    if re.match(r"(?i)^[a-z]:(?:/|$)", path):
        return True
    if SCHEME.match(path):
        return False
    slashes = len(path) - len(path.lstrip("/"))
    rest = path[slashes:].lower()
    return slashes in (0, 1, 3) or (slashes == 2 and bool(OWN.match(rest)))


def is_clickable(target: Any) -> Any:
    """Whether a link that somebody has to click on leads to a page, an address, or a place in the document."""
    path = unquote(target or "").strip()
    return path.startswith("#") or bool(CLICKED.match(path)) or is_local(path)


def away(target: Any) -> str:
    """What a link that leads too far away would do."""
    return CLICK if RUNS_ON_CLICK.match(unquote(target or "")) else FETCHES


# --- fields of Word and RTF

# Commands of a field that show or count what is in the document itself.
COMMANDS = set(
    "ADDIN ADVANCE ASK AUTHOR AUTONUM AUTONUMLGL AUTONUMOUT AUTOTEXT BIBLIOGRAPHY CITATION COMMENTS COMPARE "
    "CREATEDATE DATE DOCPROPERTY DOCVARIABLE EDITTIME EMBED EQ FILENAME FILESIZE FILLIN FORMCHECKBOX FORMDROPDOWN "
    "FORMTEXT GOTOBUTTON HYPERLINK IF INDEX INFO KEYWORDS LASTSAVEDBY LISTNUM MERGEFIELD MERGEREC MERGESEQ NEXT "
    "NEXTIF NOTEREF NUMCHARS NUMPAGES NUMWORDS PAGE PAGEREF PRINTDATE PRIVATE QUOTE REF REVNUM SAVEDATE SECTION "
    "SECTIONPAGES SEQ SET SHAPE SKIPIF STYLEREF SUBJECT SYMBOL TA TC TEMPLATE TIME TITLE TOA TOC USERADDRESS "
    "USERINITIALS USERNAME XE".split()
)
FETCHING = {"INCLUDEPICTURE", "INCLUDETEXT", "INCLUDE", "IMPORT", "LINK", "RD"}  # let in when what they name is local
WORDS = re.compile(r'"((?:[^"\\]|\\.)*)"|“([^”]*)”|(\S+)')
NO_MACRO = re.compile(r"(?i)^\s*MACROBUTTON\s+(?:no ?macro|geen ?macro|none)")


def field_danger(command: Any) -> str | None:
    """Why the instruction of one field is refused; None for what only shows, counts or refers."""
    words = [next(filter(None, hit.groups()), "") for hit in WORDS.finditer(command)]
    if not words or words[0].startswith("="):
        return None
    name, rest = words[0].upper(), words[1:]
    if name in COMMANDS or NO_MACRO.match(command):
        return None
    if name in FETCHING:
        # A path of Word doubles its backslashes; that of LINK stands behind the program's name.
        paths = [form for word in rest for form in (word, word.replace("\\\\", "\\")) if not re.fullmatch(r"\\[*#@!\w]", word)]
        return None if all(map(is_local, paths)) else FETCHES
    return {"DATABASE": FETCHES, "MACROBUTTON": CLICK}.get(name, COMMAND)


# --- relationships and content types of Office (ISO/IEC 29500)

FAMILIES = re.compile(
    r"(?i)^http://(?:schemas\.openxmlformats\.org/(?:officeDocument|package)/2006|purl\.oclc\.org/ooxml/(?:officeDocument|package)"
    r"|schemas\.microsoft\.com/office/(?:word/|excel/)?20\d\d(?:/\d\d)?)/relationships/(?P<kind>.+)$"
)
RELATIONS = set(
    "officeDocument styles settings webSettings fontTable numbering footnotes endnotes header footer comments "
    "commentsExtended commentsIds commentsExtensible people glossaryDocument theme themeOverride image hyperlink "
    "customXml customXmlProps metadata/core-properties metadata/thumbnail extended-properties custom-properties "
    "chart chartEx chartUserShapes chartStyle chartColorStyle diagramColors diagramData diagramLayout "
    "diagramQuickStyle diagramDrawing drawing vmlDrawing worksheet chartsheet sharedStrings calcChain table "
    "tableSingleCells pivotTable pivotCacheDefinition pivotCacheRecords printerSettings person threadedComment "
    "slicer slicerCache timeline timelineCache sheetMetadata rdRichValue rdRichValueStructure rdRichValueTypes "
    "richValueRel rdArray rdSupportingPropertyBag rdSupportingPropertyBagStructure FeaturePropertyBag font "
    "stylesWithEffects attachedTemplate externalLink externalLinkPath xlExternalLinkPath/xlPathMissing "
    "externalLinkLongPath package userShapes ink hdphoto usernames revisionHeaders revisionLog digital- "
    "signature/origin digital-signature/signature digital-signature/certificate classificationlabels namedSheetView "
    "wordprocessor".split()
)
OUTWARD = {"hyperlink"}  # may lead anywhere, once somebody clicks
NEARBY = {"attachedTemplate", "externalLinkPath", "xlExternalLinkPath/xlPathMissing", "externalLinkLongPath", "image"}
PROGRAMS = {"oleObject", "control", "activeXControlBinary", "aFChunk", "embeddings", "ctrlProp"}
MACRO_KINDS = {"vbaProject", "wordVbaData", "xlMacrosheet", "xlIntlMacrosheet", "dialogsheet", "ui/extensibility",
               "keyMapCustomizations",
               "attachedToolbars", "customUI"}  # fmt: skip


def relation_danger(kind: Any, target: Any, outside: Any) -> str | None:
    """Why a relationship is refused: `kind` is its Type, `outside` whether its target is no part of the package."""
    known = FAMILIES.match(kind)
    name = known["kind"] if known else kind.rpartition("/")[2]
    if name in RELATIONS and known:
        if not outside or (name in NEARBY and is_local(target)) or (name in OUTWARD and is_clickable(target)):
            return None
        return away(target)
    if name in MACRO_KINDS or "macro" in kind.lower() or "vba" in kind.lower():
        return MACROS
    if name in PROGRAMS:
        return PROGRAM
    return FETCHES if outside or name in ("connections", "queryTable", "mailMergeSource", "mailMergeHeaderSource") else STRANGE


OFFICE = "application/vnd.openxmlformats-officedocument."
WORD_PARTS = (
    "document.main styles settings webSettings fontTable numbering footnotes endnotes header footer comments "
    "commentsExtended commentsIds commentsExtensible people document.glossary"
)
SHEET_PARTS = (
    "sheet.main worksheet chartsheet styles sharedStrings comments table tableSingleCells calcChain pivotCacheDefinition "
    "pivotCacheRecords pivotTable externalLink sheetMetadata userNames revisionHeaders revisionLog"
)
DRAWING_PARTS = "chart chartshapes diagramColors diagramData diagramLayout diagramStyle"
TYPES = {
    *(f"{OFFICE}wordprocessingml.{part}+xml" for part in WORD_PARTS.split()),
    *(f"{OFFICE}spreadsheetml.{part}+xml" for part in SHEET_PARTS.split()),
    *(f"{OFFICE}drawingml.{part}+xml" for part in DRAWING_PARTS.split()),
    *(f"{OFFICE}{part}" for part in (
        "drawing+xml", "theme+xml", "themeOverride+xml", "customXmlProperties+xml", "extended-properties+xml", "vmlDrawing",
        "custom-properties+xml", "obfuscatedFont", "spreadsheetml.printerSettings", "wordprocessingml.printerSettings",
        "wordprocessingml.document", "spreadsheetml.sheet", "spreadsheetml.customProperty")),
    *(f"application/vnd.openxmlformats-package.{part}" for part in (
        "relationships+xml", "core-properties+xml", "digital-signature-origin", "digital-signature-xmlsignature+xml",
        "digital-signature-certificate")),
    *(f"application/vnd.ms-office.{part}+xml" for part in (
        "chartcolorstyle", "chartstyle", "chartex", "drawingml.diagramDrawing", "classificationlabels")),
    *(f"application/vnd.ms-word.{part}+xml" for part in ("stylesWithEffects",)),
    *(f"application/vnd.ms-excel.{part}+xml" for part in (
        "person", "threadedcomments", "slicer", "slicerCache", "timeline", "timelineCache", "rdrichvalue",
        "rdrichvaluestructure",
        "rdrichvaluetypes", "richvaluerel", "rdarray", "rdsupportingpropertybag", "rdsupportingpropertybagstructure",
        "featurepropertybag", "namedsheetviews", "calcchain")),
    "application/xml", "text/xml", "application/inkml+xml", "application/vnd.ms-package.relationships+xml",
}  # fmt: skip
PICTURES = {
    f"image/{kind}"
    for kind in "png x-png jpeg jpg pjpeg gif tiff tif bmp x-emf emf x-wmf wmf svg+xml vnd.ms-photo heic".split()
}
LOWER = {kind.lower() for kind in TYPES | PICTURES}


def type_danger(content_type: str) -> str | None:
    """Why a part of this content type is refused; None when it is one of those that honest documents hold."""
    said = content_type.lower()
    if said in LOWER:
        return None
    if any(word in said for word in ("macro", "vba", "dialogsheet", "attachedtoolbars", "keymap")):
        return MACROS
    if any(word in said for word in ("connections", "querytable", "volatile")):
        return FETCHES
    return (
        PROGRAM if any(word in said for word in ("ole", "activex", "package", "octet", "html", "rtf", "control")) else STRANGE
    )


# --- RTF

# Destinations behind `\*` that Word, WordPad, TextEdit, LibreOffice and Outlook write; none of them holds another file, a
# source of data or a script. What Outlook puts into `htmltag` is looked at by itself (encapsulated_html.py).
DESTINATIONS = set(
    "aftncn aftnsep aftnsepc annotation atnauthor atndate atnicn atnid atnparent atnref atntime atrfend atrfstart background "
    "bkmkcolf bkmkcoll bkmkend bkmkstart bliptag blipuid buptim category colorschememapping colortbl comment company creatim "
    "datafield datastore defchp defpap do doccomm docvar dptxbxtext ebcend ebcstart expandedcolortbl factoidname falt fchars "
    "ffdeftext ffformat ffhelptext ffname ffstattext fldinst fldrslt fldtype fname fontemb footer footnote formatConverter "
    "formfield ftncn "
    "ftnsep ftnsepc generator gridtbl header hl hlfr hlinkbase hlloc hlsrc htmltag info keycode keywords latentstyles lchars "
    "levelmarker levelnumbers leveltext linkval listlevel listname listoverride listoverridetable listpicture liststylename "
    "listtable listtext lsdlockedexcept manager mctrlPr mhtmltag mmath mmathPict mmathPr moMath moMathPara moMathParaPr mvfmf "
    "mvfml mvtof mvtol nesttableprops nonesttables nonshppict oldcprops oldpprops oldsprops oldtprops operator panose password "
    "passwordhash pgdsc pgdscnxt pgdsctbl pgp pgptbl picprop pict pn pnseclvl pntext pntxta pntxtb printim propname protend "
    "protstart protusertbl revtbl revtim rsidtbl shpgrp shpinst shppict shprslt shptxt sn sp staticval stylesheet subject sv "
    "svb template themedata title txe ud upr userprops wgrffmtfilter writereservation writereservhash xe xmlnstbl".split()
)
# Of form, so that the text behind it is text of the document.
FORM = set(
    "brdrcf cbpat cf cs dgmargin ds flymaincnt hyphlead hyphmax hyphtrail pgdscno soutlvl ts tsrowd updnprop yxe".split()
)
# Properties of a shape that are text, or the path of a picture; the rest are numbers.
SHAPE_TEXTS = {"wzDescription", "wzName", "wzTooltip", "gtextUNICODE", "gtextFont", "metroBlob"}
SHAPE_PATHS = {"pibName", "fillBlipName", "lineFillBlipName", "pibPrintName"}
NUMBERS = re.compile(r"[-+\d;,.()\s]*")


def property_danger(name: str, value: str) -> str | None:
    """Why a property of a shape is refused, by its `\\sn` and `\\sv`."""
    if name in SHAPE_TEXTS or NUMBERS.fullmatch(value):
        return None
    if name in SHAPE_PATHS and is_local(value):
        return None
    return CLICK if "script" in name.lower() else away(value)


# --- OpenDocument

ODF = "urn:oasis:names:tc:opendocument:xmlns:"
LIBRE = "urn:org:documentfoundation:names:experimental:"
NAMESPACES = {
    *(f"{ODF}{name}" for name in (
        "office:1.0", "style:1.0", "text:1.0", "table:1.0", "drawing:1.0", "xsl-fo-compatible:1.0", "meta:1.0", "datastyle:1.0",
        "presentation:1.0", "svg-compatible:1.0", "chart:1.0", "dr3d:1.0", "form:1.0", "manifest:1.0", "config:1.0", "of:1.2",
        "smil-compatible:1.0", "animation:1.0", "digitalsignature:1.0")),
    *(f"{LIBRE}{name}:1.0" for name in ("office:xmlns:loext", "calc:xmlns:calcext", "ooxml-odf-interop:xmlns:field")),
    f"{LIBRE}ooxml-odf-interop:xmlns:field:1.0", "urn:openoffice:names:experimental:ooxml-odf-interop:xmlns:form:1.0",
    "urn:openoffice:names:experimental:ooo-ms-interop:xmlns:field:1.0",
    "http://openoffice.org/2004/office", "http://openoffice.org/2004/writer", "http://openoffice.org/2009/office",
    "http://openoffice.org/2004/calc", "http://openoffice.org/2009/table", "http://openoffice.org/2010/draw",
    "http://openoffice.org/2005/report", "http://www.w3.org/1999/xlink", "http://purl.org/dc/elements/1.1/",
    "http://www.w3.org/1998/Math/MathML", "http://www.w3.org/1999/xhtml", "http://www.w3.org/2003/g/data-view#",
    "http://www.w3.org/TR/css3-text/", "http://www.w3.org/XML/1998/namespace", "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "http://docs.oasis-open.org/ns/office/1.2/meta/odf#", "http://docs.oasis-open.org/ns/office/1.2/meta/pkg#",
    "http://docs.oasis-open.org/ns/office/1.3/meta/odf#", "http://docs.oasis-open.org/ns/office/1.3/meta/pkg#",
    "http://www.w3.org/2000/09/xmldsig#", "http://uri.etsi.org/01903/v1.3.2#", "",
}  # fmt: skip
# Elements of those namespaces that run, reach out or hold something else.
ACTS = {
    "script": MACROS, "event-listeners": MACROS, "event-listener": MACROS, "dde-source": COMMAND, "dde-link": COMMAND,
    "dde-connection": COMMAND, "dde-connection-decl": COMMAND, "execute-macro": MACROS, "object-ole": PROGRAM,
    "plugin": PROGRAM,
    "applet": PROGRAM, "floating-frame": PROGRAM, "connection-resource": FETCHES, "database-source-sql": FETCHES,
    "database-source-query": FETCHES, "database-source-table": FETCHES, "database-display": FETCHES, "database-next": FETCHES,
    "database-row-select": FETCHES, "data-source": FETCHES, "generic-control": PROGRAM, "scripts": MACROS, "model": COMMAND,
    "table-source": FETCHES, "cell-range-source": FETCHES,
}  # fmt: skip
ODF_PARTS = re.compile(
    r"(?i)^(mimetype|(Object \d+/)?(content|styles|meta|settings)\.xml|META-INF/(manifest|documentsignatures)\.xml"
    r"|manifest\.rdf|layout-cache|Thumbnails/[^/]+\.png"
    r"|(Object \d+/)?Pictures/[^/]+\.(png|jpe?g|gif|svg|emf|wmf|tiff?|bmp|svm|webp)"
    r"|ObjectReplacements/Object \d+|Fonts/[^/]+\.(ttf|otf)|Configurations2/(.*/)?|.*/|Dialogs/|versionlist\.xml)$"
)
