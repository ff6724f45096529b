-- The log of everything that happened: appended in the transaction that made it happen, never changed. Followers read it in the order
-- (txid, seq) and only below the oldest transaction still running, because an identity number is handed out before its commit:
-- "greater than my last number" would skip whoever commits late.

create table event (
  seq          bigint      generated always as identity,
  txid         xid8        not null default pg_current_xact_id(),
  at           timestamptz not null,
  workspace_id uuid        not null,
  type         text        not null,
  message_id   uuid,                                   -- what a person would look it up by
  delivery_id  uuid,
  subject_id   uuid,                                   -- route, key, user …: whatever else the event is about
  actor        text,                                   -- 'user:<id>', 'key:<id>', null for the engine itself
  depth        smallint    not null default 0 constraint event_depth_is_bounded check (depth between 0 and 100),
  data         jsonb       not null default '{}',
  primary key (txid, seq, at)
) partition by range (at);

create index event_of_message on event (workspace_id, message_id, txid, seq) where message_id is not null;

-- The place each follower of the log has reached. It moves in the transaction that holds the follower's own effects.
create table follower (
  name       text        primary key,
  txid       xid8        not null default '0',
  seq        bigint      not null default 0,
  updated_at timestamptz not null
);

-- Monthly partitions of a table, from `first` for `months` months. Called by every start and once a day.
create procedure ensure_partitions(parent text, first date, months int)
  language plpgsql as $$
declare
  month date;
begin
  for i in 0 .. months - 1 loop
    month := (date_trunc('month', first) + make_interval(months => i))::date;
    execute format('create table if not exists %I partition of %I for values from (%L) to (%L)',
      parent || '_' || to_char(month, 'YYYY_MM'), parent,
      to_char(month, 'YYYY-MM-DD') || ' 00:00:00+00', to_char(month + interval '1 month', 'YYYY-MM-DD') || ' 00:00:00+00');
  end loop;
end
$$;

-- Rows outside every month (a clock far off) have somewhere to go: a refused insert would stop mail.
create table event_other partition of event default;
call ensure_partitions('event', current_date, 3);
call protect_workspace('event', 'select, insert');
