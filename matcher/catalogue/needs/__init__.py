"""Needs that are kept.

content.py     what a requester writes        states.py, life.py   draft → published → … and who leads it there
visibility.py  who sees what, as pure rules   board.py             what one outsider sees of all: the wall
store.py       kept, read, changed, deleted   consents.py          who may read the chosen fields
vectors.py     what the encoder gave          for_listing.py       who may ask which needs fit a listing
"""
