"""Pages of what is public: the catalogue, needs that are listed, cases, policies, how the ranking works."""

from api.portal.catalogue import board, browse, crawlers, listing, references, statements

ROUTERS = (browse.router, listing.router, board.router, references.router, statements.router, crawlers.router)
