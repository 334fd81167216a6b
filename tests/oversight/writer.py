"""Someone who issues papers with their files until told to stop: `python -m tests.oversight.writer CASE`."""

import sys
import threading

import django


def main(case_id: int) -> None:
    django.setup()
    from casework.cases.models import Case
    from tests.evidence.conftest import add_papers

    case = Case.objects.get(pk=case_id)
    stop = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.readline(), stop.set())).start()
    while not stop.is_set():
        add_papers(case, ["SR"])
        print("one more", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
