-- The heart: a message is stored once, a delivery is one recipient of it, an attempt is one try. The unions of src/delivery/*.ts, said again.

create table route (
  workspace_id     uuid        not null references workspace on delete cascade,
  id               uuid        not null,
  name             text        not null constraint route_name_has_1_to_100_characters check (length(name) between 1 and 100),
  kind             text        not null constraint route_kind_is_known check (kind in ('smtp', 'sandbox')),
  settings         jsonb       not null,
  secret           bytea,                                -- sealed with WAYBILL_SECRET
  is_default       boolean     not null default false,
  version          int         not null default 1,       -- grows with every change: open connections of an older version are closed
  created_at       timestamptz not null,
  updated_at       timestamptz not null,
  removed_at       timestamptz,
  circuit          text        not null default 'closed' constraint route_circuit_is_known check (circuit in ('closed', 'open', 'probing')),
  circuit_reason   jsonb,
  circuit_since    timestamptz,
  circuit_until    timestamptz,                          -- when the next probe may start
  circuit_failures int         not null default 0,
  probe_owner      uuid,
  probe_expires_at timestamptz,
  primary key (workspace_id, id),
  constraint route_circuit_explains_itself check ((circuit = 'closed') = (circuit_reason is null)),
  constraint route_open_circuit_has_an_end check ((circuit = 'closed') = (circuit_until is null)),
  constraint route_probe_has_an_owner      check ((circuit = 'probing') = (probe_owner is not null) and (probe_owner is null) = (probe_expires_at is null)),
  constraint route_removed_is_not_default  check (not (is_default and removed_at is not null))
);
create unique index route_one_default_a_workspace on route (workspace_id) where is_default;
create unique index route_name_is_unique on route (workspace_id, lower(name)) where removed_at is null;

create table message (
  workspace_id      uuid        not null references workspace on delete cascade,
  id                uuid        not null,
  stream            text        not null constraint message_stream_is_known check (stream in ('transactional', 'conversation', 'bulk')),
  created_at        timestamptz not null,
  origin            jsonb       not null,                 -- why it is sent: opaque here
  envelope_sender   text        not null,
  sender            text        not null,                 -- From, as written
  to_addresses      text[]      not null,
  cc_addresses      text[]      not null default '{}',
  bcc_addresses     text[]      not null default '{}',
  subject           text        not null,
  tags              text[]      not null default '{}',
  metadata          jsonb       not null default '{}',
  rfc_message_id    text        not null,
  content_hash      bytea       not null,
  size_bytes        bigint      not null,
  eight_bit         boolean     not null,
  internationalized boolean     not null,
  scheduled_at      timestamptz,
  expires_at        timestamptz not null,
  resend_of         uuid,
  -- Ids are given in order, so the deliveries of a message lie between its first and its last: no index of their own is needed, and one index
  -- less is what the two updates in the life of every delivery pay for.
  first_delivery    uuid        not null,
  last_delivery     uuid        not null,
  primary key (workspace_id, id),
  foreign key (workspace_id, content_hash) references blob
);
create index message_by_rfc_message_id on message (workspace_id, rfc_message_id);

-- Both live and settled; claim and settle change indexed columns and so always write a new row version: hence the fill factor and the
-- eager vacuum. The indexes that a claim uses are partial and hold live rows only: ten million settled rows do not slow it.
create table delivery (
  workspace_id   uuid        not null,
  id             uuid        not null,
  message_id     uuid        not null,                    -- no foreign key: both rows come from one statement of submit, and a check per
                                                          -- recipient doubled its price (on a table without statistics, tenfold)
  recipient      text        not null,
  stream         text        not null constraint delivery_stream_is_known check (stream in ('transactional', 'conversation', 'bulk')),
  state          text        not null constraint delivery_state_is_known
                   check (state in ('queued', 'sending', 'held', 'unknown',                                            -- live
                                    'sent', 'delivered', 'bounced', 'failed', 'expired', 'suppressed', 'cancelled')),  -- settled
  attempt        int         not null default 0,
  failures       smallint    not null default 0,
  resends        smallint    not null default 0,          -- how often an unheard answer was followed by another try
  due_at         timestamptz,
  expires_at     timestamptz not null,
  reason         jsonb,                                   -- why it waits, is held, unknown or failed
  policy         text        constraint delivery_policy_is_known check (policy in ('resend', 'leave', 'ask')),
  via_route      uuid,                                    -- the route a person chose for it; null: the workspace's default
  route_id       uuid,                                    -- the route of the latest attempt
  lease_owner    uuid,                                    -- the dispatcher that holds it; its row says how long
  lease_position bigint,                                  -- its place in the order in which that dispatcher hands over
  created_at     timestamptz not null,
  settled_at     timestamptz,
  complained_at  timestamptz,
  primary key (workspace_id, id),
  constraint delivery_due_only_when_queued      check ((state = 'queued') = (due_at is not null)),
  constraint delivery_lease_only_when_sending   check ((state = 'sending') = (lease_owner is not null) and (lease_owner is null) = (lease_position is null)),
  constraint delivery_policy_only_when_unknown  check ((state = 'unknown') = (policy is not null)),
  constraint delivery_settled_only_at_the_end   check ((state in ('queued', 'sending', 'held', 'unknown')) = (settled_at is null)),
  constraint delivery_stop_explains_itself      check (state not in ('held', 'unknown', 'bounced', 'failed', 'expired', 'suppressed') or reason is not null)
) with (fillfactor = 75, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 1);

create index delivery_due        on delivery (workspace_id, stream, due_at, id) where state = 'queued' and via_route is null;
create index delivery_due_via    on delivery (workspace_id, via_route, stream, due_at, id) where state = 'queued' and via_route is not null;
create index delivery_leased     on delivery (lease_owner, lease_position) where state = 'sending';
create index delivery_attention  on delivery (workspace_id, state, id) where state in ('held', 'unknown');
create index delivery_unwell     on delivery (workspace_id, state, id) where state in ('bounced', 'failed', 'expired', 'suppressed', 'cancelled');
create index delivery_expiring   on delivery (expires_at) where state in ('queued', 'held');

-- Who was written to, for looking a person up: never changed, so that it costs nothing when deliveries change.
create table delivery_address (
  workspace_id uuid not null,
  address      text not null,                              -- lower case
  delivery_id  uuid not null,
  primary key (workspace_id, address, delivery_id)
);

-- One row a sending process and route. Its lease is the lease of every delivery it holds; its window is the durable word, written ahead of
-- the wire, of how far down its own order bodies may have left.
create table dispatcher (
  id               uuid        primary key,
  route_id         uuid        not null,
  host             text        not null,
  pid              int         not null,
  state            text        not null constraint dispatcher_state_is_known check (state in ('live', 'stopped', 'lost')),
  started_at       timestamptz not null,
  lease_expires_at timestamptz not null,
  window_position  bigint      not null default 0
) with (fillfactor = 50);
create index dispatcher_live on dispatcher (lease_expires_at) where state = 'live';

create table attempt (
  workspace_id uuid        not null,
  delivery_id  uuid        not null,
  attempt      int         not null,
  started_at   timestamptz not null,
  duration_ms  int         not null constraint attempt_duration_is_not_negative check (duration_ms >= 0),
  route_id     uuid        not null,
  outcome      text        not null constraint attempt_outcome_is_known check (outcome in ('accepted', 'rejected', 'deferred', 'blocked', 'unknown')),
  stage        text        not null,
  class        text,
  host         text        not null,
  address      text,
  port         int,
  tls          text,
  code         smallint,
  enhanced     text,
  text         text        not null,
  stages_ms    json,
  transcript   text,
  primary key (workspace_id, delivery_id, attempt, started_at),
  constraint attempt_that_failed_has_a_class check ((outcome = 'accepted') = (class is null))
) partition by range (started_at);
create table attempt_other partition of attempt default;
call ensure_partitions('attempt', current_date, 3);

create table suppression (
  workspace_id uuid        not null references workspace on delete cascade,
  address      text        not null,                      -- lower case
  stream       text        not null constraint suppression_stream_is_known check (stream in ('all', 'transactional', 'conversation', 'bulk')),
  reason       text        not null constraint suppression_reason_is_known check (reason in ('unknown_address', 'complaint', 'manual')),
  delivery_id  uuid,
  note         text        not null default '',
  created_at   timestamptz not null,
  primary key (workspace_id, address, stream)
);

-- How many deliveries are in each state: a base and the deltas of every transaction since, folded by a job. Never counted over the table.
create table delivery_count (
  workspace_id uuid   not null,
  stream       text   not null,
  state        text   not null,
  n            bigint not null
);
create index delivery_count_of_workspace on delivery_count (workspace_id);

-- What came of attempts, by hour and route: moved by a follower of the log.
create table delivery_hour (
  workspace_id uuid        not null,
  hour         timestamptz not null,
  route_id     uuid        not null,
  type         text        not null,
  n            bigint      not null,
  primary key (workspace_id, hour, route_id, type)
);

-- What the sandbox route kept instead of sending.
create table sandbox_mail (
  workspace_id uuid        not null,
  id           uuid        not null,
  delivery_id  uuid        not null,
  message_id   uuid        not null,
  sender       text        not null,
  recipient    text        not null,
  content_hash bytea       not null,
  received_at  timestamptz not null,
  primary key (workspace_id, id),
  unique (workspace_id, delivery_id, id),
  foreign key (workspace_id, content_hash) references blob
);

-- What the sandbox's magic recipients will say later.
create table sandbox_feedback (
  workspace_id uuid        not null,
  delivery_id  uuid        not null,
  kind         text        not null constraint sandbox_feedback_kind_is_known check (kind in ('delivered', 'bounced', 'complained')),
  due_at       timestamptz not null,
  primary key (workspace_id, delivery_id)
);
create index sandbox_feedback_due on sandbox_feedback (due_at);

call protect_workspace('route');
call protect_workspace('message');
call protect_workspace('delivery');
call protect_workspace('delivery_address', 'select, insert');
call protect_workspace('attempt', 'select');
call protect_workspace('suppression');
call protect_workspace('delivery_count', 'select, insert');
call protect_workspace('delivery_hour', 'select');
call protect_workspace('sandbox_mail', 'select, delete');
