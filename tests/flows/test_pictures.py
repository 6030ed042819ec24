"""The pictures on the front page, held against a demonstration of now: what stands in them still stands there."""

import json

from tests import pictures
from tests.operations.test_processes import Portal


def test_what_the_pictures_of_the_readme_show_still_stands_there(require, tmp_path, request):
    require("chromium")
    browser = request.getfixturevalue("chromium")
    kept, gone = json.loads(pictures.WORDS.read_text()), {}
    with Portal(tmp_path, "run") as portal:
        for name, page in pictures.windows(browser, f"http://localhost:{portal.ready().port}", pictures.PICTURES):
            gone[name] = set(kept[name]["words"]) - set(pictures.words(page, whole=True))
    assert {name: words for name, words in gone.items() if words} == {}, "take them anew: make pictures"
