"""Small files of every kind, made on the spot, with or without people in them."""

import io
import struct
import zipfile
import zlib

import pypdf
from openpyxl import Workbook
from openpyxl.comments import Comment
from PIL import Image, TiffImagePlugin
from pydicom import uid
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject, StreamObject, TextStringObject

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODT = "application/vnd.oasis.opendocument.text"
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
CORE = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def pdf(*pages, author="", title="", field=None, change=None):
    """A PDF with one page per text ('' is an empty one), as old programs write it; `change(writer)` may add to it."""
    writer = pypdf.PdfWriter()
    writer.add_metadata({"/Author": author, "/Title": title})
    for text in pages or ("Verslag",):
        page = writer.add_blank_page(595, 842)
        helvetica = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica", "/Encoding": "/WinAnsiEncoding"}
        font = DictionaryObject({NameObject(key): NameObject(value) for key, value in helvetica.items()})
        fonts = DictionaryObject({NameObject("/F1"): writer._add_object(font)})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        drawn = StreamObject()
        lines = (text.encode("cp1252").hex() for text in text.splitlines())
        drawn.set_data(
            "".join(f"BT /F1 12 Tf 50 {800 - 20 * at} Td <{line}> Tj ET\n" for at, line in enumerate(lines)).encode()
        )
        page[NameObject("/Contents")] = writer._add_object(drawn)
    if field:
        _with_field(writer, *field)
    if change:
        change(writer)
    sink = io.BytesIO()
    writer.write(sink)
    return sink.getvalue()


def _with_field(writer, name, value):
    """A text field that somebody filled in."""
    field = DictionaryObject({
        NameObject("/Type"): NameObject("/Annot"), NameObject("/Subtype"): NameObject("/Widget"),
        NameObject("/FT"): NameObject("/Tx"), NameObject("/T"): TextStringObject(name),
        NameObject("/V"): TextStringObject(value), NameObject("/Rect"): ArrayObject(map(NumberObject, (50, 100, 200, 120))),
    })  # fmt: skip
    fields = ArrayObject([writer._add_object(field)])
    writer.pages[0][NameObject("/Annots")] = fields
    writer._root_object[NameObject("/AcroForm")] = DictionaryObject({NameObject("/Fields"): fields})


def changed_pdf(content, change):
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(content))
    change(writer)
    sink = io.BytesIO()
    writer.write(sink)
    return sink.getvalue()


def with_xmp(writer, creator="Jan Smit"):
    packet = StreamObject()
    packet.set_data(
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator><rdf:Seq><rdf:li>{creator}</rdf:li>'
        f"</rdf:Seq></dc:creator></rdf:Description></rdf:RDF></x:xmpmeta>".encode()
    )
    packet.update({NameObject("/Type"): NameObject("/Metadata"), NameObject("/Subtype"): NameObject("/XML")})
    writer._root_object[NameObject("/Metadata")] = writer._add_object(packet)


def with_remark(writer, author="Jan Smit", text="Graag nakijken"):
    remark = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Annot"),
            NameObject("/Subtype"): NameObject("/Text"),
            NameObject("/Rect"): ArrayObject(map(NumberObject, (10, 10, 30, 30))),
            NameObject("/T"): TextStringObject(author),
            NameObject("/Contents"): TextStringObject(text),
        }
    )
    writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(remark)])


def with_script(writer):
    action = DictionaryObject(
        {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
    )
    writer.pages[0][NameObject("/AA")] = DictionaryObject({NameObject("/O"): writer._add_object(action)})


def with_launch(writer, referred=False):
    kind = NameObject("/Launch")
    action = DictionaryObject(
        {
            NameObject("/S"): writer._add_object(kind) if referred else kind,
            NameObject("/F"): TextStringObject("cmd.exe"),
        }
    )
    writer._root_object[NameObject("/OpenAction")] = writer._add_object(action)


def with_signature(writer):
    field = DictionaryObject(
        {
            NameObject("/FT"): NameObject("/Sig"),
            NameObject("/T"): TextStringObject("handtekening"),
            NameObject("/V"): writer._add_object(DictionaryObject({NameObject("/Name"): TextStringObject("Jan Smit")})),
        }
    )
    fields = ArrayObject([writer._add_object(field)])
    writer._root_object[NameObject("/AcroForm")] = DictionaryObject({NameObject("/Fields"): fields})


def with_first_view(writer):
    page = writer.pages[0].indirect_reference
    writer._root_object[NameObject("/OpenAction")] = ArrayObject([page, NameObject("/Fit")])


def with_photo(writer, width=40, height=20):
    photo = StreamObject()
    photo._data = jpeg()
    photo.update(
        {
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Image"),
            NameObject("/Width"): NumberObject(width),
            NameObject("/Height"): NumberObject(height),
            NameObject("/ColorSpace"): NameObject("/DeviceRGB"),
            NameObject("/BitsPerComponent"): NumberObject(8),
            NameObject("/Filter"): NameObject("/DCTDecode"),
        }
    )
    pictures = DictionaryObject({NameObject("/Foto"): writer._add_object(photo)})
    writer.pages[0]["/Resources"].get_object()[NameObject("/XObject")] = pictures


def exif():
    """Who, where, when and with what a picture was taken; and that it must be turned."""
    data = Image.Exif()
    data[0x0112], data[0x013B], data[0x010E], data[0x013C] = 6, "Anna Fotograaf", "mevrouw Jansen", "iPhone van Anna"
    data[0x011A], data[0x011B], data[0x0128] = TiffImagePlugin.IFDRational(300), TiffImagePlugin.IFDRational(300), 2
    inner = data.get_ifd(0x8769)
    inner[0x9003], inner[0xA431] = "2026:03:12 10:11:12", "SN-998877"
    data.get_ifd(0x8825).update({1: "N", 2: (52.0, 5.0, 10.0), 3: "E", 4: (5.0, 7.0, 20.0)})
    return data


def picture():
    face = Image.new("RGB", (40, 20), (200, 30, 30))
    face.putpixel((3, 4), (0, 0, 255))
    return face


def jpeg(**options):
    sink = io.BytesIO()
    picture().save(sink, "JPEG", exif=exif(), comment=b"mw. Pietersen, tel 06-12345678", dpi=(300, 300), **options)
    return sink.getvalue()


def png():
    sink = io.BytesIO()
    picture().save(sink, "PNG", exif=exif())
    content = sink.getvalue()
    return (
        content[:-12]
        + chunk(b"tEXt", b"Author\0Anna Fotograaf")
        + chunk(b"zTXt", b"Title\0\0" + zlib.compress(b"mw. Jansen"))
        + content[-12:]
    )


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def huge_png(side=30_000):
    """Few bytes that claim side x side pixels."""
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


def tiff(pages=2):
    sink, tags = io.BytesIO(), TiffImagePlugin.ImageFileDirectory_v2()
    for tag, value in exif().items():
        tags[tag] = value
    tags[0x8769], tags[0x8825] = dict(exif().get_ifd(0x8769)), dict(exif().get_ifd(0x8825))
    first, *others = [picture().rotate(90 * number) for number in range(pages)]
    first.save(sink, "TIFF", save_all=True, append_images=others, tiffinfo=tags)
    return sink.getvalue()


def heic(shift=0):
    """A HEIC file as far as what stands beside the picture is concerned; the picture itself is missing.

    `shift`: how many bytes stand before it.
    """
    block = struct.pack(">I", 6) + b"Exif\0\0" + exif().tobytes().removeprefix(b"Exif\0\0")
    infe = box(b"infe", b"\2\0\0\0" + struct.pack(">HH", 1, 0) + b"Exif\0")
    iinf = box(b"iinf", b"\0\0\0\0" + struct.pack(">H", 1) + infe)
    start = shift + len(box(b"ftyp", b"heic\0\0\0\0mif1")) + 12 + len(iinf) + 8 + 8 + 14 + 8
    iloc = box(b"iloc", b"\0\0\0\0\x44\x00" + struct.pack(">HHHHII", 1, 1, 0, 1, start, len(block)))
    return box(b"ftyp", b"heic\0\0\0\0mif1") + box(b"meta", b"\0\0\0\0" + iinf + iloc) + box(b"mdat", block)


def mp4(place="+52.0842+005.1213/"):
    spot = box(b"\xa9xyz", struct.pack(">HH", len(place), 0x15C7) + place.encode())
    return box(b"ftyp", b"isom\0\0\0\0isom") + box(b"moov", box(b"udta", spot))


def recording(*tracks, brand=b"mp42"):
    """What a phone records, with a track of each of these kinds: b"vide" is a picture, b"soun" sound."""
    handlers = (box(b"hdlr", bytes(8) + track + bytes(13)) for track in tracks)
    moov = b"".join(box(b"trak", box(b"mdia", handler)) for handler in handlers)
    return box(b"ftyp", brand + b"\0\0\0\0isom") + box(b"mdat", bytes(64)) + box(b"moov", moov)


def clip_keys(**keys):
    """The boxes with which an iPhone says where and by whom a clip was made."""
    names = b"".join(box(b"mdta", key.encode()) for key in keys)
    values = b"".join(
        box(struct.pack(">I", number), box(b"data", struct.pack(">II", 1, 0) + value.encode()))
        for number, value in enumerate(keys.values(), 1)
    )
    meta = box(b"hdlr", bytes(25)) + box(b"keys", struct.pack(">II", 0, len(keys)) + names)
    return box(b"moov", box(b"meta", meta + box(b"ilst", values)))


def mov():
    """A clip of an iPhone, which tells place and maker."""
    told = {"com.apple.quicktime.location.ISO6709": "+52.0842+005.1213/", "com.apple.quicktime.author": "Anna de Vries"}
    return box(b"ftyp", b"qt  \0\0\0\0qt  ") + clip_keys(**told)


def box(kind, body):
    return struct.pack(">I", len(body) + 8) + kind + body


def package(parts):
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in parts.items():
            target.writestr(name, content, zipfile.ZIP_STORED if name == "mimetype" else None)
    return sink.getvalue()


def docx(*paragraphs, **extra):
    """A Word document with an author, a remark and a tracked change. `extra`: parts by name, '/' written as '__'."""
    text = "".join(f"<w:p><w:r><w:t>{paragraph}</w:t></w:r></w:p>" for paragraph in paragraphs or ("Verslag",))
    change = '<w:p><w:ins w:id="1" w:author="Jan Smit" w:date="2026-01-02T03:04:05Z"><w:r><w:t>nieuw</w:t></w:r></w:ins></w:p>'
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/><Default Extension="jpeg" ContentType="image/jpeg"/>'
        '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml'
        '.document.main+xml"/></Types>',
        "_rels/.rels": relations(
            ("officeDocument", "word/document.xml", ""), ("metadata/thumbnail", "docProps/thumbnail.jpeg", "")
        ),
        "word/document.xml": f'<w:document {W} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
        f'mc:Ignorable="w14" xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"><w:body>{text}{change}</w:body>'
        "</w:document>",
        "word/comments.xml": f'<w:comments {W}><w:comment w:id="0" w:author="Jan Smit" w:initials="JS"><w:p><w:r>'
        "<w:t>Klopt dit?</w:t></w:r></w:p></w:comment></w:comments>",
        "docProps/core.xml": f'<cp:coreProperties xmlns:cp="{CORE}" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Brief mw. Jansen</dc:title>'
        "<dc:creator>Anna de Vries</dc:creator>"
        "<cp:lastModifiedBy>Jan Smit</cp:lastModifiedBy></cp:coreProperties>",
        "docProps/thumbnail.jpeg": jpeg(),
        "word/media/image1.jpeg": jpeg(),
    }
    return package(parts | {name.replace("__", "/"): content for name, content in extra.items()})


def relations(*rows):
    """Rows of (kind, target, mode)."""
    lines = "".join(
        f'<Relationship Id="r{number}" Type="{KINDS}/{kind}" Target="{target}" TargetMode="{mode or "Internal"}"/>'
        for number, (kind, target, mode) in enumerate(rows)
    )
    return f'<Relationships xmlns="{RELATIONS}">{lines}</Relationships>'


def xlsx(*rows):
    book = Workbook()
    book.properties.creator, book.properties.lastModifiedBy = "Anna de Vries", "Jan Smit"
    for row in rows or (("Verslag",),):
        book.active.append(row)
    book.active["A1"].comment = Comment("Jan Smit:\nKlopt dit?", "Jan Smit")
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def odt(text="Verslag"):
    office = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
    names = (
        f'xmlns:office="{office}" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0"'
    )
    return package(
        {
            "mimetype": ODT,
            "content.xml": f"<office:document-content {names}><office:body><office:text><text:p>{text}<office:annotation>"
            "<dc:creator>Jan Smit</dc:creator><text:p>Klopt dit?</text:p></office:annotation></text:p></office:text>"
            "</office:body></office:document-content>",
            "meta.xml": f"<office:document-meta {names}><office:meta><meta:initial-creator>Anna de Vries"
            "</meta:initial-creator><dc:creator>Jan Smit</dc:creator></office:meta></office:document-meta>",
            "META-INF/manifest.xml": '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        }
    )


def ole(streams, author="Anna de Vries"):
    """A container of before 2007 with these streams, and the summary that names an author."""
    name = author.encode("cp1252") + b"\0"
    values = struct.pack("<II", 30, len(name)) + name.ljust(len(name) + -len(name) % 4, b"\0")
    section = struct.pack("<IIII", 16 + len(values), 1, 4, 16) + values
    fmtid = bytes.fromhex("e0859ff2f94f6810ab9108002b27b3d9")
    streams = {
        "\x05SummaryInformation": struct.pack("<HHI16sI", 0xFFFE, 0, 2, b"", 1) + fmtid + struct.pack("<I", 48) + section,
        **streams,
    }
    # Streams of 4096 bytes and more need no second allocation table.
    bodies = [content.ljust(max(4096, len(content) + -len(content) % 512), b"\0") for content in streams.values()]
    entries = len(streams) + 1
    folders = (entries + 3) // 4
    table, at, rows = [0xFFFFFFFD, *range(2, folders + 1), 0xFFFFFFFE], folders + 1, []
    for number, (stream, body) in enumerate(zip(streams, bodies, strict=True), 1):
        after = number + 1 if number < len(streams) else 0xFFFFFFFF
        rows.append(entry(stream, 2, after, 0xFFFFFFFF, at, len(body)))
        table += [*range(at + 1, at + len(body) // 512), 0xFFFFFFFE]
        at += len(body) // 512
    head = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(16)
        + struct.pack("<HHHHH6xIIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0)
    )
    root = entry("Root Entry", 5, 0xFFFFFFFF, 1, 0xFFFFFFFE, 0)
    fat = struct.pack("<128I", *table, *[0xFFFFFFFF] * (128 - len(table)))
    return head.ljust(512, b"\xff") + fat + b"".join([root, *rows]).ljust(folders * 512, b"\0") + b"".join(bodies)


def book(sheet):
    """A workbook of before 2007, as far as its records go, with one sheet; enough before it that no first block holds it."""
    records = ((0x0809, bytes(16)), *[(0x00E0, bytes(20))] * 300, (0x0085, sheet), (0x000A, b""))
    return b"".join(struct.pack("<HH", kind, len(body)) + body for kind, body in records)


def entry(name, kind, right, child, start, size):
    text = (name + "\0").encode("utf-16-le")
    return text.ljust(64, b"\0") + struct.pack(
        "<HBBIII16xI8x8xIII", len(text), kind, 1, 0xFFFFFFFF, right, child, 0, start, size, 0
    )


def dicom_picture(syntax, frames, kind="MONOCHROME2", **more):
    """64 by 48 pixels of eight bits, unless `more` says otherwise by DICOM's own names."""
    file, bits = Dataset(), more.get("BitsStored", 8)
    file.file_meta = FileMetaDataset()
    file.file_meta.TransferSyntaxUID = syntax
    file.SOPClassUID, file.SOPInstanceUID = uid.SecondaryCaptureImageStorage, "1.2.3"
    file.Rows, file.Columns, file.SamplesPerPixel = 48, 64, 1 if kind.startswith(("MONO", "PALETTE")) else 3
    file.PhotometricInterpretation, file.PlanarConfiguration, file.NumberOfFrames = kind, 0, len(frames)
    file.BitsAllocated, file.BitsStored, file.HighBit, file.PixelRepresentation = 8, bits, bits - 1, 0
    for name, value in more.items():
        setattr(file, name, value)
    file.PixelData = encapsulate(frames) if syntax.is_encapsulated else b"".join(frames)
    file["PixelData"].VR = "OB" if file.BitsAllocated == 8 else "OW"
    sink = io.BytesIO()
    file.save_as(sink, enforce_file_format=True)
    return sink.getvalue()


def dicom(name="Jansen^Petra", document=None):
    file = Dataset()
    file.file_meta = FileMetaDataset()
    file.file_meta.TransferSyntaxUID, file.file_meta.MediaStorageSOPClassUID = (
        "1.2.840.10008.1.2.1",
        "1.2.840.10008.5.1.4.1.1.6.1",
    )
    file.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    file.SOPClassUID, file.SOPInstanceUID, file.PatientName, file.PatientID = (
        "1.2.840.10008.5.1.4.1.1.6.1",
        "1.2.3",
        name,
        "1234567",
    )
    file.PatientBirthDate, file.ReferringPhysicianName, file.Rows, file.Columns = "19900403", "Smit^Jan", 2, 2
    file.StudyDate, file.InstitutionName, file.BitsAllocated, file.PixelData = "20260312", "Ziekenhuis Oost", 8, b"\1\2\3\4"
    file.SamplesPerPixel, file.PhotometricInterpretation, file.BitsStored, file.HighBit, file.PixelRepresentation = (
        1,
        "MONOCHROME2",
        8,
        7,
        0,
    )
    # Makers of machines keep things under numbers of their own.
    file.private_block(0x0009, "MAKER", create=True).add_new(0x01, "LO", "mevrouw Pietersen")
    inner = Dataset()
    inner.PerformingPhysicianName = "Pietersen^Jan"
    file.ReferencedStudySequence = [inner]
    if document:
        file.EncapsulatedDocument = document
    sink = io.BytesIO()
    file.save_as(sink, enforce_file_format=True)
    return sink.getvalue()
