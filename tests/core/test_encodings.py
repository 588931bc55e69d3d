"""One reader: an encoding that one part reads, every part reads; a doubtful one is said, and it can be stated."""

import pytest

from assess import intake
from assess.core.tables.encoding import (
    UnknownEncoding,
    decode_text,
    encode_text,
    find_encoding,
    recognise_encoding,
    stated_encoding,
)
from assess.core.unpacking import UnreadableTable
from assess.evidence.operations.log import connect, read_logs
from assess.evidence.quality.table import open_table
from assess.evidence.value_stream import event_log

WORDS = {
    "de": "Müller Größe Köln Jürgen Ärzte Öl Straße Grüße", "fr": "Orléans Besançon Évry Nîmes Châlons Sète Haÿ",
    "es": "Málaga Logroño León Cádiz Águilas Güéjar", "pt": "São-Paulo Brasília Maceió Vitória Três-Corações",
    "pl": "Łódź Kraków Gdańsk Poznań Wrocław Częstochowa", "cs": "Plzeň České-Budějovice Ústí Přerov Děčín Třebíč",
    "hu": "Győr Pécs Székesfehérvár Kőszeg Hódmezővásárhely Gyöngyös", "ru": "Москва Казань Пермь Омск Уфа Тверь",
    "small ru": "москва казань пермь омск уфа тверь", "uk": "Київ Львів Одеса Харків Чернівці",
    "el": "Αθήνα Πάτρα Βόλος Λάρισα Ιωάννινα", "tr": "İstanbul Ağrı Muş Şanlıurfa Çorum", "lt": "Šiauliai Panevėžys Kėdainiai Mažeikiai",
    "sv": "Malmö Västerås Örebro Umeå Åmål", "da": "Århus København Tønder Ærø Æbeltoft", "it": "Forlì Cantù Mondovì Nardò perché città",
    "ja": "東京 大阪 京都 札幌 名古屋 横浜", "kana": "とうきょう おおさか サッポロ 東京駅", "zh": "北京 上海 广州 深圳 成都 西安 郑州",
    "zh-tw": "台北 高雄 台中 新竹 嘉義 屏東", "ko": "서울 부산 인천 대구 대전 광주", "he": "ירושלים חיפה אשדוד נתניה באר-שבע", "ar": "القاهرة الرياض دبي الدوحة بيروت",
}  # fmt: skip
ENCODINGS = [
    *((language, "cp1252") for language in ("de", "fr", "es", "pt", "sv", "da", "it")),
    *((language, name) for language in ("de", "fr", "es", "sv") for name in ("mac_roman", "cp850")),
    *((language, name) for language in ("pl", "cs", "hu") for name in ("cp1250", "iso8859-2")),
    *((language, name) for language in ("ru", "small ru") for name in ("cp1251", "koi8-r", "cp866")),
    ("uk", "cp1251"), ("el", "cp1253"), ("tr", "cp1254"), ("lt", "cp1257"), ("he", "cp1255"), ("ar", "cp1256"),
    ("ja", "cp932"), ("ja", "euc_jp"), ("kana", "cp932"), ("kana", "euc_jp"), ("zh", "gb18030"), ("zh-tw", "big5"), ("ko", "cp949"),
    *((language, name) for language in WORDS for name in ("utf-8", "utf-8-sig", "utf-16")),
]  # fmt: skip


def lines(header, language):
    return header + "".join(f"{n},{word}\n" for n, word in enumerate(WORDS[language].split()))


@pytest.mark.parametrize(("language", "name"), ENCODINGS)
def test_languages_in_their_encodings(tmp_path, language, name):
    path = tmp_path / "a.csv"
    path.write_bytes(lines("id,city\n", language).encode(name))
    table = open_table(path)
    assert table.frame["city"].tolist() == WORDS[language].split()
    assert bool(table.reading.notes) == (not name.startswith("utf"))
    content = path.read_bytes()
    found = find_encoding(path)
    assert recognise_encoding(lambda: [content[:7], content[7:]]).name == found.name
    assert encode_text(decode_text(content, found), found) == content


@pytest.mark.parametrize("word", ["Müller GmbH", "100 € – “gut”", "São Paulo", "l’été", "50 °C", "Søren"])
def test_one_word_is_western(word):
    found = recognise_encoding(lambda: [f"id,name\n1,{word}\n".encode("cp1252")])
    assert found.name == "cp1252"


def test_what_fits_two_encodings_is_said():
    found = recognise_encoding(lambda: ["id,city\n1,Plzeň\n".encode("cp1250")])
    assert found.rival
    assert "fits hardly worse, so state the encoding" in found.notes[0]


ROUND = [
    (language, name)
    for language, name in ENCODINGS
    if language in ("de", "pl", "ru", "ja") or name == "utf-16"
]


@pytest.mark.parametrize(("language", "name"), ROUND)
def test_what_one_part_reads_every_part_reads(tmp_path, language, name):
    words = WORDS[language].split()
    log = "case,activity,time\n" + "".join(f"{n},{word},2026-01-02\n" for n, word in enumerate(words))
    runs = "integration,started,status,error\n" + "".join(
        f"a,2026-01-02T00:00:00Z,failed,{word}\n" for word in words
    )
    json = "".join(
        f'{{"integration": "a", "started": "2026-01-02T00:00:00Z", "status": "failed", "error": "{w}"}}\n'
        for w in words
    )
    systems = "id,name\n" + "".join(f"s{n},{word}\n" for n, word in enumerate(words))
    for file, text in (("log.csv", log), ("runs.csv", runs), ("runs.jsonl", json)):
        (tmp_path / file).write_bytes(text.encode(name))
    read = event_log.read(tmp_path / "log.csv", "log.csv")
    assert sorted(read.events["activity"]) == sorted(words)
    assert bool(read.notes) == (not name.startswith("utf"))
    with connect() as engine:
        for file in read_logs(engine, [(f, tmp_path / f) for f in ("runs.csv", "runs.jsonl")]):
            assert (file.problem, file.attempts, bool(file.notes)) == (
                "",
                len(words),
                not name.startswith("utf"),
            )
        assert {row[0] for row in engine.execute("SELECT error FROM attempts").fetchall()} == set(words)
    folder = tmp_path / "engagement"
    folder.mkdir()
    (folder / "engagement.yaml").write_text("client: A\n")
    (folder / "integrations.csv").write_text("id,source,target\na,s0,s1\n")
    (folder / "systems.csv").write_bytes(systems.encode(name))
    if recognise_encoding(lambda: [systems.encode(name)]).rival:  # it is asked about
        assert [("is not UTF-8 and can be" in str(problem)) for problem in intake.validate(folder)] == [True]
    else:
        assert [system.name for system in intake.load(folder).systems] == words


def test_an_encoding_and_a_delimiter_can_be_stated(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("id|city\n1|Plzeň, Třebíč, x\n2|a, b, c\n".encode("cp1250"))
    table = open_table(path, encoding="Windows-1250", delimiter="|")
    assert table.columns == ("id", "city")
    assert table.frame["city"].tolist() == ["Plzeň, Třebíč, x", "a, b, c"]
    assert "encoding as stated" in table.reading.notes
    for name in ("klingon", "hex", "rot13", ""):
        with pytest.raises(UnknownEncoding):
            stated_encoding(name)
    with pytest.raises(UnreadableTable, match=r"a\.csv: 'klingon' is no encoding"):
        open_table(path, encoding="klingon")
