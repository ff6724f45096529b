-- Workflows: graphs that wait for days. What a run does next is a row (a token); who may work on it is a row (a lane); what came for it while others
-- worked is a row (the box). Whoever takes a lane does at most fifty nodes in one transaction, which holds all that they did: a crash before its commit
-- was nothing, after it everything.

-- The name and what is being written. What runs is workflow_version.
create table workflow (
  workspace_id   uuid        not null references workspace on delete cascade,
  id             uuid        not null,
  name           text        not null constraint workflow_name_has_1_to_120_characters check (length(name) between 1 and 120),
  draft          jsonb       not null,                        -- src/workflows/definition/graph.ts; may have problems
  draft_revision int         not null default 1,              -- grows with every change: two writers notice each other
  layout         jsonb       not null default '{}',           -- where boxes stand and what is folded; no part of a version
  version_id     uuid,                                        -- what new runs begin with
  is_enabled     boolean     not null default false,
  place          int         not null default 0,              -- rules of one inbox are asked in this order
  created_at     timestamptz not null,
  created_by     text,
  updated_at     timestamptz not null,
  removed_at     timestamptz,                                 -- runs of it end as they began
  primary key (workspace_id, id),
  constraint workflow_runs_what_was_published check (not is_enabled or version_id is not null)
);
call protect_workspace('workflow');

-- What was published: never changed, and kept as long as a run of it is told of.
create table workflow_version (
  workspace_id uuid        not null,
  id           uuid        not null,
  workflow_id  uuid        not null,
  number       int         not null constraint workflow_version_counts_from_1 check (number >= 1),
  graph        jsonb       not null,
  hash         bytea       not null constraint workflow_version_hash_is_sha256 check (octet_length(hash) = 32),
  note         text        not null default '' constraint workflow_version_note_is_short check (length(note) <= 2000),
  published_at timestamptz not null,
  published_by text,
  primary key (workspace_id, id),
  unique (workspace_id, workflow_id, number),
  foreign key (workspace_id, workflow_id) references workflow on delete cascade
);
call protect_workspace('workflow_version', 'select, insert');
alter table workflow add foreign key (workspace_id, version_id) references workflow_version deferrable initially deferred;

-- What begins runs of the version that is published and enabled; written anew in the transaction that publishes.
create table workflow_trigger (
  workspace_id uuid not null,
  workflow_id  uuid not null,
  node         text not null,
  happening    text not null,                                 -- src/workflows/happening.ts
  key          text,                                          -- 'inbox:<id>', 'name:<event>', 'list:<id>' …; null: any
  version_id   uuid not null,
  subject      text not null constraint workflow_trigger_subject_is_known check (subject in ('conversation', 'contact', 'none')),
  primary key (workspace_id, workflow_id, node, happening),
  foreign key (workspace_id, workflow_id) references workflow on delete cascade
);
create index workflow_trigger_of_happening on workflow_trigger (happening, workspace_id);
call protect_workspace('workflow_trigger');

-- Triggers by the clock: one row is one schedule, and its start and its next time are one commit.
create table workflow_schedule (
  workspace_id uuid        not null,
  workflow_id  uuid        not null,
  node         text        not null,
  cron         text        not null,
  zone         text        not null,
  misfire      text        not null constraint workflow_misfire_is_known check (misfire in ('skip', 'once', 'all')),
  next_at      timestamptz,                                   -- null: never again
  last_at      timestamptz,
  primary key (workspace_id, workflow_id, node),
  foreign key (workspace_id, workflow_id) references workflow on delete cascade
);
create index workflow_schedule_due on workflow_schedule (next_at) where next_at is not null;
call protect_workspace('workflow_schedule');

-- What may not happen at the same time: everything about one conversation, one contact, or one run that is about neither. The row is the lock, and says
-- when there is something to do.
create table workflow_lane (
  workspace_id uuid        not null references workspace on delete cascade,
  id           uuid        not null,
  key          text        not null,                          -- 'conversation:<id>', 'contact:<id>', 'run:<id>'
  due_at       timestamptz,                                   -- the earliest of its ready tokens, time-outs, and what is left in its box
  priority     smallint    not null default 1,                -- 0: somebody waits before a screen
  crashes      smallint    not null default 0,                -- processes that died, or transactions that broke, with it in their hands
  primary key (workspace_id, id),
  unique (workspace_id, key)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 1);
create index workflow_lane_due on workflow_lane (priority, due_at) where due_at is not null;
call protect_workspace('workflow_lane');

-- What came for a lane: put there by whoever reads the log, without touching the lane itself, so that nobody waits for whoever works in it. `fresh` until
-- somebody has seen it; from then on the lane's due_at answers for it.
create table workflow_box (
  workspace_id uuid        not null,
  id           bigint      generated always as identity,
  lane_id      uuid        not null,
  fresh        boolean     not null default true,
  what         text        not null constraint workflow_box_holds_what_is_known check (what in ('start', 'hit', 'act')),
  body         jsonb       not null,                          -- src/workflows/engine/box.ts
  txid         xid8        not null,                          -- the happening's place in the log
  seq          bigint      not null,
  at           timestamptz not null,
  parked       boolean     not null default false,            -- a start that waits for the run before it to end
  primary key (workspace_id, lane_id, id)
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 1);
create index workflow_box_fresh on workflow_box (id) where fresh;
create index workflow_box_parked on workflow_box (workspace_id, id) where parked;
call protect_workspace('workflow_box');

-- What a process has in its hands: written without waiting for the disk before it begins with some lanes, gone when it is through with them. What a
-- process that died leaves here says which of them may have been its end; each is then tried alone.
create table workflow_hand (
  id    uuid        primary key,
  host  text        not null,
  pid   int         not null,
  lanes uuid[]      not null,
  until timestamptz not null
);

create table workflow_run (
  workspace_id   uuid        not null references workspace on delete cascade,
  id             uuid        not null,
  workflow_id    uuid        not null,
  version_id     uuid        not null,
  lane_id        uuid,                                        -- null: it ended where it began
  status         text        not null constraint workflow_run_status_is_known check (status in ('running', 'completed', 'cancelled')),
  subject_kind   text        not null constraint workflow_run_subject_is_known check (subject_kind in ('conversation', 'contact', 'none')),
  subject_id     uuid,
  node           text        not null,                        -- the trigger that began it
  cause          jsonb       not null,                        -- the happening, as conditions saw it
  txid           xid8        not null,                        -- its place in the log; with the trigger's node once a run
  seq            bigint      not null,
  parent_id      uuid,
  depth          smallint    not null default 0 constraint workflow_run_depth_is_bounded check (depth between 0 and 20),
  -- One at a time for its subject, by the workflow's re-entry; a run that does not care has none.
  sole           boolean     not null default false,
  is_test        boolean     not null default false,
  inputs         jsonb       not null default '{}',
  vars           jsonb       not null default '{}',
  outputs        jsonb       not null default '{}',
  steps          int         not null default 0,
  visits         jsonb       not null default '{}',
  lines          int         not null default 0,              -- of its story so far
  held           int         not null default 0,              -- tokens that need a person
  started_at     timestamptz not null,
  deadline_at    timestamptz not null,
  ended_at       timestamptz,
  end_reason     text,
  primary key (workspace_id, id),
  constraint workflow_run_end_is_told check ((status = 'running') = (ended_at is null) and (ended_at is null) = (end_reason is null)),
  constraint workflow_run_subject_is_named check ((subject_kind = 'none') = (subject_id is null)),
  constraint workflow_run_that_goes_on_has_a_lane check (status <> 'running' or lane_id is not null)
  -- Each turn of a run writes it over: where the page has room, none of its indexes is touched.
) with (fillfactor = 70);
create unique index workflow_run_begins_once on workflow_run (workspace_id, workflow_id, txid, seq, node, coalesce(subject_id, id));
create unique index workflow_run_sole on workflow_run (workspace_id, workflow_id, subject_id) where status = 'running' and sole;
create index workflow_run_of_workflow on workflow_run (workspace_id, workflow_id, id);
create index workflow_run_of_subject on workflow_run (workspace_id, subject_id, id) where subject_id is not null;
create index workflow_run_of_version on workflow_run (workspace_id, version_id) where status = 'running';
-- Lists of what goes on, or was cancelled, among many that came to their end; what ends where it began is in neither.
create index workflow_run_going on workflow_run (workspace_id, id) where status = 'running';
create index workflow_run_cancelled on workflow_run (workspace_id, id) where status = 'cancelled';
create index workflow_run_held on workflow_run (workspace_id, workflow_id) where held > 0;
create index workflow_run_of_parent on workflow_run (workspace_id, parent_id) where parent_id is not null;
create index workflow_run_deadline on workflow_run (deadline_at) where status = 'running';
call protect_workspace('workflow_run');

-- Where a run stands; interpret/state.ts. Gone when it moved on.
create table workflow_token (
  workspace_id uuid        not null,
  id           uuid        not null,
  run_id       uuid        not null,
  lane_id      uuid        not null,
  node         text        not null,
  visit        int         not null,                          -- arrivals at its node, this one included
  state        text        not null constraint workflow_token_state_is_known check (state in ('ready', 'waiting', 'held')),
  due_at       timestamptz,
  timeout_port text,
  attempt      int         not null default 0,
  frames       jsonb       not null default '[]',
  memo         jsonb       not null default '{}',
  -- The place in the log of what brought it here: what it waits for may have happened since, and counts.
  txid         xid8        not null,
  seq          bigint      not null,
  arrived_at   timestamptz not null,
  trouble      jsonb,
  primary key (workspace_id, id),
  foreign key (workspace_id, run_id) references workflow_run on delete cascade,
  constraint workflow_token_that_is_ready_has_a_time check (state <> 'ready' or due_at is not null),
  constraint workflow_token_that_is_held_says_why check ((state = 'held') = (trouble is not null)),
  constraint workflow_token_time_out_leads_somewhere check (state <> 'waiting' or (due_at is null) = (timeout_port is null))
);
create index workflow_token_of_run on workflow_token (workspace_id, run_id);
create index workflow_token_of_lane on workflow_token (workspace_id, lane_id, due_at, id);
create index workflow_token_held on workflow_token (workspace_id, run_id) where state = 'held';
call protect_workspace('workflow_token');

create table workflow_fork (
  workspace_id uuid not null,
  id           uuid not null,
  run_id       uuid not null,
  node         text not null,
  kind         text not null constraint workflow_fork_kind_is_known check (kind in ('fork', 'each')),
  total        int  not null,
  need         int  not null,
  arrived      int  not null default 0,
  dead         int  not null default 0,
  join_node    text,                                          -- where branches come together, once one did
  items        jsonb not null default '[]',
  at_once      int  not null,
  begun        int  not null,
  frames       jsonb not null default '[]',
  primary key (workspace_id, id),
  foreign key (workspace_id, run_id) references workflow_run on delete cascade,
  constraint workflow_fork_counts_its_branches check (arrived + dead <= total and begun <= total)
);
create index workflow_fork_of_run on workflow_fork (workspace_id, run_id);
call protect_workspace('workflow_fork');

-- What tokens wait for. `new` until the reader of the log has looked back for it, from the token's place up to its own; `open` from then on. Gone when the
-- token moved on.
create table workflow_wait (
  workspace_id uuid   not null,
  id           uuid   not null,
  token_id     uuid   not null,
  lane_id      uuid   not null,
  port         text   not null,
  happening    text   not null,
  key          text   not null,
  filter       jsonb  not null default '{}',
  state        text   not null default 'new' constraint workflow_wait_state_is_known check (state in ('new', 'open')),
  txid         xid8   not null,
  seq          bigint not null,
  primary key (workspace_id, id),
  foreign key (workspace_id, token_id) references workflow_token on delete cascade
);
create index workflow_wait_of_token on workflow_wait (workspace_id, token_id);
create index workflow_wait_for on workflow_wait (happening, key) where state = 'open';
create index workflow_wait_new on workflow_wait (id) where state = 'new';
call protect_workspace('workflow_wait');

-- The story of runs: one row a line, in order, never changed.
create table workflow_step (
  workspace_id uuid        not null,
  run_id       uuid        not null,
  seq          int         not null,
  at           timestamptz not null,
  node         text        not null,
  visit        int         not null,
  what         text        not null,
  port         text,
  detail       jsonb       not null default '{}',
  primary key (workspace_id, run_id, seq)
);
call protect_workspace('workflow_step', 'select, insert');

-- Why a workflow did, or did not, begin for something that happened: each condition with what was seen and what was wanted. Kept for a while.
create table workflow_verdict (
  workspace_id uuid        not null,
  id           uuid        not null,
  workflow_id  uuid        not null,
  subject_id   uuid,
  run_id       uuid,                                          -- null: it did not begin
  verdict      text        not null,                          -- src/workflows/engine/verdict.ts
  trace        jsonb       not null default '[]',
  job_id       uuid,                                          -- which job asked for it; migrations/0075
  at           timestamptz not null,
  primary key (workspace_id, id),
  foreign key (workspace_id, workflow_id) references workflow on delete cascade
);
create index workflow_verdict_of_subject on workflow_verdict (workspace_id, subject_id, id) where subject_id is not null;
create index workflow_verdict_of_workflow on workflow_verdict (workspace_id, workflow_id, id);
create index workflow_verdict_of_job on workflow_verdict (workspace_id, job_id, verdict) where job_id is not null;
call protect_workspace('workflow_verdict');

-- Whoever lets a run go on from now, from a page, has to know where now is in the log. A place says nothing about anybody.
grant select on follower to waybill_api;

-- A lane and what there is to do in it, in one round trip: first its lock, then, by statements of their own that see what was committed until then, its
-- letters, what is due, how far the log had been read at that moment, and the runs that all of this is about. No row: somebody else has it, or it is
-- gone. The plans are the same whatever is asked, and looking for better ones each time took longer than what they do; and
-- they go by keys, even where a connection made them when there was nothing yet.
create function workflow_take(of_workspace uuid, of_lane uuid, at_moment timestamptz, most int)
  returns table (crashes smallint, key text, box json, due json, txid text, seq text, runs json, tokens json, waits json)
  language plpgsql
  set plan_cache_mode = force_generic_plan
  set enable_seqscan = off as $$
declare
  run_ids uuid[];
begin
  select l.crashes, l.key into crashes, key from workflow_lane as l where l.workspace_id = of_workspace and l.id = of_lane for update skip locked;
  if not found then
    return;
  end if;
  select (select json_agg(b) from (
            select b.id, b.body, b.txid::text as txid, b.seq::text as seq, b.at, b.fresh from workflow_box as b
             where b.workspace_id = of_workspace and b.lane_id = of_lane and not b.parked order by b.id limit most) as b),
         (select json_agg(d) from (
            select t.id, t.run_id as run from workflow_token as t
             where t.workspace_id = of_workspace and t.lane_id = of_lane and t.due_at <= at_moment and t.state <> 'held'
             order by t.due_at, t.id limit most) as d),
         (select f.txid::text from follower as f where f.name = 'workflows'),
         (select f.seq::text from follower as f where f.name = 'workflows')
    into box, due, txid, seq;
  run_ids := array(
    select t.run_id
      from json_array_elements(box) as b
      join workflow_wait as w on w.workspace_id = of_workspace and w.id = (b -> 'body' ->> 'waitId')::uuid
      join workflow_token as t on t.workspace_id = w.workspace_id and t.id = w.token_id
     where b -> 'body' ->> 'what' = 'hit'
     union
    select (b -> 'body' ->> 'runId')::uuid from json_array_elements(box) as b where b -> 'body' ->> 'what' = 'act'
     union
    select (d ->> 'run')::uuid from json_array_elements(due) as d);
  if cardinality(run_ids) > 0 then
    select (select json_agg(r) from workflow_run as r where r.workspace_id = of_workspace and r.id = any (run_ids) and r.status = 'running'),
           (select json_agg(t order by t.id) from workflow_token as t where t.workspace_id = of_workspace and t.run_id = any (run_ids)),
           (select json_agg(w order by w.id) from workflow_token as t
              join workflow_wait as w on w.workspace_id = t.workspace_id and w.token_id = t.id
             where t.workspace_id = of_workspace and t.run_id = any (run_ids))
      into runs, tokens, waits;
  end if;
  return next;
end
$$;
revoke execute on function workflow_take from public;
