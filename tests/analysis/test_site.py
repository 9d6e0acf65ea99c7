from analysis.site import Copies

LONG = "\n".join(
    f"Line {word} tells firms what the agency does for them abroad." for word in "abcdefghijklmnopqrstuvwxyz"
)


def test_copies_are_told_from_pages_of_one_template():
    copies = Copies()
    assert copies.original("/a", "Mission to Kenya", LONG) == ("/a", True)
    assert copies.original("/a?print", "Mission to Kenya", LONG) == ("/a", True)
    assert copies.original("/a?date", "Mission to Kenya", f"{LONG}\nPrinted on 3 May") == ("/a", False)
    assert copies.original("/b", "Mission to Ghana", f"{LONG}\nIn Accra") == ("/b", True)
    assert copies.original("/c", "Mission to Kenya", "Something else altogether, under the same title.") == ("/c", True)
