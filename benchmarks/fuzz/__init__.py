"""Readers of files from strangers, fed with what nobody would write: `python -m lucidreel.benchmarks.fuzz`.

    target.py      what is read, from which seeds, and how seeds are changed; its table is table.py
    networks.py  settings.py  kept.py  caffe.py  media.py     the targets
    mutation.py    changes that keep the form: words of a text, fields of a protobuf message
    findings.py    what counts as a fault
    worker.py      one process under atheris (libFuzzer), which sees the lines that an input reaches
    campaign.py    one target for so many minutes, begun again where a process ended, and what came of it;
                   record.py adds several up

atheris comes with the extra `fuzz`, for Linux. Corpora and findings go into a folder of the user's choice.
docs/security.md keeps the record.
"""
