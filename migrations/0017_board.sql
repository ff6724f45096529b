-- The receivers board: what came of mail, by route and by who receives it, moved by a follower of the log. Five minutes for eight days, so
-- that half an hour can be held against a week of half hours; days for four hundred. What is older than the first is added to the second
-- in the statement that removes it: each event is in one of the two, once.

-- Counters of equal length, added place by place; as an aggregate for folding and reading.
create function add_counts(a int[], b int[]) returns int[]
  language sql immutable parallel safe
  return (select coalesce(array_agg(coalesce(x, 0) + coalesce(y, 0) order by place), '{}')
            from unnest(a, b) with ordinality as pair (x, y, place));
create aggregate sum_counts(int[]) (sfunc = add_counts, stype = int[], initcond = '{}', parallel = safe, combinefunc = add_counts);

create table receiver_slot (
  workspace_id uuid        not null references workspace on delete cascade,
  route_id     uuid        not null,
  receiver     text        not null,
  at           timestamptz not null,                        -- the beginning of five minutes
  sent         int         not null default 0,              -- the next hop said yes
  deferred     int         not null default 0,              -- tries that were put off
  blocked      int         not null default 0,              -- tries that met a route which takes nothing
  bounced      int         not null default 0,              -- refused for good, at once or later
  returned     int         not null default 0,              -- of these: had been taken before
  complained   int         not null default 0,
  delivered    int         not null default 0,              -- reported to be in the mailbox
  unknown      int         not null default 0,
  times        int[]       not null default '{}',           -- of `sent`: from submission to acceptance, counted by TIME_EDGES of src/insight/board/figures.ts
  primary key (workspace_id, route_id, receiver, at)
) with (fillfactor = 70);
create index receiver_slot_by_time on receiver_slot (at);
create index receiver_slot_of_workspace on receiver_slot (workspace_id, at);

create table receiver_day (
  workspace_id uuid        not null references workspace on delete cascade,
  route_id     uuid        not null,
  receiver     text        not null,
  at           timestamptz not null,                        -- midnight UTC
  sent         int         not null default 0,
  deferred     int         not null default 0,
  blocked      int         not null default 0,
  bounced      int         not null default 0,
  returned     int         not null default 0,
  complained   int         not null default 0,
  delivered    int         not null default 0,
  unknown      int         not null default 0,
  times        int[]       not null default '{}',
  primary key (workspace_id, route_id, receiver, at)
);
create index receiver_day_by_time on receiver_day (at);
create index receiver_day_of_workspace on receiver_day (workspace_id, at);

-- What is usual for a route and a receiver, over the last seven days, at each width at which the present is looked at.
create table receiver_usual (
  workspace_id   uuid             not null references workspace on delete cascade,
  route_id       uuid             not null,
  receiver       text             not null,
  width_ms       int              not null,
  relayed        int              not null,                 -- how much these shares stand on
  attempts       int              not null,
  windows        int              not null,                 -- stretches of this width with enough mail to have a share of their own
  delivered      double precision not null,                 -- share of what was relayed
  put_off        double precision not null,                 -- share of tries
  refused        double precision not null,                 -- share of answers for good
  worst_delivered double precision,                         -- what only one window in fifty was worse than
  worst_put_off   double precision,
  worst_refused   double precision,
  computed_at    timestamptz      not null,
  primary key (workspace_id, route_id, receiver, width_ms)
);

-- An alert that lasts, with what was usual when it began: the bad days must not become the usual while nobody looks.
create table receiver_alert (
  workspace_id uuid             not null references workspace on delete cascade,
  route_id     uuid             not null,
  receiver     text             not null,
  kind         text             not null constraint receiver_alert_kind_is_known check (kind in ('not_arriving', 'put_off', 'refused')),
  usual        double precision not null,
  sentence     text             not null,
  since        timestamptz      not null,
  seen_at      timestamptz      not null,
  primary key (workspace_id, route_id, receiver, kind),
  constraint receiver_alert_is_seen_after_it_began check (seen_at >= since)
);

call protect_workspace('receiver_slot', 'select');
call protect_workspace('receiver_day', 'select');
call protect_workspace('receiver_usual', 'select');
call protect_workspace('receiver_alert', 'select');
