"""The feature book as SQL, of DuckDB or of Spark: the same values as the online kernel, for many
decisions at once.

What a decision may see are the events with `seq` below its own; windows end at its `now`. The SQL
reads these relations, which whoever runs it provides:

    requests(id, who, seq, now, today)            one row a decision; `now` is no earlier than the
                                                  last `known_at` of what it may see
    events_TYPE(who, seq, n, pos, occurred_at, day, hour, FIELD …)
                                                  `n` counts a borrower's events of the type in
                                                  order of `seq`, `pos` by (occurred_at, seq)
    dense_TYPE(who)                               only for types named in `dense`

`who` is whatever tells borrowers apart; `day`, `today` and `hour` are local to the policy's zone.
"""

from xindeng.features.offline.book_sql import book_sql, book_tables, event_fields
from xindeng.features.offline.density import density_sql
from xindeng.features.offline.gaps import BackendGap, Gap, gaps_of

__all__ = ["BackendGap", "Gap", "book_sql", "book_tables", "density_sql", "event_fields", "gaps_of"]
