"""The language of pages: asked for by the browser, or chosen at the foot of a page."""

from __future__ import annotations

import re
import time
from io import BytesIO

import pytest
from flask.testing import FlaskClient

from reelqueue.media.speech.narration import SpeakingAbility
from reelqueue.specs import narration
from reelqueue.specs.clips import speech
from reelqueue.web.language.catalogues import list_languages
from reelqueue.web.language.choice import describe_language, list_language_names
from reelqueue.web.language.sentences import translate_answer, translate_to
from tests.web.conftest import Finished, OpenSite, Site, make_photo, upload

GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}


def read_language(client: FlaskClient, headers: dict[str, str] | None = None) -> str:
    response = client.get("/", headers=headers)
    assert {"Accept-Language", "Cookie"} <= set(response.vary)
    match = re.search(r'<html lang="([\w-]+)" dir="ltr">', response.text)
    assert match
    assert response.headers["Content-Language"] == match[1]
    return match[1]


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.5", "de"),
        ("fr-FR,es;q=0.8,de;q=0.4", "es"),
        ("en-US,en;q=0.9,de;q=0.8", "en"),
        ("tlh", "en"),
        ("*", "en"),
        ("", "en"),
        ("%&/()", "en"),
    ],
)
def test_page_is_in_the_language_that_the_browser_asks_for(
    site: Site, asked: str, given: str
) -> None:
    assert read_language(site.open_client(), {"Accept-Language": asked}) == given


def test_language_that_was_chosen_is_kept_on_all_pages(site: Site) -> None:
    client = site.open_client()
    chosen = client.get("/?language=es")
    assert (chosen.status_code, chosen.headers["Location"]) == (303, "/")
    cookie = chosen.headers["Set-Cookie"]
    assert cookie.startswith("language=es;")
    assert "SameSite=Lax" in cookie
    assert read_language(client, GERMAN) == "es"
    assert 'lang="es"' in client.get("/sign_in", headers=GERMAN).text
    assert 'lang="es"' in client.get("/shared/none/none", headers=GERMAN).text
    client.get("/sign_in?language=en")
    assert read_language(client, GERMAN) == "en"


def test_unknown_language_is_not_chosen(site: Site) -> None:
    client = site.open_client()
    response = client.get("/?language=../../etc/passwd", headers=GERMAN)
    assert response.status_code == 200
    assert "language=" not in response.headers["Set-Cookie"]
    assert read_language(client, GERMAN) == "de"


def test_page_offers_all_languages_by_their_own_names(site: Site) -> None:
    page = site.open_client().get("/", headers=GERMAN).text
    offered = re.findall(r'<a href="\?language=(\w+)" .*?(aria-current="true")?>(\w+)</a>', page)
    assert offered == [
        ("en", "", "English"),
        ("de", 'aria-current="true"', "Deutsch"),
        ("es", "", "Español"),
    ]


@pytest.mark.parametrize("tag", list_languages())
def test_all_choices_have_a_name(site: Site, tag: str) -> None:
    page = site.open_client().get("/", headers={"Accept-Language": tag}).text
    assert len(re.findall(r"<option [^>]*>[^<]+</option>", page)) > 100
    assert not re.findall(r"<option [^>]*>\s*</option>", page)
    assert not re.findall(r'aria-hidden="true"></span>\s*<span></span>', page)


def test_catalogue_of_the_scripts_is_named_for_all_but_english(site: Site) -> None:
    client = site.open_client()
    assert "data-catalogue" not in client.get("/").text
    match = re.search(r'href="([^"]+)" data-catalogue', client.get("/", headers=GERMAN).text)
    assert match
    with client.get(match[1]) as catalogue:
        assert catalogue.status_code == 200
        assert "immutable" in catalogue.headers["Cache-Control"]
        assert isinstance(catalogue.json, dict)


def test_page_for_operators_is_in_english(open_site: OpenSite) -> None:
    site = open_site(DASHBOARD_USERNAME="ops", DASHBOARD_PASSWORD="a long password 1")
    page = site.open_client().get("/admin", headers=GERMAN, auth=("ops", "a long password 1"))
    assert '<html lang="en" dir="ltr">' in page.text


def test_languages_of_narration_have_their_names(site: Site) -> None:
    with site.app.test_request_context(headers=GERMAN):
        names = dict(list_language_names(["de", "en-us", "en-gb-scotland", "en-029", "xx", "yue"]))
    assert names["de"] == "Deutsch"
    assert names["en-us"] == "Englisch (Vereinigte Staaten)"
    scottish = "Englisch (Vereinigtes Königreich, Schottisches Standardenglisch)"
    assert names["en-gb-scotland"] == scottish
    assert names["en-029"] == "Englisch (Karibik)"
    assert names["xx"] == "xx"
    assert names["yue"] == "Kantonesisch"


@pytest.mark.parametrize("tag", ["en", "de", "es"])
def test_every_language_that_can_be_heard_or_spoken_has_a_name_in_that_of_the_page(
    site: Site, tag: str
) -> None:
    codes = {*speech.LANGUAGES, *narration.LANGUAGES} - {"cmn"}  # it is not offered
    with site.app.test_request_context(headers={"Accept-Language": tag}):
        names = dict(list_language_names(codes))
    assert not [code for code, name in names.items() if name == code]
    assert names["jw"] == {"en": "Javanese", "de": "Javanisch", "es": "javanés"}[tag]
    assert names["ltg"] == {"en": "Latgalian", "de": "Lettgallisch", "es": "latgaliano"}[tag]


@pytest.mark.parametrize(("language", "chosen"), [("de", "Deutsch"), ("es", "español")])
def test_narration_is_in_the_language_of_the_page_unless_another_is_chosen(
    site: Site, language: str, chosen: str
) -> None:
    page = site.open_client().get("/", headers={"Accept-Language": language}).text
    select = page.partition('<select name="voice_language">')[2].partition("</select>")[0]
    names = dict(re.findall(r'<option value="([^"]+)" (?:selected)?>([^<]+)</option>', select))
    assert len(names) > 100
    assert len(set(names.values())) == len(names)
    assert not [code for code, name in names.items() if code == name]
    assert re.findall(r" selected>([^<]+)<", select) == [chosen]


def test_only_languages_that_can_be_spoken_are_offered(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    voices = SpeakingAbility(piper={"one": "en-us", "two": "fr-fr"})
    monkeypatch.setattr("reelqueue.submission.narration.find_speaking", lambda _folder: voices)
    page = site.open_client().get("/", headers=GERMAN).text
    select = page.partition('<select name="voice_language">')[2].partition("</select>")[0]
    assert re.findall(r'value="([^"]+)"', select) == ["en", "en-us", "fr"]
    assert re.findall(r'value="([^"]+)" selected', select) == ["en"]


def test_directions_are_known() -> None:
    assert describe_language("ar").direction == "rtl"
    assert describe_language("he").direction == "rtl"
    assert describe_language("pt-BR").name == "Português (Brasil)"


@pytest.mark.parametrize(
    ("order", "field", "sentence"),
    [
        ({"duration": 0.05}, "duration", "duration: muss mindestens 0,2 sein."),
        ({"photos": []}, "photos", "photos: muss mindestens 1 Eintrag haben, nicht 0."),
        ({"fit": "wide"}, "fit", "fit: muss 'contain', 'cover' oder 'blur' sein."),
        ({"bogus": 1}, "bogus", "bogus: wird hier nicht unterstützt: bitte entfernen."),
        (
            {"fit_to_music": True},
            "fit_to_music",
            "fit_to_music: es gibt keine Musik: bitte welche hinzufügen oder das abschalten.",
        ),
    ],
)
@pytest.mark.usefixtures("pretended_probe")
def test_refusal_of_a_value_is_translated_and_keeps_its_path(
    site: Site, order: dict[str, object], field: str, sentence: str
) -> None:
    client = site.open_browser()
    session = upload(client, [("red.jpg", make_photo())])["session_id"]
    body = {"session_id": session, "dry_run": True, **order}
    for headers, detail in (({}, None), (GERMAN, sentence)):
        problem = client.post("/generate_video", json=body, headers=headers)
        assert problem.status_code == 422
        assert problem.json
        assert problem.json["field"] == field
        assert problem.json["title"] == "Unprocessable Entity"
        assert detail is None or problem.json["detail"] == detail
        assert detail is not None or problem.json["detail"].isascii()


@pytest.mark.process
def test_refused_files_are_named_with_a_translated_reason(site: Site) -> None:
    client = site.open_browser()
    form = {"images": (BytesIO(b"%PDF-1.7 this is no photo"), "Urlaub.pdf")}
    answer = client.post("/upload_images", data=form, headers=GERMAN).json
    assert answer
    (refused,) = answer["rejected"]
    assert refused["filename"] == "Urlaub.pdf"
    assert "kein unterstütztes Format" in refused["error"]


def test_reasons_of_highlights_are_joined_as_the_language_does(site: Site) -> None:
    why = "Louder than what is around it, and many cuts in a short time."
    with site.app.test_request_context(headers=GERMAN):
        answer = translate_answer({"highlights": [{"why": why, "score": 0.5}], "name": why})
    assert answer["highlights"][0]["why"] == (
        "Lauter als die Umgebung und viele Schnitte in kurzer Zeit."
    )
    assert answer["name"] == why  # what a user wrote


def test_sentences_within_sentences_and_numbers_are_written_as_in_the_language() -> None:
    sentence = "The storage does not answer right now. It will be tried again."
    assert translate_to("es", sentence) == (
        "El almacenamiento no responde en este momento. Se volverá a intentar."
    )
    long = "This file lasts 90000.5 seconds: send one that lasts between 0.1 seconds and 4 hours."
    assert translate_to("de", long) == (
        "Diese Datei dauert 90.000,5 Sekunden: Möglich sind 0,1 Sekunden bis 4 Stunden."
    )
    assert translate_to("de", "No one has translated this.") == "No one has translated this."


@pytest.mark.parametrize(
    ("sentence", "german"),
    [
        (
            "fit_to_music: the music lasts 3.00 seconds, which is too short for 9 photos of at "
            "least 0.2 seconds: use fewer photos, or more music.",
            "fit_to_music: die Musik dauert 3 Sekunden, zu kurz für 9 Fotos von mindestens 0,2 "
            "Sekunden: bitte weniger Fotos oder mehr Musik nehmen.",
        ),
        (
            "fps: must be at most 30 for old players: choose such a rate, or leave it out.",
            "fps: muss für alte Abspielgeräte höchstens 30 sein: bitte eine solche Bildrate "
            "wählen.",
        ),
        (
            "target: the video would last 2.0 seconds, and Instagram takes between 3 and 900: make "
            "it longer, or choose another target.",
            "target: das Video würde 2 Sekunden dauern, Instagram nimmt 3 bis 900: bitte ändern "
            "oder ein anderes Ziel wählen.",
        ),
    ],
)
def test_values_that_are_empty_or_words_leave_no_english_behind(sentence: str, german: str) -> None:
    assert translate_to("de", sentence) == german


def test_status_of_a_job_speaks_the_language_of_each_request(finished: Finished) -> None:
    address = f"/job_status/{finished.job_id}"
    messages = {}
    for tag in list_languages():
        status = finished.browser.get(address, headers={"Accept-Language": tag}).json
        assert status
        messages[tag] = status["message"]
    assert messages == {
        "en": "The video is ready.",
        "de": "Das Video ist fertig.",
        "es": "El vídeo está listo.",
    }


def test_digits_that_are_no_number_stay_as_they_are() -> None:
    name = "9" * 40
    assert translate_to("de", f"{name} is a camera raw file: export it as JPEG.").startswith(name)
    assert translate_to("de", "must be less than 0.0005.") == "muss kleiner als 0,0005 sein."


def test_sentence_with_long_texts_of_users_is_looked_up_quickly() -> None:
    sentence = "x of " * 100 + "a " * 500
    began = time.process_time()
    assert translate_to("de", sentence) == sentence
    assert time.process_time() - began < 1
