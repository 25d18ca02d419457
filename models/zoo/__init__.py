"""Networks by name: what there is, where it is on this machine, and how it gets there.

registry.py     the embedded networks, those in the user's folder (user_folder.py), any folder by its path
choices.py      several networks that dream together
published.py    networks that their authors publish, one file each in networks/
adding.py       makes networks of one's own known: archives.py unpacks, foreign.py says what else files are
describe.py     tells of any of them, here or not
recognise.py    which of these a file of weights belongs to
fetch.py        downloads one of these: download.py over connection.py, told of by events.py
"""
