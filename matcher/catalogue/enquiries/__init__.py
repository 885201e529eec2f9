"""Enquiries 对接申请: a requester approaches the operator of a listing, who answers; both see how it stands."""
